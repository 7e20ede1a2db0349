"""The figures people know come out to the cent."""

from decimal import Decimal

import pytest

from costmodel import DEFAULTS, estimate, explain, format_money, parse_document, resolve


def test_the_defaults_reproduce_the_worked_example():
    result = estimate(resolve())

    assert result.monthly_total == Decimal("1036.60")
    assert result.annual == Decimal("12439.20")
    assert result.gross_margin == Decimal("22560.80")
    assert result.gross_margin_percent == Decimal("64.46")
    assert result.fleet.annual_infra == 310_980
    assert result.fleet.annual_revenue == 875_000
    assert result.fleet.annual_gross_margin == 564_020


@pytest.mark.parametrize(
    ("item", "cost"),
    [
        ("livekit", "175.20"),
        ("sim", "146.00"),
        ("system", "73.00"),
        ("controlPlane", "75"),
        ("redis", "50"),
        ("loadBalancer", "20"),
        ("storageAndLogs", "30"),
        ("observability", "30"),
        ("egress", "437.40"),
    ],
)
def test_every_line_item_of_the_worked_example(item, cost):
    assert estimate(resolve()).monthly[item] == Decimal(cost)


def test_the_example_stated_in_full_is_the_same_as_the_defaults():
    stated = parse_document(DEFAULTS.model_dump(by_alias=True, exclude_none=True))

    assert resolve(stated) == resolve()


def test_a_hundred_concurrent_users_are_ten_percent_of_a_thousand():
    stated = parse_document({"demand": {"concurrency": 100}})

    assert estimate(resolve(stated)) == estimate(resolve())


def test_each_line_item_says_how_it_came_about():
    assumptions = resolve()
    words = explain(estimate(assumptions), assumptions)

    assert words["livekit"] == "1 node x 0.24/h x 730 h"
    assert words["egress"] == "4860 GB x 0.09/GB (150 participants x 1.2 Mbps x 60 h)"
    assert words["redis"] == "monthly figure"
    assert list(words) == list(estimate(assumptions).monthly)


def test_the_words_name_the_floor_the_cap_and_the_volume_that_is_free():
    assumptions = resolve(
        parse_document(
            {
                "demand": {"concurrency": 400, "activeHoursPerMonth": 200},
                "nodes": {"livekit": {"monthlyCap": 100}, "sim": {"minNodes": 0}},
                "network": {"includedTBPerNode": 2, "tiers": [{"upToGB": 5000, "perGB": 1}, {"perGB": 2}]},
            }
        )
    )
    words = explain(estimate(assumptions), assumptions)

    assert words["livekit"] == "1 node x 100 (monthly cap) + 3 nodes x 0.24/h x 200 h"
    assert words["sim"] == "2 nodes x 0.2/h x 200 h"
    assert words["egress"].startswith("(19440 GB - 8000 GB free or included) x 2 price tiers")


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1036.6", "USD", "$1,036.60"),
        ("-45.4", "USD", "-$45.40"),
        ("0.005", "EUR", "€0.01"),
        ("12439.2", "GBP", "£12,439.20"),
        ("1036.6", "CHF", "1,036.60 CHF"),
        ("-0.001", "USD", "$0.00"),
    ],
)
def test_money_for_people(amount, currency, text):
    assert format_money(Decimal(amount), currency) == text

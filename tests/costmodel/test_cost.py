"""Node cost, egress cost and variance."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import (
    HOURS_PER_MONTH,
    compare,
    egress_cost_per_month,
    node_cost_per_month,
)
from costmodel.assumptions import EgressTier, Network, NodeGroup, SystemNodes

prices = st.decimals(0, 1000, places=4)
hours = st.decimals(0, 730, places=2)


def group(hourly="0.24", cap=None, floor=1, zones=1):
    return NodeGroup(Decimal(hourly), None if cap is None else Decimal(cap), None, floor, 50, zones)


@given(nodes=st.integers(0, 500), floor=st.integers(0, 500), price=prices, active=hours)
def test_without_a_cap_idle_nodes_run_the_hours_that_are_left(nodes, floor, price, active):
    idle = min(nodes, floor)
    expected = (nodes * active + idle * (HOURS_PER_MONTH - active)) * price

    assert node_cost_per_month(group(price, floor=floor), nodes, active) == expected


@given(nodes=st.integers(0, 500), floor=st.integers(0, 500), price=prices, cap=prices)
def test_in_a_fully_active_month_every_node_costs_its_price_up_to_the_cap(nodes, floor, price, cap):
    expected = nodes * min(price * HOURS_PER_MONTH, cap)

    assert node_cost_per_month(group(price, cap, floor), nodes) == expected


@given(nodes=st.integers(0, 500), price=prices, cap=st.none() | prices, active=hours)
def test_more_active_hours_never_cost_less_and_more_nodes_never_either(nodes, price, cap, active):
    pool = group(price, cap)
    cost = node_cost_per_month(pool, nodes, active)

    assert cost <= node_cost_per_month(pool, nodes, HOURS_PER_MONTH)
    assert cost <= node_cost_per_month(pool, nodes + 1, active)


def test_the_floor_of_a_zonal_pool_is_a_whole_multiple_of_its_zones():
    """A floor of 1 in 3 zones keeps 3 nodes on."""
    assert node_cost_per_month(group("1", floor=1, zones=3), 6, Decimal(0)) == 3 * 730


def test_system_nodes_are_always_on():
    system = SystemNodes(Decimal("0.10"), None, None, 1)

    assert node_cost_per_month(system, Decimal("2.5"), Decimal(10)) == Decimal("182.50")


def test_observed_node_averages_may_be_fractions():
    assert node_cost_per_month(group(), Decimal("1.5")) == Decimal("262.80")


def network(*tiers, free="0", included="0"):
    ladder = tuple(EgressTier(None if end is None else Decimal(end), Decimal(price)) for end, price in tiers)
    return Network(Decimal("1.2"), Decimal(60), Decimal(free), Decimal(included), ladder)


LADDER = ((1000, "0.09"), (5000, "0.07"), (None, "0.05"))


@pytest.mark.parametrize(
    ("gb", "cost"),
    [
        ("0", "0"),
        ("999.5", "89.955"),
        ("1000", "90"),
        ("1001", "90.07"),
        ("5000", "370"),
        ("5001", "370.05"),
        ("10000", "620"),
    ],
)
def test_tiers_price_the_volume_between_their_ends(gb, cost):
    assert egress_cost_per_month(network(*LADDER), Decimal(gb), 1) == Decimal(cost)


@given(volume=st.integers(0, 400), ends=st.lists(st.integers(1, 300), unique=True, max_size=5), data=st.data())
def test_tiers_against_a_sum_over_every_gb(volume, ends, data):
    tier_prices = data.draw(st.lists(prices, min_size=len(ends) + 1, max_size=len(ends) + 1))
    ladder = list(zip([*sorted(ends), None], tier_prices, strict=True))

    def price_of(gb):
        return next(price for end, price in ladder if end is None or gb < end)

    expected = sum((price_of(gb) for gb in range(volume)), start=Decimal(0))

    assert egress_cost_per_month(network(*ladder), Decimal(volume), 0) == expected


@pytest.mark.parametrize(
    ("gb", "nodes", "cost"),
    [("2100", 1, "0"), ("2101", 1, "0.09"), ("4101", 2, "0.09"), ("50", 0, "0"), ("3601", "1.75", "0.09")],
)
def test_free_and_included_volume_is_not_charged(gb, nodes, cost):
    """100 GB are free and each LiveKit node includes 2 TB."""
    sheet = network((None, "0.09"), free="100", included="2")

    assert egress_cost_per_month(sheet, Decimal(gb), Decimal(nodes)) == Decimal(cost)


def test_the_variance_of_the_published_example():
    variance = compare(Decimal("1036.60"), Decimal("991.20"))

    assert variance.monthly == Decimal("-45.40")
    assert str(variance.percent) == "-4.4"


def test_the_variance_from_a_projection_of_nothing_has_no_percentage():
    variance = compare(Decimal(0), Decimal("12.5"))

    assert (variance.monthly, variance.percent) == (Decimal("12.5"), None)


@pytest.mark.parametrize(
    ("observed", "percent"), [("100.05", "0.1"), ("100.0499", "0.0"), ("99.95", "-0.1"), ("100", "0.0")]
)
def test_the_variance_is_rounded_half_up_to_one_decimal(observed, percent):
    assert str(compare(Decimal(100), Decimal(observed)).percent) == percent


def test_costs_do_not_depend_on_the_callers_decimal_context():
    """The default context of 28 digits would round this cost."""
    price, volume = "12345678901.12345678", "98765432109.87654321"
    sheet = network((None, price))

    assert Fraction(egress_cost_per_month(sheet, Decimal(volume), 1)) == Fraction(price) * Fraction(volume)

"""The variance in the status: parts in cents that add up to what is shown, and words."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecost.cost_status import cost_status
from livecost.cost_variance import biggest_part, variance_status
from livecost.observed_cost import Measured, Quantity, price_measured
from tests.livecost.builders import NOW, after, plan_of, spec_of

FOUR_NODES = {"concurrency": 400}
TIERS = {"freeGB": 100, "includedTBPerNode": 1, "tiers": [{"upToGB": 900, "perGB": "0.0931"}, {"perGB": "0.0517"}]}


def measured(livekit=None, sim=None, egress=None, cost=None):
    nodes = {"livekit": livekit, "sim": sim}
    return Measured(
        {name: Quantity(Decimal(value), "kube-state-metrics") for name, value in nodes.items() if value is not None},
        None if egress is None else Quantity(Decimal(egress), "livekit"),
        Decimal(100),
        86_400,
        NOW,
        {name: Decimal(value) for name, value in (cost or {}).items()},
    )


def cost_of(plan, found, previous=None):
    return cost_status(previous or {}, plan, price_measured(found, plan, "USD"), 0, NOW)


def variance(found, **spec):
    plan = plan_of(spec_of(**spec))
    return cost_of(plan, found)["variance"]


def amounts(item):
    return tuple(item[name] for name in ("monthly", "quantity", "usage", "price"))


def test_more_nodes_are_quantity():
    items = variance(measured(livekit="3.5", sim=2), concurrency=396)["items"]

    assert amounts(items["livekit"]) == ("87.60", "87.60", "0.00", "0.00")
    assert items["livekit"]["explained"] == "3.5 nodes on average instead of 3: +$87.60"
    assert items["sim"]["explained"] == "as projected"
    assert items["egress"]["explained"] == "no telemetry: the projection stands in"
    assert "redis" not in items


def test_longer_hours_are_usage_and_fewer_nodes_than_the_floor_are_quantity():
    shape = {"overrides": {"demand": {"activeHoursPerMonth": 200}}, **FOUR_NODES}

    longer = variance(measured(livekit="2.5"), **shape)["items"]["livekit"]
    fewer = variance(measured(livekit="0.5"), **shape)["items"]["livekit"]

    assert amounts(longer) == ("118.80", "0.00", "118.80", "0.00")
    assert longer["explained"] == "1095 hours of the nodes above the floor instead of 600: +$118.80"
    assert amounts(fewer) == ("-231.60", "-87.60", "-144.00", "0.00")
    assert fewer["explained"].startswith("0.5 nodes on average instead of 1 always on: -$87.60; 0 hours of")


def test_another_unit_price_is_price():
    items = variance(measured(sim=3, cost={"sim": "0.66"}), concurrency=100)["items"]

    assert amounts(items["sim"]) == ("335.80", "292.00", "0.00", "43.80")
    assert items["sim"]["explained"] == (
        "3 nodes on average instead of 1: +$292.00; 0.22 a node and hour (opencost): +$43.80"
    )


def test_more_traffic_is_quantity_and_what_other_nodes_include_is_price():
    """Two nodes include 2,000 GB of the 6,000; one was planned, so that the second's 1,000 GB are not charged."""
    network = {"network": {"includedTBPerNode": 1, "egressPerGB": "0.1"}}

    items = variance(measured(livekit=2, egress=Decimal(6000) / 730), overrides=network)["items"]

    assert amounts(items["egress"]) == ("14.00", "114.00", "0.00", "-100.00")
    assert items["egress"]["explained"] == (
        "6000 GB instead of 4860: +$114.00; 0.0667 a GB, with what the nodes include: -$100.00"
    )


quantities = st.none() | st.decimals(0, 2_000, places=6)


@given(
    livekit=quantities,
    sim=quantities,
    egress=quantities,
    cost=st.dictionaries(st.sampled_from(["livekit", "sim"]), st.decimals(0, 1_000, places=6)),
    hours=st.sampled_from([730, 200, "0.5"]),
    hourly=st.sampled_from(["0.24", "0.1237"]),
)
def test_all_parts_add_up_to_the_variance_as_shown(livekit, sim, egress, cost, hours, hourly):
    overrides = {
        "demand": {"activeHoursPerMonth": hours},
        "network": TIERS,
        "nodes": {"livekit": {"hourly": hourly}, "sim": {"monthlyCap": "77.77"}},
        "managedServices": {"redis": "33.333"},
    }
    shown = cost_of(plan_of(spec_of(overrides=overrides, **FOUR_NODES)), measured(livekit, sim, egress, cost))

    total = Decimal(shown["variance"]["monthly"])
    rows = [tuple(map(Decimal, amounts(item))) for item in shown["variance"]["items"].values()]
    assert total == Decimal(shown["observed"]["monthlyRunRate"]) - Decimal(shown["projected"]["monthly"])
    assert sum(row[0] for row in rows) == total
    assert all(row[0] == sum(row[1:]) for row in rows)
    assert "-0.00" not in str(shown["variance"]).replace("-0.00 ", "")


def test_what_is_shown_from_before_is_explained_too():
    """An observation that stays while the profile's prices change is held against the new projection."""
    before = cost_of(plan_of(spec_of()), measured(livekit=2, sim=1, egress=Decimal(4860) / 730))
    dearer = plan_of(spec_of(overrides={"nodes": {"livekit": {"hourly": "0.25"}}, "managedServices": {"redis": 60}}))

    now = variance_status(dearer, before["observed"])

    assert now["monthly"] == "157.90"
    assert amounts(now["items"]["livekit"]) == ("167.90", "182.50", "0.00", "-14.60")
    assert amounts(now["items"]["redis"]) == ("-10.00", "0.00", "0.00", "-10.00")
    assert now["items"]["redis"]["explained"] == "observed before the projection changed: -$10.00"


def test_a_status_without_quantities_has_no_parts():
    shown = cost_of(plan_of(spec_of()), measured(livekit=2))["observed"]
    del shown["quantities"]

    assert variance_status(plan_of(spec_of()), shown) == {"monthly": "175.20", "percent": "16.9"}


def test_a_status_that_lacks_the_quantities_is_written_anew():
    plan = plan_of(spec_of())
    first = cost_of(plan, measured(livekit=2))
    old = {**first, "observed": {name: value for name, value in first["observed"].items() if name != "quantities"}}

    again = cost_status({"cost": old}, plan, price_measured(replace(measured(livekit=2), as_of=after(9)), plan), 0, NOW)

    assert again["observed"]["quantities"] == {"livekit": "2"}


@pytest.mark.parametrize(
    ("found", "biggest"),
    [
        (measured(livekit=2, sim="0.5"), ("livekit", "quantity", Decimal("175.20"))),
        (measured(livekit="1.2", sim="0.1"), ("sim", "quantity", Decimal("-131.40"))),
        (measured(livekit=1), None),
    ],
)
def test_the_biggest_part_is_the_one_that_pulls_most_where_the_total_went(found, biggest):
    assert biggest_part(variance(found)["items"]) == biggest

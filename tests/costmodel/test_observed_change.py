"""An observed line against the projected one: exact parts, and what counts as nodes, hours and price."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import (
    cents,
    egress_cost_per_month,
    estimate,
    node_cost_per_month,
    parse_decimal,
    parse_document,
    resolve,
)
from costmodel.observed_change import egress_change, pool_change, price_change
from livecost.document_text import decode
from tests.costmodel.documents import documents
from tests.costmodel.test_spec import BLOCKS

averages = st.decimals(0, 500, places=4)
costs = st.decimals(0, 100_000, places=4)


def parts(change):
    return change.by_quantity, change.by_usage, change.by_price


@pytest.mark.parametrize("example", [decode(text) for title, text in BLOCKS if title.startswith("variance: ")])
def test_the_examples_of_the_specification(example):
    assumptions = resolve(parse_document(example["assumptions"]))
    result = estimate(assumptions)
    observed, cost = parse_decimal(example["observed"]), parse_decimal(example["cost"])
    if example["item"] == "egress":
        change = egress_change(assumptions.network, result.livekit.nodes, result.egress_gb, observed, cost)
    else:
        hours = assumptions.demand.active_hours_per_month
        change = pool_change(assumptions.nodes.livekit, result.livekit.nodes, hours, observed, cost).change

    assert change.before == result.monthly[example["item"]]
    assert (
        dict(zip(("quantity", "usage", "price"), map(str, map(cents, parts(change))), strict=True))
        == (example["change"])
    )


@given(document=documents(), average=averages, gb=averages, cost=costs)
def test_the_parts_add_up_exactly_to_observed_less_projected(document, average, gb, cost):
    assumptions = resolve(parse_document(document))
    result = estimate(assumptions)
    hours = assumptions.demand.active_hours_per_month
    found = {
        "livekit": pool_change(assumptions.nodes.livekit, result.livekit.nodes, hours, average, cost).change,
        "sim": pool_change(assumptions.nodes.sim, result.sim.nodes, hours, average, cost).change,
        "egress": egress_change(assumptions.network, result.livekit.nodes, result.egress_gb, gb, cost),
        "redis": price_change(result.monthly["redis"], cost),
    }

    for item, change in found.items():
        assert change.before == result.monthly[item], item
        assert sum(map(Fraction, parts(change))) == Fraction(cost) - Fraction(result.monthly[item])


@given(document=documents())
def test_what_ran_as_planned_has_no_quantity_and_no_usage(document):
    """The average of a pool that kept its active hours to the minute; without a cap there is no price part either."""
    assumptions = resolve(parse_document(document))
    nodes, hours = estimate(assumptions).sim.nodes, assumptions.demand.active_hours_per_month
    group = replace(assumptions.nodes.sim, monthly_cap=None, hourly_price=Decimal("0.2"))
    always_on = min(nodes, group.idle_nodes)
    average = (nodes * hours + always_on * (730 - hours)) / 730

    found = pool_change(group, nodes, hours, average, average * 730 * Decimal("0.2")).change

    assert all(abs(part) < Decimal("1e-15") for part in parts(found))


@given(average=averages)
def test_always_on_nodes_deviate_in_number_only(average):
    group = resolve().nodes.livekit

    found = pool_change(group, 3, Decimal(730), average, node_cost_per_month(group, average))

    assert parts(found.change) == ((average - 3) * Decimal("175.2"), 0, 0)


@pytest.mark.parametrize(
    ("average", "compared", "quantity", "usage"),
    [
        ("0.5", 1, "-87.60", "-144.00"),
        ("1", 4, "0.00", "-144.00"),
        ("4", 4, "0.00", "381.60"),
        ("5", 4, "175.20", "381.60"),
    ],
)
def test_an_average_tells_hours_between_floor_and_plan_and_nodes_beyond(average, compared, quantity, usage):
    """Four nodes planned for 200 h, one of them always on."""
    group = resolve().nodes.livekit

    found = pool_change(group, 4, Decimal(200), Decimal(average), Decimal(average) * Decimal("175.2"))

    assert found.compared_nodes == compared
    assert tuple(str(cents(part)) for part in parts(found.change)) == (quantity, usage, "0.00")


@given(document=documents(), gb=st.decimals(0, 10**6, places=3))
def test_more_traffic_at_the_planned_nodes_is_quantity_alone(document, gb):
    assumptions = resolve(parse_document(document))
    result = estimate(assumptions)
    cost = egress_cost_per_month(assumptions.network, gb, result.livekit.nodes)

    found = egress_change(assumptions.network, result.livekit.nodes, result.egress_gb, gb, cost)

    assert parts(found) == (cost - result.monthly["egress"], 0, 0)

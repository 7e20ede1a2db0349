"""Observed cost: measured quantities at the prices of the plan."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecost.observed_cost import Measured, Quantity, price_measured
from tests.livecost.builders import NOW, plan_of, spec_of


def measured(livekit=None, sim=None, egress=None):
    nodes = {"livekit": livekit, "sim": sim}
    return Measured(
        {name: Quantity(Decimal(value), "kube-state-metrics") for name, value in nodes.items() if value is not None},
        None if egress is None else Quantity(Decimal(egress), "livekit"),
        Decimal(100),
        86_400,
        NOW,
    )


def test_what_was_planned_and_used_as_assumed_costs_what_was_projected():
    """One node each, and 4,860 GB over 730 hours."""
    plan = plan_of(spec_of())

    observed = price_measured(measured(1, 1, Decimal(4860) / 730), plan)

    assert round(observed.monthly, 10) == plan.estimate.monthly_total
    assert observed.sources == {
        "livekit": "kube-state-metrics",
        "sim": "kube-state-metrics",
        "egress": "livekit",
        **dict.fromkeys(
            ["system", "controlPlane", "redis", "loadBalancer", "storageAndLogs", "observability"], "stated"
        ),
    }


def test_an_average_of_nodes_costs_its_share():
    observed = price_measured(measured("1.5", "0"), plan_of(spec_of()))

    assert (observed.items["livekit"], observed.items["sim"]) == (Decimal("262.80"), 0)


def test_what_is_not_measured_is_assumed_and_says_so():
    plan = plan_of(spec_of())

    observed = price_measured(measured(), plan)

    assert observed.items == plan.estimate.monthly
    assert {name for name, source in observed.sources.items() if source == "assumed"} == {"livekit", "sim", "egress"}


def test_no_egress_is_a_measurement():
    observed = price_measured(measured(1, 1, 0), plan_of(spec_of()))

    assert (observed.items["egress"], observed.sources["egress"]) == (0, "livekit")


def test_included_egress_comes_with_the_nodes_that_were_there():
    spec = spec_of(overrides={"network": {"includedTBPerNode": 1, "egressPerGB": "0.1"}})
    usage = Decimal(3_000) / 730

    with_two = price_measured(measured(2, 1, usage), plan_of(spec))
    with_unknown = price_measured(measured(None, 1, usage), plan_of(spec))

    assert (round(with_two.items["egress"], 10), round(with_unknown.items["egress"], 10)) == (100, 200)


def test_a_monthly_cap_caps_the_observed_nodes_too():
    spec = spec_of(overrides={"nodes": {"sim": {"monthlyCap": 100}}})

    assert price_measured(measured(sim="1.5"), plan_of(spec)).items["sim"] == 150


quantities = st.decimals(0, 10_000, places=6)


@given(livekit=st.none() | quantities, sim=st.none() | quantities, egress=st.none() | quantities)
def test_the_items_make_the_total_exactly(livekit, sim, egress):
    observed = price_measured(measured(livekit, sim, egress), plan_of(spec_of()))

    assert observed.monthly == sum(observed.items.values())
    assert observed.items.keys() == observed.sources.keys() == plan_of(spec_of()).estimate.monthly.keys()


@pytest.mark.parametrize("pool", ["livekit", "sim"])
@given(fewer=quantities, more=quantities)
def test_more_nodes_never_cost_less(pool, fewer, more):
    fewer, more = sorted((fewer, more))
    plan = plan_of(spec_of())

    assert (
        price_measured(measured(**{pool: fewer}), plan).monthly
        <= price_measured(measured(**{pool: more}), plan).monthly
    )

"""One shared cluster against a dedicated one for each customer: worked figures, and what holds for every document."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import estimate
from costmodel.egress import egress_cost_per_month
from costmodel.errors import AssumptionsError
from costmodel.pooling import pool
from tests.costmodel.documents import documents
from tests.costmodel.layers import merged

CUSTOMERS = st.integers(1, 40)
FACTORS = st.decimals("0.01", 1, places=3)


def total(bill):
    return sum(map(Fraction, bill.values()))


def without_egress(bill):
    return total(bill) - Fraction(bill["egress"])


def nodes(size):
    return size.livekit.nodes, size.sim.nodes


def with_falling_prices(document):
    """The document with its tiers' prices in falling order, as providers have them."""
    network = document["network"]
    prices = sorted((tier["perGB"] for tier in network["tiers"]), reverse=True)
    tiers = [{**tier, "perGB": price} for tier, price in zip(network["tiers"], prices, strict=True)]
    return {**document, "network": {**network, "tiers": tiers}}


def with_network(document, **change):
    return {**document, "network": {**document["network"], **change}}


def test_the_defaults_with_all_peaks_at_once():
    """625 rooms at 33 a node are 19 nodes, 625 sessions at 50 are 13; 16,439.80 over 25 customers are 657.59."""
    found = pool(merged())

    assert (found.customers, found.shared.demand.sessions, found.shared.demand.participants) == (25, 625, 3750)
    assert nodes(found.shared) == (19, 13)
    assert total(found.shared.monthly) == Fraction("16439.80")
    assert total(found.dedicated_monthly) == Fraction("25915.00")


def test_the_defaults_with_the_joint_peak_at_seventy_percent():
    """438 rooms: 14 and 9 nodes; the traffic of 121,500 GB stays."""
    found = pool(merged(), diversity_factor=Decimal("0.7"))

    assert (found.shared.demand.peak_users, found.shared.demand.sessions) == (1750, 438)
    assert nodes(found.shared) == (14, 9)
    assert found.shared.egress_gb == 121_500
    assert total(found.shared.monthly) == Fraction("14979.80")


@given(document=documents(), factor=FACTORS)
def test_one_customer_alone_has_its_dedicated_cluster_whatever_the_factor(document, factor):
    assumptions = merged(document)
    found = pool(assumptions, 1, diversity_factor=factor)
    alone = estimate(assumptions)

    assert (found.shared.demand, nodes(found.shared)) == (alone.demand, nodes(alone))
    assert found.shared.monthly == alone.monthly
    assert found.lost_allowance_gb == 0


@given(document=documents(), customers=CUSTOMERS, factor=FACTORS)
def test_sharing_never_takes_more_nodes_nor_costs_more_apart_from_traffic(document, customers, factor):
    found = pool(merged(document), customers, diversity_factor=factor)

    for shared, own in zip(nodes(found.shared), nodes(found.dedicated), strict=True):
        assert shared <= own * customers
    assert without_egress(found.shared.monthly) <= without_egress(found.dedicated_monthly)


@given(document=documents(), customers=CUSTOMERS, factor=FACTORS)
def test_without_free_or_included_traffic_sharing_is_never_dearer(document, customers, factor):
    """Where tiers fall: more volume reaches the cheaper ones."""
    document = with_network(with_falling_prices(document), freeGB=0, includedTBPerNode=0)
    found = pool(merged(document), customers, diversity_factor=factor)

    assert found.lost_allowance_gb == 0
    assert total(found.shared.monthly) <= total(found.dedicated_monthly)


@given(document=documents(), customers=CUSTOMERS, factor=FACTORS)
def test_sharing_is_dearer_by_no_more_than_the_price_of_the_allowance_it_loses(document, customers, factor):
    """Free and included volumes count once for every dedicated cluster, and fewer times for the shared one."""
    assumptions = merged(with_falling_prices(document))
    found = pool(assumptions, customers, diversity_factor=factor)
    charged_in_full = replace(assumptions.network, free_gb=Decimal(0), included_tb_per_node=Decimal(0))
    lost = egress_cost_per_month(charged_in_full, found.lost_allowance_gb, 0)

    assert found.lost_allowance_gb >= 0
    assert total(found.shared.monthly) <= total(found.dedicated_monthly) + Fraction(lost)


def test_sharing_can_be_dearer_where_free_traffic_is_lost():
    """Each of two customers stays inside its free 5,000 GB; together they send 4,720 GB more than one free volume."""
    free = {"network": {"freeGB": 5000}, "managedServices": dict.fromkeys(("redis", "controlPlane"), 0)}
    cheap_nodes = {name: {"hourly": 0} for name in ("livekit", "sim", "system")}
    found = pool(merged({**free, "nodes": cheap_nodes}), 2)

    assert found.lost_allowance_gb == 5000
    assert total(found.shared.monthly) - total(found.dedicated_monthly) == Fraction(4720 * 9, 100) - 80


@given(document=documents(), customers=CUSTOMERS, factors=st.lists(FACTORS, min_size=2, max_size=2).map(sorted))
def test_a_lower_factor_never_takes_more_nodes_nor_costs_more_apart_from_traffic(document, customers, factors):
    assumptions = merged(document)
    low, high = (pool(assumptions, customers, diversity_factor=factor).shared for factor in factors)

    assert all(few <= many for few, many in zip(nodes(low), nodes(high), strict=True))
    assert without_egress(low.monthly) <= without_egress(high.monthly)
    assert low.egress_gb == high.egress_gb


@given(document=documents(), customers=CUSTOMERS, factors=st.lists(FACTORS, min_size=2, max_size=2).map(sorted))
def test_a_lower_factor_never_costs_more_where_nodes_include_no_traffic(document, customers, factors):
    """Where they do, fewer nodes include less of it."""
    assumptions = merged(with_network(document, includedTBPerNode=0))
    low, high = (pool(assumptions, customers, diversity_factor=factor).shared for factor in factors)

    assert total(low.monthly) <= total(high.monthly)


@given(document=documents(), customers=CUSTOMERS)
def test_one_customer_s_ceiling_does_not_cut_the_shared_pool(document, customers):
    """It may hold what the dedicated pools hold together at their ceilings."""
    found = pool(merged(document), customers)

    for name in ("livekit", "sim"):
        shared, zones = getattr(found.shared, name), document["nodes"][name]["zones"]
        largest = document["nodes"][name]["maxNodes"] // zones * zones * customers
        assert (shared.limited_by == "maxNodes") == (shared.required > largest)
        assert shared.nodes <= largest


def test_services_and_system_nodes_are_there_once_or_as_often_as_told():
    once, thrice = pool(merged()), pool(merged(), services_factor=Decimal("2.5"))

    assert (once.shared.monthly["redis"], thrice.shared.monthly["redis"]) == (50, 125)
    assert once.shared.monthly["system"] == thrice.shared.monthly["system"] == 73


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"customers": 0}, r"fleet\.customers: 0 is below 1"),
        ({"diversity_factor": Decimal(0)}, "diversityFactor"),
        ({"diversity_factor": Decimal("1.1")}, "diversityFactor"),
        ({"services_factor": Decimal(-1)}, "servicesFactor"),
    ],
)
def test_impossible_inputs_are_refused_by_field(change, field):
    with pytest.raises(AssumptionsError, match=field):
        pool(merged(), **change)

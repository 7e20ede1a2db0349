"""Shared clusters of customers that are not alike: what they add up to, and when they are apart."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import estimate
from costmodel.pooling import pool
from costmodel.unlike_pooling import share_clusters, tenant
from tests.costmodel.documents import documents
from tests.costmodel.layers import merged

FACTORS = st.decimals("0.01", 1, places=3)
ALL_AT_ONCE = Decimal(1)


def tenants_of(*layers):
    """A customer for each layer over the defaults."""
    every = [merged(layer) for layer in layers]
    return [tenant(each, estimate(each)) for each in every]


def shared(*layers, factor=ALL_AT_ONCE):
    return [cluster for _, cluster in share_clusters(tenants_of(*layers), factor)]


def total(cluster):
    return sum(map(Fraction, cluster.monthly.values()))


def users(count):
    return {"demand": {"concurrency": count}}


@given(document=documents(), customers=st.integers(1, 12), factor=FACTORS)
def test_alike_customers_share_what_the_rule_for_alike_ones_says(document, customers, factor):
    found = share_clusters(tenants_of(*[document] * customers), factor)

    assert [cluster for _, cluster in found] == [pool(merged(document), customers, diversity_factor=factor).shared]


@given(document=documents(), factor=FACTORS)
def test_a_customer_alone_keeps_its_own_cluster(document, factor):
    (only,) = shared(document, factor=factor)
    alone = estimate(merged(document))

    assert (only.demand, only.livekit.nodes, only.sim.nodes) == (alone.demand, alone.livekit.nodes, alone.sim.nodes)
    assert only.monthly == alone.monthly


def test_unlike_sizes_add_up():
    """100 and 300 users at once are 25 + 75 rooms and 600 participants: 4 LiveKit and 2 sim nodes; one has 3 + 2."""
    (both,) = shared(users(100), users(300))

    assert (both.demand.peak_users, both.demand.sessions, both.demand.participants) == (400, 100, 600)
    assert (both.livekit.nodes, both.sim.nodes) == (4, 2)
    assert both.egress_gb == 4860 * 4
    assert total(both) == Fraction("700.80") + 292 + 73 + 205 + Fraction("1749.60")


@pytest.mark.parametrize(
    "unlike",
    [
        {"currency": "EUR"},
        {"cloud": "azure"},
        {"nodes": {"livekit": {"hourly": "0.25"}}},
        {"capacity": {"participantsPerNode": 150}},
        {"demand": {"agentsPerSession": 1}},
        {"managedServices": {"redis": 51}},
    ],
)
def test_customers_of_unlike_terms_are_apart(unlike):
    assert len(shared({}, unlike)) == 2


@pytest.mark.parametrize(
    "own",
    [
        users(700),
        {"license": {"annual": 1}},
        {"network": {"usageHoursPerMonth": 10}},
        {"nodes": {"livekit": {"minNodes": 3, "maxNodes": 9}}},
        {"demand": {"activeHoursPerMonth": 200}},
        {"fleet": {"customers": 3}},
    ],
)
def test_what_is_a_customers_own_does_not_keep_it_apart(own):
    assert len(shared({}, own)) == 1


def test_the_highest_floor_and_all_ceilings_hold():
    bounded = [{"nodes": {"livekit": {"minNodes": low, "maxNodes": high}}} for low, high in ((2, 4), (3, 5))]
    (cluster,) = shared(*bounded)

    assert (cluster.livekit.min_nodes, cluster.livekit.max_nodes, cluster.livekit.nodes) == (3, 9, 3)


def test_unlike_hours_count_as_always_on():
    """Whose hours differ may be on at any time; equal hours stay."""
    short = {"demand": {"activeHoursPerMonth": 100, "concurrency": 1000}}
    shorter = {"demand": {"activeHoursPerMonth": 90, "concurrency": 1000}}
    (unlike,), (alike,) = shared(short, shorter), shared(short, short)

    assert unlike.monthly["livekit"] == unlike.livekit.nodes * Decimal("175.20")
    assert alike.monthly["livekit"] < unlike.monthly["livekit"]


def test_order_and_identity_of_the_terms_do_not_matter():
    first, second = tenants_of(users(100), users(300))
    copied = replace(second, terms=replace(first.terms))

    assert share_clusters([first, second], ALL_AT_ONCE) == share_clusters([copied, first], ALL_AT_ONCE)

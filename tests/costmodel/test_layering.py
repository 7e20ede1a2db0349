"""How documents are laid over each other, and what only the merged result can show to be wrong."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.assumptions import EgressTier
from tests.costmodel.layers import merged, refused

TIERS = [{"upToGB": 1000, "perGB": "0.08"}, {"perGB": "0.05"}]


def test_a_later_layer_wins_field_by_field():
    result = merged(
        {"nodes": {"livekit": {"hourly": 1, "minNodes": 2}}, "currency": "USD", "region": "eastus"},
        {"nodes": {"livekit": {"minNodes": 3}}, "cloud": "azure"},
    )

    assert (result.nodes.livekit.hourly_price, result.nodes.livekit.min_nodes) == (1, 3)
    assert (result.currency, result.cloud, result.region) == ("USD", "azure", "eastus")
    assert result.nodes.sim.hourly_price == Decimal("0.20")


def test_zero_and_false_are_statements():
    result = merged({"demand": {"users": 0}, "capacity": {"wholeRooms": False}, "managedServices": {"redis": 0}})

    assert (result.demand.users, result.capacity.whole_rooms, result.managed_services.redis) == (0, False, 0)


def test_null_states_nothing():
    assert merged({"demand": {"users": 5}}, {"demand": {"users": None}, "network": None}).demand.users == 5


def test_a_later_choice_of_concurrency_replaces_the_percentage():
    demand = merged({"demand": {"peakConcurrencyPercent": 20}}, {"demand": {"concurrency": 7}}).demand

    assert (demand.concurrency, demand.peak_concurrency_percent) == (7, None)


def test_a_later_choice_of_the_percentage_replaces_concurrency():
    demand = merged({"demand": {"concurrency": 7}}, {"demand": {"peakConcurrencyPercent": 20}}).demand

    assert (demand.concurrency, demand.peak_concurrency_percent) == (None, 20)


def test_a_later_choice_of_tiers_replaces_the_flat_price():
    result = merged({"network": {"egressPerGB": 1}}, {"network": {"tiers": TIERS}})

    assert result.network.tiers == (EgressTier(Decimal(1000), Decimal("0.08")), EgressTier(None, Decimal("0.05")))


def test_a_later_flat_price_replaces_the_tiers():
    result = merged({"network": {"tiers": TIERS}}, {"network": {"egressPerGB": 1}})

    assert result.network.tiers == (EgressTier(None, Decimal(1)),)


def test_a_list_replaces_a_list():
    result = merged({"network": {"tiers": TIERS}}, {"network": {"tiers": [{"perGB": 2}]}})

    assert result.network.tiers == (EgressTier(None, Decimal(2)),)


@pytest.mark.parametrize("pool", ["livekit", "sim", "system"])
def test_a_sku_without_a_price_is_refused(pool):
    problem = refused({"nodes": {pool: {"sku": "Standard_F4s_v2"}}})[f"nodes.{pool}.sku"]

    assert "also write hourly" in problem.remedy


def test_another_sku_drops_the_price_of_the_machine_before():
    first = {"nodes": {"livekit": {"sku": "F4", "hourly": "0.17", "monthlyCap": 90}}}

    assert "nodes.livekit.sku" in refused(first, {"nodes": {"livekit": {"sku": "F8"}}})
    assert merged(first, {"nodes": {"livekit": {"sku": "F8", "hourly": 1}}}).nodes.livekit.monthly_cap is None


def test_the_same_sku_keeps_its_price_and_a_new_price_keeps_the_sku():
    first = {"nodes": {"livekit": {"sku": "F4", "hourly": "0.17"}}}
    again = merged(first, {"nodes": {"livekit": {"sku": "F4"}}}).nodes.livekit
    repriced = merged(first, {"nodes": {"livekit": {"hourly": "0.15"}}}).nodes.livekit

    assert again.hourly_price == Decimal("0.17")
    assert (repriced.sku, repriced.hourly_price) == ("F4", Decimal("0.15"))


def test_bounds_from_different_layers_must_be_in_order():
    problems = refused({"nodes": {"sim": {"minNodes": 5}}}, {"nodes": {"sim": {"maxNodes": 4}}})

    assert "minNodes (5) is above maxNodes (4)" in problems["nodes.sim.minNodes"].message


@pytest.mark.parametrize(
    ("pool", "remedy"),
    [
        ({"zones": 3, "minNodes": 1, "maxNodes": 2}, "raise maxNodes to 3"),
        ({"zones": 3, "minNodes": 4, "maxNodes": 5}, "raise maxNodes to 6"),
        ({"zones": 3, "minNodes": 0, "maxNodes": 2}, "raise maxNodes to 3"),
    ],
)
def test_a_pool_that_can_never_be_a_multiple_of_its_zones_is_refused(pool, remedy):
    assert remedy in refused({"nodes": {"livekit": pool}})["nodes.livekit.zones"].remedy


@pytest.mark.parametrize("whole_rooms", [True, False])
@pytest.mark.parametrize(("per_node", "utilization"), [(5, 100), (11, 50), (6, "99.99999999")])
def test_a_room_larger_than_a_node_is_refused_whatever_is_counted(whole_rooms, per_node, utilization):
    capacity = {"participantsPerNode": per_node, "targetUtilizationPercent": utilization, "wholeRooms": whole_rooms}
    problem = refused({"capacity": capacity})["capacity.participantsPerNode"]

    assert "a room of 6 participants" in problem.message


def test_a_room_that_just_fits_is_accepted():
    assert merged({"capacity": {"participantsPerNode": 12, "targetUtilizationPercent": 50}})


def test_every_problem_is_told_at_once():
    problems = refused(
        {"nodes": {"sim": {"minNodes": 60}, "system": {"sku": "D2"}}, "capacity": {"participantsPerNode": 1}}
    )

    assert set(problems) == {"nodes.sim.minNodes", "nodes.system.sku", "capacity.participantsPerNode"}


prices = st.decimals(0, 100, places=2)
layers = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "demand": st.fixed_dictionaries(
                {}, optional={"users": st.integers(0, 99), "usersPerSession": st.integers(1, 9)}
            ),
            "managedServices": st.fixed_dictionaries({}, optional={"redis": prices, "loadBalancer": prices}),
            "license": st.fixed_dictionaries({}, optional={"annual": prices}),
        },
    ),
    max_size=5,
)


@given(layers=layers)
def test_the_result_is_the_last_statement_of_each_field(layers):
    flat = {}
    for layer in layers:
        for section, fields in layer.items():
            flat.setdefault(section, {}).update(fields)

    assert merged(*layers) == merged(flat)


@given(layers=layers)
def test_layering_a_document_twice_changes_nothing(layers):
    assert merged(*layers, *layers[-1:]) == merged(*layers)

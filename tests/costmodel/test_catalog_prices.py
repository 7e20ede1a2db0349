"""What a price catalog adds to an estimate, and what it never touches."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import (
    PACKAGED_CLOUDS,
    estimate,
    packaged_catalog,
    parse_document,
    price_sheet,
    resolve,
)
from tests.costmodel.layers import merged, refused

EXPLICIT = {
    "nodes": {"livekit": {"hourly": "0.24"}, "sim": {"hourly": "0.20"}, "system": {"hourly": "0.10"}},
    "managedServices": {"controlPlane": 75, "redis": 50, "loadBalancer": 20},
    "network": {"egressPerGB": "0.09"},
}
POOLS = ("livekit", "sim", "system")


def test_cloud_alone_prices_services_and_egress_but_no_machines():
    result = merged({"cloud": "aws"})

    services = result.managed_services
    assert (services.control_plane, services.redis) == (73, Decimal("23.36"))
    assert services.load_balancer == Decimal("16.425")
    assert (services.storage_and_logs, services.observability) == (30, 30)
    assert result.network.free_gb == 100
    assert [tier.up_to_gb for tier in result.network.tiers] == [10240, 51200, 153600, None]
    assert [getattr(result.nodes, pool).hourly_price for pool in POOLS] == list(map(Decimal, ("0.24", "0.20", "0.10")))


@pytest.mark.parametrize("pool", POOLS)
def test_a_sku_is_priced_in_the_region_stated_or_the_default_one(pool):
    machine = {"cloud": "azure", "nodes": {pool: {"sku": "Standard_F4s_v2"}}}

    assert getattr(merged(machine).nodes, pool).hourly_price == Decimal("0.169")
    assert getattr(merged(machine, {"region": "westeurope"}).nodes, pool).hourly_price == Decimal("0.194")


def test_another_sku_in_a_later_layer_is_priced_anew():
    first = {"cloud": "azure", "nodes": {"livekit": {"sku": "Standard_F4s_v2", "hourly": 1}}}

    assert merged(first, {"nodes": {"livekit": {"sku": "Standard_F8s_v2"}}}).nodes.livekit.hourly_price == Decimal(
        "0.338"
    )


def test_custom_is_priced_as_without_a_cloud():
    assert merged({"cloud": "custom"}) == merged()


@pytest.mark.parametrize("cloud", PACKAGED_CLOUDS)
def test_a_document_that_states_every_price_is_not_changed_by_its_cloud(cloud):
    """Not even by the currency or an unknown region: the catalog is not asked."""
    stated = {**EXPLICIT, "cloud": cloud, "region": "nowhere", "currency": "USD"}

    assert estimate(merged(stated)) == estimate(merged())


prices = st.decimals(0, 100, places=2)


@given(
    cloud=st.sampled_from(PACKAGED_CLOUDS),
    services=st.fixed_dictionaries({}, optional=dict.fromkeys(("controlPlane", "redis", "loadBalancer"), prices)),
    flat=st.none() | prices,
    free=st.none() | prices,
    hourly=st.none() | prices,
    data=st.data(),
)
def test_what_a_document_states_always_wins(cloud, services, flat, free, hourly, data):
    sku = data.draw(st.sampled_from(sorted(price_sheet(cloud)[1].node_types)))
    stated = {
        "cloud": cloud,
        "managedServices": services,
        "network": {"egressPerGB": flat, "freeGB": free},
        "nodes": {"sim": {"sku": sku, "hourly": hourly}},
    }
    result = merged(stated)
    bare = merged({"cloud": cloud, "nodes": {"sim": {"sku": sku}}})

    expected = {
        "control_plane": services.get("controlPlane", bare.managed_services.control_plane),
        "redis": services.get("redis", bare.managed_services.redis),
        "load_balancer": services.get("loadBalancer", bare.managed_services.load_balancer),
    }
    assert {name: getattr(result.managed_services, name) for name in expected} == expected
    if flat is not None:
        assert [tier.price_per_gb for tier in result.network.tiers] == [flat]
        assert result.network.free_gb == (free or 0)
    elif free is not None:
        assert (result.network.free_gb, result.network.tiers) == (free, bare.network.tiers)
    sim = result.nodes.sim
    known = price_sheet(cloud)[1].node_types[sku]
    wanted = (hourly, None) if hourly is not None else (known.hourly, known.monthly_cap)
    assert (sim.hourly_price, sim.monthly_cap) == wanted
    assert estimate(result).monthly_total >= 0


def test_a_machine_with_only_a_monthly_price_costs_that_whatever_its_hours():
    machine = {"cloud": "hetzner", "nodes": {"livekit": {"sku": "CCX23"}}, "demand": {"concurrency": 400}}
    part_time = {"demand": {"activeHoursPerMonth": 200}}

    assert estimate(merged(machine)).monthly["livekit"] == 4 * Decimal("85.99")
    assert estimate(merged(machine, part_time)).monthly["livekit"] == 4 * Decimal("85.99")
    assert estimate(merged(machine, {"demand": {"activeHoursPerMonth": 0}})).monthly["livekit"] == Decimal("85.99")


def test_a_monthly_price_alone_can_be_stated_too():
    machine = {"nodes": {"livekit": {"sku": "mine", "monthlyCap": 90}}}

    assert estimate(merged(machine)).monthly["livekit"] == 90


def test_the_traffic_that_a_machine_includes_counts_for_each_livekit_node():
    machine = {"cloud": "hetzner", "nodes": {"livekit": {"sku": "CCX33"}}}
    network = merged(machine).network

    assert network.included_tb_per_node == 30
    assert merged(machine, {"network": {"includedTBPerNode": 1}}).network.included_tb_per_node == 1


def test_the_currency_is_the_catalogs_unless_one_is_stated():
    assert merged({"cloud": "hetzner"}).currency == "EUR"
    assert merged({"cloud": "gcp"}).currency == "USD"
    assert merged({**EXPLICIT, "cloud": "hetzner"}).currency == "USD"


def test_a_stated_currency_that_is_not_the_catalogs_is_refused():
    problem = refused({"cloud": "hetzner", "currency": "USD"})["currency"]

    assert "the prices of hetzner are in EUR" in problem.message
    assert "write EUR" in problem.remedy


def test_an_unknown_sku_is_answered_with_the_nearest_in_its_pool():
    problems = refused({"cloud": "azure", "nodes": {"sim": {"sku": "standard_f4s_v3"}}})

    assert list(problems) == ["nodes.sim.sku"]
    assert "did you mean Standard_F4s_v2" in problems["nodes.sim.sku"].remedy


def test_a_sku_that_only_other_regions_price_is_answered_with_them():
    document = {"cloud": "azure", "region": "swedencentral", "nodes": {"sim": {"sku": "Standard_D2s_v5"}}}

    assert "(eastus, westeurope)" in refused(document)["nodes.sim.sku"].remedy


def test_an_unknown_region_is_answered_once():
    problems = refused({"cloud": "aws", "region": "us-east1", "nodes": {"sim": {"sku": "c6i.xlarge"}}})

    assert list(problems) == ["region"]
    assert "did you mean us-east-1" in problems["region"].remedy


def test_no_catalog_is_read_for_the_defaults():
    def absent(cloud):
        raise AssertionError(cloud)

    assert resolve(parse_document({**EXPLICIT, "cloud": "gcp"}), catalogs=absent)


@given(cloud=st.sampled_from(PACKAGED_CLOUDS), data=st.data())
def test_every_machine_of_every_region_can_be_priced(cloud, data):
    entry = data.draw(st.sampled_from(packaged_catalog(cloud).node_types))
    region = data.draw(st.sampled_from(entry.regions))
    result = estimate(merged({"cloud": cloud, "region": region, "nodes": {"system": {"sku": entry.sku}}}))

    assert result.monthly["system"] == (entry.monthly_cap if entry.hourly is None else entry.hourly * 730)

"""Machine types of catalogs as servers, and recommendations with their traffic."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import parse_price_sheet, price_sheet, region_prices
from costmodel.audio_document import SERVERS, SESSION
from costmodel.bandwidth import bandwidth_cost, listed_price
from costmodel.catalog_servers import catalog_servers
from costmodel.servers import server_capacity
from costmodel.setups import SessionDemand, Traffic, recommend

ORIGIN = {"regions": ["here"], "source": "a test", "date": "2026-10-01", "known": "first-hand"}


def machine(sku, **fields):
    return {"sku": sku, "vCPU": 4, "memoryGB": 16, "hourly": 1, **ORIGIN, **fields}


def of(*node_types, **more):
    sheet = {"provider": "custom", "currency": "USD", "tax": "net", "defaultRegion": "here"}
    return region_prices(parse_price_sheet({**sheet, "nodeTypes": list(node_types), **more}))


def test_the_documents_catalog_is_the_documents_servers():
    """Its prices, ports and CPU figures; only the traffic that it includes stands in the catalog alone."""
    found = catalog_servers(price_sheet("hetzner-document")[1])

    assert [
        (each.name, each.vcpu, each.memory_gb, each.network_mbps, each.price_per_month, each.cpu_percent_per_session)
        for each in found
    ] == [
        (each.name, each.vcpu, each.memory_gb, each.network_mbps, each.price_per_month, each.cpu_percent_per_session)
        for each in SERVERS
    ]
    assert {each.included_tb for each in found} == {1}


def test_a_month_of_a_machine_is_730_hours_or_its_cap():
    hourly, capped, monthly = catalog_servers(
        of(machine("a"), machine("b", monthlyCap=500), machine("c", hourly=None, monthlyCap=9))
    )

    assert [each.price_per_month for each in (hourly, capped, monthly)] == [730, 500, 9]


@pytest.mark.parametrize(("kind", "usual", "given"), [("dedicated", "4.66", 3), ("shared", "7", 5), (None, "7", 5)])
def test_a_session_takes_more_of_a_shared_vcpu_and_an_unknown_one_counts_as_shared(kind, usual, given):
    prices = of(machine("a", vCPUKind=kind))
    stated = catalog_servers(prices, dedicated_cpu_percent=Decimal(3), shared_cpu_percent=Decimal(5))

    assert catalog_servers(prices)[0].cpu_percent_per_session[1] == Decimal(usual)
    assert stated[0].cpu_percent_per_session == (given, given)


def test_burstable_machines_are_left_out():
    assert catalog_servers(of(machine("a", vCPUKind="burstable"))) == ()


def test_an_unknown_port_is_no_limit_and_a_known_one_is():
    unknown, known = catalog_servers(of(machine("a", memoryGB=64), machine("b", memoryGB=64, networkMbps=100)))

    assert "network" not in server_capacity(unknown, SESSION, Decimal(0)).limits
    assert server_capacity(known, SESSION, Decimal(0)).set_by == "network"


@pytest.mark.parametrize("cloud", ["azure", "gcp", "aws", "hetzner", "hetzner-document"])
def test_every_packaged_machine_says_whose_its_vcpus_are(cloud):
    assert all(entry.vcpu_kind for entry in price_sheet(cloud)[0].node_types)


EGRESS = {"egress": [{"tiers": [{"perGB": "0.01"}], **ORIGIN}]}
TIERED_EGRESS = {"egress": [{"tiers": [{"upToGB": 50_000, "perGB": "0.002"}, {"perGB": "0.01"}], **ORIGIN}]}


def chosen(prices, *, gb=0, survives=False):
    return recommend(
        SessionDemand(20_000, survives_one_loss=survives),
        catalog_servers(prices),
        SESSION,
        Decimal(30),
        redis_per_month=Decimal(30),
        load_balancer_per_month=Decimal(20),
        traffic=Traffic(Decimal(gb), listed_price(prices)),
    )


def test_traffic_that_comes_with_a_machine_can_make_it_the_cheapest():
    """139 at once need 4 machines: at 9 each 36 + 50 and 400 for 40 TB; at 99 each 396 + 50, all traffic included."""
    prices = of(
        machine("bare", hourly=None, monthlyCap=9), machine("full", hourly=None, monthlyCap=99, includedTB=20), **EGRESS
    )
    without, with_traffic = chosen(prices), chosen(prices, gb=40_000)

    assert [each.setup.name for each in without] == ["4x bare", "4x full"]
    assert [(each.setup.name, each.total_per_month) for each in with_traffic] == [("4x full", 446), ("4x bare", 486)]


def test_the_reason_tells_what_binds_what_availability_costs_and_how_far_the_next_is():
    prices = of(machine("a", vCPU=16, hourly=None, monthlyCap=10), machine("b", hourly=None, monthlyCap=12), **EGRESS)
    first, second = chosen(prices, gb=100, survives=True)

    assert first.why == (
        "139 at once; a server carries 112 (memory binds, network unknown), so 2 do it and one more may be lost, "
        "for 10.00; 50.00 is for Redis and load balancer; 30.00 less than 5x b"
    )
    assert second.why.endswith("30.00 more than 3x a")


def test_more_servers_are_taken_where_the_traffic_they_include_is_worth_more_than_they_cost():
    """20 TB at 0.01 are 200, a server is 50: a fifth for the last 20 of 100 TB, none more where all is included."""
    prices = of(machine("a", hourly=None, monthlyCap=50, includedTB=20), **EGRESS)
    [short], [enough] = chosen(prices, gb=100_000), chosen(prices, gb=80_000)

    assert (short.setup.servers, short.traffic_per_month, short.total_per_month) == (5, 0, 5 * 50 + 50)
    assert "so 4 do it; 1 more for the traffic they include, which saves 150.00" in short.why
    assert short.sessions_per_day > enough.sessions_per_day
    assert enough.setup.servers == 4
    assert "traffic they include" not in enough.why


@given(gb=st.integers(0, 400_000), price=st.integers(1, 300), included=st.integers(1, 40), survives=st.booleans())
def test_no_other_number_of_servers_that_carries_the_demand_costs_less(gb, price, included, survives):
    prices = of(machine("a", hourly=None, monthlyCap=price, includedTB=included), **TIERED_EGRESS)
    [found] = chosen(prices, gb=gb, survives=survives)

    traffic = replace(listed_price(prices), included_tb_per_server=Decimal(included))
    totals = [count * price + 50 + bandwidth_cost(traffic, Decimal(gb), count) for count in range(4 + survives, 500)]
    assert found.total_per_month == min(totals)


@given(gb=st.decimals(0, 500_000, places=2), cloud=st.sampled_from(["azure", "gcp", "aws", "hetzner"]))
def test_the_order_is_by_the_total_and_never_by_less(gb, cloud):
    totals = [each.total_per_month for each in chosen(price_sheet(cloud)[1], gb=gb)]

    assert totals == sorted(totals)

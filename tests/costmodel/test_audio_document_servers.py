"""The audio sizing document's server tables, cell by cell, from inputs; the right figure where it errs."""

from dataclasses import replace
from decimal import Decimal

import pytest

from costmodel.audio_document import (
    HEADROOM_PERCENT,
    LOAD_BALANCER_PER_MONTH,
    REDIS_MANAGED_PER_MONTH,
    REDIS_SELF_HOSTED_PER_MONTH,
    SERVERS,
    SESSION,
)
from costmodel.decimals import percent_of, round_half_up, rounded_quotient
from costmodel.fields import HOURS_PER_MONTH
from costmodel.servers import cost_per_session, server_capacity, sessions_per_day, sessions_per_month
from costmodel.setups import SetUp, setup_capacity

BY_NAME = {server.name: server for server in SERVERS}
WITHOUT_NETWORK = replace(SESSION, mbps=None)
MINUTES = SESSION.minutes


def sessions(server, cpu_percent, load=WITHOUT_NETWORK):
    return server_capacity(server, replace(load, cpu_percent=cpu_percent), HEADROOM_PERCENT)


MATRIX = [
    # type, vCPU, GB, EUR, sessions, per day, per month, EUR per session
    ("CX21", 2, 4, "5.83", (20, 25), (2_880, 3_600), (86_400, 108_000), ("0.000054", "0.000067")),
    ("CX31", 2, 8, "10.50", (25, 35), (3_600, 5_040), (108_000, 151_200), ("0.000069", "0.000097")),
    ("CX41", 4, 16, "21.00", (50, 70), (7_200, 10_080), (216_000, 302_400), ("0.000069", "0.000097")),
    ("CCX23", 4, 16, "36.51", (60, 80), (8_640, 11_520), (259_200, 345_600), ("0.000106", "0.000141")),
    ("CCX33", 8, 32, "73.02", (120, 160), (17_280, 23_040), (518_400, 691_200), ("0.000106", "0.000141")),
    ("CCX43", 16, 64, "146.04", (240, 320), (34_560, 46_080), (1_036_800, 1_382_400), ("0.000106", "0.000141")),
    ("CCX53", 32, 128, "292.08", (400, 500), (57_600, 72_000), (1_728_000, 2_160_000), ("0.000135", "0.000169")),
]


@pytest.mark.parametrize("row", MATRIX, ids=lambda row: row[0])
def test_server_sizing_matrix(row):
    """Without the network, which the document leaves out of this table."""
    name, vcpu, memory, price, concurrent, daily, monthly, cost = row
    server = BY_NAME[name]
    light, heavy = server.cpu_percent_per_session
    counts = tuple(sessions(server, cpu).sessions for cpu in (heavy, light))
    days = tuple(sessions_per_day(count, MINUTES) for count in counts)
    months = tuple(map(sessions_per_month, days))

    assert (server.vcpu, server.memory_gb, server.price_per_month) == (vcpu, memory, Decimal(price))
    assert (counts, days, months) == (concurrent, daily, monthly)
    assert tuple(str(cost_per_session(server.price_per_month, count)) for count in reversed(months)) == cost
    assert {sessions(server, cpu).set_by for cpu in (heavy, light)} == {"cpu"}


@pytest.mark.parametrize(("name", "printed"), [("CCX43", 240), ("CCX53", 400)])
def test_the_largest_servers_are_bound_by_their_port_not_by_their_cpu(name, printed):
    """700 Mbps / 4 Mbps = 175 sessions, 25,200 a day: below what the matrix prints."""
    capacity = sessions(BY_NAME[name], BY_NAME[name].cpu_percent_per_session[1], SESSION)

    assert capacity.limits["cpu"] == printed
    assert (capacity.sessions, capacity.set_by) == (175, "network")
    assert sessions_per_day(capacity.sessions, MINUTES) == 25_200


def test_theoretical_capacity_of_a_ccx23():
    """80-100 sessions by CPU are 5 % and 4 % of a core each; 160 by memory; 250 by a port of 1 Gbps."""
    heavy, light = (
        server_capacity(BY_NAME["CCX23"], replace(SESSION, cpu_percent=Decimal(cpu)), Decimal(0)) for cpu in (5, 4)
    )

    assert heavy.limits == {"cpu": 80, "memory": 160, "network": 250}
    assert light.limits["cpu"] == 100
    assert (heavy.sessions, heavy.set_by) == (80, "cpu")


def test_seventy_percent_of_eighty_sessions_leave_a_buffer_of_twenty_four():
    assert server_capacity(BY_NAME["CCX23"], replace(SESSION, cpu_percent=Decimal(5)), HEADROOM_PERCENT).sessions == 56
    assert 80 - 56 == 24


def test_sixty_concurrent_sessions_over_an_hour_a_day_and_a_month():
    assert sessions_per_day(60, MINUTES, busy_hours_per_day=Decimal(1)) == 360
    assert sessions_per_day(60, MINUTES) == 8_640
    assert sessions_per_month(8_640) == 259_200
    assert cost_per_session(Decimal("36.51"), 259_200, places=5) == Decimal("0.00014")


def test_seventy_percent_utilization_is_181440_sessions_not_259200():
    """259,200 is 100 % of 60 concurrent sessions; at 70 % a session costs EUR 0.00020."""
    monthly = sessions_per_month(sessions_per_day(60, MINUTES, utilization_percent=Decimal(70)))

    assert monthly == 181_440
    assert cost_per_session(Decimal("36.51"), monthly, places=5) == Decimal("0.00020")


def test_one_session_alone_on_a_ccx23():
    """10 of 43,800 minutes are 0.0228 %; 36.51 / 730 = 0.05 an hour."""
    assert rounded_quotient(Decimal("36.51"), HOURS_PER_MONTH, 2) == Decimal("0.05")
    assert percent_of(MINUTES, HOURS_PER_MONTH * 60, 4) == Decimal("0.0228")
    assert cost_per_session(Decimal("36.51"), 4_380, places=4) == Decimal("0.0083")


BOTTLENECKS = [
    # set-up, vCPU, GB, Gbps, CPU % of a session, CPU limit, network limit, what binds, effective
    ("CCX43", 1, 16, 64, 1, "4.48", 250, 175, "network", 175),
    ("CCX23", 2, 8, 32, 2, "4.66", 120, 350, "cpu", 120),
    ("CCX23", 3, 12, 48, 3, "4.66", 180, 525, "cpu", 180),
    ("CX41", 4, 16, 64, 4, "4.66", 240, 700, "cpu", 240),
]


@pytest.mark.parametrize("row", BOTTLENECKS, ids=lambda row: f"{row[1]}x{row[0]}")
def test_bottleneck_comparison(row):
    """The document names the CPU in all four rows; on one CCX43 its own limits say network (175 < 250)."""
    name, count, vcpu, memory, gbps, cpu, cpu_limit, network_limit, binds, effective = row
    server = BY_NAME[name]
    capacity = setup_capacity(SetUp(server, count), replace(SESSION, cpu_percent=Decimal(cpu)), HEADROOM_PERCENT)
    limits = capacity.one_server.limits

    assert (server.vcpu * count, server.memory_gb * count, server.network_mbps * count) == (vcpu, memory, gbps * 1000)
    assert (limits["cpu"] * count, limits["network"] * count) == (cpu_limit, network_limit)
    assert (capacity.one_server.set_by, capacity.sessions) == (binds, effective)
    assert 3 <= Decimal(cpu) <= 5


SERVICES = {  # servers: Redis and load balancer per month, from the least to the most
    2: (REDIS_SELF_HOSTED_PER_MONTH + LOAD_BALANCER_PER_MONTH, REDIS_MANAGED_PER_MONTH[1] + LOAD_BALANCER_PER_MONTH),
    3: (REDIS_MANAGED_PER_MONTH[0] + LOAD_BALANCER_PER_MONTH, REDIS_MANAGED_PER_MONTH[1] + LOAD_BALANCER_PER_MONTH),
}
MULTI_HOST = [
    # servers, EUR for servers, total EUR, sessions, per day, per month, EUR per session
    (2, "73.02", (83, 98), (120, 160), 17_280, 518_400, ("0.00014", "0.00016", "0.00019")),
    (3, "109.53", (125, 135), (180, 240), 25_920, 777_600, ("0.00014", "0.00016", "0.00017")),
]


@pytest.mark.parametrize("row", MULTI_HOST, ids=lambda row: f"{row[0]} servers")
def test_multi_host_set_ups(row):
    """EUR per session: servers alone, then the whole set-up at least and at most.

    With two servers the document ends at 0.00016, which is 83 EUR a month; its 98 EUR are 0.00019.
    """
    count, servers_price, total, concurrent, daily, monthly, cost = row
    server = BY_NAME["CCX23"]
    least, most = (SetUp(server, count, services) for services in SERVICES[count])
    light, heavy = (
        setup_capacity(least, replace(SESSION, cpu_percent=cpu), HEADROOM_PERCENT).sessions
        for cpu in server.cpu_percent_per_session
    )

    assert least.price_per_month - least.side_services_per_month == Decimal(servers_price)
    assert (round_half_up(least.price_per_month, 0), round_half_up(most.price_per_month, 0)) == total
    assert (heavy, light) == concurrent
    assert sessions_per_day(heavy, MINUTES) == daily
    assert sessions_per_month(daily) == monthly
    prices = (Decimal(servers_price), least.price_per_month, most.price_per_month)
    assert tuple(str(cost_per_session(price, monthly, places=5)) for price in prices) == cost


def test_one_large_server_against_three_small_ones_at_20000_sessions_a_day():
    """250 sessions fill the port (1,000 Mbps); three CCX23 use 240 Mbps each, and cost less."""
    large, small = SetUp(BY_NAME["CCX43"], 1), SetUp(BY_NAME["CCX23"], 3)
    capacity = setup_capacity(small, SESSION, HEADROOM_PERCENT)

    assert 250 * SESSION.mbps == BY_NAME["CCX43"].network_mbps
    assert sessions_per_day(240, MINUTES) == 34_560
    assert (capacity.sessions, capacity.sessions_with_one_lost) == (180, 120)
    assert (capacity.sessions * SESSION.mbps, capacity.one_server.sessions * SESSION.mbps) == (720, 240)
    assert sessions_per_day(capacity.sessions, MINUTES) == 25_920
    assert small.price_per_month == Decimal("109.53") < large.price_per_month == Decimal("146.04")


SUMMARY = [
    # set-up, EUR per month, sessions per day in whole thousands, EUR printed, right: EUR per session of a month
    ("CX21", 1, (6, 10), (2_000, 3_000), ("0.0020", "0.0030"), ("0.00007", "0.00017")),
    ("CX41", 1, (25, 30), (7_000, 10_000), ("0.0025", "0.0030"), ("0.00008", "0.00014")),
    ("CCX23", 1, (40, 50), (8_000, 11_000), ("0.0036", "0.0050"), ("0.00012", "0.00021")),
    ("CCX33", 1, (75, 85), (17_000, 23_000), ("0.0033", "0.0044"), ("0.00011", "0.00017")),
    ("CCX33", 2, (150, 165), (34_000, 46_000), ("0.0033", "0.0044"), ("0.00011", "0.00016")),
]


@pytest.mark.parametrize("row", SUMMARY, ids=lambda row: f"{row[1]}x{row[0]}")
def test_capacity_summary(row):
    """The printed cost is the lower monthly cost over the sessions of a day; a session costs 30 times less."""
    name, count, (least, most), daily, printed, right = row
    server = BY_NAME[name]
    light, heavy = server.cpu_percent_per_session
    days = [sessions_per_day(sessions(server, cpu).sessions * count, MINUTES) for cpu in (heavy, light)]
    few, many = daily
    over_a_day = (cost_per_session(Decimal(least), many, 4), cost_per_session(Decimal(least), few, 4))
    if name == "CX41":
        over_a_day = (over_a_day[0], cost_per_session(Decimal(most), many, 4))

    assert tuple(day // 1000 * 1000 for day in days) == daily
    assert tuple(map(str, over_a_day)) == printed
    assert (
        str(cost_per_session(Decimal(least), sessions_per_month(many), 5)),
        str(cost_per_session(Decimal(most), sessions_per_month(few), 5)),
    ) == right


USE_CASES = [
    # set-ups from the least to the most, EUR per month, sessions per day, EUR per session as printed
    (["1xCX31", "1xCX41"], ("10.50", "21.00"), (3_600, 10_080), ("0.000069", "0.000097")),
    (["1xCCX23"], ("36.51", "36.51"), (8_640, 11_520), ("0.000106", "0.000141")),
    (["1xCCX33", "2xCCX23"], ("73.02", "83.02"), (17_280, 23_040), ("0.000106", "0.000141")),
]


@pytest.mark.parametrize("row", USE_CASES, ids=lambda row: " or ".join(row[0]))
def test_configurations_by_use_case(row):
    """Cost per session is of the servers alone, as the printed figures are."""
    names, prices, daily, cost = row
    setups = [SetUp(BY_NAME[name], int(count), SERVICES[2][0]) for count, name in (each.split("x") for each in names)]
    carried = {
        setup.name: [
            sessions_per_day(sessions(setup.server, cpu).sessions * setup.servers, MINUTES)
            for cpu in setup.server.cpu_percent_per_session
        ]
        for setup in setups
    }
    costs = [
        cost_per_session(setup.servers * setup.server.price_per_month, sessions_per_month(days))
        for setup in setups
        for days in carried[setup.name]
    ]

    assert (str(setups[0].price_per_month), str(setups[-1].price_per_month)) == prices
    assert (min(map(min, carried.values())), max(map(max, carried.values()))) == daily
    assert (str(min(costs)), str(max(costs))) == cost


def test_the_smallest_server_at_the_fewer_sessions_costs_more_per_session_than_printed():
    """EUR 0.000054 stands beside 2,880 sessions a day, where it is 0.000067; it belongs to 3,600."""
    price = BY_NAME["CX21"].price_per_month

    assert cost_per_session(price, sessions_per_month(3_600)) == Decimal("0.000054")
    assert cost_per_session(price, sessions_per_month(2_880)) == Decimal("0.000067")


def test_the_recommendation_for_a_small_scale_divides_by_the_sessions_of_a_day():
    """EUR 0.003-0.004 are 30 EUR over 10,080 and 7,200 sessions; a month has 30 days: 0.0001-0.00014."""
    assert [cost_per_session(Decimal(30), daily, 3) for daily in (10_080, 7_200)] == [
        Decimal("0.003"),
        Decimal("0.004"),
    ]
    right = [cost_per_session(Decimal(30), sessions_per_month(daily), 5) for daily in (10_080, 7_200)]
    assert right == [Decimal("0.00010"), Decimal("0.00014")]


def test_capacity_summary_of_kubernetes():
    """EUR 250-500 for 80,000 sessions a day: printed as 0.003-0.005, right is 0.00010-0.00021."""
    assert cost_per_session(Decimal(250), 80_000, 3) == Decimal("0.003")
    assert cost_per_session(Decimal(250), sessions_per_month(80_000), 5) == Decimal("0.00010")
    assert cost_per_session(Decimal(500), sessions_per_month(80_000), 5) == Decimal("0.00021")

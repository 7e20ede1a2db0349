"""Capacity of servers and the choice among set-ups, on small invented servers."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.errors import AssumptionsError
from costmodel.servers import ServerType, SessionLoad, cost_per_session, server_capacity, sessions_per_day
from costmodel.setups import SessionDemand, SetUp, recommend, setup_capacity

CHEAP = ServerType("small", 2, Decimal(4), Decimal(1000), Decimal(10), (Decimal(10), Decimal(20)))
BIG = ServerType("big", 8, Decimal(16), Decimal(1000), Decimal(55), (Decimal(10), Decimal(20)))
LOAD = SessionLoad(Decimal(20), Decimal(100), Decimal(4), Decimal(10))
NO_HEADROOM = Decimal(0)


def best(demand, **prices):
    services = {"redis_per_month": Decimal(5), "load_balancer_per_month": Decimal(5), **prices}
    return recommend(demand, [CHEAP, BIG], LOAD, NO_HEADROOM, **services)


@pytest.mark.parametrize(
    ("change", "set_by", "sessions"),
    [({}, "cpu", 10), ({"memory_mb": Decimal(1000)}, "memory", 4), ({"mbps": Decimal(300)}, "network", 3)],
)
def test_the_scarcest_resource_binds(change, set_by, sessions):
    capacity = server_capacity(CHEAP, replace(LOAD, **change), NO_HEADROOM)

    assert (capacity.set_by, capacity.sessions) == (set_by, sessions)


def test_headroom_is_kept_of_every_resource():
    assert server_capacity(CHEAP, LOAD, Decimal(30)).limits == {"cpu": 7, "memory": 28, "network": 175}


def test_a_room_never_splits_so_leftovers_of_servers_carry_nothing():
    """Half of each of two servers' last session does not make one."""
    load = replace(LOAD, cpu_percent=Decimal(80))

    assert setup_capacity(SetUp(CHEAP, 2), load, NO_HEADROOM).sessions == 4
    assert server_capacity(replace(CHEAP, vcpu=4), load, NO_HEADROOM).sessions == 5


def test_sessions_that_do_not_end_within_the_day_do_not_count():
    assert sessions_per_day(1, Decimal(7)) == 205
    assert sessions_per_day(1, Decimal(7), utilization_percent=Decimal(50)) == 102


def test_without_sessions_the_cost_of_one_is_unknown():
    assert cost_per_session(Decimal(10), 0) is None


def test_one_server_needs_no_redis_and_no_load_balancer():
    assert SetUp(CHEAP, 1, Decimal(5), Decimal(5)).price_per_month == 10
    assert SetUp(CHEAP, 2, Decimal(5), Decimal(5)).price_per_month == 30


def test_the_cheapest_set_up_comes_first():
    """30 at once: 3 small at 30 + 10, or one big at 55."""
    names = [each.setup.name for each in best(SessionDemand(30 * 144))]

    assert names == ["3x small", "1x big"]


def test_dear_side_services_favour_one_large_server():
    assert [each.setup.name for each in best(SessionDemand(30 * 144), redis_per_month=Decimal(50))] == [
        "1x big",
        "3x small",
    ]


def test_high_availability_adds_a_server_whose_loss_changes_nothing():
    first = best(SessionDemand(30 * 144, survives_one_loss=True))[0]

    assert first.setup.name == "4x small"
    assert first.capacity.sessions_with_one_lost == 30
    assert first.sessions_per_day == 30 * 144
    assert first.why == (
        "30 at once; a server carries 10 (cpu binds), so 3 do it and one more may be lost, for 10.00; "
        "10.00 is for Redis and load balancer; 70.00 less than 2x big"
    )


def test_one_session_more_takes_one_server_more():
    assert best(SessionDemand(30 * 144 + 1))[0].setup.name == "4x small"


def test_a_short_busy_day_needs_more_at_once():
    assert SessionDemand(1440, Decimal(24)).concurrent_sessions(Decimal(10)) == 10
    assert SessionDemand(1440, Decimal(8)).concurrent_sessions(Decimal(10)) == 30


@given(
    daily=st.integers(1, 80_000),
    survives=st.booleans(),
    busy_hours=st.decimals(1, 24, places=2),
    headroom=st.decimals(0, 60, places=1),
)
def test_every_recommended_set_up_carries_the_demand_and_one_server_less_does_not(
    daily, survives, busy_hours, headroom
):
    demand = SessionDemand(daily, busy_hours, survives)
    found = recommend(
        demand, [CHEAP, BIG], LOAD, headroom, redis_per_month=Decimal(5), load_balancer_per_month=Decimal(5)
    )

    for each in found:
        one, left = each.capacity.one_server.sessions, each.setup.servers - survives
        available = Fraction(busy_hours) * 60 / Fraction(LOAD.minutes)
        assert one * left * available >= daily > one * (left - 1) * available
        assert each.sessions_per_day >= daily
    assert [each.setup.price_per_month for each in found] == sorted(each.setup.price_per_month for each in found)


@pytest.mark.parametrize(
    ("attempt", "field"),
    [
        (lambda: SessionDemand(0), "sessionsPerDay"),
        (lambda: SessionDemand(1, Decimal(25)), "busyHoursPerDay"),
        (lambda: best(SessionDemand(10**9)), "sessionsPerDay"),
        (lambda: server_capacity(CHEAP, LOAD, Decimal(100)), "headroomPercent"),
        (lambda: replace(LOAD, minutes=Decimal(0)), r"session\.minutes"),
    ],
)
def test_impossible_inputs_are_refused_by_field(attempt, field):
    with pytest.raises(AssumptionsError, match=field):
        attempt()

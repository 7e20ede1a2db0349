"""Demand and node counts at their boundaries."""

from decimal import Decimal

import pytest

from costmodel import estimate, livekit_sessions_when_full, parse_document, resolve


def size(pool="livekit", **sections):
    return getattr(estimate(resolve(parse_document(sections))), pool)


@pytest.mark.parametrize(
    ("users", "percent", "peak"), [(100, "7", 7), (101, "7", 8), (0, 50, 0), (1, "0.00000001", 1), (9, 0, 0)]
)
def test_peak_users_round_up_exactly(users, percent, peak):
    """0.07 x 100 is 7, not a little more as binary floats have it."""
    document = parse_document({"demand": {"users": users, "peakConcurrencyPercent": percent}})

    assert estimate(resolve(document)).demand.peak_users == peak


@pytest.mark.parametrize(
    ("concurrency", "per_session", "sessions"), [(100, 4, 25), (101, 4, 26), (5, "2.5", 2), (6, "2.5", 3), (0, 4, 0)]
)
def test_sessions_round_up_exactly(concurrency, per_session, sessions):
    document = parse_document({"demand": {"concurrency": concurrency, "usersPerSession": per_session}})

    assert estimate(resolve(document)).demand.sessions == sessions


@pytest.mark.parametrize(
    ("participants", "utilization", "required"),
    [(400, 100, 2), (401, 100, 3), (400, "66.66666667", 3), (400, "66.66666666", 4)],
)
def test_a_node_is_full_at_exactly_its_capacity(participants, utilization, required):
    """At 66.66666666 % three nodes carry 399.99999996 participants, a little less than 400."""
    demand = {"concurrency": participants, "usersPerSession": 1, "agentsPerSession": 0}
    capacity = {"participantsPerNode": 200, "targetUtilizationPercent": utilization, "wholeRooms": False}

    assert size(demand=demand, capacity=capacity).required == required


@pytest.mark.parametrize(("sessions", "required"), [(49, 1), (50, 1), (51, 2), (100, 2), (101, 3)])
def test_sim_nodes_round_up(sessions, required):
    assert (
        size("sim", demand={"concurrency": sessions, "usersPerSession": 1, "agentsPerSession": 0}).required == required
    )


def test_headroom_counts_on_both_pools():
    document = {"demand": {"concurrency": 1000}, "capacity": {"targetUtilizationPercent": 50, "wholeRooms": False}}

    assert size("livekit", **document).required == 15
    assert size("sim", **document).required == 10


def test_whole_rooms_set_the_count_where_they_leave_space_over():
    """A node for 10 holds one room of 6, so 25 rooms need 25 nodes though 150 participants would fit on 15."""
    whole = size(capacity={"participantsPerNode": 10})
    average = size(capacity={"participantsPerNode": 10, "wholeRooms": False})

    assert (whole.required, whole.set_by) == (25, "wholeRooms")
    assert (average.required, average.set_by) == (15, "participants")


def test_whole_rooms_are_not_blamed_where_they_change_nothing():
    assert size(capacity={"participantsPerNode": 12}).set_by == "participants"


@pytest.mark.parametrize(
    ("pool", "required", "nodes", "limited_by"),
    [
        ({"minNodes": 3}, 5, 5, None),
        ({"minNodes": 5}, 5, 5, None),
        ({"minNodes": 6}, 5, 6, "minNodes"),
        ({"maxNodes": 5}, 5, 5, None),
        ({"maxNodes": 4}, 5, 4, "maxNodes"),
        ({"zones": 3}, 5, 6, None),
        ({"zones": 3, "maxNodes": 5}, 5, 3, "maxNodes"),
        ({"zones": 3, "minNodes": 7}, 5, 9, "minNodes"),
        ({"zones": 5}, 5, 5, None),
    ],
)
def test_bounds_and_zones(pool, required, nodes, limited_by):
    result = size("sim", capacity={"sessionsPerNode": 5}, nodes={"sim": pool})

    assert (result.required, result.nodes, result.limited_by) == (required, nodes, limited_by)


def test_an_idle_cluster_keeps_its_floor():
    result = estimate(resolve(parse_document({"demand": {"users": 0}})))

    assert (result.livekit.required, result.livekit.nodes, result.livekit.limited_by) == (0, 1, "minNodes")
    assert result.monthly["egress"] == Decimal(0)


def test_a_pool_without_a_floor_can_be_empty():
    result = size("sim", demand={"users": 0}, nodes={"sim": {"minNodes": 0}})

    assert (result.nodes, result.limited_by) == (0, None)


@pytest.mark.parametrize(("whole_rooms", "sessions"), [(True, 2), (False, 3)])
def test_full_nodes_carry_whole_rooms_unless_rooms_split(whole_rooms, sessions):
    """Two nodes for 10 hold two rooms of 6, not three; planning for 70 % is no limit."""
    capacity = {"participantsPerNode": 10, "wholeRooms": whole_rooms, "targetUtilizationPercent": 70}
    assumptions = resolve(parse_document({"capacity": capacity}))

    assert livekit_sessions_when_full(2, assumptions.demand, assumptions.capacity) == sessions

"""Nodes that a live load needs: the rule that sizes the pool, applied to what is on."""

from hypothesis import given
from hypothesis import strategies as st

from costmodel import DEFAULTS, estimate, parse_document, resolve
from costmodel.live_load import LiveNodes, live_livekit_nodes


def nodes(rooms, fewest, most=None, **document):
    assumptions = resolve(parse_document(document))
    return live_livekit_nodes(rooms, fewest, fewest if most is None else most, assumptions.demand, assumptions.capacity)


def test_rooms_may_fill_up_to_the_assumed_size():
    """40 rooms of 6 fill two nodes of 33 rooms, however few are in them now; the 100 that are in them need one."""
    assert nodes(40, 100, 200) == LiveNodes(at_least=1, at_most=2)


def test_rooms_larger_than_assumed_count_as_they_are():
    """With 10 in each room a node of 200 holds 20 of them."""
    assert nodes(40, 400) == LiveNodes(2, 2)
    assert nodes(41, 410) == LiveNodes(3, 3)


def test_a_room_larger_than_a_node_has_one_to_itself():
    assert nodes(1, 250) == LiveNodes(2, 2)
    assert nodes(3, 650) == LiveNodes(4, 4)
    assert nodes(3, 603, 603).at_most == 4


def test_nothing_needs_nothing():
    assert nodes(0, 0) == LiveNodes(0, 0)


def test_empty_rooms_count_as_rooms_of_the_assumed_size():
    assert nodes(34, 0) == LiveNodes(1, 2)


def test_without_whole_rooms_the_participants_alone_count():
    assert nodes(1000, 201, 401, capacity={"wholeRooms": False}) == LiveNodes(2, 3)


def test_target_utilization_counts():
    assert nodes(20, 120, capacity={"targetUtilizationPercent": 50}) == LiveNodes(2, 2)


@given(rooms=st.integers(0, 5000), fewest=st.integers(0, 20_000), more=st.integers(0, 20_000))
def test_at_most_is_never_below_at_least_and_never_falls_with_the_participants(rooms, fewest, more):
    demand, capacity = DEFAULTS.demand, DEFAULTS.capacity
    found = live_livekit_nodes(rooms, fewest, fewest + more, demand, capacity)
    assert 0 <= found.at_least <= found.at_most
    one_more = live_livekit_nodes(rooms, fewest, fewest + more + 1, demand, capacity)
    assert one_more.at_most >= found.at_most


@given(concurrency=st.integers(1, 20_000), per_node=st.integers(6, 500), percent=st.integers(50, 100))
def test_the_planned_peak_needs_the_planned_nodes(concurrency, per_node, percent):
    """Exactly the peak that the pool is sized by, in rooms of the assumed size, needs what the plan requires."""
    concurrency = -(-concurrency // 4) * 4
    assumptions = resolve(
        parse_document(
            {
                "demand": {"users": 20_000, "concurrency": concurrency},
                "capacity": {"participantsPerNode": 2 * per_node, "targetUtilizationPercent": percent},
                "nodes": {"livekit": {"minNodes": 0, "maxNodes": 10_000}},
            }
        )
    )
    planned = estimate(assumptions)
    peak = planned.demand
    found = live_livekit_nodes(
        peak.sessions, peak.participants, peak.participants, assumptions.demand, assumptions.capacity
    )
    assert found == LiveNodes(planned.livekit.required, planned.livekit.required)

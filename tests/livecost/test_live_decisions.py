"""A LiveKit pool shrinks no further than the rooms allow that are on, and not at all when these are lost from sight."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecost.conditions import format_time
from livecost.decide import Switches, decide
from livecost.live_load import NO_LIVEKIT, LiveLoad
from livecost.live_status import live_status, live_view
from livecost.observed_cost import NOT_YET
from livecost.scaling import PoolMemory, ScaleDownPolicy, next_step
from tests.livecost.builders import NO_TARGET, NOW, after, facts, plan_of, spec_of, status_of

MAX_AGE = 300
AT_ONCE = {"stabilizationSeconds": 0, "maxNodesPerStep": 50}


def load(rooms, participants=None, *, nodes=1, silent=0, as_of=NOW):
    participants = 6 * rooms if participants is None else participants
    return LiveLoad(rooms, participants, nodes, participants, silent, as_of)


def seen(rooms=10, as_of=NOW):
    """A status that remembers a load."""
    live = {"rooms": rooms, "participants": 6 * rooms, "reportingNodes": 1, "fullestNodeParticipants": 6 * rooms}
    return {"telemetry": {"live": live | {"silentNodes": 0, "asOf": format_time(as_of)}}}


def decided(livekit, found, *, status=None, now=NOW, sim=NO_TARGET, refresh_seconds=0, **spec):
    """The decision on a customer whose peak takes one LiveKit node (100 users), or as the spec says."""
    spec = spec_of(**spec)
    plan = plan_of(spec)
    view = live_view(status or {}, found, plan, MAX_AGE, refresh_seconds, now)
    return decide(spec, plan, {"livekit": livekit, "sim": sim}, Switches(), now, view)


def scaling(without_telemetry=None, **down):
    down = AT_ONCE | down | ({"withoutTelemetry": without_telemetry} if without_telemetry else {})
    return {"scaleDown": down}


def pool(*arguments, **options):
    return decided(*arguments, scaling=options.pop("scaling", scaling()), **options).pools["livekit"]


def test_a_pool_shrinks_to_what_live_rooms_need_and_no_further():
    """100 rooms of 6 need four nodes of 33 rooms; planned is one."""
    found = pool(facts(6), load(100))

    assert (found.planned, found.write) == (1, 4)


def test_where_all_nodes_are_needed_none_leaves_and_the_status_says_why():
    found = pool(facts(4), load(100))

    assert (found.planned, found.desired, found.write) == (1, 4, None)
    assert found.verdict.reason == "LiveRoomsHold"
    assert found.verdict.healthy
    assert "600 participants in 100 rooms now on it need 4 nodes" in found.verdict.message


def test_live_rooms_never_make_a_pool_grow():
    found = pool(facts(2), load(1000))

    assert (found.write, found.desired, found.verdict.reason) == (None, 2, "LiveRoomsHold")
    assert pool(facts(1), load(1000)).verdict.reason == "AsPlanned"


def test_more_than_the_pool_carries_is_told():
    spec = spec_of()
    decision = decided(facts(1), load(70))
    status = status_of(spec, plan_of(spec), decision, NOT_YET)
    sized = next(row for row in status["conditions"] if row["type"] == "Sized")

    assert (sized["status"], sized["reason"]) == ("True", "LiveLoadAbovePlan")
    assert "the 420 participants in 70 rooms now on it need 3 nodes" in sized["message"]


def test_participants_that_may_be_counted_twice_raise_no_alarm():
    """330 on two nodes may be 165, which one node of 200 carries."""
    decision = decided(facts(1), load(30, 330, nodes=2))

    assert (decision.live.needed.at_least, decision.live.needed.at_most) == (1, 2)


def test_the_window_begins_when_the_rooms_have_gone():
    """Ten minutes after the last rooms, not after the plan fell."""
    memory = PoolMemory(planned=1, applied=4, surplus_since=after(-599), surplus_from=4, surplus_to=1)
    held = pool(facts(4, memory=memory), load(100), scaling=scaling(stabilizationSeconds=600))
    gone = pool(
        facts(4, memory=held.memory), load(0, as_of=after(60)), now=after(60), scaling=scaling(stabilizationSeconds=600)
    )

    assert held.memory.surplus_since is None
    assert (gone.write, gone.verdict.reason) == (None, "ScaleDownPending")
    assert gone.memory.surplus_since == after(60)


def test_zones_keep_whole_zones_of_live_nodes():
    found = pool(facts(9, zones=3), load(100))

    assert found.write == 6


def test_a_lowered_ceiling_does_not_cut_live_rooms():
    found = pool(facts(4), load(100), concurrency=600, pools={"livekit": {"maxNodes": 2}})

    assert (found.planned, found.write, found.verdict.reason) == (2, None, "LiveRoomsHold")
    assert "although maxNodes is 2" in found.verdict.message


def test_where_livekit_was_never_seen_a_pool_shrinks_as_ever():
    assert pool(facts(4), NO_LIVEKIT).write == 1


@pytest.mark.parametrize("livekit", [NO_LIVEKIT, load(0, as_of=after(-301)), load(0, silent=1)],
                         ids=["gone", "old", "in part"])  # fmt: skip
def test_where_livekit_was_seen_a_pool_is_not_shrunk_for_lack_of_data(livekit):
    memory = PoolMemory(planned=1, applied=4, surplus_since=after(-9_000), surplus_from=4, surplus_to=1)
    found = pool(facts(4, memory=memory), livekit, status=seen())

    assert (found.write, found.desired, found.verdict.reason) == (None, 4, "TelemetryLost")
    assert found.memory.surplus_since is None
    assert "set scaling.scaleDown.withoutTelemetry to Shrink" in found.verdict.message


def test_a_lost_pool_still_grows_at_once():
    assert pool(facts(1), NO_LIVEKIT, status=seen(), concurrency=600).write == 5


@pytest.mark.parametrize(
    ("setting", "status", "written"),
    [("Shrink", seen(), {"livekit": 1, "sim": 2}), ("Hold", {}, {"livekit": None, "sim": None}),
     (None, {}, {"livekit": 1, "sim": 2}), (None, seen(), {"livekit": None, "sim": 2})],
)  # fmt: skip
def test_the_user_decides_what_happens_without_telemetry(setting, status, written):
    decision = decided(facts(4), NO_LIVEKIT, status=status, sim=facts(4, label="NodePool sim"),
                       scaling=scaling(setting), overrides={"capacity": {"sessionsPerNode": 13}})  # fmt: skip

    assert {name: found.write for name, found in decision.pools.items()} == written


def test_live_rooms_do_not_keep_sim_nodes():
    decision = decided(facts(4), load(100), sim=facts(4, label="NodePool sim"), scaling=scaling())

    assert decision.pools["sim"].write == 1


def test_before_the_first_look_nothing_leaves_and_nothing_is_forgotten():
    """After a restart the window goes on, and what is said stays as it was."""
    memory = PoolMemory(planned=1, applied=4, surplus_since=after(-700), surplus_from=4, surplus_to=1)
    found = pool(facts(4, memory=memory), NOT_YET, status=seen(), scaling=scaling(stabilizationSeconds=600))

    assert (found.write, found.verdict.reason, found.memory) == (None, "ScaleDownPending", memory)


def test_a_shrinking_pool_is_decided_on_again_when_its_telemetry_is_too_old():
    decision = decided(facts(4), load(100, as_of=after(-100)), scaling=scaling())

    assert decision.decide_again_at == after(201)
    assert decided(facts(1), load(10)).decide_again_at is None


def test_figures_that_move_without_consequence_are_not_told_anew():
    first = decided(facts(4), load(100)).live
    told = {"telemetry": {"live": live_status(first)}}

    moved = decided(facts(4), load(101, as_of=after(60)), status=told, now=after(60))
    other = decided(facts(4), load(20, as_of=after(60)), status=told, now=after(60))

    assert live_status(moved.live) == live_status(first)
    assert live_status(other.live)["rooms"] == 20
    assert live_status(decided(facts(4), load(101, as_of=after(3_700)), status=told, now=after(3_700),
                               refresh_seconds=3_600).live)["rooms"] == 101  # fmt: skip


def test_a_lost_load_is_still_told_with_its_age():
    told = seen(rooms=10, as_of=after(-5_000))

    assert live_status(decided(facts(4), NO_LIVEKIT, status=told).live) == told["telemetry"]["live"]


def test_memory_that_cannot_be_read_is_none():
    for live in ({}, {"asOf": "?"}, {"asOf": format_time(NOW), "rooms": "many"}):
        assert decided(facts(1), NO_LIVEKIT, status={"telemetry": {"live": live}}).live.state == "never"


@given(
    planned=st.integers(0, 12),
    counts=st.lists(st.tuples(st.integers(0, 15), st.booleans(), st.integers(0, 900)), max_size=30),
    zones=st.integers(1, 3),
    step=st.integers(1, 5),
)
def test_no_sequence_of_loads_takes_a_needed_node(planned, counts, zones, step):
    """Whatever the load does, and whenever it is lost, no step goes below what it needs at that moment."""
    planned *= zones
    current, memory, clock = 12 * zones, PoolMemory(), 0
    for needed, lost, seconds in counts:
        clock += seconds
        policy = ScaleDownPolicy(600, step, zones=zones, live_nodes=needed, blind="lost" if lost else None)
        done = next_step(current=current, planned=planned, memory=memory, policy=policy, now=after(clock))
        if done.action == "down":
            assert not lost
            assert planned <= done.count < current
            assert done.count >= min(needed, current)
            assert done.count % zones == 0
        else:
            assert done.count >= current
        current, memory = done.count, done.memory


def test_a_pool_without_a_target_is_not_concerned():
    assert decided(NO_TARGET, load(100)).pools["livekit"].verdict.reason == "NoTarget"

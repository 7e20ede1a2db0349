"""Decisions on one customer: which counts are written, and how each target stands."""

from datetime import UTC, datetime

import pytest

from livecost.decide import PoolFacts, Switches
from livecost.scaling import PoolMemory
from livecost.target_state import TargetProblem, TargetState
from tests.livecost.builders import NOW, after, decide_sim, facts, sim_spec


def decided(nodes, sim, switches=None, **spec):
    _, decision = decide_sim(sim_spec(nodes, **spec), sim, switches)
    return decision.pools["sim"]


def test_a_target_below_plan_is_written_at_once():
    pool = decided(4, facts(1))

    assert (pool.write, pool.desired, pool.memory.applied) == (4, 4, 4)
    assert (pool.verdict.reason, pool.verdict.message) == ("AsPlanned", "sim: NodePool st-marys has 4")


def test_a_target_as_planned_is_not_written():
    pool = decided(4, facts(4))

    assert (pool.write, pool.desired, pool.verdict.reason) == (None, 4, "AsPlanned")


def test_a_target_above_plan_waits_and_says_until_when():
    pool = decided(2, facts(4))

    assert (pool.write, pool.desired) == (None, 4)
    assert pool.verdict.reason == "ScaleDownPending"
    assert "due at 2026-03-01T12:10:00Z" in pool.verdict.message


def test_the_spec_sets_the_pace_of_shrinking():
    spec = {"scaling": {"scaleDown": {"stabilizationSeconds": 60, "maxNodesPerStep": 3}}}
    memory = PoolMemory(planned=2, applied=9, surplus_since=after(-60), surplus_from=9, surplus_to=2)

    pool = decided(2, facts(9, memory=memory), **spec)

    assert (pool.write, pool.verdict.reason) == (6, "ScalingDown")
    assert pool.verdict.message == "sim: NodePool st-marys goes from 9 to 6 on the way to 2"


def test_the_last_step_down_is_told_as_planned():
    memory = PoolMemory(planned=2, applied=3, surplus_since=after(-600), surplus_from=3, surplus_to=2)

    pool = decided(2, facts(3, memory=memory))

    assert (pool.write, pool.verdict.reason) == (2, "AsPlanned")


def test_the_earliest_pool_says_when_to_decide_again():
    memory = PoolMemory(planned=2, applied=4, surplus_since=after(-200), surplus_from=4, surplus_to=2)
    _, decision = decide_sim(sim_spec(2), facts(4, memory=memory))

    assert decision.decide_again_at == after(400)


def test_nothing_is_due_when_all_stand_as_planned():
    _, decision = decide_sim(sim_spec(2), facts(2))

    assert decision.decide_again_at is None


@pytest.mark.parametrize("count", [None, 0, 1, 9])
@pytest.mark.parametrize(
    ("switches", "reason", "remedy"),
    [
        (Switches(recommend_only=True), "RecommendOnly", "set scaling.mode to Enforce"),
        (Switches(paused=True), "Paused", "remove the annotation livecost.dev/paused"),
        (Switches(recommend_only=True, paused=True), "Paused", "remove the annotation livecost.dev/paused"),
    ],
)
def test_recommend_and_pause_compute_but_write_nothing(switches, reason, remedy, count):
    memory = PoolMemory(planned=4, applied=9, surplus_since=after(-9_000), surplus_from=9, surplus_to=4)

    pool = decided(4, facts(count, memory=memory), switches)

    assert (pool.write, pool.desired, pool.verdict.reason) == (None, 4, reason)
    assert pool.verdict.message.endswith(remedy)
    assert pool.verdict.healthy


def test_a_window_that_nobody_watched_proves_nothing():
    """After a pause the stabilisation window begins anew."""
    memory = PoolMemory(planned=2, applied=4, surplus_since=after(-500), surplus_from=4, surplus_to=2)

    paused = decided(2, facts(4, memory=memory), Switches(paused=True))

    assert paused.memory.surplus_since is None
    assert decided(2, facts(4, memory=paused.memory)).write is None


def test_while_paused_a_pool_as_planned_says_so():
    assert decided(4, facts(4), Switches(paused=True)).verdict.reason == "AsPlanned"


def test_paused_shrinking_still_grows():
    switches = Switches(paused_scale_down=True)

    assert decided(4, facts(1), switches).write == 4
    held = decided(4, facts(9), switches)
    assert (held.write, held.desired, held.verdict.reason) == (None, 9, "ScaleDownPaused")
    assert "livecost.dev/paused-scale-down" in held.verdict.message


@pytest.mark.parametrize("switches", [Switches(), Switches(paused=True), Switches(recommend_only=True)])
def test_a_problem_is_told_and_never_written(switches):
    problem = TargetProblem("TargetNotFound", "does not exist; create it or correct targetRef")
    memory = PoolMemory(planned=2, applied=2, surplus_since=NOW, surplus_from=4, surplus_to=2)

    pool = decided(4, facts(target=problem, memory=memory), switches)

    assert pool.write is None
    assert (pool.verdict.reason, pool.verdict.healthy) == ("TargetNotFound", False)
    assert pool.verdict.message == "sim: NodePool st-marys: does not exist; create it or correct targetRef"
    assert pool.memory == PoolMemory(planned=2, applied=2)


def test_a_pool_without_a_target_is_sized_only():
    pool = decided(4, PoolFacts(None, None, PoolMemory()))

    assert (pool.write, pool.desired, pool.verdict.reason, pool.verdict.healthy) == (None, 4, "NoTarget", True)


def test_an_autoscaler_that_stops_below_the_plan_is_raised_to_its_maximum_and_reported():
    pool = decided(6, facts(1, autoscaled=True, autoscaler_maximum=4))

    assert (pool.write, pool.desired) == (4, 4)
    assert (pool.verdict.reason, pool.verdict.healthy) == ("AutoscalerMaximumTooLow", False)
    assert "6 nodes are planned, but the autoscaler of NodePool st-marys stops at 4" in pool.verdict.message


def test_an_autoscaler_with_room_is_no_problem():
    pool = decided(4, facts(1, autoscaled=True, autoscaler_maximum=4))

    assert (pool.write, pool.verdict.reason) == (4, "AsPlanned")


def test_a_fight_names_the_other_writer_and_the_field():
    memory = PoolMemory(planned=4, applied=4, corrected_at=after(-60))

    pool = decided(4, facts(1, memory=memory, writer="cluster-autoscaler", field="spec.count"))

    assert (pool.write, pool.verdict.reason, pool.verdict.healthy) == (None, "TargetContested", False)
    assert "the field manager cluster-autoscaler set spec.count of NodePool st-marys to 1 again" in pool.verdict.message


def test_a_fight_with_an_unknown_writer_is_reported_too():
    memory = PoolMemory(planned=4, applied=4, corrected_at=after(-60))

    assert "another writer set" in decided(4, facts(1, memory=memory)).verdict.message


def test_a_fight_below_a_low_autoscaler_maximum_is_not_fought_for_ever():
    """The plan is above what the autoscaler allows, so what is set is not the plan, and yet one plan is one request."""
    target = TargetState(count=1, autoscaled=True, autoscaler_maximum=4)
    corrected = decided(6, facts(target=target, memory=PoolMemory(planned=6, applied=4, applied_at=after(-60))))
    assert (corrected.write, corrected.memory.corrected_at) == (4, NOW)

    assert decided(6, facts(target=target, memory=corrected.memory)).write is None


def test_zones_leave_together():
    memory = PoolMemory(planned=3, applied=9, surplus_since=after(-600), surplus_from=9, surplus_to=3)

    assert decided(3, facts(9, memory=memory, zones=3)).write == 6


# NOW is a Sunday.
ON_MONDAYS = {"scaling": {"schedule": [{"days": ["Mon"], "start": "08:00", "end": "18:00"}]}}
NEXT_MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def test_outside_its_schedule_a_pool_shrinks_to_its_floor_as_carefully_as_ever():
    _, decision = decide_sim(sim_spec(6, **ON_MONDAYS, pools={"sim": {"minNodes": 2}}), facts(6))
    pool = decision.pools["sim"]

    assert (pool.planned, pool.desired, pool.write, pool.verdict.reason) == (2, 6, None, "ScaleDownPending")
    assert decision.decide_again_at == after(600)
    assert decision.idle_until == NEXT_MONDAY


def test_a_schedule_decides_again_when_its_window_begins():
    _, decision = decide_sim(sim_spec(6, **ON_MONDAYS), facts(1))

    assert (decision.pools["sim"].write, decision.decide_again_at) == (None, NEXT_MONDAY)


def test_when_its_window_begins_a_pool_grows_at_once():
    _, decision = decide_sim(sim_spec(6, **ON_MONDAYS), facts(1), now=NEXT_MONDAY)

    assert (decision.pools["sim"].write, decision.idle_until) == (6, None)

"""Scaling, over whole sequences of changes under a clock that the tests move."""

from dataclasses import dataclass, field
from datetime import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from livecost.scaling import CONTEST_SECONDS, PoolMemory, ScaleDownPolicy, next_step
from tests.livecost.builders import after

WINDOW_SECONDS = 600


@dataclass
class Simulation:
    """A pool under livecost and under others, with a record of all that happened."""

    policy: ScaleDownPolicy
    count: int | None
    planned: int
    clock_seconds: int = 0
    memory: PoolMemory = field(default_factory=PoolMemory)
    steps: list = field(default_factory=list)

    @property
    def now(self) -> datetime:
        """The simulated time."""
        return after(self.clock_seconds)

    def decide(self):
        """Decide and do what was decided."""
        step = next_step(current=self.count, planned=self.planned, memory=self.memory, policy=self.policy, now=self.now)
        before, self.memory = self.count, step.memory
        self.steps.append((self.clock_seconds, before, self.planned, step))
        if step.action in ("up", "down"):
            self.count = step.count
        return step

    def wait(self, seconds):
        """Let time pass, then decide."""
        self.clock_seconds += seconds
        return self.decide()


def simulation(count, planned, *, max_nodes_per_step=1, zones=1, paused=False, window=WINDOW_SECONDS):
    return Simulation(ScaleDownPolicy(window, max_nodes_per_step, paused, zones), count, planned)


def test_a_pool_that_stands_as_planned_is_left_alone():
    pool = simulation(3, 3)

    assert pool.decide().action == "keep"
    assert pool.wait(10_000).action == "keep"
    assert pool.memory.applied == 3


@pytest.mark.parametrize("count", [None, 0, 1, 4])
def test_a_pool_grows_at_once_and_all_the_way(count):
    step = simulation(count, 50).decide()

    assert (step.action, step.count, step.due_at) == ("up", 50, None)


def test_a_pool_shrinks_step_by_step_with_a_window_before_each_step():
    pool = simulation(6, 3, max_nodes_per_step=2)

    assert (pool.decide().action, pool.steps[-1][3].due_at) == ("wait", after(WINDOW_SECONDS))
    assert pool.wait(WINDOW_SECONDS - 1).action == "wait"
    first = pool.wait(1)
    assert (first.action, first.count, first.due_at) == ("down", 4, after(2 * WINDOW_SECONDS))
    assert pool.wait(WINDOW_SECONDS - 1).action == "wait"
    last = pool.wait(1)
    assert (last.action, last.count, last.due_at) == ("down", 3, None)


def test_without_a_window_the_first_decision_shrinks():
    step = simulation(6, 3, window=0).decide()

    assert (step.action, step.count) == ("down", 5)


def test_the_most_that_was_needed_in_the_window_bounds_the_step():
    """A peak of 8 in the middle of the window is not forgotten at its end."""
    pool = simulation(10, 3, max_nodes_per_step=10)
    pool.decide()
    pool.planned = 8
    pool.wait(300)
    pool.planned = 3

    step = pool.wait(300)

    assert (step.action, step.count) == ("down", 8)
    assert pool.wait(WINDOW_SECONDS).count == 3


def test_growth_ends_a_pending_step_down():
    pool = simulation(5, 3)
    pool.decide()
    pool.planned = 6
    assert pool.wait(599).count == 6
    pool.planned = 3

    assert pool.wait(1).action == "wait"
    assert pool.memory.surplus_since == after(600)


def test_a_need_for_all_nodes_ends_a_pending_step_down():
    """A window in which every node was needed for a moment proves nothing."""
    pool = simulation(5, 3)
    pool.decide()
    pool.planned = 5
    assert pool.wait(599).action == "keep"
    pool.planned = 3

    assert pool.wait(1).action == "wait"


def test_the_window_restarts_when_someone_else_changed_the_count():
    pool = simulation(6, 3)
    pool.decide()
    pool.count = 5
    assert pool.wait(599).action == "wait"

    assert pool.wait(1).action == "wait"
    assert pool.steps[-1][3].due_at == after(599 + WINDOW_SECONDS)


def test_the_window_restarts_when_a_contender_came_and_went():
    pool = fought_over()
    pool.planned = 2
    pool.count = 4
    pool.wait(1)
    pool.count = 3
    began = pool.clock_seconds
    pool.decide()
    pool.count = 9
    pool.wait(WINDOW_SECONDS - 1)
    pool.count = 3

    assert pool.wait(1).action in ("wait", "contested")
    assert pool.clock_seconds == began + WINDOW_SECONDS


def test_a_new_plan_is_not_fought_over_before_anybody_touched_it():
    """Shrinking waits, but the correction that was made under the plan before no longer counts."""
    pool = simulation(1, 1)
    pool.decide()
    pool.count = 0
    assert pool.decide().action == "up"
    pool.planned = 0
    assert pool.decide().action == "wait"
    pool.count = 2

    assert pool.decide().action == "wait"


def test_paused_shrinking_holds_and_resumes_with_the_window_that_was_watched():
    pool = simulation(6, 3, paused=True)
    assert pool.decide().action == "hold"
    assert pool.wait(10_000).action == "hold"
    assert pool.count == 6
    pool.planned = 7
    assert pool.decide().action == "up"

    pool.planned = 3
    pool.decide()
    pool.policy = ScaleDownPolicy(WINDOW_SECONDS, 1)
    assert pool.wait(WINDOW_SECONDS).action == "down"


def test_zones_leave_together_even_when_fewer_nodes_may():
    pool = simulation(9, 3, max_nodes_per_step=1, zones=3)
    pool.decide()

    assert pool.wait(WINDOW_SECONDS).count == 6


@pytest.mark.parametrize(
    ("zones", "allowed", "per_step"), [(1, 1, 1), (1, 4, 4), (3, 1, 3), (3, 3, 3), (3, 5, 3), (3, 6, 6), (2, 7, 6)]
)
def test_nodes_per_step_are_whole_zones(zones, allowed, per_step):
    assert ScaleDownPolicy(600, allowed, zones=zones).nodes_per_step == per_step


def fought_over():
    """A pool at 3 that another writer keeps setting to 1; livecost has corrected it once, at 100 s."""
    pool = simulation(3, 3)
    pool.decide()
    pool.count = 1
    assert pool.wait(100).action == "up"
    pool.count = 1
    return pool


def test_a_fight_is_reported_after_one_correction():
    pool = fought_over()

    step = pool.wait(60)

    assert (step.action, step.due_at, pool.count) == ("contested", after(100 + CONTEST_SECONDS), 1)


def test_a_fight_ends_with_its_time():
    pool = fought_over()
    assert pool.wait(CONTEST_SECONDS - 1).action == "contested"

    assert pool.wait(1).action == "up"


def test_a_fight_ends_with_a_new_plan():
    pool = fought_over()
    pool.wait(60)
    pool.planned = 4

    step = pool.wait(1)

    assert (step.action, step.count) == ("up", 4)
    assert pool.memory.corrected_at is None


def test_a_fight_ends_when_the_other_writer_gives_in():
    pool = fought_over()
    pool.wait(60)
    pool.count = 3

    assert pool.wait(1).action == "keep"


def test_a_fight_over_too_many_nodes_is_reported_after_one_correction():
    pool = simulation(3, 3)
    pool.decide()
    pool.count = 4
    pool.wait(1)
    assert pool.wait(WINDOW_SECONDS).action == "down"
    pool.count = 4

    assert pool.wait(1).action == "contested"


def test_own_steps_are_no_fight():
    """A long way down over many windows, each within the contest time of the one before."""
    pool = simulation(12, 12)
    pool.decide()
    pool.planned = 2
    pool.decide()

    actions = [pool.wait(WINDOW_SECONDS).action for _ in range(10)]

    assert actions == ["down"] * 10
    assert (pool.count, pool.memory.corrected_at) == (2, None)


policies = st.builds(
    ScaleDownPolicy,
    stabilization_seconds=st.sampled_from([0, 1, 60, 600]),
    max_nodes_per_step=st.integers(1, 7),
    paused=st.booleans(),
    zones=st.integers(1, 3),
)
changes = st.lists(
    st.tuples(
        st.sampled_from(["nothing", "nothing", "plan", "stranger"]),
        st.integers(0, 12),
        st.sampled_from([0, 1, 30, 59, 60, 300, 600, 3_600, 10_000]),
    ),
    max_size=40,
)
counts = st.integers(0, 12)


@given(policy=policies, count=st.none() | counts, planned=counts, sequence=changes)
def test_whatever_happens_no_write_leaves_the_stretch_from_plan_to_count(policy, count, planned, sequence):
    for clock_seconds, before, wanted, step in _run(policy, count, planned, sequence):
        if step.action == "up":
            assert before is None or before < wanted
            assert step.count == wanted
        elif step.action == "down":
            assert wanted <= step.count < before
            assert before - step.count <= policy.nodes_per_step
            assert (before - step.count) % policy.zones == 0
            assert not policy.paused
        else:
            assert step.count >= wanted, clock_seconds


@given(policy=policies, count=st.none() | counts, planned=counts, sequence=changes)
def test_whatever_happens_missing_nodes_are_ordered_at_once_unless_someone_fights(policy, count, planned, sequence):
    for _, before, wanted, step in _run(policy, count, planned, sequence):
        if before is None or before < wanted:
            assert step.action in ("up", "contested")


@example(
    policy=ScaleDownPolicy(1, 1),
    count=None,
    planned=1,
    sequence=[("stranger", 0, 0), ("plan", 0, 0), ("stranger", 2, 0), ("stranger", 1, 1)],
)
@given(policy=policies, count=st.none() | counts, planned=counts, sequence=changes)
def test_whatever_happens_nodes_leave_only_after_a_whole_window_without_need_or_change(
    policy, count, planned, sequence
):
    steps = _run(policy, count, planned, sequence)
    for index, (clock_seconds, before, _, step) in enumerate(steps):
        if step.action != "down":
            continue
        watched = []
        for earlier in reversed(steps[: index + 1]):
            if earlier[1] != before or earlier[2] >= before:
                break
            watched.append(earlier)
        # A step down leaves the count that the next window is watched from.
        left_at = next((at for at, _, _, done in reversed(steps[:index]) if done.action == "down"), None)
        began = min(at for at, *_ in watched)
        if left_at is not None and watched[-1] is not steps[0] and steps[index - len(watched)][3].count == before:
            began = min(began, left_at)
        assert clock_seconds - began >= policy.stabilization_seconds
        recent = [wanted for at, _, wanted, _ in watched if at > clock_seconds - policy.stabilization_seconds]
        assert step.count >= max(recent, default=0)


@given(policy=policies, count=st.none() | counts, planned=counts, sequence=changes)
def test_whatever_happens_one_plan_is_defended_at_most_once_an_hour(policy, count, planned, sequence):
    """Between two writes that undo a stranger's change under one plan lies the contest time."""
    corrections: list[tuple[int, int]] = []
    last_set, last_plan = None, None
    for clock_seconds, before, wanted, step in _run(policy, count, planned, sequence):
        if wanted != last_plan:
            corrections.clear()
        stranger = last_set is not None and before != last_set
        if step.action in ("up", "down"):
            if stranger and wanted == last_plan:
                assert all(clock_seconds - at >= CONTEST_SECONDS for at, _ in corrections)
                corrections.append((clock_seconds, wanted))
            last_set = step.count
        elif step.action == "keep":
            last_set = wanted
        last_plan = wanted


def _run(policy, count, planned, sequence):
    pool = Simulation(policy, None if count is None else count * policy.zones, planned * policy.zones)
    pool.decide()
    for what, number, seconds in sequence:
        if what == "plan":
            pool.planned = number * policy.zones
        elif what == "stranger":
            pool.count = number * policy.zones
        pool.wait(seconds)
    return pool.steps

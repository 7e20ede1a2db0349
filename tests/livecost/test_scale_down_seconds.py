"""A stabilisation window that is kept in the status, in whole seconds, is never cut short."""

from datetime import UTC, datetime, timedelta

from livecost.scaling import PoolMemory, ScaleDownPolicy, next_step

BEGAN = datetime(2026, 3, 1, 12, 0, 0, 900_000, tzinfo=UTC)
POLICY = ScaleDownPolicy(stabilization_seconds=10, max_nodes_per_step=1)


def read_back(memory):
    """The memory as it comes out of the status."""
    return PoolMemory(
        planned=memory.planned,
        applied=memory.applied,
        surplus_since=memory.surplus_since.replace(microsecond=0),
        surplus_from=memory.surplus_from,
        surplus_to=memory.surplus_to,
    )


def test_no_step_before_the_whole_window_has_passed():
    waiting = next_step(current=3, planned=1, memory=PoolMemory(), policy=POLICY, now=BEGAN)
    early = BEGAN + timedelta(seconds=9.9)
    step = next_step(current=3, planned=1, memory=read_back(waiting.memory), policy=POLICY, now=early)
    assert step.action == "wait"
    assert step.due_at >= BEGAN + timedelta(seconds=10)


def test_the_next_step_waits_a_whole_window_as_well():
    memory = PoolMemory(surplus_since=BEGAN - timedelta(seconds=10), surplus_from=3, surplus_to=1)
    down = next_step(current=3, planned=1, memory=memory, policy=POLICY, now=BEGAN)
    assert (down.action, down.count) == ("down", 2)
    early = BEGAN + timedelta(seconds=9.9)
    assert next_step(current=2, planned=1, memory=read_back(down.memory), policy=POLICY, now=early).action == "wait"

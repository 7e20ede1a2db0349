"""The operator's memory in the status: a restart, a failed write and another target each leave it as they should."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecost.decide import Switches
from livecost.scaling import PoolMemory
from livecost.status import read_memory
from livecost.target_state import TargetProblem
from tests.livecost.builders import after, decide_sim, facts, sim_spec, status_of
from tests.livecost.status_cases import NO_NEWS, condition, status

counts = st.none() | st.integers(0, 9)

moments = st.none() | st.integers(-4_000, 4_000).map(after)


# NOW is a Sunday, so outside this window the pools hold their floor.
ON_MONDAYS = [{"days": ["Mon"], "start": "08:00", "end": "18:00"}]


@given(
    count=st.none() | st.integers(0, 9),
    nodes=st.integers(0, 9),
    schedule=st.sampled_from([[], ON_MONDAYS]),
    maximum=counts,
    memory=st.builds(
        PoolMemory, planned=counts, applied=counts, applied_at=moments, corrected_at=moments,
        surplus_since=moments, surplus_from=counts, surplus_to=counts,
    ),
    switches=st.builds(Switches, recommend_only=st.booleans(), paused=st.booleans(), paused_scale_down=st.booleans()),
)  # fmt: skip
def test_memory_survives_the_status(count, nodes, schedule, maximum, memory, switches):
    """The next decision finds in the status what this one left; so a restart of the operator changes nothing."""
    spec = sim_spec(nodes, scaling={"schedule": schedule})
    sim = facts(count, memory=memory, autoscaled=maximum is not None, autoscaler_maximum=maximum)
    plan, decision = decide_sim(spec, sim, switches)
    left = decision.pools["sim"].memory

    read = read_memory(status_of(spec, plan, decision, NO_NEWS), "sim", sim.label)

    if left.surplus_since is None:
        left = replace(left, surplus_from=None, surplus_to=None)
    if decision.pools["sim"].write is None and left.planned != read.planned:
        # Nobody decided on the pool, so its fight with the plan before is over.
        left = replace(left, planned=read.planned, corrected_at=None)
    assert read == left


@pytest.mark.parametrize(
    "unreadable",
    [
        {},
        {"pools": None},
        {"pools": {"sim": None}},
        {
            "pools": {
                "sim": {"appliedAt": "yesterday", "correctedAt": "2026-03-01T12:00:00", "scaleDown": {"since": ""}}
            }
        },
    ],
)
def test_what_cannot_be_read_was_never_decided(unreadable):
    assert read_memory(unreadable, "sim", None) == PoolMemory()


def test_what_was_done_to_another_target_is_forgotten():
    """A pool that turns to another target is neither in a fight over it nor in the middle of a step down."""
    shown = status(sim_spec(2), sim=facts(5))
    assert read_memory(shown, "sim", "NodePool st-marys").surplus_from == 5

    assert read_memory(shown, "sim", "NodePool st-johns") == PoolMemory()
    assert read_memory(shown, "sim", None) == PoolMemory()


REFUSED = TargetProblem("TargetForbidden", "livecost may not patch it; grant it patch", retry=True)


def test_a_failed_write_leaves_the_memory_as_it_was():
    spec = sim_spec(5)
    memory = PoolMemory(planned=5, applied=3, applied_at=after(-60))

    shown = status(spec, sim=facts(3, memory=memory), problem=REFUSED)

    assert (shown["pools"]["sim"]["applied"], shown["pools"]["sim"]["current"]) == (3, 3)
    assert read_memory(shown, "sim", "NodePool st-marys") == memory
    applied = condition(shown, "TargetsApplied")
    assert (applied["status"], applied["reason"]) == ("False", "TargetForbidden")
    assert applied["message"].endswith("sim: NodePool st-marys: livecost may not patch it; grant it patch")


def test_a_failed_write_of_a_new_plan_is_tried_again_though_the_old_plan_was_fought_over():
    spec = sim_spec(5)
    memory = PoolMemory(planned=3, applied=3, corrected_at=after(-60))
    failed = status(spec, sim=facts(1, memory=memory), problem=REFUSED)

    memory = read_memory(failed, "sim", "NodePool st-marys")
    _, decision = decide_sim(spec, facts(1, memory=memory), now=after(1))

    assert decision.pools["sim"].write == 5

"""Growth that a budget holds back: decisions, conditions and status."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecost.decide import POOL_NAMES, Switches, decide
from livecost.observed_cost import NotMeasured
from livecost.scaling import PoolMemory
from livecost.status import read_memory
from livecost.target_state import TargetProblem
from tests.livecost.builders import NO_TARGET, NOW, after, facts, plan_of, spec_of, status_of

# 400 users take 4 LiveKit and 2 sim nodes: 3,020.40 a month; 2 and 1 are 2,524.00, 1 and 1 are 2,348.80.
GROWN = {"concurrency": 400}
UNSEEN = NotMeasured("NoPrometheus", "name one")
# NOW is a Sunday, so outside this window the pools hold their floor.
ON_MONDAYS = {"schedule": [{"days": ["Mon"], "start": "08:00", "end": "18:00"}]}


def hold_of(monthly, *, hold=True):
    return {"budget": {"monthly": monthly, "hold": hold}}


def decided(livekit, sim, switches=None, now=NOW, **spec):
    spec = spec_of(**{**GROWN, **spec})
    plan = plan_of(spec)
    return spec, plan, decide(spec, plan, {"livekit": livekit, "sim": sim}, switches or Switches(), now)


def counts(decision):
    return tuple(decision.pools[name].desired for name in POOL_NAMES)


def condition(status, kind):
    return next(row for row in status["conditions"] if row["type"] == kind)


def test_pools_grow_to_what_the_budget_pays():
    spec, plan, decision = decided(facts(1, ready=1), facts(1, ready=1), **hold_of(2600))

    assert counts(decision) == (2, 1)
    assert (decision.pools["livekit"].write, decision.pools["sim"].write) == (2, None)
    verdict = decision.pools["livekit"].verdict
    assert (verdict.reason, verdict.healthy) == ("HeldByBudget", True)
    assert verdict.message == (
        "livekit: NodePool st-marys has 2 of 4 planned nodes; growth is held: livekit at 2 of 4, sim at 1 of 2 planned "
        "nodes; projected $2,524.00 a month with these, $3,020.40 with all, budget $2,600.00: raise budget.monthly, or "
        "set budget.hold to false"
    )
    status = status_of(spec, plan, decision, UNSEEN)
    row = condition(status, "WithinBudget")
    assert (row["status"], row["reason"]) == ("False", "OverBudgetHeld")
    assert row["message"].startswith("projected $3,020.40 of $2,600.00 a month (116 %); growth is held: livekit at 2")
    assert (condition(status, "TargetsApplied")["status"], condition(status, "TargetsApplied")["reason"]) == (
        "True",
        "HeldByBudget",
    )
    pool = status["pools"]["livekit"]
    assert (pool["required"], pool["planned"], pool["desired"], pool["heldByBudget"]) == (4, 4, 2, 2)


def test_a_held_pool_whose_nodes_are_there_is_ready():
    spec, plan, decision = decided(facts(2, ready=2), facts(1, ready=1), **hold_of(2600))

    row = condition(status_of(spec, plan, decision, UNSEEN), "Ready")

    assert (row["status"], row["reason"]) == ("True", "HeldByBudget")


@pytest.mark.parametrize("budget", [{}, hold_of(2600, hold=False), hold_of("3020.40")])
def test_without_a_hold_or_within_the_budget_pools_grow_as_planned(budget):
    _, _, decision = decided(facts(1), facts(1), **budget)

    assert (counts(decision), decision.hold) == ((4, 2), None)


def test_a_budget_below_what_is_in_use_takes_nothing_away():
    spec, plan, decision = decided(facts(4, ready=4), facts(2, ready=2), **hold_of(1))

    assert [decision.pools[name].write for name in POOL_NAMES] == [None, None]
    status = status_of(spec, plan, decision, UNSEEN)
    assert condition(status, "WithinBudget")["reason"] == "OverBudget"
    assert "heldByBudget" not in status["pools"]["livekit"]


def test_floors_are_kept_whatever_they_cost():
    _, _, decision = decided(facts(None), facts(0), **hold_of(1), pools={"livekit": {"minNodes": 3}})

    assert (counts(decision), decision.pools["livekit"].write) == ((3, 1), 3)


@pytest.mark.parametrize("lifted", [{}, hold_of(2600, hold=False), hold_of(3100)])
def test_growth_goes_on_at_once_when_the_hold_ends(lifted):
    spec, plan, held = decided(facts(1), facts(1), **hold_of(2600))
    status = status_of(spec, plan, held, UNSEEN)
    memories = {name: read_memory(status, name, "NodePool st-marys") for name in POOL_NAMES}

    _, _, free = decided(facts(2, memory=memories["livekit"]), facts(1, memory=memories["sim"]), now=after(1), **lifted)

    assert [free.pools[name].write for name in POOL_NAMES] == [4, 2]


def test_a_held_pool_at_rest_is_written_once():
    """What was decided once is decided again: no count, and no other status."""
    spec, plan, first = decided(facts(1, ready=1), facts(1, ready=1), **hold_of(2600))
    before = status_of(spec, plan, first, UNSEEN)
    memories = {name: read_memory(before, name, "NodePool st-marys") for name in POOL_NAMES}

    _, _, again = decided(
        facts(2, ready=1, memory=memories["livekit"]), facts(1, ready=1, memory=memories["sim"]), now=after(60),
        **hold_of(2600),
    )  # fmt: skip

    assert [again.pools[name].write for name in POOL_NAMES] == [None, None]
    assert status_of(spec, plan, again, UNSEEN, previous=before, now=after(60)) == before


def test_shrinking_goes_on_under_a_hold():
    memory = PoolMemory(planned=4, applied=9, surplus_since=after(-600), surplus_from=9, surplus_to=4)

    _, _, decision = decided(facts(9, memory=memory), facts(1), **hold_of(2600))

    assert decision.pools["livekit"].write == 8
    assert decision.pools["sim"].desired == 1


@pytest.mark.parametrize("other", [NO_TARGET, facts(target=TargetProblem("TargetNotFound", "is missing"))])
def test_a_pool_that_nobody_sets_counts_as_it_is_priced(other):
    """Four LiveKit nodes and one sim node are 2,874.40."""
    _, _, decision = decided(other, facts(1), **hold_of(2900))
    _, _, paid = decided(other, facts(1), **hold_of(3100))

    assert (decision.pools["sim"].desired, paid.pools["sim"].desired) == (1, 2)
    assert decision.pools["livekit"].verdict.reason in {"NoTarget", "TargetNotFound"}


def test_an_autoscaler_that_stops_lower_still_is_what_is_told():
    _, _, decision = decided(facts(1, autoscaled=True, autoscaler_maximum=1), facts(1), **hold_of(2600))

    assert decision.pools["livekit"].verdict.reason == "AutoscalerMaximumTooLow"


@pytest.mark.parametrize("switches", [Switches(paused=True), Switches(recommend_only=True)])
def test_what_is_recommended_is_held_too(switches):
    _, _, decision = decided(facts(1), facts(1), switches, **hold_of(2600))

    assert (counts(decision), decision.pools["livekit"].write) == ((2, 1), None)


def test_outside_the_schedule_nothing_is_held():
    spec, plan, decision = decided(facts(1), facts(1), **hold_of(1), scaling=ON_MONDAYS)

    status = status_of(spec, plan, decision, UNSEEN)

    assert decision.pools["livekit"].verdict.reason == "AsPlanned"
    assert "heldByBudget" not in status["pools"]["livekit"]


current = st.none() | st.integers(0, 9)


@given(
    livekit=current,
    sim=current,
    monthly=st.integers(0, 4000),
    planned=st.integers(0, 900),
    memory=st.builds(PoolMemory, planned=current, applied=current),
)
def test_a_hold_never_takes_a_node_and_never_sets_more_than_the_plan(livekit, sim, monthly, planned, memory):
    _, _, held = decided(
        facts(livekit, memory=memory), facts(sim), concurrency=planned, **hold_of(monthly),
    )  # fmt: skip
    _, _, free = decided(facts(livekit, memory=memory), facts(sim), concurrency=planned)

    for name, count in (("livekit", livekit), ("sim", sim)):
        pool, unheld = held.pools[name], free.pools[name]
        assert pool.desired <= unheld.desired
        if count is not None:
            assert pool.desired >= min(count, unheld.desired)
        if pool.planned == 0 or count is None or count <= pool.planned:
            assert pool.desired <= pool.planned

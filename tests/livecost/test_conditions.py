"""Conditions: status, reason and message of each aspect."""

from decimal import Decimal

import pytest

from livecost import conditions
from livecost.conditions import Condition
from livecost.decide import PoolOutcome, Verdict
from livecost.models import Budget
from livecost.observed_cost import Measured, NotMeasured, Quantity, price_measured
from tests.livecost.builders import NOW, after, decide_sim, facts, plan_of, sim_spec, spec_of

HEALTHY = Condition("Sized", "True", "Sized", "sized")
APPLIED = Condition("TargetsApplied", "True", "AsPlanned", "as planned")


def test_sized_tells_the_demand_and_what_set_each_count():
    found = conditions.sized(plan_of(spec_of()))

    assert (found.status, found.reason) == ("True", "Sized")
    assert found.message == (
        "100 peak users in 25 sessions are 150 participants: livekit 1 (set by participants), sim 1 (set by sessions)"
    )


def test_sized_tells_which_bound_acted():
    spec = spec_of(concurrency=10_000, pools={"livekit": {"maxNodes": 40}, "sim": {"minNodes": 60, "maxNodes": 70}})

    found = conditions.sized(plan_of(spec))

    assert (found.status, found.reason) == ("True", "LimitedByMaxNodes")
    assert "livekit 40 of the 76 required: raise maxNodes to serve the peak" in found.message
    assert "sim 60 (the floor minNodes; 50 required)" in found.message


@pytest.mark.parametrize(
    ("reasons", "status", "reason"),
    [
        (["AsPlanned", "AsPlanned"], "True", "AsPlanned"),
        (["NoTarget", "NoTarget"], "True", "NoTarget"),
        (["NoTarget", "AsPlanned"], "True", "AsPlanned"),
        (["AsPlanned", "ScaleDownPending"], "True", "ScaleDownPending"),
        (["ScaleDownPending", "ScalingDown"], "True", "ScalingDown"),
        (["ScaleDownPaused", "AsPlanned"], "True", "ScaleDownPaused"),
        (["AsPlanned", "Paused"], "False", "Paused"),
        (["RecommendOnly", "NoTarget"], "False", "RecommendOnly"),
    ],
)
def test_targets_that_are_well(reasons, status, reason):
    found = conditions.targets_applied([Verdict(name, name) for name in reasons])

    assert (found.status, found.reason, found.message) == (status, reason, "; ".join(reasons))


def test_one_problem_names_the_reason_and_all_are_told():
    verdicts = [Verdict("AsPlanned", "livekit fine"), Verdict("TargetNotFound", "sim missing", healthy=False)]

    found = conditions.targets_applied(verdicts)

    assert found == Condition("TargetsApplied", "False", "TargetNotFound", "livekit fine; sim missing")


def ready(outcome, sized=HEALTHY, applied=APPLIED, nodes=3):
    _, decision = decide_sim(sim_spec(nodes), facts(3))
    return conditions.ready(sized, applied, decision.pools, {"livekit": PoolOutcome(None, None, None), "sim": outcome})


@pytest.mark.parametrize(
    ("outcome", "status", "reason", "told"),
    [
        (PoolOutcome(3, 3, None), "True", "AsPlanned", "as planned"),
        (PoolOutcome(3, 4, None), "True", "AsPlanned", "as planned"),
        (PoolOutcome(3, 2, None), "False", "NodesNotReady", "sim: NodePool st-marys: 2/3 nodes ready"),
        (PoolOutcome(3, 0, True), "False", "NodesNotReady", "0/3 nodes ready"),
        (PoolOutcome(3, 3, False), "False", "NodesNotReady", "3/3 nodes ready"),
        (PoolOutcome(3, None, False), "False", "NodesNotReady", "its provider is still at work"),
        (PoolOutcome(3, None, True), "True", "AsPlanned", "as planned"),
        (PoolOutcome(3, None, None), "Unknown", "ReadinessUnknown", "does not tell how many nodes are ready"),
        (PoolOutcome(None, 2, None), "False", "NodesNotReady", "2/3 nodes ready"),
        (PoolOutcome(0, 0, None), "True", "AsPlanned", "as planned"),
    ],
)
def test_ready_needs_the_nodes(outcome, status, reason, told):
    found = ready(outcome)

    assert (found.status, found.reason) == (status, reason)
    assert told in found.message


@pytest.mark.parametrize("broken", ["sized", "applied"])
def test_ready_repeats_what_is_wrong(broken):
    wrong = Condition("any", "False", "ProfileNotFound", "create it")

    found = ready(PoolOutcome(3, 3, None), **{broken: wrong})

    assert found == Condition("Ready", "False", "ProfileNotFound", "create it")


def test_a_paused_pool_whose_nodes_are_there_is_ready():
    paused = Condition("TargetsApplied", "False", "Paused", "patching is paused")

    assert ready(PoolOutcome(3, 3, None), applied=paused) == Condition("Ready", "True", "Paused", "patching is paused")


def test_no_telemetry_is_unknown():
    found = conditions.cost_observed(NotMeasured("NoTelemetry", "let it scrape"))

    assert found == Condition("CostObserved", "Unknown", "NoTelemetry", "let it scrape")


def test_what_no_telemetry_tells_is_named():
    """The largest item may be the one that nobody measured: full coverage of the nodes does not hide it."""
    measured = Measured({"sim": Quantity(Decimal(1), "livecost")}, None, Decimal(100), 86_400, NOW)

    message = conditions.cost_observed(price_measured(measured, plan_of(spec_of()))).message

    assert message.endswith("; no telemetry tells livekit, egress, which counts as projected")


@pytest.mark.parametrize(
    ("coverage", "status", "reason"),
    [("100", "True", "Observed"), ("90", "True", "Observed"), ("89.9", "False", "LowCoverage")],
)
def test_coverage_decides_whether_a_cost_is_observed(coverage, status, reason):
    measured = Measured({"sim": Quantity(Decimal(1), "livecost")}, None, Decimal(coverage), 86_400, NOW)

    found = conditions.cost_observed(price_measured(measured, plan_of(spec_of())))

    assert (found.status, found.reason) == (status, reason)
    assert found.message.startswith(
        f"{coverage} % of the last 86400 seconds are covered (sources: assumed, livecost, stated)"
    )


def test_without_a_budget_nothing_is_known_of_it():
    found = conditions.within_budget(None, plan_of(spec_of()), None)

    assert (found.status, found.reason) == ("Unknown", "NoBudget")


@pytest.mark.parametrize(
    ("monthly", "observed", "status", "reason", "told"),
    [
        ("2000", None, "True", "WithinBudget", "projected $1,036.60 of $2,000.00 a month (52 %)"),
        ("1295.75", None, "True", "NearBudget", "the warning begins at 80 %"),
        ("1295.76", None, "True", "WithinBudget", "(80 %)"),
        ("1036.60", None, "True", "NearBudget", "(100 %)"),
        ("1036.59", None, "False", "OverBudget", "raise budget.monthly, or lower users or maxNodes"),
        ("2000", "2000.01", "False", "OverBudget", "observed $2,000.01 of $2,000.00 a month (100 %)"),
        ("2000", "0", "True", "WithinBudget", "projected $1,036.60"),
        ("0", None, "False", "OverBudget", "projected $1,036.60 of $0.00 a month:"),
    ],
)
def test_the_larger_cost_is_held_against_the_budget(monthly, observed, status, reason, told):
    budget = Budget.model_validate({"monthly": monthly})

    found = conditions.within_budget(budget, plan_of(spec_of()), None if observed is None else Decimal(observed))

    assert (found.status, found.reason) == (status, reason)
    assert told in found.message


def test_the_transition_time_moves_only_with_the_status():
    first = conditions.to_json([Condition("Ready", "True", "AsPlanned", "well")], [], 1, NOW)
    assert first == [
        {
            "type": "Ready",
            "status": "True",
            "reason": "AsPlanned",
            "message": "well",
            "lastTransitionTime": "2026-03-01T12:00:00Z",
            "observedGeneration": 1,
        }
    ]

    second = conditions.to_json([Condition("Ready", "True", "Paused", "paused")], first, 2, after(60))
    assert (second[0]["lastTransitionTime"], second[0]["observedGeneration"]) == ("2026-03-01T12:00:00Z", 2)

    third = conditions.to_json([Condition("Ready", "False", "Gone", "gone")], second, 2, after(60))
    assert third[0]["lastTransitionTime"] == "2026-03-01T12:01:00Z"

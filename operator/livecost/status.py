"""The status of a CustomerCluster: written from a decision and its outcome, and read back as the operator's memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from costmodel import format_money, percent_of, plain
from livecost import conditions
from livecost.assumption_check import Check
from livecost.conditions import Condition, format_time, read_time
from livecost.cost_status import comparable_from, cost_status
from livecost.decide import POOL_NAMES, Decision, PoolDecision, PoolOutcome, Verdict
from livecost.models import CustomerClusterSpec
from livecost.observed_cost import LEAST_COVERAGE_PERCENT, NOT_YET, NotMeasured, ObservedCost
from livecost.plan import Plan, PlanProblem
from livecost.scaling import PoolMemory
from livecost.telemetry_status import telemetry_status

Json = dict[str, Any]

BUILT_IN_PROFILE = "built-in defaults"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a status speaks of.

    Attributes:
        generation: generation of the spec.
        previous: the status before.
        profile_name: name of the CostProfile in force; None for the built-in defaults.
        profile_generation: its generation.
        check: the assumptions beside what was observed; None when it is not known.
    """

    generation: int
    previous: Json
    profile_name: str | None = None
    profile_generation: int | None = None
    check: Check | None = None


def read_memory(status: Json, name: str, label: str | None) -> PoolMemory:
    """What earlier decisions on a pool left in a status; anything unreadable counts as never decided.

    Args:
        status: the status.
        name: the pool.
        label: the pool's target, for people; what was done to another target does not bear on this one.
    """
    pool = (status.get("pools") or {}).get(name) or {}
    return _read_pool_memory(pool) if pool.get("target") == label else PoolMemory()


def _read_pool_memory(pool: Json) -> PoolMemory:
    surplus = pool.get("scaleDown") or {}
    return PoolMemory(
        planned=pool.get("planned"),
        applied=pool.get("applied"),
        applied_at=read_time(pool.get("appliedAt")),
        corrected_at=read_time(pool.get("correctedAt")),
        surplus_since=read_time(surplus.get("since")),
        surplus_from=surplus.get("from"),
        surplus_to=surplus.get("to"),
    )


def unplanned_status(subject: Subject, problem: PlanProblem, now: datetime) -> Json:
    """The status of an object for which no plan can be made: what ran before keeps running, and is still shown.

    A step down that was pending is not: nobody knows what is needed until there is a plan again.
    """
    rows = [
        Condition("Ready", "False", problem.reason, problem.message),
        Condition("Sized", "False", problem.reason, problem.message),
    ]
    shown = {row.type for row in rows}
    kept = [row for row in subject.previous.get("conditions") or () if row.get("type") not in shown]
    status = dict(subject.previous)
    status["observedGeneration"] = subject.generation
    if pools := status.get("pools"):
        status["pools"] = {name: {**pool} for name, pool in pools.items()}
        for pool in status["pools"].values():
            pool.pop("scaleDown", None)
    previous = subject.previous.get("conditions") or ()
    status["conditions"] = conditions.to_json(rows, previous, subject.generation, now) + kept
    return status


def planned_status(
    subject: Subject,
    spec: CustomerClusterSpec,
    plan: Plan,
    decision: Decision,
    outcomes: Mapping[str, PoolOutcome],
    observed: ObservedCost | NotMeasured,
    refresh_seconds: int,
    now: datetime,
) -> Json:
    """The status of a sized object.

    Args:
        subject: what the status speaks of.
        spec: what the user wrote.
        plan: sizes and prices.
        decision: what was decided.
        outcomes: pool name to what became of it.
        observed: the observed cost, or why there is none.
        refresh_seconds: age at which an observation is written anew though no figure moved; 0 for never.
        now: the time, with zone.
    """
    verdicts = [_outcome_verdict(name, decision.pools[name], outcomes[name]) for name in POOL_NAMES]
    sized = conditions.sized(plan, decision.idle_until, decision.live, decision.pools["livekit"].desired)
    applied = conditions.targets_applied(verdicts)
    ready = conditions.ready(sized, applied, decision.pools, outcomes)
    nodes_ready = ready.reason != "NodesNotReady"
    cost = cost_status(subject.previous, plan, observed, refresh_seconds, now, nodes_ready=nodes_ready)
    stale = _is_stale(subject.previous, observed)
    # What is shown is what counts against the budget: a move too small to be shown is none there either.
    shown = None if stale or "observed" not in cost else Decimal(cost["observed"]["monthlyRunRate"])
    cost_observed = _observed_condition(subject.previous, cost, observed, stale=stale)
    threshold, comparable = spec.observation.variance_threshold_percent, _is_comparable(cost, observed)
    as_projected = conditions.cost_as_projected(threshold, cost, cost_observed, comparable=comparable)
    if as_projected.status != "Unknown":
        cost["variance"]["lastVerdict"] = as_projected.reason
    rows = [
        ready,
        sized,
        applied,
        cost_observed,
        as_projected,
        conditions.within_budget(spec.budget, plan, shown, decision.hold),
    ]
    demand = plan.estimate.demand
    status: Json = {
        "observedGeneration": subject.generation,
        "profile": {"name": subject.profile_name or BUILT_IN_PROFILE, "generation": subject.profile_generation},
        "summary": _summary(spec, plan, decision, outcomes, cost, shown),
        "demand": {"peakUsers": demand.peak_users, "sessions": demand.sessions, "participants": demand.participants},
        "pools": {
            name: _pool(decision.pools[name], outcomes[name], spec.scaling.scale_down.stabilization_seconds)
            for name in POOL_NAMES
        },
        "cost": cost,
        "conditions": conditions.to_json(rows, subject.previous.get("conditions") or (), subject.generation, now),
    }
    if telemetry := telemetry_status(subject.previous, decision.live, subject.check):
        status["telemetry"] = telemetry
    return status


def _outcome_verdict(name: str, decision: PoolDecision, outcome: PoolOutcome) -> Verdict:
    if outcome.problem is None:
        return decision.verdict
    return Verdict(outcome.problem.reason, f"{name}: {decision.facts.label}: {outcome.problem.message}", healthy=False)


def _held_nodes(decision: PoolDecision) -> int | None:
    held_at = decision.facts.held_at
    return None if held_at is None or held_at >= decision.planned else decision.planned - held_at


def _pool(decision: PoolDecision, outcome: PoolOutcome, stabilization_seconds: int) -> Json:
    size = decision.size
    # A write that failed leaves the memory as it was, or a retry would take its own count for a stranger's.
    memory = decision.memory if outcome.problem is None else decision.facts.memory
    pool: Json = {
        "required": size.required,
        "planned": decision.planned,
        "desired": decision.desired,
        "minNodes": size.min_nodes,
        "maxNodes": size.max_nodes,
        "limitedBy": size.limited_by,
        "setBy": size.set_by,
    }
    optional = {
        "current": outcome.count,
        "ready": outcome.ready,
        "heldByBudget": _held_nodes(decision),
        "target": decision.facts.label,
        "applied": memory.applied,
        "appliedAt": memory.applied_at and format_time(memory.applied_at),
    }
    # A fight over an earlier plan does not bear on this one.
    if memory.corrected_at is not None and memory.planned == decision.planned:
        optional["correctedAt"] = format_time(memory.corrected_at)
    pool |= {name: value for name, value in optional.items() if value is not None}
    if memory.surplus_since is not None:
        not_before = memory.surplus_since + timedelta(seconds=stabilization_seconds)
        pool["scaleDown"] = {
            "since": format_time(memory.surplus_since),
            "from": memory.surplus_from,
            "to": memory.surplus_to,
            "notBefore": format_time(not_before),
        }
    return pool


def _is_stale(previous: Json, observed: ObservedCost | NotMeasured) -> bool:
    """Whether the figures shown are older than the last look; a process that has not looked yet knows no better."""
    if observed == NOT_YET:
        return _row(previous, "CostObserved").get("status") not in ("True", "False")
    return isinstance(observed, NotMeasured)


def _is_comparable(cost: Json, observed: ObservedCost | NotMeasured) -> bool:
    """Whether the pools stood as projected over the window that was measured last."""
    if isinstance(observed, ObservedCost):
        as_of, window_seconds = observed.measured.as_of, observed.measured.window_seconds
    else:
        shown = cost.get("observed") or {}
        if (read := read_time(shown.get("asOf"))) is None:
            return False
        as_of, window_seconds = read, shown["windowSeconds"]
    start = comparable_from(cost, window_seconds)
    return start is not None and start <= as_of


def _observed_condition(previous: Json, cost: Json, observed: ObservedCost | NotMeasured, *, stale: bool) -> Condition:
    condition = conditions.cost_observed(observed)
    before = (previous.get("cost") or {}).get("observed")
    if stale or before is None or cost.get("observed") is not before:
        return condition
    # The figures shown are the earlier ones, so what was said of them stays too.
    row = _row(previous, condition.type)
    if observed == NOT_YET or row.get("reason") == condition.reason:
        return Condition(condition.type, row["status"], row["reason"], row["message"])
    return condition


def _row(status: Json, kind: str) -> Json:
    rows = status.get("conditions") or ()
    return next((row for row in rows if row.get("type") == kind), {})


def _summary(
    spec: CustomerClusterSpec,
    plan: Plan,
    decision: Decision,
    outcomes: Mapping[str, PoolOutcome],
    cost: Json,
    observed_monthly: Decimal | None,
) -> Json:
    currency = plan.estimate.currency
    margin = plan.estimate.gross_margin_percent
    summary: Json = {
        name: f"{'?' if outcomes[name].ready is None else outcomes[name].ready}/{decision.pools[name].desired}"
        for name in POOL_NAMES
    }
    summary |= {
        "projected": format_money(plan.estimate.monthly_total, currency),
        "observed": UNKNOWN,
        "variance": UNKNOWN,
        "margin": UNKNOWN if margin is None else f"{plain(margin)}%",
    }
    if shown := cost.get("observed"):
        coverage = Decimal(shown["coveragePercent"])
        mark = f" ({plain(coverage)}% covered)" if coverage < LEAST_COVERAGE_PERCENT else ""
        if observed_monthly is None:
            mark = " (stale)"
        percent = cost["variance"]["percent"]
        summary["observed"] = format_money(Decimal(shown["monthlyRunRate"]), currency) + mark
        summary["variance"] = UNKNOWN if percent is None else f"{Decimal(percent):+}%"
    if spec.budget is not None:
        amount, _ = conditions.costliest(plan, observed_monthly)
        share = percent_of(amount, spec.budget.monthly, places=0)
        of_budget = f"of {format_money(spec.budget.monthly, currency)}"
        summary["budget"] = of_budget if share is None else f"{plain(share)}% {of_budget}"
    return summary

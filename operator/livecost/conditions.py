"""The conditions of a CustomerCluster: one function each, from decided values to status, reason and message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from costmodel import cents, format_money, percent_of, plain
from livecost.budget_hold import BudgetHold
from livecost.cost_variance import biggest_part, signed_money
from livecost.decide import PoolDecision, PoolOutcome, Verdict
from livecost.live_view import UNSEEN, LiveView
from livecost.models import Budget
from livecost.observed_cost import ASSUMED, LEAST_COVERAGE_PERCENT, NotMeasured, ObservedCost
from livecost.plan import Plan

Status = Literal["True", "False", "Unknown"]
Json = dict[str, Any]

# Where several pools have something to say, the first of these names the condition's reason.
_PRECEDENCE = (
    "TelemetryLost", "LiveRoomsHold", "HeldByBudget", "ScalingDown", "ScaleDownPending", "ScaleDownPaused", "Paused",
    "RecommendOnly", "AsPlanned", "NoTarget",
)  # fmt: skip
AS_PROJECTED = "AsProjected"
_NEARER = Decimal("0.9")
_UNPATCHED = ("Paused", "RecommendOnly")


@dataclass(frozen=True, slots=True)
class Condition:
    """One aspect of an object's state.

    Attributes:
        type: which aspect.
        status: True, False or Unknown.
        reason: machine-readable.
        message: for people, with the remedy where something is wrong.
    """

    type: str
    status: Status
    reason: str
    message: str


def sized(plan: Plan, idle_until: datetime | None = None, live: LiveView = UNSEEN, livekit_nodes: int = 0) -> Condition:
    """How the demand turned into node counts, which bound acted, and whether more is on now than these nodes carry.

    Args:
        plan: sizes and prices.
        idle_until: when the next window of the schedule begins; None inside a window, or without a schedule.
        live: the load that is on now.
        livekit_nodes: the nodes that the LiveKit pool should have now.
    """
    estimate = plan.estimate
    demand = estimate.demand
    base = f"{demand.peak_users} peak users in {demand.sessions} sessions are {demand.participants} participants"
    reason, texts = "Sized", []
    for name, size in (("livekit", estimate.livekit), ("sim", estimate.sim)):
        text = f"{name} {size.nodes} (set by {size.set_by})"
        if size.limited_by == "maxNodes":
            reason = "LimitedByMaxNodes"
            text = f"{name} {size.nodes} of the {size.required} required: raise maxNodes to serve the peak"
        elif size.limited_by == "minNodes":
            text = f"{name} {size.nodes} (the floor minNodes; {size.required} required)"
        texts.append(text)
    message = f"{base}: {', '.join(texts)}"
    if live.state == "known" and live.needed.at_least > livekit_nodes:
        if reason == "Sized":
            reason = "LiveLoadAbovePlan"
        needs = f"the {live.text} now on it need {live.needed.at_least} nodes"
        message += f"; livekit: {needs}: raise the peak that it is sized by"
    if idle_until is not None:
        message += f"; outside the schedule until {format_time(idle_until)}, when only the floors run"
    return Condition("Sized", "True", reason, message)


def targets_applied(verdicts: Iterable[Verdict]) -> Condition:
    """Whether every target has the count it should have now."""
    verdicts = list(verdicts)
    message = "; ".join(verdict.message for verdict in verdicts)
    for verdict in verdicts:
        if not verdict.healthy:
            return Condition("TargetsApplied", "False", verdict.reason, message)
    reasons = {verdict.reason for verdict in verdicts}
    reason = next((name for name in _PRECEDENCE if name in reasons), "AsPlanned")
    return Condition("TargetsApplied", "False" if reason in _UNPATCHED else "True", reason, message)


def ready(
    sized_condition: Condition,
    applied: Condition,
    pools: Mapping[str, PoolDecision],
    outcomes: Mapping[str, PoolOutcome],
) -> Condition:
    """Whether the pools stand as planned: sized, applied, and their nodes ready.

    Args:
        sized_condition: the condition Sized.
        applied: the condition TargetsApplied.
        pools: pool name to its decision.
        outcomes: pool name to what became of it.
    """
    for condition in (sized_condition, applied):
        if condition.status != "True" and condition.reason not in _UNPATCHED:
            return Condition("Ready", condition.status, condition.reason, condition.message)
    missing, unknown = [], []
    for name, decision in pools.items():
        if decision.facts.label is None:
            continue
        outcome = outcomes[name]
        nodes, settled = outcome.ready, outcome.settled
        expected = decision.desired if outcome.count is None else outcome.count
        if nodes is None and settled is None:
            unknown.append(f"{decision.facts.label} does not tell how many nodes are ready")
        elif settled is False or (nodes is not None and nodes < expected):
            tail = "its provider is still at work" if nodes is None else f"{nodes}/{expected} nodes ready"
            missing.append(f"{name}: {decision.facts.label}: {tail}")
    if missing:
        return Condition("Ready", "False", "NodesNotReady", "; ".join(missing))
    if unknown:
        return Condition("Ready", "Unknown", "ReadinessUnknown", "; ".join(unknown))
    reason = applied.reason if applied.reason in (*_UNPATCHED, "HeldByBudget") else "AsPlanned"
    return Condition("Ready", "True", reason, applied.message)


def cost_observed(observed: ObservedCost | NotMeasured) -> Condition:
    """Whether telemetry covers the window."""
    if isinstance(observed, NotMeasured):
        return Condition("CostObserved", "Unknown", observed.reason, observed.message)
    measured = observed.measured
    sources = ", ".join(sorted(set(observed.sources.values())))
    covered = f"{plain(measured.coverage_percent)} % of the last {measured.window_seconds} seconds"
    message = f"{covered} are covered (sources: {sources})"
    if assumed := [name for name, source in observed.sources.items() if source == ASSUMED]:
        message += f"; no telemetry tells {', '.join(assumed)}, which counts as projected"
    if measured.coverage_percent < LEAST_COVERAGE_PERCENT:
        return Condition(
            "CostObserved", "False", "LowCoverage", f"{message}; see that Prometheus and its exporters stay up"
        )
    return Condition("CostObserved", "True", "Observed", message)


def cost_as_projected(threshold_percent: Decimal, cost: Json, observed: Condition, *, comparable: bool) -> Condition:
    """Whether the observed cost is near the projected one, and what moved it most.

    Args:
        threshold_percent: percent of the projected cost from which on it is not. Where it was not, it has to come
            nearer by a tenth of that, so that a cost at the threshold is not told again and again.
        cost: `status.cost`; its figures are compared as shown.
        observed: the condition CostObserved, without which nothing can be said.
        comparable: whether the pools stood as projected while the cost was observed.
    """
    if observed.status != "True" or "variance" not in cost:
        return Condition("CostAsProjected", "Unknown", observed.reason, observed.message)
    if not comparable:
        return Condition("CostAsProjected", "Unknown", "ProjectionNew", _not_comparable(cost))
    currency, variance = cost["currency"], cost["variance"]
    projected, monthly = Decimal(cost["projected"]["monthly"]), Decimal(variance["monthly"])
    share = "" if variance["percent"] is None else f" ({Decimal(variance['percent']):+} %)"
    run_rate = format_money(Decimal(cost["observed"]["monthlyRunRate"]), currency)
    message = f"observed {run_rate} a month, projected {format_money(projected, currency)}{share}"
    if (biggest := biggest_part(variance.get("items") or {})) is not None:
        item, part, amount = biggest
        message += f"; most by the {part} of {item}: {signed_money(amount, currency)}"
    was_off = variance.get("lastVerdict", AS_PROJECTED) != AS_PROJECTED
    if abs(monthly) * 100 <= projected * threshold_percent * (_NEARER if was_off else 1):
        return Condition("CostAsProjected", "True", AS_PROJECTED, message)
    message += (
        f"; the threshold is {plain(threshold_percent)} %: see status.cost.variance.items, and correct what is assumed"
    )
    if monthly > 0:
        return Condition("CostAsProjected", "False", "CostAboveProjected", message)
    return Condition("CostAsProjected", "False", "CostBelowProjected", message)


def _not_comparable(cost: Json) -> str:
    since = cost["projected"].get("inForceSince")
    if since is None:
        return "the nodes that the projection is of are not ready yet; from then on the observed cost is compared"
    return (
        f"the pools stand as projected only since {since}; the observed cost is compared once they have for nine "
        "tenths of its window"
    )


def within_budget(
    budget: Budget | None, plan: Plan, observed_monthly: Decimal | None, hold: BudgetHold | None = None
) -> Condition:
    """Whether the larger of projected and observed cost per month stays within the budget, and what it holds back."""
    if budget is None:
        return Condition(
            "WithinBudget", "Unknown", "NoBudget", "no budget is set: write spec.budget.monthly to watch one"
        )
    currency = plan.estimate.currency
    cost, which = costliest(plan, observed_monthly)
    share = percent_of(cost, budget.monthly, places=0)
    message = f"{which} {format_money(cost, currency)} of {format_money(budget.monthly, currency)} a month"
    if share is not None:
        message += f" ({plain(share)} %)"
    if hold is not None:
        return Condition("WithinBudget", "False", "OverBudgetHeld", f"{message}; {hold.message}")
    if cents(cost) > budget.monthly:
        return Condition(
            "WithinBudget", "False", "OverBudget", f"{message}: raise budget.monthly, or lower users or maxNodes"
        )
    if cost * 100 >= budget.monthly * budget.warn_percent:
        return Condition(
            "WithinBudget", "True", "NearBudget", f"{message}; the warning begins at {budget.warn_percent} %"
        )
    return Condition("WithinBudget", "True", "WithinBudget", message)


def costliest(plan: Plan, observed_monthly: Decimal | None) -> tuple[Decimal, str]:
    """The larger of projected and observed cost per month, and which of both it is; None is unknown."""
    projected = plan.estimate.monthly_total
    if observed_monthly is not None and observed_monthly > projected:
        return observed_monthly, "observed"
    return projected, "projected"


def to_json(conditions: Iterable[Condition], previous: Iterable[Json], generation: int, now: datetime) -> list[Json]:
    """Conditions as the API takes them; the transition time moves only when a status changes."""
    before = {condition.get("type"): condition for condition in previous}
    result = []
    for condition in conditions:
        old = before.get(condition.type, {})
        since = old.get("lastTransitionTime") if old.get("status") == condition.status else None
        result.append(
            {
                "type": condition.type,
                "status": condition.status,
                "reason": condition.reason,
                "message": condition.message,
                "lastTransitionTime": since or format_time(now),
                "observedGeneration": generation,
            }
        )
    return result


def format_time(moment: datetime) -> str:
    """A moment as the API writes it, to the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def read_time(text: object) -> datetime | None:
    """The moment that `format_time` wrote; None for what is none."""
    try:
        moment = datetime.fromisoformat(str(text)) if text else None
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo is not None else None

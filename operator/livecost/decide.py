"""The decision on one CustomerCluster, from plain values and a clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from costmodel import PoolSize
from costmodel.schedule import is_active, next_change
from livecost.budget_hold import BudgetHold, budget_hold
from livecost.live_view import UNSEEN, LiveView
from livecost.models import CustomerClusterSpec, ScaleDown
from livecost.plan import Plan
from livecost.scaling import PoolMemory, ScaleDownPolicy, Step, next_step, without_surplus
from livecost.target_state import TargetProblem, TargetState

POOL_NAMES: tuple[Literal["livekit", "sim"], ...] = ("livekit", "sim")

# While the LiveKit pool is above its plan, a load that gets too old changes what may be done.
_SHRINKING = ("ScaleDownPending", "ScalingDown", "LiveRoomsHold")


@dataclass(frozen=True, slots=True)
class PoolFacts:
    """What is known of one pool.

    Attributes:
        label: the target for people, such as `NodePool st-marys-livekit`; None without a target.
        target: the target as last seen, or why it cannot be used; None without a target.
        memory: what the last decision left.
        held_at: most nodes that the budget lets it have, never fewer than are set; None for any number.
    """

    label: str | None
    target: TargetState | TargetProblem | None
    memory: PoolMemory
    held_at: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one pool's target stands.

    Attributes:
        reason: machine-readable, as in conditions.
        message: for people, with the remedy where something is wrong.
        healthy: whether nothing is wrong.
    """

    reason: str
    message: str
    healthy: bool = True


@dataclass(frozen=True, slots=True)
class PoolDecision:
    """What to do with one pool.

    Attributes:
        size: what the demand requires, inside the bounds.
        planned: the count planned for now: that of the size, or the floor outside the schedule.
        desired: the count the target should have now.
        write: the count to write; None when nothing is to be written.
        verdict: how the target stands once that is written.
        memory: what to remember once that is written.
        facts: what the decision rests on.
    """

    size: PoolSize
    planned: int
    desired: int
    write: int | None
    verdict: Verdict
    memory: PoolMemory
    facts: PoolFacts


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with one CustomerCluster.

    Attributes:
        pools: pool name to its decision.
        decide_again_at: when to decide again though nothing changed.
        idle_until: when the next window of the schedule begins; None inside a window, or without a schedule.
        hold: growth that the budget holds back; None where it does not.
        live: the load that is on now.
    """

    pools: Mapping[str, PoolDecision]
    decide_again_at: datetime | None
    idle_until: datetime | None = None
    hold: BudgetHold | None = None
    live: LiveView = UNSEEN


@dataclass(frozen=True, slots=True)
class PoolOutcome:
    """What became of one pool's decision.

    Attributes:
        count: the count the target has now; None when unknown.
        ready: ready nodes; None when unknown.
        settled: whether the target's provider calls it done; None when it says nothing.
        problem: why the write failed; None when it did not, or there was none.
    """

    count: int | None
    ready: int | None
    settled: bool | None
    problem: TargetProblem | None = None


@dataclass(frozen=True, slots=True)
class Switches:
    """What keeps targets from being patched.

    Attributes:
        recommend_only: compute and report only.
        paused: the user paused patching.
        paused_scale_down: the user paused shrinking.
    """

    recommend_only: bool = False
    paused: bool = False
    paused_scale_down: bool = False


def decide(
    spec: CustomerClusterSpec,
    plan: Plan,
    pools: Mapping[str, PoolFacts],
    switches: Switches,
    now: datetime,
    live: LiveView = UNSEEN,
) -> Decision:
    """Decide on every pool of one customer.

    Args:
        spec: what the user wrote.
        plan: sizes and prices.
        pools: pool name to what is known of it.
        switches: what keeps targets from being patched.
        now: the time, with zone.
        live: the load that is on now; LiveKit nodes that it needs do not leave.
    """
    down = spec.scaling.scale_down
    policy = ScaleDownPolicy(down.stabilization_seconds, down.max_nodes_per_step, switches.paused_scale_down)
    sizes = {"livekit": plan.estimate.livekit, "sim": plan.estimate.sim}
    decisions: dict[str, PoolDecision] = {}
    schedule = spec.scaling.schedule
    active = is_active(schedule, now)
    changes_at = next_change(schedule, now)
    due = [] if changes_at is None else [changes_at]
    groups = {"livekit": plan.assumptions.nodes.livekit, "sim": plan.assumptions.nodes.sim}
    hold = budget_hold(spec.budget, plan, {name: _in_use(pools[name].target, sizes[name]) for name in POOL_NAMES})
    if hold is not None:
        pools = {name: replace(pools[name], held_at=hold.nodes[name]) for name in POOL_NAMES}
    for name in POOL_NAMES:
        planned = sizes[name].nodes if active else min(sizes[name].nodes, groups[name].idle_nodes)
        own_policy = replace(policy, **_live_limits(name, down, live))
        decision, due_at = _decide_pool(name, sizes[name], planned, pools[name], own_policy, switches, now, live)
        decisions[name] = decision if hold is None else _told_as_held(name, decision, hold)
        if due_at is not None:
            due.append(due_at)
    if live.expires_at is not None and decisions["livekit"].verdict.reason in _SHRINKING:
        due.append(live.expires_at)
    return Decision(decisions, min(due, default=None), None if active else changes_at, hold=hold, live=live)


def _live_limits(name: str, down: ScaleDown, live: LiveView) -> dict[str, Any]:
    """What of a `ScaleDownPolicy` follows from the load that is on now."""
    if live.state == "known":
        return {"live_nodes": live.needed.at_most} if name == "livekit" else {}
    if down.without_telemetry == "Shrink":
        return {}
    if live.state == "awaited":
        return {"blind": "awaited"} if name == "livekit" or down.without_telemetry == "Hold" else {}
    if down.without_telemetry == "Hold" or (live.state == "lost" and name == "livekit"):
        return {"blind": "lost"}
    return {}


def _in_use(target: TargetState | TargetProblem | None, size: PoolSize) -> int:
    """Nodes that a budget does not take away; a pool that nobody sets here counts as it is priced."""
    return target.count or 0 if isinstance(target, TargetState) else size.nodes


def _told_as_held(name: str, decision: PoolDecision, hold: BudgetHold) -> PoolDecision:
    if decision.verdict.reason != "AsPlanned" or decision.desired >= decision.planned:
        return decision
    stands = f"{name}: {decision.facts.label} has {decision.desired} of {decision.planned} planned nodes"
    return replace(decision, verdict=Verdict("HeldByBudget", f"{stands}; {hold.message}"))


def _decide_pool(
    name: str,
    size: PoolSize,
    planned: int,
    facts: PoolFacts,
    policy: ScaleDownPolicy,
    switches: Switches,
    now: datetime,
    live: LiveView,
) -> tuple[PoolDecision, datetime | None]:
    target = facts.target
    if target is None:
        verdict = Verdict("NoTarget", f"{name}: no targetRef, so the pool is sized and priced only")
        return PoolDecision(size, planned, planned, None, verdict, facts.memory, facts), None
    if isinstance(target, TargetProblem):
        verdict = Verdict(target.reason, f"{name}: {facts.label}: {target.message}", healthy=False)
        return PoolDecision(size, planned, planned, None, verdict, without_surplus(facts.memory), facts), None
    allowed, too_low = planned if facts.held_at is None else min(planned, facts.held_at), None
    if target.autoscaler_maximum is not None and target.autoscaler_maximum < allowed:
        allowed = target.autoscaler_maximum
        too_low = Verdict(
            "AutoscalerMaximumTooLow",
            f"{name}: {planned} nodes are planned, but the autoscaler of {facts.label} stops at {allowed}: raise "
            "its maximum or lower maxNodes",
            healthy=False,
        )
    if switches.recommend_only or switches.paused:
        verdict = _unpatched(name, allowed, target, facts, switches)
        return PoolDecision(size, planned, allowed, None, verdict, without_surplus(facts.memory), facts), None
    policy = replace(policy, zones=target.zones)
    # A plan is known again by what it asks for, also where an autoscaler's maximum or a budget keeps it from being set.
    known = allowed if facts.memory.planned == planned else None
    step = next_step(
        current=target.count, planned=allowed, memory=replace(facts.memory, planned=known), policy=policy, now=now
    )
    verdict = too_low or _verdict(name, step, allowed, target, facts, policy)
    if step.action in ("live", "blind"):
        verdict = _live_verdict(name, step, allowed, size, facts, live)
    write = step.count if step.action in ("up", "down") else None
    memory = replace(step.memory, planned=planned)
    return PoolDecision(size, planned, step.count, write, verdict, memory, facts), step.due_at


def _unpatched(name: str, planned: int, target: TargetState, facts: PoolFacts, switches: Switches) -> Verdict:
    if target.count == planned:
        return Verdict("AsPlanned", f"{name}: {facts.label} has {planned}")
    if switches.paused:
        why, remedy, reason = "patching is paused", "remove the annotation livecost.dev/paused", "Paused"
    else:
        why, remedy, reason = "livecost only recommends", "set scaling.mode to Enforce", "RecommendOnly"
    set_to = "is not set" if target.count is None else f"has {target.count}"
    return Verdict(reason, f"{name}: {facts.label} {set_to}, planned are {planned}; {why}: to have it set, {remedy}")


def _live_verdict(name: str, step: Step, planned: int, size: PoolSize, facts: PoolFacts, live: LiveView) -> Verdict:
    stays = f"{name}: {facts.label} stays at {step.count}, planned are {planned}"
    if step.action == "live":
        limited = f", although maxNodes is {size.max_nodes}" if size.limited_by == "maxNodes" else ""
        text = f"the {live.text} now on it need {live.needed.at_most} nodes{limited}; it shrinks when they have gone"
        return Verdict("LiveRoomsHold", f"{stays}: {text}")
    remedy = "set scaling.scaleDown.withoutTelemetry to Shrink to have it shrunk all the same"
    return Verdict("TelemetryLost", f"{stays}: what LiveKit carries now is not known ({live.why}); {remedy}")


def _verdict(
    name: str, step: Step, planned: int, target: TargetState, facts: PoolFacts, policy: ScaleDownPolicy
) -> Verdict:
    current, label = target.count, facts.label
    if step.action == "contested":
        writer = f"the field manager {target.writer}" if target.writer else "another writer"
        return Verdict(
            "TargetContested",
            f"{name}: {writer} set {target.field} of {label} to {current} again after livecost had put it back to "
            f"{planned}; livecost leaves it alone: stop that writer, or set scaling.mode to Recommend",
            healthy=False,
        )
    if step.action == "hold":
        return Verdict(
            "ScaleDownPaused",
            f"{name}: {label} stays at {current}, planned are {planned}; shrinking is paused: to have it shrunk, "
            "remove the annotation livecost.dev/paused-scale-down",
        )
    if step.action == "wait" and step.memory.surplus_since is not None:
        due_at = step.memory.surplus_since + timedelta(seconds=policy.stabilization_seconds)
        return Verdict(
            "ScaleDownPending",
            f"{name}: {label} stays at {current}, planned are {planned}; the next step down is due at "
            f"{due_at:%Y-%m-%dT%H:%M:%SZ}",
        )
    if step.action == "down" and step.count != planned:
        return Verdict("ScalingDown", f"{name}: {label} goes from {current} to {step.count} on the way to {planned}")
    return Verdict("AsPlanned", f"{name}: {label} has {planned}")

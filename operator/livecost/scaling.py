"""When a pool's count may change, and to what: up at once, down late and step by step, never in a fight."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

# A foreign writer's change is put right once; another one within this time is a fight, which is reported instead.
CONTEST_SECONDS = 3_600

Action = Literal["keep", "up", "down", "wait", "hold", "live", "blind", "contested"]


@dataclass(frozen=True, slots=True)
class ScaleDownPolicy:
    """How carefully a pool shrinks.

    Attributes:
        stabilization_seconds: how long fewer nodes must have sufficed before a step, and between two steps.
        max_nodes_per_step: most nodes that one step takes away.
        paused: whether shrinking is paused.
        zones: nodes leave in multiples of this number, one per zone at least.
        live_nodes: nodes that the load needs which is on now; no step goes below them.
        blind: why that load is not known, so that no node may leave: lost, or awaited, as the first look is under way.
    """

    stabilization_seconds: int
    max_nodes_per_step: int
    paused: bool = False
    zones: int = 1
    live_nodes: int = 0
    blind: Literal["lost", "awaited"] | None = None

    @property
    def nodes_per_step(self) -> int:
        """Nodes that one step takes away: whole zones, and one node of each zone where fewer are allowed."""
        return max(self.zones, self.max_nodes_per_step // self.zones * self.zones)


@dataclass(frozen=True, slots=True)
class PoolMemory:
    """What must be remembered of a pool between decisions; it lives in the object's status.

    Attributes:
        planned: the plan when the pool was last decided on.
        applied: the count last set, or found as wanted.
        applied_at: when the count was last changed by livecost.
        corrected_at: when another writer's change was last put right.
        surplus_since: since when fewer nodes than set have sufficed.
        surplus_from: the count that was set when that began.
        surplus_to: most nodes that were planned since then.
    """

    planned: int | None = None
    applied: int | None = None
    applied_at: datetime | None = None
    corrected_at: datetime | None = None
    surplus_since: datetime | None = None
    surplus_from: int | None = None
    surplus_to: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What to do with one pool now.

    Attributes:
        action: keep (as planned), up or down (write the count), wait (a step down is not due yet), hold (shrinking is
            paused), live (the load that is on now needs all nodes), blind (that load is not known), contested (another
            writer keeps changing the count).
        count: the count the target should have now.
        memory: what to remember once the step is done.
        due_at: when to decide again though nothing changed.
    """

    action: Action
    count: int
    memory: PoolMemory
    due_at: datetime | None = None


def next_step(*, current: int | None, planned: int, memory: PoolMemory, policy: ScaleDownPolicy, now: datetime) -> Step:
    """Decide on one pool.

    Args:
        current: the count the target is set to; None when nothing is set.
        planned: the count that the plan asks for, inside its bounds.
        memory: what the last decision left.
        policy: how carefully the pool shrinks.
        now: the time, with zone.
    """
    same_plan = memory.planned == planned
    foreign = memory.applied is not None and current != memory.applied
    # A new plan is a new request of the user's, so it is set whatever was fought over before.
    corrected_at = memory.corrected_at if same_plan else None
    settled = replace(without_surplus(memory), planned=planned, corrected_at=corrected_at)
    if current == planned:
        return Step("keep", planned, replace(settled, applied=planned))
    if foreign and corrected_at is not None:
        quiet_from = corrected_at + timedelta(seconds=CONTEST_SECONDS)
        if now < quiet_from:
            return Step("contested", planned, without_surplus(memory), quiet_from)
    if foreign and same_plan:
        settled = replace(settled, corrected_at=now)
    if current is None or planned > current:
        return Step("up", planned, replace(settled, applied=planned, applied_at=now))
    memory = replace(memory, corrected_at=corrected_at)
    lowest = max(planned, min(current, -(-policy.live_nodes // policy.zones) * policy.zones))
    if not policy.paused and (policy.blind == "lost" or lowest == current):
        # Fewer nodes do not suffice, or nobody can tell: the window begins anew once they do.
        action: Action = "blind" if policy.blind == "lost" else "live"
        return Step(action, current, replace(without_surplus(memory), planned=planned))
    return _step_down(current, planned, lowest, memory, settled, policy, now)


def without_surplus(memory: PoolMemory) -> PoolMemory:
    """The memory of a pool whose surplus is not being watched: a window that nobody watched proves nothing."""
    return replace(memory, surplus_since=None, surplus_from=None, surplus_to=None)


def _step_down(
    current: int,
    planned: int,
    lowest: int,
    memory: PoolMemory,
    settled: PoolMemory,
    policy: ScaleDownPolicy,
    now: datetime,
) -> Step:
    waiting = memory.surplus_since is not None and memory.surplus_from == current
    # The status keeps whole seconds, so a window begins on the next one: cut off, it would end too early.
    beginning = now if now.microsecond == 0 else now.replace(microsecond=0) + timedelta(seconds=1)
    since = memory.surplus_since if waiting and memory.surplus_since else beginning
    most_needed = max(lowest, memory.surplus_to or 0) if waiting else lowest
    surplus = replace(memory, planned=planned, surplus_since=since, surplus_from=current, surplus_to=most_needed)
    if policy.paused:
        return Step("hold", current, surplus)
    due_at = since + timedelta(seconds=policy.stabilization_seconds)
    if now < due_at:
        return Step("wait", current, surplus, due_at)
    if policy.blind is not None:
        return Step("wait", current, surplus)
    count = max(most_needed, current - policy.nodes_per_step)
    after = replace(settled, applied=count, applied_at=now)
    if count == lowest:
        return Step("down", count, after)
    due_at = beginning + timedelta(seconds=policy.stabilization_seconds)
    return Step("down", count, replace(after, surplus_since=beginning, surplus_from=count, surplus_to=lowest), due_at)

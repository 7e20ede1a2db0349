"""Why a pool has the nodes it has, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from costmodel import plain
from costmodel.sizing import livekit_participants_per_node, participants_per_room

if TYPE_CHECKING:
    from costmodel import Assumptions, Estimate, PoolSize


@dataclass(frozen=True, slots=True)
class PoolReason:
    """A pool's size.

    Attributes:
        name: the pool for people.
        required: nodes the demand asks for; None where demand does not size the pool.
        nodes: nodes it has.
        why: what set the count.
        bound: what a floor, a ceiling or zones changed; empty when nothing did.
        short: whether the pool is cut below what the demand needs.
    """

    name: str
    required: int | None
    nodes: int
    why: str
    bound: str = ""
    short: bool = False


def pool_reasons(estimate: Estimate, assumptions: Assumptions) -> list[PoolReason]:
    """LiveKit, sim and system."""
    return [
        _reason("LiveKit", estimate.livekit, _livekit(estimate, assumptions), assumptions.nodes.livekit.zones),
        _reason("Sim / agent", estimate.sim, _sim(estimate, assumptions), assumptions.nodes.sim.zones),
        PoolReason("System", None, estimate.system_nodes, "stated; demand does not change it"),
    ]


def _livekit(estimate: Estimate, assumptions: Assumptions) -> str:
    per_node = livekit_participants_per_node(assumptions.capacity)
    demand = estimate.demand
    if estimate.livekit.set_by == "wholeRooms":
        room = participants_per_room(assumptions.demand)
        return (
            f"rooms: {demand.sessions:,} rooms of {plain(room)}, {plain(per_node // room)} whole rooms on a node of "
            f"{plain(per_node)}, as a room never splits"
        )
    return f"participants: {demand.participants:,} at {plain(per_node)} per node"


def _sim(estimate: Estimate, assumptions: Assumptions) -> str:
    capacity = assumptions.capacity
    per_node = f"{capacity.sessions_per_node} per node"
    if capacity.target_utilization_percent != 100:
        per_node += f" filled to {plain(capacity.target_utilization_percent)} %"
    return f"sessions: {estimate.demand.sessions:,} at {per_node}"


def _reason(name: str, size: PoolSize, why: str, zones: int) -> PoolReason:
    if size.limited_by == "maxNodes":
        missing = size.required - size.nodes
        bound = f"cap: cut to the maximum of {size.max_nodes}; {missing:,} missing at the peak"
        return PoolReason(name, size.required, size.nodes, why, bound, short=True)
    if size.limited_by == "minNodes":
        bound = f"HA floor: raised from {size.required:,} to the minimum of {size.min_nodes}"
    elif size.nodes != size.required:
        bound = f"zones: raised to a multiple of {zones}"
    else:
        bound = ""
    return PoolReason(name, size.required, size.nodes, why, bound)

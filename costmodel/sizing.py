"""Demand to node counts."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from costmodel.decimals import ceil_div, exact

if TYPE_CHECKING:
    from costmodel.assumptions import Capacity, Demand, NodeGroup
    from costmodel.demand import PeakDemand

LimitedBy = Literal["minNodes", "maxNodes"]
SetBy = Literal["participants", "wholeRooms", "sessions"]

_PERCENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class PoolSize:
    """How many nodes a pool needs and how many it gets.

    Attributes:
        required: nodes that the demand alone asks for.
        nodes: `required` inside the pool's bounds, a multiple of its zones.
        min_nodes: the pool's floor.
        max_nodes: the pool's ceiling.
        limited_by: the bound that changed the count; None when `required` fits.
        set_by: the rule behind `required`.
    """

    required: int
    nodes: int
    min_nodes: int
    max_nodes: int
    limited_by: LimitedBy | None
    set_by: SetBy


def participants_per_room(demand: Demand) -> Decimal:
    """Users and agents of one session, on average."""
    return demand.users_per_session + demand.agents_per_session


def livekit_participants_per_node(capacity: Capacity) -> Decimal:
    """Participants that one LiveKit node may be planned for: C in the specification."""
    return capacity.participants_per_node * capacity.target_utilization_percent * _PERCENT


@exact
def livekit_sessions_when_full(nodes: int, demand: Demand, capacity: Capacity) -> int:
    """Sessions on LiveKit nodes that carry participantsPerNode each, whatever utilization is planned (SPEC, Sizing)."""
    room = participants_per_room(demand)
    if capacity.whole_rooms:
        return int(nodes * (capacity.participants_per_node // room))
    return int(nodes * capacity.participants_per_node // room)


@exact
def livekit_size(peak: PeakDemand, demand: Demand, capacity: Capacity, group: NodeGroup) -> PoolSize:
    """Nodes of the LiveKit pool (SPEC, Sizing).

    required = ceil(participants / C); with wholeRooms at least ceil(sessions / floor(C / room size)), as a room never
    splits over nodes. A room must not be larger than C, which `resolve` has checked.
    """
    per_node = livekit_participants_per_node(capacity)
    required = ceil_div(Decimal(peak.participants), per_node)
    set_by: SetBy = "participants"
    if capacity.whole_rooms:
        rooms_per_node = per_node // participants_per_room(demand)
        for_rooms = ceil_div(Decimal(peak.sessions), rooms_per_node)
        if for_rooms > required:
            required, set_by = for_rooms, "wholeRooms"
    return _within_bounds(required, group, set_by)


@exact
def sim_size(peak: PeakDemand, capacity: Capacity, group: NodeGroup) -> PoolSize:
    """Nodes of the sim pool: ceil(sessions / (sessionsPerNode x targetUtilizationPercent / 100)) (SPEC, Sizing)."""
    per_node = capacity.sessions_per_node * capacity.target_utilization_percent * _PERCENT
    return _within_bounds(ceil_div(Decimal(peak.sessions), per_node), group, "sessions")


def _within_bounds(required: int, group: NodeGroup, set_by: SetBy) -> PoolSize:
    zones = group.zones
    raised = -(-max(required, group.min_nodes) // zones) * zones
    nodes = min(raised, group.max_nodes // zones * zones)
    limited_by: LimitedBy | None = None
    if nodes < required:
        limited_by = "maxNodes"
    elif required < group.min_nodes:
        limited_by = "minNodes"
    return PoolSize(required, nodes, group.min_nodes, group.max_nodes, limited_by, set_by)

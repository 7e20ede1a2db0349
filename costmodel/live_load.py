"""Participants and rooms that are on now to the LiveKit nodes that they need."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from costmodel.decimals import ceil_div, exact
from costmodel.sizing import livekit_participants_per_node, participants_per_room

if TYPE_CHECKING:
    from costmodel.assumptions import Capacity, Demand

_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class LiveNodes:
    """LiveKit nodes that a live load needs, by the rule that sizes the pool.

    Attributes:
        at_least: if there are as few participants as there can be, and no more join their rooms.
        at_most: if there are as many as there can be, and rooms fill up to the assumed size.
    """

    at_least: int
    at_most: int


@exact
def live_livekit_nodes(rooms: int, fewest: int, most: int, demand: Demand, capacity: Capacity) -> LiveNodes:
    """Nodes for what is on now (SPEC, Live load).

    nodes(participants, room size) = max(ceil(participants / C), ceil(rooms / max(1, floor(C / room size)))), the latter
    where wholeRooms holds; at least = nodes(fewest, fewest / rooms), at most = nodes(most, max(most / rooms, the
    assumed size)). A room that is larger than a node has one to itself: it is on already.

    Args:
        rooms: rooms that are on, at least 0.
        fewest: participants that are on for sure, at least 0.
        most: the most that can be on, not below `fewest`.
        demand: the assumed size of a room.
        capacity: what one node carries.
    """
    per_node = livekit_participants_per_node(capacity)
    assumed = per_node // participants_per_room(demand)

    def nodes(participants: int, largest_rooms_per_node: Decimal) -> int:
        needed = ceil_div(Decimal(participants), per_node)
        if not capacity.whole_rooms:
            return needed
        # C / (participants / rooms), without a quotient that would have to be rounded.
        seen = per_node * rooms // participants if participants else Decimal(rooms)
        return max(needed, ceil_div(Decimal(rooms), max(_ONE, min(seen, largest_rooms_per_node))))

    return LiveNodes(nodes(fewest, Decimal(max(rooms, 1))), nodes(most, assumed))

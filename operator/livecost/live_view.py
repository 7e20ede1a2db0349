"""The load that is on now, as a decision sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from costmodel.live_load import LiveNodes, live_livekit_nodes
from livecost.live_load import LiveLoad
from livecost.plan import Plan

NO_NODES = LiveNodes(0, 0)


@dataclass(frozen=True, slots=True)
class LiveView:
    """The load that is on now, as one decision sees it.

    Attributes:
        state: known; lost (it was known once, and is not now); awaited (the first look is under way); never (it was not
            known yet, nor is it now).
        needed: LiveKit nodes that it needs; 0 unless known.
        told: what is told of it: the earlier figures as long as they lead to the same nodes. None where none are known.
        expires_at: when it is too old to be known; None unless known.
        why: why it is not known; empty where it is.
    """

    state: Literal["known", "lost", "awaited", "never"]
    needed: LiveNodes = NO_NODES
    told: LiveLoad | None = None
    expires_at: datetime | None = None
    why: str = ""

    @property
    def text(self) -> str:
        """The load for people."""
        assert self.told is not None  # noqa: S101 - a load that is known is told
        bound = "" if self.told.nodes <= 1 else "at most "
        return f"{bound}{self.told.participants} participants in {self.told.rooms} rooms"


UNSEEN = LiveView("never")


def nodes_needed(load: LiveLoad, plan: Plan) -> LiveNodes:
    """LiveKit nodes that a load needs, by a plan's assumptions."""
    assumptions = plan.assumptions
    return live_livekit_nodes(
        load.rooms, load.fewest_participants, load.participants, assumptions.demand, assumptions.capacity
    )

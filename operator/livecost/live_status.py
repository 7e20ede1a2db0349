"""The load that is on now in a status: written for people, and read back as the memory that it was known."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from livecost.conditions import format_time, read_time
from livecost.live_load import LiveLoad
from livecost.live_view import LiveView, nodes_needed
from livecost.observed_cost import NOT_YET, NotMeasured
from livecost.plan import Plan

Json = dict[str, Any]


def live_view(
    previous: Json,
    load: LiveLoad | NotMeasured,
    plan: Plan,
    max_age_seconds: int,
    refresh_seconds: int,
    now: datetime,
) -> LiveView:
    """How a decision sees what was looked at last.

    Args:
        previous: the status before, which remembers that a load was known.
        load: what was found last, or why nothing was.
        plan: the assumptions in force.
        max_age_seconds: the load is not known by samples that are older.
        refresh_seconds: age at which figures are told anew though they lead to the same nodes; 0 for never.
        now: the time, with zone.
    """
    before = _read((previous.get("telemetry") or {}).get("live"))
    if isinstance(load, NotMeasured):
        if load == NOT_YET:
            return LiveView("awaited", told=before, why=load.message)
        return LiveView("never" if before is None else "lost", told=before, why=load.message)
    needed = nodes_needed(load, plan)
    told = load
    if before is not None and nodes_needed(before, plan) == needed and before.silent == load.silent:
        overdue = refresh_seconds and now - before.as_of > timedelta(seconds=refresh_seconds)
        told = load if overdue else before
    expires_at = load.as_of + timedelta(seconds=max_age_seconds + 1)
    if now >= expires_at:
        return LiveView("lost", told=told, why=f"the last samples of LiveKit are of {format_time(load.as_of)}")
    if load.silent:
        why = f"{load.silent} LiveKit nodes that carried rooms within the last hour do not answer Prometheus"
        return LiveView("lost", told=told, why=why)
    return LiveView("known", needed, told, expires_at)


def live_status(view: LiveView) -> Json | None:
    """`status.telemetry.live`; None where no load was ever known."""
    told = view.told
    if told is None:
        return None
    return {
        "rooms": told.rooms,
        "participants": told.participants,
        "fullestNodeParticipants": told.fullest,
        "reportingNodes": told.nodes,
        "silentNodes": told.silent,
        "asOf": format_time(told.as_of),
    }


def _read(row: Json | None) -> LiveLoad | None:
    if not row or (as_of := read_time(row.get("asOf"))) is None:
        return None
    names = ("rooms", "participants", "reportingNodes", "fullestNodeParticipants", "silentNodes")
    numbers = [row.get(name) for name in names]
    rooms, participants, nodes, fullest, silent = (number if isinstance(number, int) else -1 for number in numbers)
    if min(rooms, participants, nodes, fullest, silent) < 0:
        return None
    return LiveLoad(rooms, participants, nodes, fullest, silent, as_of)

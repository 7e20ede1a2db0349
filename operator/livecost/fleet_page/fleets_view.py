"""The CustomerFleets as rows for people."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from livecost.fleet_page.words import age

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Json = dict[str, Any]

_FIGURES: Final = ("livekit", "sim", "projected", "observed", "revenue", "margin", "pooled", "saving")


def fleet_rows(fleets: Mapping[tuple[str, str], Json], now: datetime) -> list[Json]:
    """A row for each fleet, by namespace and name; what its status does not tell is "unknown".

    Args:
        fleets: namespace and name to the object.
        now: the time, with zone.
    """
    return list(_rows(fleets, now))


def _rows(fleets: Mapping[tuple[str, str], Json], now: datetime) -> Iterator[Json]:
    for (namespace, name), body in sorted(fleets.items()):
        status = body["status"]
        summary, customers = status.get("summary") or {}, status.get("customers") or {}
        ready: Json = next((row for row in status.get("conditions") or () if row.get("type") == "Ready"), {})
        created_at = datetime.fromisoformat(body["metadata"]["creationTimestamp"])
        yield {
            "namespace": namespace,
            "name": name,
            "customers": customers.get("total", "unknown"),
            **{figure: summary.get(figure) or "unknown" for figure in _FIGURES},
            "ready": ready.get("status") or "unknown",
            "message": ready.get("message") or "",
            "age": age((now - created_at).total_seconds()),
        }

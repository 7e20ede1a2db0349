"""`status.telemetry`: the load that is on now, and the load of the last weeks beside the assumptions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from costmodel import Estimate, cents, plain
from livecost.assumption_check import Check, Figure
from livecost.conditions import format_time, read_time
from livecost.live_status import live_status
from livecost.live_view import LiveView

Json = dict[str, Any]

# Figures that moved less than this are not written anew, but for once a day: they are of weeks.
NEGLIGIBLE_CHANGE_PERCENT = Decimal(1)
REFRESH = timedelta(days=1)

_CHECKED = ("asOf", "windowSeconds", "coveragePercent", "figures", "monthlyIfAllObserved", "recommendations")


def telemetry_status(previous: Json, live: LiveView, check: Check | None) -> Json:
    """`status.telemetry`; empty where nothing was ever known.

    Args:
        previous: the status before, whose figures stay while nothing new is known or nothing moved.
        live: the load that is on now.
        check: the assumptions beside what was observed; None when it is not known.
    """
    before = previous.get("telemetry") or {}
    telemetry: Json = {}
    if (now := live_status(live)) is not None:
        telemetry["live"] = now
    kept = {name: before[name] for name in _CHECKED if name in before}
    if check is None:
        return telemetry | kept
    fresh = _checked(check)
    return telemetry | (kept if _still_holds(kept, fresh, check.load.as_of) else fresh)


def _checked(check: Check) -> Json:
    load = check.load
    fresh: Json = {
        "asOf": format_time(load.as_of),
        "windowSeconds": load.window_seconds,
        "coveragePercent": plain(load.coverage_percent),
        "figures": [_figure(figure) for figure in check.figures],
        "recommendations": list(check.recommendations),
    }
    if check.all_together is not None:
        fresh["monthlyIfAllObserved"] = _monthly(check.all_together)
    return fresh


def _figure(figure: Figure) -> Json:
    row: Json = {"assumption": figure.assumption, "assumed": plain(figure.assumed), "unit": figure.unit}
    if figure.observed is not None:
        row |= {"observed": plain(figure.observed), "source": figure.source}
    if figure.unknown_because is not None:
        row["unknownBecause"] = figure.unknown_because
    if figure.p95 is not None:
        row["observedP95"] = plain(figure.p95)
    if figure.estimate_if is not None:
        row["monthlyIfObserved"] = _monthly(figure.estimate_if)
    return row


def _monthly(estimate: Estimate) -> str:
    return str(cents(estimate.monthly_total))


def _still_holds(kept: Json, fresh: Json, as_of: datetime) -> bool:
    told_at = read_time(kept.get("asOf"))
    if (
        told_at is None
        or as_of - told_at >= REFRESH
        or len(kept.get("recommendations", ())) != len(fresh["recommendations"])
    ):
        return False
    try:
        return _texts(kept["figures"]) == _texts(fresh["figures"]) and all(
            abs(now - then) * 100 <= abs(then) * NEGLIGIBLE_CHANGE_PERCENT
            for then, now in zip(_numbers(kept), _numbers(fresh), strict=True)
        )
    except (AttributeError, InvalidOperation, KeyError, TypeError, ValueError):
        return False


def _texts(figures: Sequence[Json]) -> list[tuple[object, ...]]:
    """What must not differ at all."""
    return [(row["assumption"], row["assumed"], row["unit"], row.get("source")) for row in figures]


def _numbers(checked: Json) -> list[Decimal]:
    amounts = [checked.get("monthlyIfAllObserved", "0"), checked["coveragePercent"]]
    for row in checked["figures"]:
        amounts += [row[name] for name in ("observed", "observedP95", "monthlyIfObserved") if name in row]
    return [Decimal(amount) for amount in amounts]

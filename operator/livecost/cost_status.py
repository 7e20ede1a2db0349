"""The cost part of a CustomerCluster's status: projected beside observed, and what lies between."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from costmodel import cents, plain
from livecost.conditions import format_time, read_time
from livecost.cost_variance import quantities, variance_status
from livecost.observation_window import month_start
from livecost.observed_cost import NotMeasured, ObservedCost
from livecost.plan import Plan

Json = dict[str, Any]

# Figures that moved less than this are not written anew: a status is no time series.
NEGLIGIBLE_CHANGE_PERCENT = Decimal("0.1")
NEGLIGIBLE_COVERAGE_CHANGE = Decimal(1)

_MONTH_FIELDS = ("month", "monthToDate", "monthEndForecast", "monthToDateCoveragePercent", "monthToDateItems")


def cost_status(
    previous: Json,
    plan: Plan,
    observed: ObservedCost | NotMeasured,
    refresh_seconds: int,
    now: datetime,
    *,
    nodes_ready: bool = True,
) -> Json:
    """`status.cost`.

    Args:
        previous: the status before, whose figures stay while nothing new is known or nothing moved.
        plan: sizes and prices.
        observed: the observed cost, or why there is none.
        refresh_seconds: age at which an observation is written anew though no figure moved; 0 for never.
        now: the time, with zone.
        nodes_ready: whether the pools have the nodes that they should have now, as far as they tell.
    """
    estimate = plan.estimate
    margin_percent = estimate.gross_margin_percent
    cost: Json = {
        "currency": estimate.currency,
        "projected": {
            "monthly": str(cents(estimate.monthly_total)),
            "annual": str(cents(estimate.annual)),
            "items": {name: str(cents(amount)) for name, amount in estimate.monthly.items()},
            "explained": dict(plan.explained),
            "nodes": {"livekit": estimate.livekit.nodes, "sim": estimate.sim.nodes},
        },
        "license": {
            "annual": str(cents(estimate.license_annual)),
            "grossMargin": str(cents(estimate.gross_margin)),
            "grossMarginPercent": None if margin_percent is None else str(margin_percent),
        },
    }
    before = previous.get("cost") or {}
    cost["projected"] |= _in_force(before.get("projected") or {}, cost["projected"]["nodes"], now, ready=nodes_ready)
    if isinstance(observed, NotMeasured):
        # The last known figures stay, with their age.
        shown = before.get("observed") if before.get("currency") == estimate.currency else None
    else:
        shown = _observed(before.get("observed"), observed, refresh_seconds, now)
    if shown:
        cost["observed"] = shown
        cost["variance"] = variance_status(plan, shown)
        if verdict := (before.get("variance") or {}).get("lastVerdict"):
            cost["variance"]["lastVerdict"] = verdict
    return cost


def comparable_from(cost: Json, window_seconds: int) -> datetime | None:
    """The first end of a window all through which, but for a tenth, the pools stood as projected; None until they do.

    Args:
        cost: `status.cost`.
        window_seconds: length of the window.
    """
    since = read_time(cost["projected"].get("inForceSince"))
    return None if since is None else since + timedelta(seconds=window_seconds) * 9 / 10


def _in_force(before: Json, nodes: Json, now: datetime, *, ready: bool) -> Json:
    """Since when the pools stand as projected: from then on, nodes that come and go are no new projection."""
    if before.get("nodes") == nodes and "inForceSince" in before:
        return {"inForceSince": before["inForceSince"]}
    return {"inForceSince": format_time(now)} if ready else {}


def _observed(before: Json | None, observed: ObservedCost, refresh_seconds: int, now: datetime) -> Json:
    fresh = {
        "monthlyRunRate": str(cents(observed.monthly)),
        "coveragePercent": plain(observed.measured.coverage_percent),
        "windowSeconds": observed.measured.window_seconds,
        "asOf": format_time(observed.measured.as_of),
        "items": {name: str(cents(amount)) for name, amount in observed.items.items()},
        "sources": dict(observed.sources),
        "quantities": quantities(observed.measured),
    }
    fresh |= _months(before or {}, observed)
    return before if before and _still_holds(before, fresh, refresh_seconds, now) else fresh


def _months(before: Json, observed: ObservedCost) -> Json:
    months: Json = {}
    if (current := observed.month_to_date) is not None and observed.month_end is not None:
        months["month"] = f"{current.start:%Y-%m}"
        months["monthToDate"] = str(cents(current.total))
        months["monthEndForecast"] = str(cents(observed.month_end))
        months["monthToDateCoveragePercent"] = plain(current.coverage_percent)
        months["monthToDateItems"] = {name: str(cents(amount)) for name, amount in current.items.items()}
    elif before.get("month") == f"{observed.measured.as_of:%Y-%m}":
        # A process that has not read the month's days yet knows no better than the last one.
        months |= {name: before[name] for name in _MONTH_FIELDS if name in before}
    if (last := observed.last_month) is not None:
        months["lastMonth"] = {
            "month": f"{last.start:%Y-%m}",
            "total": str(cents(last.total)),
            "coveragePercent": plain(last.coverage_percent),
            "items": {name: str(cents(amount)) for name, amount in last.items.items()},
            "sources": dict(last.sources),
        }
    elif (kept := before.get("lastMonth")) and kept.get("month") == f"{_month_before(observed):%Y-%m}":
        months["lastMonth"] = kept
    return months


def _month_before(observed: ObservedCost) -> datetime:
    return month_start(month_start(observed.measured.as_of) - timedelta(days=1))


def _still_holds(before: Json, fresh: Json, refresh_seconds: int, now: datetime) -> bool:
    try:
        rate, coverage = Decimal(before["monthlyRunRate"]), Decimal(before["coveragePercent"])
        as_of = read_time(before["asOf"])
    except (KeyError, InvalidOperation):
        return False
    if (
        as_of is None
        or "quantities" not in before
        or any(before.get(name) != fresh.get(name) for name in ("sources", "month", "lastMonth"))
    ):
        return False
    if refresh_seconds and now - as_of > timedelta(seconds=refresh_seconds):
        return False
    moved = abs(Decimal(fresh["monthlyRunRate"]) - rate) * 100 > rate * NEGLIGIBLE_CHANGE_PERCENT
    return not moved and abs(Decimal(fresh["coveragePercent"]) - coverage) < NEGLIGIBLE_COVERAGE_CHANGE

"""From measured quantities to observed cost, by the rules and prices of the cost model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from costmodel import egress_cost_per_month, node_cost_per_month
from costmodel.decimals import exact
from costmodel.fields import HOURS_PER_MONTH
from livecost.plan import Plan

STATED = "stated"
ASSUMED = "assumed"
OPENCOST = "opencost"

# Below this share of its window a figure is shown, but not called observed.
LEAST_COVERAGE_PERCENT = Decimal(90)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A measured quantity and the telemetry it comes from."""

    value: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class Measured:
    """What telemetry says of one customer.

    Attributes:
        nodes: pool name to its average number of nodes over the covered part of the window; absent when unknown.
        egress_gb_per_hour: average GB (10^9 bytes) sent per hour; None when unknown.
        coverage_percent: share of the window for which telemetry is there, 0 to 100.
        window_seconds: length of the window.
        as_of: end of the window.
        cost_per_hour: pool name to what OpenCost says its nodes cost per hour; absent when it does not say.
    """

    nodes: Mapping[str, Quantity]
    egress_gb_per_hour: Quantity | None
    coverage_percent: Decimal
    window_seconds: int
    as_of: datetime
    cost_per_hour: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotMeasured:
    """Why nothing was measured, and the remedy."""

    reason: str
    message: str


NOT_YET = NotMeasured("NotYetObserved", "the first observation is under way")


@dataclass(frozen=True, slots=True)
class MonthCost:
    """Cost of one customer in a part of a calendar month, unrounded, in the currency of the prices.

    Attributes:
        start: begin of the month, UTC.
        as_of: up to when it is known.
        coverage_percent: share of the time up to then for which telemetry is there; nothing is scaled up for the rest.
        items: line item to cost.
        total: their sum.
        sources: line item to where it comes from.
    """

    start: datetime
    as_of: datetime
    coverage_percent: Decimal
    items: Mapping[str, Decimal]
    total: Decimal
    sources: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ObservedCost:
    """Run rate of one customer, unrounded, in the currency of the prices.

    Attributes:
        items: line item to cost per month.
        monthly: their sum.
        sources: line item to where it comes from.
        measured: the quantities behind it.
        month_to_date: cost of the calendar month so far; None while not all of its days are known.
        month_end: what that comes to at its end, if it goes on like the window; None likewise.
        last_month: cost of the calendar month before; None likewise, and where the customer is younger.
    """

    items: Mapping[str, Decimal]
    monthly: Decimal
    sources: Mapping[str, str]
    measured: Measured
    month_to_date: MonthCost | None = None
    month_end: Decimal | None = None
    last_month: MonthCost | None = None


@exact
def price_measured(measured: Measured, plan: Plan, opencost_currency: str | None = None) -> ObservedCost:
    """Price measured quantities.

    A pool costs what OpenCost says where that is known in the plan's currency; else its average nodes cost what as many
    always-on nodes cost. What is not measured keeps its projected amount and says so: fixed prices as stated, anything
    else as assumed.

    Args:
        measured: the quantities.
        plan: prices, and the projection that stands in for what is unknown.
        opencost_currency: the currency in which OpenCost tells prices; None to use only the plan's.
    """
    assumptions = plan.assumptions
    items = dict(plan.estimate.monthly)
    sources = dict.fromkeys(items, STATED)
    groups = {"livekit": assumptions.nodes.livekit, "sim": assumptions.nodes.sim}
    for name, group in groups.items():
        sources[name] = ASSUMED
        if quantity := measured.nodes.get(name):
            per_hour = measured.cost_per_hour.get(name)
            if per_hour is not None and assumptions.currency == opencost_currency:
                items[name], sources[name] = per_hour * HOURS_PER_MONTH, OPENCOST
            else:
                items[name] = node_cost_per_month(group, quantity.value, HOURS_PER_MONTH)
                sources[name] = quantity.source
    sources["egress"] = ASSUMED
    if egress := measured.egress_gb_per_hour:
        livekit = measured.nodes.get("livekit")
        nodes = livekit.value if livekit else Decimal(plan.estimate.livekit.nodes)
        items["egress"] = egress_cost_per_month(assumptions.network, egress.value * HOURS_PER_MONTH, nodes)
        sources["egress"] = egress.source
    monthly = sum(items.values(), start=Decimal(0))
    return ObservedCost(items, monthly, sources, measured)

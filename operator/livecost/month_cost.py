"""What a calendar month has cost so far, and what it comes to if it goes on as of late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from costmodel import egress_cost_per_month, node_price
from costmodel.assumptions import NodeGroup
from costmodel.decimals import exact
from livecost.month_ledger import Months, MonthUse, PoolUse, quotient
from livecost.observed_cost import ASSUMED, OPENCOST, STATED, Measured, MonthCost, ObservedCost, Quantity
from livecost.plan import Plan

_ZERO = Decimal(0)


@exact
def month_cost(use: MonthUse, plan: Plan, opencost_currency: str | None) -> MonthCost:
    """Price what was used of a month (SPEC, Observed months).

    A node costs its hours, up to its own monthly cap. Prices per month, and what no telemetry tells, count by the share
    of the calendar month that is over.

    Args:
        use: what telemetry says.
        plan: prices, and the projection that stands in for what is unknown.
        opencost_currency: the currency in which OpenCost tells prices; None to use only the plan's.
    """
    share = quotient(use.hours, use.month_hours)
    items = {name: amount * share for name, amount in plan.estimate.monthly.items()}
    sources = dict.fromkeys(items, STATED)
    items["system"] = plan.assumptions.nodes.system.nodes * node_price(plan.assumptions.nodes.system, use.hours)
    for name, group in _groups(plan).items():
        sources[name] = ASSUMED
        if pool := use.pools.get(name):
            items[name], sources[name] = _pool_cost(pool, group, plan, opencost_currency)
    sources["egress"] = ASSUMED
    if use.egress_gb is not None and use.egress_source is not None:
        node_months = quotient(_node_hours(use, plan), use.month_hours)
        items["egress"] = egress_cost_per_month(plan.assumptions.network, use.egress_gb, node_months)
        sources["egress"] = use.egress_source
    return _summed(use, items, sources)


@exact
def month_end_cost(use: MonthUse, latest: Measured, plan: Plan, opencost_currency: str | None) -> Decimal:
    """What the whole month comes to if its rest goes on like the window that was measured last.

    The nodes that have run the longest run on, so that monthly caps are reached where they will be; egress goes on
    through the tiers of the month; prices per month count for all of it.

    Args:
        use: what telemetry says of the month so far.
        latest: the window.
        plan: prices, and the projection that stands in for what is unknown.
        opencost_currency: as for `month_cost`.
    """
    so_far = month_cost(use, plan, opencost_currency)
    seconds = (use.end - use.as_of).total_seconds()
    left = quotient(Decimal(int(seconds)), Decimal(3600))
    share = quotient(use.hours + left, use.month_hours)
    items = {name: amount * share for name, amount in plan.estimate.monthly.items()}
    items["system"] = plan.assumptions.nodes.system.nodes * node_price(plan.assumptions.nodes.system, use.hours + left)
    for name, group in _groups(plan).items():
        pool, now = use.pools.get(name), latest.nodes.get(name)
        if pool is None or now is None:
            continue
        if so_far.sources[name] == OPENCOST:
            rate = latest.cost_per_hour.get(name)
            per_hour = now.value * node_price(group, Decimal(1)) if rate is None else rate
            items[name] = so_far.items[name] + per_hour * left
        else:
            items[name] = _nodes_cost(_continued(pool, now, left), group)
    if use.egress_gb is not None and latest.egress_gb_per_hour is not None:
        livekit = latest.nodes.get("livekit")
        more = livekit.value if livekit else Decimal(plan.estimate.livekit.nodes)
        node_months = quotient(_node_hours(use, plan) + more * left, use.month_hours)
        gb = use.egress_gb + latest.egress_gb_per_hour.value * left
        items["egress"] = egress_cost_per_month(plan.assumptions.network, gb, node_months)
    return sum(items.values(), start=_ZERO)


def with_months(observed: ObservedCost, months: Months, plan: Plan, opencost_currency: str | None) -> ObservedCost:
    """An observed run rate together with what the calendar months cost."""
    current = months.current
    return replace(
        observed,
        month_to_date=None if current is None else month_cost(current, plan, opencost_currency),
        month_end=None if current is None else month_end_cost(current, observed.measured, plan, opencost_currency),
        last_month=None if months.last is None else month_cost(months.last, plan, opencost_currency),
    )


def _groups(plan: Plan) -> dict[str, NodeGroup]:
    return {"livekit": plan.assumptions.nodes.livekit, "sim": plan.assumptions.nodes.sim}


def _pool_cost(pool: PoolUse, group: NodeGroup, plan: Plan, opencost_currency: str | None) -> tuple[Decimal, str]:
    if pool.cost is not None and plan.assumptions.currency == opencost_currency:
        return pool.cost, OPENCOST
    if pool.told_apart:
        return _nodes_cost(pool.node_hours, group), pool.source
    # Nodes that nobody told apart count as so many that were there all the time.
    hours = sum(pool.node_hours, start=_ZERO)
    return quotient(hours, pool.covered_hours) * node_price(group, pool.covered_hours), pool.source


def _nodes_cost(node_hours: tuple[Decimal, ...], group: NodeGroup) -> Decimal:
    return sum((node_price(group, hours) for hours in node_hours), start=_ZERO)


def _continued(pool: PoolUse, now: Quantity, left: Decimal) -> tuple[Decimal, ...]:
    """Each node's hours at the end of the month, when as many as of late run on."""
    if pool.told_apart:
        known = pool.node_hours
    else:
        whole, part = divmod(sum(pool.node_hours, start=_ZERO), pool.covered_hours)
        known = (pool.covered_hours,) * int(whole) + ((part,) if part else ())
    running = now.value
    hours: list[Decimal] = []
    for own in known:
        goes_on = min(Decimal(1), running)
        hours.append(own + goes_on * left)
        running -= goes_on
    while running > 0:
        goes_on = min(Decimal(1), running)
        hours.append(goes_on * left)
        running -= goes_on
    return tuple(hours)


def _node_hours(use: MonthUse, plan: Plan) -> Decimal:
    livekit = use.pools.get("livekit")
    if livekit is None:
        return plan.estimate.livekit.nodes * use.hours
    return sum(livekit.node_hours, start=_ZERO)


def _summed(use: MonthUse, items: Mapping[str, Decimal], sources: Mapping[str, str]) -> MonthCost:
    total = sum(items.values(), start=_ZERO)
    return MonthCost(use.start, use.as_of, use.coverage_percent, items, total, sources)

"""Why the observed cost is not the projected one, item by item, in amounts that add up to what is shown."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from costmodel import HOURS_PER_MONTH, cents, compare, egress_cost_per_month, format_money, node_price, plain
from costmodel.apportion import apportioned
from costmodel.decimals import exact, round_half_up, rounded_quotient
from costmodel.explained import Change
from costmodel.observed_change import PoolChange, egress_change, pool_change, price_change
from livecost.observed_cost import STATED, Measured
from livecost.plan import Plan

Json = dict[str, Any]

PARTS = ("quantity", "usage", "price")
_MEASURABLE = ("livekit", "sim", "egress")
_NODE_HOUR_DECIMALS = 4


def quantities(measured: Measured) -> dict[str, str]:
    """What was measured, by line item: nodes on average, and GB (10^9 bytes) per month of 730 hours."""
    found = {name: quantity.value for name, quantity in measured.nodes.items()}
    if measured.egress_gb_per_hour is not None:
        found["egress"] = measured.egress_gb_per_hour.value * HOURS_PER_MONTH
    return {name: plain(round_half_up(value, 6)) for name, value in found.items()}


@exact
def variance_status(plan: Plan, shown: Json) -> Json:
    """`status.cost.variance` (SPEC, Variance).

    Both totals are compared as shown, so that anybody can check the difference. Items that were not measured and do
    not deviate are left out.

    Args:
        plan: the projection.
        shown: `status.cost.observed`, which may be older than the plan.
    """
    variance = compare(cents(plan.estimate.monthly_total), Decimal(shown["monthlyRunRate"]))
    status: Json = {
        "monthly": str(variance.monthly),
        "percent": None if variance.percent is None else str(variance.percent),
    }
    if "quantities" in shown:
        status["items"] = _items(plan, shown, variance.monthly)
    return status


def biggest_part(items: Json) -> tuple[str, str, Decimal] | None:
    """Item, part and amount of the largest cause of a variance in its own direction; None where nothing deviates."""
    total = sum((Decimal(item["monthly"]) for item in items.values()), start=Decimal(0))
    sign = -1 if total < 0 else 1
    found = [(name, part, Decimal(item[part])) for name, item in items.items() for part in PARTS]
    best = max(found, key=lambda row: sign * row[2], default=None)
    return best if best is not None and sign * best[2] > 0 else None


def signed_money(amount: Decimal, currency: str) -> str:
    """`amount` for people with its sign: "+$87.60"."""
    return f"{'' if amount < 0 else '+'}{format_money(amount, currency)}"


def _items(plan: Plan, shown: Json, total: Decimal) -> Json:
    pools = {name: change for name in ("livekit", "sim") if (change := _pool(name, plan, shown)) is not None}
    changes = {name: _change(name, plan, shown, pools.get(name)) for name in plan.estimate.monthly}
    exact_parts = [
        part for change in changes.values() for part in (change.by_quantity, change.by_usage, change.by_price)
    ]
    parts = iter(apportioned(exact_parts, total))
    items: Json = {}
    for name in changes:
        amounts = dict(zip(PARTS, parts, strict=False))
        if any(amounts.values()) or name in _MEASURABLE:
            items[name] = {"monthly": str(sum(amounts.values(), start=Decimal(0)))}
            items[name] |= {part: str(amount) for part, amount in amounts.items()}
            items[name]["explained"] = _explained(name, plan, shown, pools.get(name), amounts)
    return items


def _change(name: str, plan: Plan, shown: Json, pool: PoolChange | None) -> Change:
    if pool is not None:
        return pool.change
    estimate, network = plan.estimate, plan.assumptions.network
    gb = shown["quantities"].get("egress")
    if name == "egress" and gb is not None:
        nodes = Decimal(shown["quantities"].get("livekit", estimate.livekit.nodes))
        cost = _unrounded(shown["items"][name], egress_cost_per_month(network, Decimal(gb), nodes))
        return egress_change(network, estimate.livekit.nodes, estimate.egress_gb, Decimal(gb), cost)
    projected = estimate.monthly[name]
    return price_change(projected, _unrounded(shown["items"].get(name, projected), projected))


def _pool(name: str, plan: Plan, shown: Json) -> PoolChange | None:
    average = shown["quantities"].get(name)
    if average is None:
        return None
    group = {"livekit": plan.assumptions.nodes.livekit, "sim": plan.assumptions.nodes.sim}[name]
    cost = _unrounded(shown["items"][name], Decimal(average) * node_price(group, HOURS_PER_MONTH))
    hours = plan.assumptions.demand.active_hours_per_month
    return pool_change(group, _planned_nodes(name, plan), hours, Decimal(average), cost)


def _unrounded(shown: str | Decimal, computed: Decimal) -> Decimal:
    """The amount behind a shown one: as computed where both are the same to the cent, as rounding is no price."""
    return computed if cents(computed) == cents(Decimal(shown)) else Decimal(shown)


def _planned_nodes(name: str, plan: Plan) -> int:
    return {"livekit": plan.estimate.livekit.nodes, "sim": plan.estimate.sim.nodes}[name]


def _explained(name: str, plan: Plan, shown: Json, pool: PoolChange | None, amounts: dict[str, Decimal]) -> str:
    currency = plan.estimate.currency
    words = dict.fromkeys(PARTS, "")
    if pool is not None:
        words |= _pool_words(name, plan, shown, pool)
    elif name == "egress" and "egress" in shown["quantities"]:
        gb = Decimal(shown["quantities"]["egress"])
        words["quantity"] = f"{_short(gb)} GB instead of {_short(plan.estimate.egress_gb)}"
        words["price"] = f"{_per_unit(Decimal(shown['items']['egress']), gb)} a GB, with what the nodes include"
    else:
        words["price"] = "observed before the projection changed"
    told = [f"{words[part]}: {signed_money(amount, currency)}" for part, amount in amounts.items() if amount]
    if told:
        return "; ".join(told)
    if name in shown["quantities"]:
        return "as projected"
    return "as stated" if shown["sources"].get(name) == STATED else "no telemetry: the projection stands in"


def _pool_words(name: str, plan: Plan, shown: Json, pool: PoolChange) -> Json:
    average = Decimal(shown["quantities"][name])
    always_on = "" if pool.compared_nodes == _planned_nodes(name, plan) else " always on"
    nodes = "node" if average == 1 else "nodes"
    unit = _per_unit(Decimal(shown["items"][name]), average * HOURS_PER_MONTH)
    return {
        "quantity": f"{_short(average)} {nodes} on average instead of {pool.compared_nodes}{always_on}",
        "usage": f"{_short(pool.observed_node_hours)} hours of the nodes above the floor instead of "
        f"{_short(pool.planned_node_hours)}",
        "price": f"{unit} a node and hour ({shown['sources'][name]})",
    }


def _short(number: Decimal) -> str:
    return plain(round_half_up(number, 2))


def _per_unit(amount: Decimal, quantity: Decimal) -> str:
    price = rounded_quotient(amount, quantity, _NODE_HOUR_DECIMALS)
    return "?" if price is None else plain(price)

"""An estimate as JSON and each line item in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from costmodel.decimals import cents, exact, plain
from costmodel.egress import billable_gb_per_month
from costmodel.fields import HOURS_PER_MONTH
from costmodel.node_cost import node_price

if TYPE_CHECKING:
    from decimal import Decimal

    from costmodel.assumptions import Assumptions, NodeGroup, SystemNodes
    from costmodel.projection import Estimate
    from costmodel.sizing import PoolSize


def estimate_to_json(estimate: Estimate, assumptions: Assumptions | None = None) -> dict[str, Any]:
    """The estimate as JSON values: money as text to the cent, other decimals as plain text, counts as numbers.

    Unknown is null: `grossMarginPercent` when the license is 0. `conversion` is there only for converted amounts, and
    `secondHandPrices` only where prices of `assumptions` are known second hand.

    Args:
        estimate: the result.
        assumptions: what it was computed from; without it, prices known second hand are not told.
    """
    percent = estimate.gross_margin_percent
    fleet = estimate.fleet
    rate = estimate.shown_by
    return {
        "currency": estimate.currency,
        **({} if rate is None else {"conversion": {"rate": plain(rate.price), "date": rate.date.isoformat()}}),
        "demand": {
            "peakUsers": estimate.demand.peak_users,
            "sessions": estimate.demand.sessions,
            "participants": estimate.demand.participants,
        },
        "nodes": {
            "livekit": _pool_to_json(estimate.livekit),
            "sim": _pool_to_json(estimate.sim),
            "system": {"nodes": estimate.system_nodes},
        },
        "egressGB": plain(estimate.egress_gb),
        "monthly": {
            **{item: str(cents(cost)) for item, cost in estimate.monthly.items()},
            "total": str(cents(estimate.monthly_total)),
        },
        "annual": str(cents(estimate.annual)),
        "license": {
            "annual": str(cents(estimate.license_annual)),
            "grossMargin": str(cents(estimate.gross_margin)),
            "grossMarginPercent": None if percent is None else str(percent),
        },
        "fleet": {
            "customers": fleet.customers,
            "annualInfra": str(cents(fleet.annual_infra)),
            "annualRevenue": str(cents(fleet.annual_revenue)),
            "annualGrossMargin": str(cents(fleet.annual_gross_margin)),
        },
        **_second_hand_to_json(assumptions),
    }


def _second_hand_to_json(assumptions: Assumptions | None) -> dict[str, Any]:
    if assumptions is None or not assumptions.second_hand:
        return {}
    prices = [
        {"item": each.item, "entry": each.entry, "date": each.date.isoformat()} for each in assumptions.second_hand
    ]
    return {"secondHandPrices": prices}


def _pool_to_json(size: PoolSize) -> dict[str, Any]:
    return {"required": size.required, "nodes": size.nodes, "limitedBy": size.limited_by, "setBy": size.set_by}


@exact
def explain(estimate: Estimate, assumptions: Assumptions) -> dict[str, str]:
    """How each line item of `estimate.monthly` came about, in words such as "1 node x 0.24/h x 730 h".

    Args:
        estimate: the result.
        assumptions: what it was computed from.
    """
    nodes, active_hours = assumptions.nodes, assumptions.demand.active_hours_per_month
    words = dict.fromkeys(estimate.monthly, "monthly figure")
    words["livekit"] = _pool_in_words(nodes.livekit, estimate.livekit.nodes, nodes.livekit.idle_nodes, active_hours)
    words["sim"] = _pool_in_words(nodes.sim, estimate.sim.nodes, nodes.sim.idle_nodes, active_hours)
    words["system"] = _pool_in_words(nodes.system, estimate.system_nodes, estimate.system_nodes, HOURS_PER_MONTH)
    words["egress"] = _egress_in_words(estimate, assumptions)
    for price in assumptions.second_hand:
        words[price.item] += f"; price known second hand, {price.date}"
    return words


def _pool_in_words(group: NodeGroup | SystemNodes, nodes: int, always_on: int, active_hours: Decimal) -> str:
    always_on = min(nodes, always_on)
    if active_hours == HOURS_PER_MONTH:
        always_on = nodes
    parts = []
    if always_on or not nodes:
        parts.append(_nodes_in_words(group, always_on, HOURS_PER_MONTH))
    if nodes > always_on:
        parts.append(_nodes_in_words(group, nodes - always_on, active_hours))
    return " + ".join(parts)


def _nodes_in_words(group: NodeGroup | SystemNodes, nodes: int, hours: Decimal) -> str:
    count = f"{nodes} node{'' if nodes == 1 else 's'}"
    if group.hourly_price is None:
        return f"{count} x {plain(node_price(group, hours))} (monthly price)"
    if group.monthly_cap is not None and node_price(group, hours) < group.hourly_price * hours:
        return f"{count} x {plain(group.monthly_cap)} (monthly cap)"
    return f"{count} x {plain(group.hourly_price)}/h x {plain(hours)} h"


def _egress_in_words(estimate: Estimate, assumptions: Assumptions) -> str:
    network = assumptions.network
    billable = billable_gb_per_month(network, estimate.egress_gb, estimate.livekit.nodes)
    volume = f"{plain(estimate.egress_gb)} GB"
    if billable != estimate.egress_gb:
        volume = f"({volume} - {plain(estimate.egress_gb - billable)} GB free or included)"
    below = [tier.up_to_gb for tier in network.tiers if tier.up_to_gb is not None and tier.up_to_gb < billable]
    price = f"{len(below) + 1} price tiers" if below else f"{plain(network.tiers[0].price_per_gb)}/GB"
    source = (
        f"{estimate.demand.participants} participants x {plain(network.media_mbps)} Mbps "
        f"x {plain(network.usage_hours_per_month)} h"
    )
    return f"{volume} x {price} ({source})"

"""Why an observed line of the bill is not the projected one: quantity, usage and price (SPEC, Variance)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from costmodel.decimals import exact
from costmodel.egress import egress_cost_per_month
from costmodel.explained import Change, Line, explain_change
from costmodel.fields import HOURS_PER_MONTH
from costmodel.node_cost import node_price

if TYPE_CHECKING:
    from costmodel.assumptions import Network, NodeGroup

_NONE = Decimal(0)


@dataclass(frozen=True, slots=True)
class PoolChange:
    """The change of a pool's cost per month.

    Attributes:
        change: the amounts; its parts add up to observed less projected.
        compared_nodes: planned nodes that the average is held against: all of them, or those that are always on where
            the average is below them.
        planned_node_hours: hours per month that all nodes above those always on were to run, together.
        observed_node_hours: hours per month that they ran, together.
    """

    change: Change
    compared_nodes: int
    planned_node_hours: Decimal
    observed_node_hours: Decimal


@exact
def pool_change(
    group: NodeGroup, nodes: int, active_hours: Decimal, average_nodes: Decimal, observed_cost: Decimal
) -> PoolChange:
    """Why a pool costs what it costs.

    An average of nodes between those always on and those planned tells hours, as some of them run in active hours only;
    above it tells more nodes than planned, below it fewer. Where hours do not change what a node costs, it tells nodes
    only.

    Args:
        group: the pool's prices and floor.
        nodes: planned nodes.
        active_hours: hours per month, 0 to 730, that the nodes above the floor were to run.
        average_nodes: observed nodes on average.
        observed_cost: what the pool costs per month as observed, in the currency of the prices.
    """
    month_price = node_price(group, HOURS_PER_MONTH)
    hours_matter = node_price(group, active_hours) != month_price
    always_on = min(nodes, group.idle_nodes) if hours_matter else nodes
    within = min(max(average_nodes, Decimal(always_on)), Decimal(nodes))
    beyond = average_nodes - within
    planned_hours = (nodes - always_on) * active_hours
    observed_hours = (within - always_on) * HOURS_PER_MONTH

    def price(extra_nodes: Decimal, node_hours: Decimal) -> Decimal:
        shared = _shared_price(group, nodes - always_on, node_hours)
        return (always_on + extra_nodes) * month_price + shared

    change = explain_change(Line(_NONE, planned_hours, price), Line(beyond, observed_hours, lambda *_: observed_cost))
    return PoolChange(change, always_on if beyond < 0 else nodes, planned_hours, observed_hours)


def _shared_price(group: NodeGroup, nodes: int, node_hours: Decimal) -> Decimal:
    """Price of `nodes` that share `node_hours` evenly; a division of the hours would not be exact."""
    if group.hourly_price is None:
        assert group.monthly_cap is not None  # noqa: S101 - resolve refuses a pool without any price
        return nodes * group.monthly_cap if node_hours else _NONE
    price = group.hourly_price * node_hours
    return price if group.monthly_cap is None else min(price, nodes * group.monthly_cap)


@exact
def egress_change(
    network: Network, livekit_nodes: int, planned_gb: Decimal, observed_gb: Decimal, observed_cost: Decimal
) -> Change:
    """Why egress costs what it costs: the observed GB through the planned tiers are quantity, the rest is price.

    Args:
        network: prices, free volume and included volume.
        livekit_nodes: planned LiveKit nodes, whose price includes volume.
        planned_gb: assumed GB (10^9 bytes) per month.
        observed_gb: observed GB per month.
        observed_cost: what they cost per month as observed, in the currency of the prices.
    """
    return explain_change(
        Line(planned_gb, None, lambda gb, _: egress_cost_per_month(network, gb, livekit_nodes)),
        Line(observed_gb, None, lambda *_: observed_cost),
    )


@exact
def price_change(projected_cost: Decimal, observed_cost: Decimal) -> Change:
    """The change of a line whose quantity and usage nobody measured: all of it is price."""
    return Change(projected_cost, observed_cost, _NONE, _NONE, observed_cost - projected_cost)

"""An estimate as charges, each a quantity times a unit price."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from costmodel.decimals import exact, plain
from costmodel.egress import billable_gb_per_month, tier_volumes
from costmodel.fields import HOURS_PER_MONTH
from costmodel.node_cost import node_price

if TYPE_CHECKING:
    from collections.abc import Iterator

    from costmodel.assumptions import Assumptions, NodeGroup, SystemNodes
    from costmodel.projection import Estimate

Unit = Literal["Hours", "Months", "GB"]
_ONE = Decimal(1)
_FREE = Decimal(0)


@dataclass(frozen=True, slots=True)
class Charge:
    """One price applied to one quantity.

    Attributes:
        item: line item of an estimate (`Estimate.monthly`).
        description: what is paid for, in words.
        quantity: what is charged, in `unit`.
        unit: hours (of a node), months or GB (10^9 bytes).
        unit_price: price of one `unit`, in the currency of the prices.
        consumed: what is used, in `consumed_unit`; other than `quantity` where a node is paid by the month.
        consumed_unit: as `unit`.
        sku: the provider's name of the machine type; None where there is none or it is not stated.
    """

    item: str
    description: str
    quantity: Decimal
    unit: Unit
    unit_price: Decimal
    consumed: Decimal
    consumed_unit: Unit
    sku: str | None = None

    @property
    @exact
    def cost(self) -> Decimal:
        """`quantity` x `unit_price`, unrounded."""
        return self.quantity * self.unit_price


@exact
def charges(estimate: Estimate, assumptions: Assumptions) -> list[Charge]:
    """The charges of one month, in the order of the line items (SPEC, FOCUS rows).

    The charges of a line item add up to it exactly. A quantity of 0 is no charge; a price of 0 is one.

    Args:
        estimate: the result, in the currency of the prices.
        assumptions: what it was computed from.
    """
    nodes, active_hours = assumptions.nodes, assumptions.demand.active_hours_per_month
    livekit, sim = estimate.livekit.nodes, estimate.sim.nodes
    services = [
        _monthly_figure(item, estimate.monthly[item])
        for item in ("controlPlane", "redis", "loadBalancer", "storageAndLogs", "observability")
    ]
    found = [
        *_pool("livekit", nodes.livekit, livekit, nodes.livekit.idle_nodes, active_hours),
        *_pool("sim", nodes.sim, sim, nodes.sim.idle_nodes, active_hours),
        *_pool("system", nodes.system, estimate.system_nodes, estimate.system_nodes, HOURS_PER_MONTH),
        *services,
        *_egress(estimate, assumptions),
    ]
    return [charge for charge in found if charge.quantity]


def _monthly_figure(item: str, price: Decimal) -> Charge:
    return Charge(item, "monthly figure", _ONE, "Months", price, _ONE, "Months")


def _pool(
    item: str, group: NodeGroup | SystemNodes, nodes: int, idle_nodes: int, active_hours: Decimal
) -> Iterator[Charge]:
    if active_hours == HOURS_PER_MONTH:
        yield _nodes(item, group, nodes, HOURS_PER_MONTH, "always on")
        return
    always_on = min(nodes, idle_nodes)
    yield _nodes(item, group, always_on, HOURS_PER_MONTH, "always on")
    yield _nodes(item, group, nodes - always_on, active_hours, "in active hours")


def _nodes(item: str, group: NodeGroup | SystemNodes, nodes: int, hours: Decimal, when: str) -> Charge:
    description = f"{nodes} node{'' if nodes == 1 else 's'} {when}, {plain(hours)} h each"
    node_hours = nodes * hours
    price = node_price(group, hours)
    if group.hourly_price is None or price < group.hourly_price * hours:
        months = Decimal(nodes) if hours else _FREE
        return Charge(item, f"{description}, by the month", months, "Months", price, node_hours, "Hours", group.sku)
    return Charge(item, description, node_hours, "Hours", group.hourly_price, node_hours, "Hours", group.sku)


def _egress(estimate: Estimate, assumptions: Assumptions) -> Iterator[Charge]:
    network = assumptions.network
    billable = billable_gb_per_month(network, estimate.egress_gb, estimate.livekit.nodes)
    free = estimate.egress_gb - billable
    yield Charge("egress", "free or included volume", free, "GB", _FREE, free, "GB")
    start = "0"
    for tier, volume in tier_volumes(network.tiers, billable):
        reach = f"above {start}" if tier.up_to_gb is None else f"from {start} to {plain(tier.up_to_gb)}"
        description = "billable volume" if len(network.tiers) == 1 else f"billable volume {reach} GB"
        yield Charge("egress", description, volume, "GB", tier.price_per_gb, volume, "GB")
        start = start if tier.up_to_gb is None else plain(tier.up_to_gb)

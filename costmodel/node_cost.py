"""Node counts to money per month."""

from __future__ import annotations

from decimal import Decimal

from costmodel.assumptions import NodeGroup, SystemNodes
from costmodel.decimals import exact
from costmodel.fields import HOURS_PER_MONTH


@exact
def node_cost_per_month(
    group: NodeGroup | SystemNodes, nodes: Decimal | int, active_hours: Decimal = HOURS_PER_MONTH
) -> Decimal:
    """What `nodes` of a pool cost in one month (SPEC, Node cost); in the currency of the prices, unrounded.

    always-on nodes x min(hourly x 730, cap) + the other nodes x min(hourly x active_hours, cap), where a pool's floor
    is always on and so are all system nodes.

    Args:
        group: the pool's prices and floor.
        nodes: nodes during the active hours; an observed average may be a fraction.
        active_hours: hours per month, 0 to 730, in which the nodes above the floor run.
    """
    always_on = nodes if isinstance(group, SystemNodes) else min(nodes, group.idle_nodes)
    cost = always_on * node_price(group, HOURS_PER_MONTH)
    if always_on == nodes:
        return cost
    return cost + (nodes - always_on) * node_price(group, active_hours)


def node_price(group: NodeGroup | SystemNodes, hours: Decimal) -> Decimal:
    """Price of one node for `hours` of a month, not above the provider's monthly cap.

    Where only the monthly cap is known, a node that runs at all costs the cap: never too little, and no price made up.
    """
    if group.hourly_price is None:
        assert group.monthly_cap is not None  # noqa: S101 - resolve refuses a pool without any price
        return group.monthly_cap if hours else Decimal(0)
    price = group.hourly_price * hours
    return price if group.monthly_cap is None else min(price, group.monthly_cap)

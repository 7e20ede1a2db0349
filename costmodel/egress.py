"""Media traffic to volume to money."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from costmodel.decimals import exact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from costmodel.assumptions import EgressTier, Network

# One megabit per second for one hour, in GB: 3600 s / 8 bits per byte / 1000 MB per GB.
_GB_PER_MBPS_HOUR = Decimal("0.45")
_GB_PER_TB = Decimal(1000)
_NOTHING = Decimal(0)


@exact
def egress_gb_per_month(participants: Decimal | int, network: Network) -> Decimal:
    """GB (10^9 bytes) sent in a month (SPEC, Egress).

    participants x mediaMbps x usageHoursPerMonth x 3600 / 8 / 1000
    """
    return participants * network.media_mbps * network.usage_hours_per_month * _GB_PER_MBPS_HOUR


def billable_gb_per_month(network: Network, egress_gb: Decimal, livekit_nodes: Decimal | int) -> Decimal:
    """The part of `egress_gb` that is charged: without the free volume and what the LiveKit nodes include."""
    return charged_gb(egress_gb, network.free_gb, network.included_tb_per_node * livekit_nodes)


def charged_gb(egress_gb: Decimal, free_gb: Decimal, included_tb: Decimal) -> Decimal:
    """`egress_gb` without the month's free GB and included TB, not below 0."""
    return max(_NOTHING, egress_gb - free_gb - included_tb * _GB_PER_TB)


@exact
def egress_cost_per_month(network: Network, egress_gb: Decimal, livekit_nodes: Decimal | int) -> Decimal:
    """What a month's egress costs (SPEC, Egress); in the currency of the prices, unrounded.

    Args:
        network: prices, free volume and included volume.
        egress_gb: GB (10^9 bytes) sent in the month.
        livekit_nodes: LiveKit nodes whose price includes volume; an observed average may be a fraction.
    """
    return tiered_cost(network.tiers, billable_gb_per_month(network, egress_gb, livekit_nodes))


@exact
def tiered_cost(tiers: Iterable[EgressTier], billable: Decimal) -> Decimal:
    """What `billable` GB cost: for each tier the part that lies in it x its price; unrounded."""
    return sum((volume * tier.price_per_gb for tier, volume in tier_volumes(tiers, billable)), _NOTHING)


def tier_volumes(tiers: Iterable[EgressTier], billable: Decimal) -> Iterator[tuple[EgressTier, Decimal]]:
    """The tiers that `billable` GB reach, each with the GB that lie in it."""
    priced_up_to = _NOTHING
    for tier in tiers:
        end = billable if tier.up_to_gb is None else min(billable, tier.up_to_gb)
        yield tier, end - priced_up_to
        if end == billable:
            return
        priced_up_to = end

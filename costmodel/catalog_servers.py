"""The machine types of a price catalog as servers that carry sessions."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from costmodel.assumptions import SystemNodes
from costmodel.audio_document import SERVERS
from costmodel.decimals import exact
from costmodel.fields import HOURS_PER_MONTH
from costmodel.node_cost import node_price
from costmodel.servers import ServerType

if TYPE_CHECKING:
    from costmodel.catalog import RegionPrices
    from costmodel.catalog_document import NodeTypePrice

_PRINTED: Final = {server.name: server.cpu_percent_per_session for server in SERVERS}
DEDICATED_CPU_PERCENT: Final = _PRINTED["CCX23"]
"""CPU of a light and of a heavy session in percent of a dedicated vCPU, as the audio sizing document's CCX23 has it."""
SHARED_CPU_PERCENT: Final = _PRINTED["CX21"]
"""The same for a shared vCPU, of which the document's CX21 has the heaviest figures."""


@exact
def catalog_servers(
    prices: RegionPrices, *, dedicated_cpu_percent: Decimal | None = None, shared_cpu_percent: Decimal | None = None
) -> tuple[ServerType, ...]:
    """The region's machine types, in the catalog's order, at their price for a whole month.

    A session's CPU is the figure given for the type's kind of vCPU; where none is given, the audio sizing document's
    for that type, or else `DEDICATED_CPU_PERCENT` or `SHARED_CPU_PERCENT`. A type of unknown kind counts as shared.
    Burstable types are left out, as media load them longer than they may burst. A port that the catalog does not know
    stays unknown.

    Args:
        prices: the region.
        dedicated_cpu_percent: what a session takes of a dedicated vCPU, in percent; above 0.
        shared_cpu_percent: the same of a shared one.
    """
    given = {"dedicated": dedicated_cpu_percent, "shared": shared_cpu_percent}
    return tuple(
        ServerType(
            name=entry.sku,
            vcpu=entry.vcpu,
            memory_gb=entry.memory_gb,
            network_mbps=entry.network_mbps,
            price_per_month=node_price(
                SystemNodes(entry.hourly, entry.monthly_cap, entry.sku, nodes=1), HOURS_PER_MONTH
            ),
            cpu_percent_per_session=_cpu_percent(entry, given[entry.vcpu_kind or "shared"]),
            included_tb=entry.included_tb or Decimal(0),
        )
        for entry in prices.node_types.values()
        if entry.vcpu_kind != "burstable"
    )


def _cpu_percent(entry: NodeTypePrice, given: Decimal | None) -> tuple[Decimal, Decimal]:
    if given is not None:
        return given, given
    usual = DEDICATED_CPU_PERCENT if entry.vcpu_kind == "dedicated" else SHARED_CPU_PERCENT
    return _PRINTED.get(entry.sku, usual)

"""Choosing a cloud: its regions and machine types, those to begin with, and where each price comes from."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from costmodel import HOURS_PER_MONTH, AssumptionsError, plain, price_sheet
from costmodel.catalog import SERVICES
from costmodel.field_paths import values_of
from livecost.estimate_output import LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from costmodel import RegionPrices
    from costmodel.catalog_document import EgressPrice, NodeTypePrice, ServicePrice
    from livecost.web.evaluation import Evaluation

_FIRST_VCPU: Final = {"livekit": 4, "sim": 4, "system": 2}
_POOL_NODES: Final = {"livekit": "LiveKit node", "sim": "sim / agent node", "system": "system node"}
_PRICED: Final = ("sku", "hourly", "monthlyCap")
_CATALOG_NAMES: Final = {written: name for name, written in SERVICES.items()}


@dataclass(frozen=True, slots=True)
class Choices:
    """What may be chosen in a cloud: region names, and machine types of one region with their size in words."""

    regions: tuple[str, ...] = ()
    machines: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class PriceSource:
    """Where a price in use comes from; `date` and `known` are None where it is stated or the example's."""

    item: str
    price: str
    source: str
    date: str | None = None
    known: str | None = None
    note: str | None = None


def switched(fields: Mapping[str, str], cloud: str) -> dict[str, str]:
    """The fields moved to another cloud: the old one's prices are dropped, and each pool gets a first machine type.

    It is the cheapest with 4 dedicated vCPUs or more, and 2 for system nodes; its capacity is for load tests to tell.
    Without a name, no cloud is stated any more.
    """
    dropped = {"cloud", "region", "currency", "network.tiers", "network.egressPerGB"}
    dropped |= {f"nodes.{pool}.{name}" for pool in _FIRST_VCPU for name in _PRICED}
    kept = {path: text for path, text in fields.items() if path not in dropped}
    return {**kept, "cloud": cloud, **_first_machines(cloud)} if cloud else kept


def _first_machines(cloud: str) -> dict[str, str]:
    try:
        _, prices = price_sheet(cloud)
    except AssumptionsError:
        return {}
    found = {}
    for pool, vcpu in _FIRST_VCPU.items():
        machines = [m for m in prices.node_types.values() if m.vcpu >= vcpu and m.vcpu_kind == "dedicated"]
        if machines:
            found[f"nodes.{pool}.sku"] = min(machines, key=_monthly).sku
    return found


def _monthly(machine: NodeTypePrice) -> Decimal:
    options = [machine.monthly_cap, None if machine.hourly is None else machine.hourly * HOURS_PER_MONTH]
    return min(price for price in options if price is not None)


def choices(cloud: str, region: str | None) -> Choices:
    """The regions of a cloud, and the machine types of one; nothing for a cloud without catalog."""
    try:
        sheet, prices = price_sheet(cloud, region)
    except AssumptionsError:
        return Choices()
    entries = (*sheet.node_types, *sheet.egress)
    regions = sorted({sheet.default_region, *(name for entry in entries for name in entry.regions)})
    machines = {sku: _size(machine) for sku, machine in sorted(prices.node_types.items())}
    return Choices(tuple(regions), machines)


def _size(machine: NodeTypePrice) -> str:
    kind = "" if machine.vcpu_kind is None else f"{machine.vcpu_kind} "
    return f"{machine.vcpu} {kind}vCPU, {plain(machine.memory_gb)} GB"


def price_sources(evaluation: Evaluation) -> list[PriceSource]:
    """The source of every price in use, in the order of the bill."""
    assumptions = evaluation.assumptions
    try:
        _, prices = price_sheet(assumptions.cloud, assumptions.region)
    except AssumptionsError:
        prices = None
    found = [*_pools(evaluation, prices), *_services(evaluation, prices)]
    return [*found, _egress(evaluation, prices)]


def _pools(evaluation: Evaluation, prices: RegionPrices | None) -> list[PriceSource]:
    stated = values_of(evaluation.document)
    found = []
    for pool in _FIRST_VCPU:
        group = getattr(evaluation.assumptions.nodes, pool)
        parts = [
            *([] if group.hourly_price is None else [f"{plain(group.hourly_price)}/h"]),
            *([] if group.monthly_cap is None else [f"at most {plain(group.monthly_cap)}/month"]),
        ]
        own = f"nodes.{pool}.hourly" in stated or f"nodes.{pool}.monthlyCap" in stated
        machine = None if prices is None or group.sku is None else prices.node_types.get(group.sku)
        name = _POOL_NODES[pool] + ("" if group.sku is None else f", {group.sku}")
        found.append(_source(name, ", ".join(parts), machine, own=own))
    return found


def _services(evaluation: Evaluation, prices: RegionPrices | None) -> list[PriceSource]:
    stated = values_of(evaluation.document)
    found = []
    for path, price in values_of(evaluation.acting).items():
        section, _, name = path.partition(".")
        if section == "managedServices":
            entry = None if prices is None else prices.services.get(_CATALOG_NAMES.get(name, ""))
            found.append(_source(LABELS[name], f"{plain(price)}/month", entry, own=path in stated))
    return found


def _egress(evaluation: Evaluation, prices: RegionPrices | None) -> PriceSource:
    network = evaluation.assumptions.network
    own = bool(values_of(evaluation.document).keys() & {"network.egressPerGB", "network.tiers"})
    entry = None if prices is None or own else prices.egress
    first, last = network.tiers[0], network.tiers[-1]
    price = f"{plain(first.price_per_gb)}/GB"
    if len(network.tiers) > 1:
        price = f"{len(network.tiers)} tiers, {price} to {plain(last.price_per_gb)}/GB"
    return _source("egress", price, entry, own=own)


def _source(
    item: str, price: str, entry: NodeTypePrice | ServicePrice | EgressPrice | None, *, own: bool
) -> PriceSource:
    if own:
        return PriceSource(item, price, "stated here")
    if entry is None:
        return PriceSource(item, price, "the cost page's example, no quote")
    return PriceSource(item, price, entry.source, entry.date.isoformat(), entry.known, entry.note)

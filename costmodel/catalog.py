"""Price catalogs: reading a sheet, laying a user's sheet over a packaged one, and the prices of one region."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import ValidationError

from costmodel.catalog_document import PriceSheetDocument
from costmodel.decimals import exact
from costmodel.errors import AssumptionsError, Problem
from costmodel.fields import HOURS_PER_MONTH, shown
from costmodel.parsing import problems_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from costmodel.catalog_document import (
        EgressPrice,
        NodeTypePrice,
        PriceAdjustment,
        ServicePrice,
        SheetRate,
    )

Entry = TypeVar("Entry", "ServicePrice", "EgressPrice")

_HUNDREDTH: Final = Decimal("0.01")
SERVICES: Final = {"control_plane": "controlPlane", "redis": "redis", "load_balancer": "loadBalancer"}
"""The managed services that catalogs price: name in `ManagedServices` to name in a document."""
_REGIONAL: Final = (*SERVICES, "egress")

Catalogs = Callable[[str], PriceSheetDocument | None]
"""From a cloud's name to its catalog; None where nothing prices that cloud."""


@dataclass(frozen=True, slots=True)
class RegionPrices:
    """What a catalog says of one region.

    Attributes:
        provider: the catalog's name.
        currency: ISO 4217 code of every price.
        region: the provider's name of the region.
        node_types: sku to price; a machine type that is priced in other regions only is not here.
        services: name of `SERVICES` to price, of this region or else of the catalog's default region.
        egress: likewise; None when the catalog has none.
        rates: the sheet's own exchange rates.
    """

    provider: str
    currency: str
    region: str
    node_types: Mapping[str, NodeTypePrice]
    services: Mapping[str, ServicePrice]
    egress: EgressPrice | None
    rates: tuple[SheetRate, ...]


def parse_price_sheet(data: Mapping[str, Any]) -> PriceSheetDocument:
    """Check a decoded price sheet.

    Raises:
        AssumptionsError: with one problem for each refused field.
    """
    if not isinstance(data, Mapping):
        message = "is empty" if data is None else f"{shown(data)} is not a group of fields"
        raise AssumptionsError([Problem("(sheet)", message, "write fields such as provider: azure")])
    try:
        sheet = PriceSheetDocument.model_validate(data)
    except ValidationError as error:
        raise AssumptionsError(problems_of(error, PriceSheetDocument)) from None
    problems = [*_twice("nodeTypes", [(entry.sku, entry.regions) for entry in sheet.node_types])]
    for name in _REGIONAL:
        written = PriceSheetDocument.model_fields[name].alias or name
        problems += _twice(written, [(written, entry.regions) for entry in getattr(sheet, name)])
    if problems:
        raise AssumptionsError(problems)
    return sheet


def _twice(field: str, entries: Iterable[tuple[str, Iterable[str]]]) -> Iterator[Problem]:
    seen: set[tuple[str, str]] = set()
    for index, (name, regions) in enumerate(entries):
        for region in regions:
            if (name, region) in seen:
                message = f"{name} is priced twice in {region}"
                yield Problem(f"{field}[{index}].regions", message, "keep one of the entries")
            seen.add((name, region))


def with_sheet(catalogs: Catalogs, sheet: PriceSheetDocument) -> Catalogs:
    """`catalogs` in which a user's sheet is laid over the catalog of its provider.

    An entry of the sheet replaces what the catalog says of the same sku or service in the same regions; others are
    added. Its adjustments then change the prices of all machine types they name, in their order.

    Raises:
        AssumptionsError: the sheet is in another currency than the catalog, or an adjustment names an unknown sku or
            makes a price negative.
    """
    base = catalogs(sheet.provider)
    merged = _adjusted(sheet if base is None else _merged(base, sheet))
    return lambda cloud: merged if cloud == sheet.provider else catalogs(cloud)


def _merged(base: PriceSheetDocument, sheet: PriceSheetDocument) -> PriceSheetDocument:
    if base.currency != sheet.currency:
        message = f"the catalog of {base.provider} is in {base.currency}, the sheet in {sheet.currency}"
        raise AssumptionsError(
            [Problem("currency", message, f"write the prices in {base.currency}, or write provider: custom")]
        )
    merged: dict[str, Any] = {"rates": (*sheet.rates, *base.rates)}
    for name in ("node_types", *_REGIONAL):
        own = getattr(sheet, name)
        claimed = {(getattr(entry, "sku", None), region) for entry in own for region in entry.regions}
        merged[name] = (*own, *_unclaimed(getattr(base, name), claimed))
    return sheet.model_copy(update=merged)


def _unclaimed(
    entries: Iterable[NodeTypePrice | ServicePrice | EgressPrice], claimed: Set[tuple[str | None, str]]
) -> Iterator[NodeTypePrice | ServicePrice | EgressPrice]:
    for entry in entries:
        regions = tuple(region for region in entry.regions if (getattr(entry, "sku", None), region) not in claimed)
        if regions:
            yield entry.model_copy(update={"regions": regions})


@exact
def _adjusted(sheet: PriceSheetDocument) -> PriceSheetDocument:
    node_types = list(sheet.node_types)
    problems = []
    skus = {entry.sku for entry in node_types}
    for index, adjustment in enumerate(sheet.adjustments):
        place = f"adjustments[{index}]"
        if adjustment.sku is not None and adjustment.sku not in skus:
            problems.append(_unknown(f"{place}.sku", adjustment.sku, sheet.provider, skus))
            continue
        for position, entry in enumerate(node_types):
            if adjustment.sku in {None, entry.sku}:
                changed = {
                    "hourly": _changed(entry.hourly, adjustment, adjustment.hourly_by),
                    "monthly_cap": _changed(entry.monthly_cap, adjustment, adjustment.monthly_cap_by),
                }
                if any(price is not None and price < 0 for price in changed.values()):
                    message = f"makes a price of {entry.sku} in {entry.regions[0]} negative"
                    problems.append(Problem(place, message, "take off at most the price"))
                node_types[position] = entry.model_copy(update=changed)
    if problems:
        raise AssumptionsError(problems)
    return sheet.model_copy(update={"node_types": tuple(node_types), "adjustments": ()})


def _changed(price: Decimal | None, adjustment: PriceAdjustment, amount: Decimal | None) -> Decimal | None:
    if price is None:
        return None
    if adjustment.percent is not None:
        return price * (100 + adjustment.percent) * _HUNDREDTH
    return price + (amount or 0)


def region_prices(catalog: PriceSheetDocument, region: str | None = None, *, field: str = "region") -> RegionPrices:
    """What `catalog` says of `region`, or of its default region.

    Args:
        catalog: the catalog.
        region: the provider's name; None for the default.
        field: dotted path that a problem names.

    Raises:
        AssumptionsError: the catalog knows no such region; the nearest one is offered.
    """
    chosen = region or catalog.default_region
    known = {name for entries in _entries(catalog) for entry in entries for name in entry.regions}
    known.add(catalog.default_region)
    if chosen not in known:
        raise AssumptionsError([_unknown(field, chosen, catalog.provider, known)])
    services = {name: found for name in SERVICES if (found := _of_region(getattr(catalog, name), chosen, catalog))}
    return RegionPrices(
        provider=catalog.provider,
        currency=catalog.currency,
        region=chosen,
        node_types={entry.sku: entry for entry in catalog.node_types if chosen in entry.regions},
        services=services,
        egress=_of_region(catalog.egress, chosen, catalog),
        rates=catalog.rates,
    )


def _entries(catalog: PriceSheetDocument) -> Iterator[tuple[NodeTypePrice | EgressPrice, ...]]:
    yield catalog.node_types
    yield catalog.egress


def _of_region(entries: tuple[Entry, ...], region: str, catalog: PriceSheetDocument) -> Entry | None:
    for wanted in (region, catalog.default_region):
        for entry in entries:
            if wanted in entry.regions:
                return entry
    return None


def node_type_price(
    catalog: PriceSheetDocument, prices: RegionPrices, sku: str, *, field: str = "sku"
) -> NodeTypePrice:
    """The price of a machine type in a region.

    Raises:
        AssumptionsError: unknown there; the other regions that price it or the nearest names are offered.
    """
    if sku in prices.node_types:
        return prices.node_types[sku]
    elsewhere = sorted({region for entry in catalog.node_types if entry.sku == sku for region in entry.regions})
    if elsewhere:
        message = f"{sku} has no price in {prices.region} in the price catalog of {prices.provider}"
        remedy = f"take a region that prices it ({', '.join(elsewhere)}) or state the price yourself"
        raise AssumptionsError([Problem(field, message, remedy)])
    raise AssumptionsError([_unknown(field, sku, prices.provider, prices.node_types)])


def unknown_cloud(field: str, cloud: str, known: Iterable[str]) -> Problem:
    """The problem of a cloud that no catalog prices."""
    return Problem(field, f"{shown(cloud)} has no price catalog", _offer(cloud, known))


def _unknown(field: str, name: str, provider: str, known: Iterable[str]) -> Problem:
    return Problem(field, f"{shown(name)} is not in the price catalog of {provider}", _offer(name, known))


def _offer(name: str, known: Iterable[str]) -> str:
    by_folded_name = {each.casefold(): each for each in known}
    nearest = difflib.get_close_matches(name.casefold(), by_folded_name, n=3, cutoff=0.5)
    if nearest:
        return f"did you mean {' or '.join(by_folded_name[each] for each in nearest)}?"
    return f"write one of {', '.join(sorted(by_folded_name.values()))}"


def service_price_per_month(service: ServicePrice) -> Decimal:
    """The price of a service per month of 730 hours, in the catalog's currency."""
    if service.hourly is not None:
        return service.hourly * HOURS_PER_MONTH
    assert service.monthly is not None  # noqa: S101 - the sheet states one of the two
    return service.monthly


def priced_region(cloud: str, region: str | None, catalogs: Catalogs) -> str | None:
    """The region whose prices hold: the stated one, else the default of the cloud's catalog; None without either."""
    if region is not None:
        return region
    catalog = catalogs(cloud)
    return None if catalog is None else catalog.default_region

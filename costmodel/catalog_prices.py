"""Prices from a catalog what the documents left without a price (SPEC, Price catalogs)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from costmodel.assumptions import SecondHandPrice
from costmodel.catalog import SERVICES, node_type_price, region_prices, service_price_per_month
from costmodel.errors import AssumptionsError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence, Set

    from costmodel.catalog import Catalogs, RegionPrices
    from costmodel.catalog_document import EgressPrice, NodeTypePrice, PriceSheetDocument, ServicePrice

Merged = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Filled:
    """What a catalog did to a document.

    Attributes:
        currency: ISO 4217 code of the prices that were filled in; None when there were none.
        problems: what cannot be priced.
        second_hand: which of the prices the catalog knows second hand.
    """

    currency: str | None = None
    problems: Sequence[Problem] = ()
    second_hand: tuple[SecondHandPrice, ...] = ()


def fill_from_catalog(
    merged: Merged, stated: Mapping[str, Set[str]], place: tuple[str, str | None, str | None], catalogs: Catalogs
) -> Filled:
    """Write catalog prices into `merged`, in place.

    Args:
        merged: section or pool to the merged values of its fields.
        stated: section to the fields that a document states.
        place: the cloud, and the region and the currency where a document states them.
        catalogs: where catalogs come from; asked only if a price is missing.
    """
    cloud, region, currency = place
    pools = [pool for pool in ("livekit", "sim", "system") if _unpriced(merged[pool])]
    services = [name for name in SERVICES if name not in stated["managed_services"]]
    egress = not stated["network"] & {"egress_per_gb", "tiers"}
    if not (pools or services or egress):
        return Filled()
    catalog = catalogs(cloud)
    if catalog is None:
        return Filled()
    try:
        prices = region_prices(catalog, region)
    except AssumptionsError as error:
        return Filled(problems=error.problems)
    if currency is not None and currency != prices.currency:
        return Filled(problems=[_other_currency(currency, prices)])
    used = [(name, prices.services[name]) for name in services if name in prices.services]
    for name, service in used:
        merged["managed_services"][name] = service_price_per_month(service)
    second_hand = [price for name, service in used for price in _second_hand(SERVICES[name], service.name, service)]
    if egress and prices.egress is not None:
        second_hand += _second_hand("egress", "egress", prices.egress)
    if egress:
        _fill_egress(merged, stated["network"], prices)
    problems = _fill_pools(merged, pools, catalog, prices)
    for pool in pools if not problems else ():
        sku = merged[pool]["sku"]
        second_hand += _second_hand(pool, sku, prices.node_types[sku])
    return Filled(prices.currency, problems, tuple(second_hand))


def _second_hand(item: str, name: str, entry: NodeTypePrice | ServicePrice | EgressPrice) -> Iterator[SecondHandPrice]:
    if entry.known == "second-hand":
        yield SecondHandPrice(item, name, entry.date)


def _unpriced(pool: Mapping[str, Any]) -> bool:
    return pool["hourly"] is None and pool["monthly_cap"] is None


def _other_currency(currency: str, prices: RegionPrices) -> Problem:
    return Problem(
        "currency",
        f"{currency} is stated, but the prices of {prices.provider} are in {prices.currency} and nothing is converted",
        f"write {prices.currency}, or state every price in {currency}",
    )


def _fill_pools(merged: Merged, pools: list[str], catalog: PriceSheetDocument, prices: RegionPrices) -> list[Problem]:
    problems: list[Problem] = []
    for pool in pools:
        try:
            found = node_type_price(catalog, prices, merged[pool]["sku"], field=f"nodes.{pool}.sku")
        except AssumptionsError as error:
            problems += error.problems
        else:
            merged[pool]["hourly"], merged[pool]["monthly_cap"] = found.hourly, found.monthly_cap
    return problems


def _fill_egress(merged: Merged, stated: Set[str], prices: RegionPrices) -> None:
    network = merged["network"]
    if prices.egress is not None:
        network["tiers"], network["egress_per_gb"] = prices.egress.tiers, None
        if "free_gb" not in stated and prices.egress.free_gb is not None:
            network["free_gb"] = prices.egress.free_gb
    livekit = prices.node_types.get(merged["livekit"]["sku"] or "")
    if "included_tb_per_node" not in stated and livekit is not None and livekit.included_tb is not None:
        network["included_tb_per_node"] = livekit.included_tb

"""What providers charge for traffic to the internet: flat, as the audio sizing document has it, and as they list it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from costmodel import audio_document
from costmodel.assumptions import EgressTier
from costmodel.decimals import exact
from costmodel.egress import charged_gb, tiered_cost
from costmodel.packaged_catalogs import packaged_catalog, price_sheet

if TYPE_CHECKING:
    from costmodel.catalog import Catalogs, RegionPrices

_NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class BandwidthPrice:
    """One provider's price of egress.

    Attributes:
        provider: its name.
        kind: `printed` in the audio sizing document, or `listed` in the provider's price catalog.
        region: the provider's name of the region; None, unknown, for a printed price.
        currency: ISO 4217 code.
        tiers: prices per GB, by GB charged in the month.
        source: where the figures stand.
        as_of: the date of the source, ISO 8601; None, unknown, where it bears none.
        free_gb: GB (10^9 bytes) a month without charge.
        included_tb_per_server: TB (10^12 bytes) a month that come with each server.
    """

    provider: str
    kind: str
    region: str | None
    currency: str
    tiers: tuple[EgressTier, ...]
    source: str
    as_of: str | None
    free_gb: Decimal = _NOTHING
    included_tb_per_server: Decimal = _NOTHING


def _printed(provider: str, currency: str, price_per_gb: Decimal) -> BandwidthPrice:
    flat = (EgressTier(None, price_per_gb),)
    return BandwidthPrice(provider, "printed", None, currency, flat, audio_document.SOURCE, None)


PRINTED_PRICES: Final = (
    _printed("hetzner", "EUR", _NOTHING),
    _printed("aws", "USD", audio_document.AWS_USD_PER_GB),
    _printed("gcp", "USD", audio_document.GCP_USD_PER_GB),
)
"""The flat prices of the audio sizing document."""


def bandwidth_prices(catalogs: Catalogs = packaged_catalog) -> tuple[BandwidthPrice, ...]:
    """`PRINTED_PRICES`, then what the catalogs list for their default regions.

    Included traffic differs by machine type; here it is the least that any type of the region includes.
    """
    found = (listed_price(price_sheet(cloud, None, catalogs)[1]) for cloud in ("hetzner", "aws", "azure", "gcp"))
    return PRINTED_PRICES + tuple(price for price in found if price is not None)


def listed_price(prices: RegionPrices) -> BandwidthPrice | None:
    """A region's price of egress as its catalog lists it; None, unknown, where the catalog has none."""
    egress = prices.egress
    if egress is None:
        return None
    return BandwidthPrice(
        provider=prices.provider,
        kind="listed",
        region=prices.region,
        currency=prices.currency,
        tiers=tuple(EgressTier(tier.up_to_gb, tier.per_gb) for tier in egress.tiers),
        source=egress.source,
        as_of=egress.date.isoformat(),
        free_gb=egress.free_gb or _NOTHING,
        included_tb_per_server=min(
            (each.included_tb or _NOTHING for each in prices.node_types.values()), default=_NOTHING
        ),
    )


@exact
def bandwidth_cost(price: BandwidthPrice, gb: Decimal, servers: int = 1) -> Decimal:
    """What `gb` GB of egress cost in a month (SPEC, Egress); in `price.currency`, unrounded.

    Args:
        price: the price list.
        gb: GB (10^9 bytes) sent in the month.
        servers: servers whose price includes traffic.
    """
    return tiered_cost(price.tiers, charged_gb(gb, price.free_gb, price.included_tb_per_server * servers))

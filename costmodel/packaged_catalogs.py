"""The price catalogs that come with the package, read when first asked for."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from costmodel.catalog import Catalogs, RegionPrices, parse_price_sheet, region_prices, unknown_cloud
from costmodel.errors import AssumptionsError

if TYPE_CHECKING:
    from costmodel.catalog_document import PriceSheetDocument

PACKAGED_CLOUDS: Final = ("azure", "gcp", "aws", "hetzner", "hetzner-document")


@lru_cache(maxsize=len(PACKAGED_CLOUDS))
def _read(cloud: str) -> PriceSheetDocument:
    import yaml  # noqa: PLC0415 - an estimate that needs no catalog starts faster without it

    text = files("costmodel").joinpath("catalogs", f"{cloud}.yaml").read_text(encoding="utf-8")
    return parse_price_sheet(yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))  # noqa: S506


def packaged_catalog(cloud: str) -> PriceSheetDocument | None:
    """The catalog of `cloud`; None for a cloud without one, such as custom."""
    return _read(cloud) if cloud in PACKAGED_CLOUDS else None


def price_sheet(
    cloud: str, region: str | None = None, catalogs: Catalogs = packaged_catalog
) -> tuple[PriceSheetDocument, RegionPrices]:
    """The catalog of a cloud and what it says of a region, or of its default region.

    Raises:
        AssumptionsError: unknown cloud or region; the nearest names are offered.
    """
    catalog = catalogs(cloud)
    if catalog is None:
        raise AssumptionsError([unknown_cloud("cloud", cloud, PACKAGED_CLOUDS)])
    return catalog, region_prices(catalog, region)

"""Values that a shell completes: clouds, names of prices, and fields of an assumptions document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costmodel import PACKAGED_CLOUDS, AssumptionsDocument, packaged_catalog
from costmodel.parsing import field_names, is_list, submodel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import click
    from pydantic import BaseModel

    from costmodel import PriceSheetDocument


def clouds(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The packaged clouds."""
    return _beginning(PACKAGED_CLOUDS, incomplete)


def regions(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The regions of the cloud that --cloud names."""
    catalog = packaged_catalog(ctx.params.get("cloud") or "")
    return [] if catalog is None else _beginning(_regions(catalog), incomplete)


def price_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """CLOUD/REGION/SKU, one part after the other."""
    cloud, *rest = incomplete.split("/")
    catalog = packaged_catalog(cloud)
    if not rest or catalog is None:
        return _beginning((f"{name}/" for name in PACKAGED_CLOUDS), incomplete)
    if len(rest) == 1:
        return _beginning((f"{cloud}/{region}/" for region in _regions(catalog)), incomplete)
    skus = sorted(entry.sku for entry in catalog.node_types if rest[0] in entry.regions)
    return _beginning((f"{cloud}/{rest[0]}/{sku}" for sku in skus), incomplete)


def settings(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """FIELD= for each field of an assumptions document."""
    return _beginning((f"{path}=" for path in _fields(AssumptionsDocument, "")), incomplete)


def _regions(catalog: PriceSheetDocument) -> list[str]:
    return sorted({region for entry in catalog.node_types for region in entry.regions})


def _fields(model: type[BaseModel], parent: str) -> Iterator[str]:
    for name in field_names(model):
        below, place = submodel(model, name), f"{parent}{name}" + ("[0]" if is_list(model, name) else "")
        if below is None:
            yield place
        else:
            yield from _fields(below, f"{place}.")


def _beginning(values: Iterable[str], incomplete: str) -> list[str]:
    return [value for value in values if value.startswith(incomplete)]

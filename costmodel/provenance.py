"""Where each assumption in force comes from: the layer that states it, the price catalog, or the defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pydantic.alias_generators import to_camel

from costmodel.acting import acting_document
from costmodel.catalog import SERVICES, region_prices
from costmodel.document_media import media_in_force
from costmodel.field_paths import values_of
from costmodel.packaged_catalogs import packaged_catalog

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from costmodel.assumptions import Assumptions
    from costmodel.catalog import Catalogs, RegionPrices
    from costmodel.document import AssumptionsDocument

DEFAULT: Final = "default"
"""The source of what nothing states and no catalog prices."""

_POOLS: Final = ("livekit", "sim", "system")
_EGRESS_PRICES: Final = ("network.egressPerGB", "network.tiers")


@dataclass(frozen=True, slots=True)
class SourcedField:
    """One assumption in force.

    Attributes:
        path: dotted path, as a document writes it.
        value: what acts.
        source: the name of the last layer that states it, `catalog CLOUD/REGION`, or `DEFAULT`.
    """

    path: str
    value: Any
    source: str


def sourced_fields(
    assumptions: Assumptions,
    layers: Mapping[str, AssumptionsDocument],
    *,
    catalogs: Catalogs = packaged_catalog,
) -> list[SourcedField]:
    """Every assumption in force with its source, in the document's order (SPEC, Layers).

    Args:
        assumptions: what the layers resolve to.
        layers: name to document, the most specific last.
        catalogs: the price catalogs that they were resolved with.
    """
    documents = list(layers.values())
    stated = [(name, values_of(document)) for name, document in layers.items()]
    priced = _catalog_fields(assumptions, [values for _, values in stated], catalogs)
    acting = values_of(acting_document(assumptions, media_in_force(documents)))
    return [
        SourcedField(path, value, _layer(path, stated) or priced.get(path, DEFAULT)) for path, value in acting.items()
    ]


def _layer(path: str, stated: Sequence[tuple[str, Mapping[str, Any]]]) -> str | None:
    paths = _EGRESS_PRICES if path in _EGRESS_PRICES else (path,)
    silenced = _first_layer_that_counts(path, [values for _, values in stated])
    found = [name for name, values in stated[silenced:] if any(each in values for each in paths)]
    return found[-1] if found else None


def _first_layer_that_counts(path: str, stated: Sequence[Mapping[str, Any]]) -> int:
    if path.startswith("media."):
        return max((at + 1 for at, values in enumerate(stated) if "network.mediaMbps" in values), default=0)
    pool, _, name = path.rpartition(".")
    if name not in {"hourly", "monthlyCap"}:
        return 0
    # The price of another machine type is no price of this one.
    first, sku = 0, None
    for at, values in enumerate(stated):
        if values.get(f"{pool}.sku", sku) != sku:
            first, sku = at, values[f"{pool}.sku"]
    return first


def _catalog_fields(
    assumptions: Assumptions, stated: Sequence[Mapping[str, Any]], catalogs: Catalogs
) -> dict[str, str]:
    pools = [
        f"nodes.{name}"
        for name in _POOLS
        if getattr(assumptions.nodes, name).sku is not None and not _prices_itself(f"nodes.{name}", stated)
    ]
    services = {f"managedServices.{to_camel(name)}": name for name in SERVICES}
    unstated = [path for path in services if not _states(stated, path)]
    egress = not _states(stated, *_EGRESS_PRICES)
    catalog = catalogs(assumptions.cloud) if pools or unstated or egress else None
    if catalog is None:
        return {}
    prices = region_prices(catalog, assumptions.region)
    paths = [f"{pool}.{name}" for pool in pools for name in ("hourly", "monthlyCap")]
    paths += [path for path in unstated if services[path] in prices.services]
    paths += _egress_fields(assumptions, prices) if egress else []
    return dict.fromkeys(["currency", *paths], f"catalog {assumptions.cloud}/{prices.region}")


def _states(stated: Sequence[Mapping[str, Any]], *paths: str) -> bool:
    return any(path in values for path in paths for values in stated)


def _prices_itself(pool: str, stated: Sequence[Mapping[str, Any]]) -> bool:
    prices = (f"{pool}.hourly", f"{pool}.monthlyCap")
    return _states(stated[_first_layer_that_counts(prices[0], stated) :], *prices)


def _egress_fields(assumptions: Assumptions, prices: RegionPrices) -> list[str]:
    paths: list[str] = []
    if prices.egress is not None:
        paths += _EGRESS_PRICES
        if prices.egress.free_gb is not None:
            paths.append("network.freeGB")
    livekit = prices.node_types.get(assumptions.nodes.livekit.sku or "")
    if livekit is not None and livekit.included_tb is not None:
        paths.append("network.includedTBPerNode")
    return paths

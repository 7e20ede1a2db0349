"""Lays documents over the defaults and checks what only the merged result can show."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from costmodel.assumptions import (
    Assumptions,
    Capacity,
    Demand,
    EgressTier,
    Fleet,
    License,
    ManagedServices,
    Network,
    NodeGroup,
    Nodes,
    SystemNodes,
)
from costmodel.catalog_prices import fill_from_catalog
from costmodel.decimals import exact, plain
from costmodel.defaults import DEFAULTS
from costmodel.document_media import bitrate
from costmodel.errors import AssumptionsError, Problem
from costmodel.packaged_catalogs import packaged_catalog
from costmodel.schedule import active_hours
from costmodel.sizing import livekit_participants_per_node, participants_per_room

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

    from costmodel.catalog import Catalogs
    from costmodel.document import AssumptionsDocument

_SECTIONS: Final = ("demand", "capacity", "managed_services", "network", "license", "fleet")
_POOLS: Final = ("livekit", "sim", "system")
# A later layer's choice of one silences an earlier layer's choice of the other.
_ALTERNATIVES: Final = {
    "concurrency": "peak_concurrency_percent",
    "peak_concurrency_percent": "concurrency",
    "egress_per_gb": "tiers",
    "tiers": "egress_per_gb",
    "active_hours_per_month": "schedule",
    "schedule": "active_hours_per_month",
}


@exact
def resolve(*documents: AssumptionsDocument, catalogs: Catalogs = packaged_catalog) -> Assumptions:
    """Merge documents over the defaults, field by field; later documents win.

    network.mediaMbps and media are alternatives too, in the sense of the next paragraph.

    A list replaces a list. A document that states one of two alternatives (concurrency or peakConcurrencyPercent,
    activeHoursPerMonth or schedule, egressPerGB or tiers) removes the other from the layers before it, and one that
    names another sku removes their hourly and monthlyCap, which priced a different machine. What no document prices,
    the catalog of the cloud prices: machine types, control plane, Redis, load balancer and egress; elsewhere the
    defaults hold.

    Args:
        documents: the layers, the most specific last.
        catalogs: the price catalogs; those of the package unless a sheet is laid over them.

    Raises:
        AssumptionsError: the merged result contradicts itself; `problems` names every field to change.
    """
    currency = region = None
    cloud = DEFAULTS.cloud
    stated: defaultdict[str, set[str]] = defaultdict(set)
    merged = {name: values.copy() for name, values in _DEFAULT_VALUES.items()}
    for document in documents:
        currency = document.currency or currency
        cloud = document.cloud or cloud
        region = document.region or region
        for name, section in _sections(document):
            stated[name] |= _overlay(merged[name], section)

    assert cloud is not None  # noqa: S101 - the defaults state it
    filled = fill_from_catalog(merged, stated, (cloud, region, currency), catalogs)
    currency = currency or filled.currency or DEFAULTS.currency
    problems = list(filled.problems)
    if not problems:
        problems = [problem for pool in _POOLS for problem in _price_problems(pool, merged[pool])]
    problems += [*_bound_problems("livekit", merged["livekit"]), *_bound_problems("sim", merged["sim"])]
    demand, capacity = _demand(merged["demand"]), Capacity(**merged["capacity"])
    problems += _room_problems(demand, capacity)
    if problems:
        raise AssumptionsError(problems)

    assert currency is not None  # noqa: S101 - the defaults state it
    return Assumptions(
        currency=currency,
        cloud=cloud,
        region=region,
        demand=demand,
        capacity=capacity,
        nodes=Nodes(_node_group(merged["livekit"]), _node_group(merged["sim"]), _system_nodes(merged["system"])),
        managed_services=ManagedServices(**merged["managed_services"]),
        network=_network(merged["network"] | bitrate(documents, demand)),
        license=License(**merged["license"]),
        fleet=Fleet(**merged["fleet"]),
        second_hand=filled.second_hand,
    )


def _sections(document: AssumptionsDocument) -> Iterator[tuple[str, BaseModel]]:
    for name in _SECTIONS:
        section = getattr(document, name)
        if section is not None:
            yield name, section
    if document.nodes is not None:
        for name in _POOLS:
            pool = getattr(document.nodes, name)
            if pool is not None:
                yield name, pool


def _overlay(values: dict[str, Any], section: BaseModel) -> set[str]:
    stated = {name: value for name in section.model_fields_set if (value := getattr(section, name)) is not None}
    if "sku" in stated and stated["sku"] != values["sku"]:
        values["hourly"] = values["monthly_cap"] = None
    for name in stated:
        if name in _ALTERNATIVES:
            values[_ALTERNATIVES[name]] = None
    values.update(stated)
    return set(stated)


def _demand(values: dict[str, Any]) -> Demand:
    if values["schedule"] is None:
        return Demand(**{**values, "schedule": ()})
    return Demand(**{**values, "active_hours_per_month": active_hours(values["schedule"])})


def _node_group(values: dict[str, Any]) -> NodeGroup:
    return NodeGroup(
        hourly_price=values["hourly"],
        monthly_cap=values["monthly_cap"],
        sku=values["sku"],
        min_nodes=values["min_nodes"],
        max_nodes=values["max_nodes"],
        zones=values["zones"],
    )


def _system_nodes(values: dict[str, Any]) -> SystemNodes:
    return SystemNodes(
        hourly_price=values["hourly"], monthly_cap=values["monthly_cap"], sku=values["sku"], nodes=values["nodes"]
    )


def _network(values: dict[str, Any]) -> Network:
    if values["tiers"] is None:
        tiers: tuple[EgressTier, ...] = (EgressTier(None, values["egress_per_gb"]),)
    else:
        tiers = tuple(EgressTier(tier.up_to_gb, tier.per_gb) for tier in values["tiers"])
    return Network(
        media_mbps=values["media_mbps"],
        usage_hours_per_month=values["usage_hours_per_month"],
        free_gb=values["free_gb"],
        included_tb_per_node=values["included_tb_per_node"],
        tiers=tiers,
    )


def _price_problems(pool: str, values: dict[str, Any]) -> Iterator[Problem]:
    if values["hourly"] is None and values["monthly_cap"] is None:
        message = f"sku {values['sku']} has no price"
        remedy = "also write hourly, the price of one node per hour, or the cloud whose price catalog has it"
        yield Problem(f"nodes.{pool}.sku", message, remedy)


def _bound_problems(pool: str, values: dict[str, Any]) -> Iterator[Problem]:
    fewest, most, zones = values["min_nodes"], values["max_nodes"], values["zones"]
    if fewest > most:
        yield Problem(
            f"nodes.{pool}.minNodes",
            f"minNodes ({fewest}) is above maxNodes ({most})",
            "lower minNodes or raise maxNodes",
        )
        return
    largest = most // zones * zones
    if largest == 0 or largest < fewest:
        yield Problem(
            f"nodes.{pool}.zones",
            f"no multiple of {zones} zones lies between minNodes ({fewest}) and maxNodes ({most})",
            f"raise maxNodes to {max(-(-fewest // zones), 1) * zones} or lower zones",
        )


def _room_problems(demand: Demand, capacity: Capacity) -> Iterator[Problem]:
    room, node = participants_per_room(demand), livekit_participants_per_node(capacity)
    if room > node:
        yield Problem(
            "capacity.participantsPerNode",
            f"a room of {plain(room)} participants (usersPerSession + agentsPerSession) is larger than a node of "
            f"{plain(node)} (participantsPerNode x targetUtilizationPercent / 100), and a room never splits",
            "raise participantsPerNode or targetUtilizationPercent, or lower usersPerSession or agentsPerSession",
        )


def _all_values(section: BaseModel) -> dict[str, Any]:
    return {name: getattr(section, name) for name in type(section).model_fields}


_DEFAULT_VALUES: Final = {name: _all_values(section) for name, section in _sections(DEFAULTS)}

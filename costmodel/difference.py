"""Two sets of assumptions compared: the bill line by line, with reasons, and the fields that changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from costmodel.egress import egress_cost_per_month, egress_gb_per_month
from costmodel.errors import AssumptionsError, Problem
from costmodel.explained import Change, Line, explain_change, sum_of_changes, unit_price
from costmodel.field_paths import values_of
from costmodel.fields import HOURS_PER_MONTH
from costmodel.figures import figures
from costmodel.node_cost import node_cost_per_month
from costmodel.projection import estimate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from costmodel.assumptions import Assumptions, Network, NodeGroup
    from costmodel.document import AssumptionsDocument
    from costmodel.projection import Estimate

_SERVICES = ("controlPlane", "redis", "loadBalancer", "storageAndLogs", "observability")


@dataclass(frozen=True, slots=True)
class PoolUsage:
    """How long the nodes of a pool run: `always_on` of them all month, the others `active_hours_per_month`."""

    active_hours_per_month: Decimal
    always_on: int


@dataclass(frozen=True, slots=True)
class MediaUsage:
    """What one participant receives: `media_mbps` for `hours_per_month`."""

    media_mbps: Decimal
    hours_per_month: Decimal


def lines(assumptions: Assumptions, result: Estimate) -> dict[str, Line[Any, Any]]:
    """The bill of an estimate as quantity, usage and price; the amounts add up to its monthly total.

    livekit and sim: nodes, `PoolUsage`, the pool's prices. system: nodes, hours, its prices. services: one set of them
    at the sum of their prices. egress: participants, `MediaUsage`, the tiers after free and included volume.

    Args:
        assumptions: what `result` was computed from.
        result: the estimate.
    """
    demand, nodes, network = assumptions.demand, assumptions.nodes, assumptions.network
    one = Decimal(1)
    return {
        "livekit": _pool(nodes.livekit, result.livekit.nodes, demand.active_hours_per_month),
        "sim": _pool(nodes.sim, result.sim.nodes, demand.active_hours_per_month),
        "system": Line(
            result.system_nodes,
            HOURS_PER_MONTH,
            lambda count, hours: node_cost_per_month(nodes.system, count, hours),
        ),
        "services": Line(one, one, unit_price(sum((result.monthly[name] for name in _SERVICES), Decimal(0)))),
        "egress": Line(
            result.demand.participants,
            MediaUsage(network.media_mbps, network.usage_hours_per_month),
            partial(_egress_price, network, result.livekit.nodes),
        ),
    }


def _pool(group: NodeGroup, nodes: int, active_hours: Decimal) -> Line[int, PoolUsage]:
    return Line(nodes, PoolUsage(active_hours, group.idle_nodes), partial(_pool_price, group))


def _pool_price(group: NodeGroup, nodes: int, usage: PoolUsage) -> Decimal:
    at_usage = replace(group, min_nodes=usage.always_on, zones=1)
    return node_cost_per_month(at_usage, nodes, usage.active_hours_per_month)


def _egress_price(network: Network, livekit_nodes: int, participants: int, usage: MediaUsage) -> Decimal:
    at_usage = replace(network, media_mbps=usage.media_mbps, usage_hours_per_month=usage.hours_per_month)
    return egress_cost_per_month(network, egress_gb_per_month(participants, at_usage), livekit_nodes)


def explain_difference(before: Assumptions, after: Assumptions) -> dict[str, Change]:
    """The change of the monthly bill: livekit, sim, system, services, egress and total (SPEC, Differences).

    Raises:
        AssumptionsError: they are priced in different currencies.
    """
    if before.currency != after.currency:
        message = f"the documents are priced in {before.currency} and {after.currency}, and nothing is converted"
        raise AssumptionsError([Problem("currency", message, "price both in one currency")])
    old, new = lines(before, estimate(before)), lines(after, estimate(after))
    changes = {item: explain_change(old[item], new[item]) for item in old}
    return {**changes, "total": sum_of_changes(changes.values())}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field or figure that differs.

    Attributes:
        path: dotted path.
        before: the old value; None where it had none.
        after: the new value; None where it has none.
    """

    path: str
    before: Any
    after: Any


def changed_fields(before: AssumptionsDocument, after: AssumptionsDocument) -> list[FieldChange]:
    """The fields in which two acting documents differ (`costmodel.acting`), in the document's order."""
    return _changes(values_of(before), values_of(after))


def changed_sizes(before: Estimate, after: Estimate) -> list[FieldChange]:
    """The peak's counts, the nodes and the egress volume that differ, as `costmodel.figures` names and shows them."""
    return _changes(_sizes(before), _sizes(after))


def _sizes(result: Estimate) -> dict[str, Any]:
    return {
        name: value for name, value in figures(result).items() if name.startswith(("demand.", "nodes.", "egressGB"))
    }


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FieldChange]:
    paths = [*before, *(path for path in after if path not in before)]
    compared = (FieldChange(path, before.get(path), after.get(path)) for path in paths)
    return [change for change in compared if change.before != change.after]

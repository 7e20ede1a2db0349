"""The whole estimate for arrays of inputs, with the results of `costmodel.estimate` for each of them.

Counts are the same, and so is every amount at two decimals: all arithmetic is on whole numbers (costmodel.fixed_point)
and only finished amounts are rounded. The formulas are those of SPEC.md, written once more because decimals and arrays
share neither their division nor their choice of the smaller. It needs numpy, so the package itself never imports it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from costmodel.field_paths import numbers_of
from costmodel.fields import HOURS_PER_MONTH
from costmodel.fixed_point import FixedPoint, indicator, total
from costmodel.schedule import active_hours
from costmodel.vectorised_media import media_mbps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from costmodel.document import AssumptionsDocument

_ONE = FixedPoint.constant(1)
_ZERO = FixedPoint.constant(0)
_HUNDREDTH = FixedPoint.constant(Decimal("0.01"))
_GB_PER_MBPS_HOUR = FixedPoint.constant(Decimal("0.45"))
_GB_PER_TB = FixedPoint.constant(1000)
_MONTHS_PER_YEAR = FixedPoint.constant(12)
_MONTH = FixedPoint.constant(HOURS_PER_MONTH)
_SERVICES = ("controlPlane", "redis", "loadBalancer", "storageAndLogs", "observability")


@dataclass(frozen=True, slots=True)
class ArrayEstimate:
    """The figures of `costmodel.Estimate` for every draw; amounts are whole cents, the rest whole numbers or GB.

    Attributes:
        peak_users: users at once.
        sessions: sessions at once.
        participants: participants at once.
        livekit_required: LiveKit nodes that the demand asks for.
        sim_required: the same of the sim pool.
        nodes: livekit, sim and system to their nodes.
        egress_gb: GB (10^9 bytes) sent per month.
        monthly: line item to cost per month.
        monthly_total: cost per month.
        annual: cost per year.
        gross_margin: license per year less the cost.
        refused: a bool, or one for each draw: whether the exact model refuses these assumptions. Such a draw's other
            figures mean nothing.
    """

    peak_users: FixedPoint
    sessions: FixedPoint
    participants: FixedPoint
    livekit_required: FixedPoint
    sim_required: FixedPoint
    nodes: Mapping[str, FixedPoint]
    egress_gb: FixedPoint
    monthly: Mapping[str, FixedPoint]
    monthly_total: FixedPoint
    annual: FixedPoint
    gross_margin: FixedPoint
    refused: Any


class _Inputs:
    """The value of each field: drawn, or else as the document states it."""

    def __init__(self, acting: AssumptionsDocument, drawn: Mapping[str, FixedPoint]) -> None:
        self._values = {path: FixedPoint.constant(value) for path, value in numbers_of(acting).items()} | {**drawn}
        assert acting.demand is not None  # noqa: S101 - an acting document states every section
        if acting.demand.schedule is not None:
            hours = FixedPoint.constant(active_hours(acting.demand.schedule))
            self._values["demand.activeHoursPerMonth"] = hours

    def __getitem__(self, path: str) -> FixedPoint:
        return self._values[path]

    def get(self, path: str) -> FixedPoint | None:
        return self._values.get(path)


def estimate_arrays(acting: AssumptionsDocument, drawn: Mapping[str, FixedPoint]) -> ArrayEstimate:
    """Size and price one customer cluster for every draw (SPEC.md, all formulas).

    Args:
        acting: the assumptions as `costmodel.acting.acting_document` writes them.
        drawn: path of a numeric field that acts to its values, which the field accepts; arrays have the same length.
    """
    inputs = _Inputs(acting, drawn)
    agents = inputs["demand.agentsPerSession"]
    peak_users = inputs.get("demand.concurrency")
    if peak_users is None:
        peak_users = (inputs["demand.users"] * inputs["demand.peakConcurrencyPercent"]).ceil_div(
            FixedPoint.constant(100)
        )
    sessions = peak_users.ceil_div(inputs["demand.usersPerSession"])
    participants = peak_users + sessions * agents

    utilization = inputs["capacity.targetUtilizationPercent"] * _HUNDREDTH
    per_node = inputs["capacity.participantsPerNode"] * utilization
    room = inputs["demand.usersPerSession"] + agents
    livekit_required = participants.ceil_div(per_node)
    assert acting.capacity is not None  # noqa: S101 - an acting document states every section
    if acting.capacity.whole_rooms:
        # A draw whose room is larger than its node is refused; it only must not divide by 0.
        rooms_per_node = per_node.floor_div(room).most(_ONE)
        livekit_required = livekit_required.most(sessions.ceil_div(rooms_per_node))
    sim_required = sessions.ceil_div(inputs["capacity.sessionsPerNode"] * utilization)
    nodes = {
        "livekit": _within_bounds(inputs, "livekit", livekit_required),
        "sim": _within_bounds(inputs, "sim", sim_required),
        "system": inputs["nodes.system.nodes"],
    }

    bitrate = inputs["network.mediaMbps"] if acting.media is None else media_mbps(acting.media, inputs.get, room)
    egress_gb = participants * bitrate * (inputs["network.usageHoursPerMonth"] * _GB_PER_MBPS_HOUR)
    monthly = {
        "livekit": _pool_cost(inputs, "livekit", nodes["livekit"]),
        "sim": _pool_cost(inputs, "sim", nodes["sim"]),
        "system": nodes["system"] * _node_price(inputs, "system", _MONTH),
        **{name: inputs[f"managedServices.{name}"] for name in _SERVICES},
        "egress": _egress_cost(acting, inputs, egress_gb, nodes["livekit"]),
    }
    monthly_total = total(list(monthly.values()))
    annual = monthly_total * _MONTHS_PER_YEAR
    return ArrayEstimate(
        peak_users,
        sessions,
        participants,
        livekit_required,
        sim_required,
        nodes,
        egress_gb,
        {item: cost.cents() for item, cost in monthly.items()},
        monthly_total.cents(),
        annual.cents(),
        (inputs["license.annual"] - annual).cents(),
        (room > per_node) | _bounds_clash(inputs, "livekit") | _bounds_clash(inputs, "sim"),
    )


def _within_bounds(inputs: _Inputs, pool: str, required: FixedPoint) -> FixedPoint:
    raised = _whole_zones(required.most(inputs[f"nodes.{pool}.minNodes"]), inputs[f"nodes.{pool}.zones"])
    return raised.least(_largest(inputs, pool))


def _whole_zones(nodes: FixedPoint, zones: FixedPoint) -> FixedPoint:
    return nodes.ceil_div(zones) * zones


def _largest(inputs: _Inputs, pool: str) -> FixedPoint:
    zones = inputs[f"nodes.{pool}.zones"]
    return inputs[f"nodes.{pool}.maxNodes"].floor_div(zones) * zones


def _bounds_clash(inputs: _Inputs, pool: str) -> Any:
    """Whether no positive multiple of the zones lies between the bounds, which covers bounds that are not in order."""
    return inputs[f"nodes.{pool}.minNodes"].most(_ONE) > _largest(inputs, pool)


def _pool_cost(inputs: _Inputs, pool: str, nodes: FixedPoint) -> FixedPoint:
    idle = _whole_zones(inputs[f"nodes.{pool}.minNodes"], inputs[f"nodes.{pool}.zones"])
    always_on = nodes.least(idle)
    cost = always_on * _node_price(inputs, pool, _MONTH)
    return cost + (nodes - always_on) * _node_price(inputs, pool, inputs["demand.activeHoursPerMonth"])


def _node_price(inputs: _Inputs, pool: str, hours: FixedPoint) -> FixedPoint:
    hourly, cap = inputs.get(f"nodes.{pool}.hourly"), inputs.get(f"nodes.{pool}.monthlyCap")
    if hourly is None:
        assert cap is not None  # noqa: S101 - resolve refuses a pool without any price
        return cap * indicator(hours > _ZERO)
    price = hourly * hours
    return price if cap is None else price.least(cap)


def _egress_cost(
    acting: AssumptionsDocument, inputs: _Inputs, egress_gb: FixedPoint, livekit_nodes: FixedPoint
) -> FixedPoint:
    included = inputs["network.freeGB"] + inputs["network.includedTBPerNode"] * _GB_PER_TB * livekit_nodes
    billable = (egress_gb - included).most(_ZERO)
    assert acting.network is not None  # noqa: S101 - an acting document states every section
    if acting.network.tiers is None:
        return billable * inputs["network.egressPerGB"]
    bands, start = [], _ZERO
    for tier in acting.network.tiers:
        end = billable if tier.up_to_gb is None else billable.least(FixedPoint.constant(tier.up_to_gb))
        bands.append((end - start) * FixedPoint.constant(tier.per_gb))
        start = end
    return total(bands)

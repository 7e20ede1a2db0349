"""From a CustomerCluster's spec and its profile to the estimate that sizes and prices it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from costmodel import (
    Assumptions,
    AssumptionsDocument,
    AssumptionsError,
    DemandDocument,
    Estimate,
    NodeGroupDocument,
    NodesDocument,
    estimate,
    explain,
    resolve,
)
from costmodel.field_paths import field_layer
from costmodel.schedule import schedule_problems
from livecost.models import CustomerClusterSpec, Pool


@dataclass(frozen=True, slots=True)
class Plan:
    """The assumptions in force and what follows from them."""

    assumptions: Assumptions
    estimate: Estimate
    explained: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PlanProblem:
    """Why no plan can be made, and the remedy."""

    reason: str
    message: str


def make_plan(
    spec: CustomerClusterSpec,
    profile: AssumptionsDocument | None,
    zones: Mapping[str, int],
    further: AssumptionsDocument | None = None,
) -> Plan | PlanProblem:
    """Size and price one customer.

    Args:
        spec: what the user wrote.
        profile: the CostProfile's document; None for the built-in defaults.
        zones: pool name to the number of zones by which its target is sized.
        further: a layer over everything that the objects state, to see what it would change.
    """
    if problems := schedule_problems(spec.scaling.schedule, "scaling.schedule"):
        return PlanProblem("ScheduleInvalid", "; ".join(map(str, problems)))
    try:
        assumptions = _resolved(spec, profile, zones, further)
    except AssumptionsError as error:
        return PlanProblem("AssumptionsInvalid", "; ".join(str(problem) for problem in error.problems))
    result = estimate(assumptions)
    return Plan(assumptions, result, explain(result, assumptions))


def estimate_with(
    spec: CustomerClusterSpec,
    profile: AssumptionsDocument | None,
    zones: Mapping[str, int],
    values: Mapping[str, Decimal],
) -> Estimate | None:
    """The estimate of one customer with some assumptions replaced; None where these make no plan.

    Args:
        spec: what the user wrote.
        profile: as in `make_plan`.
        zones: as in `make_plan`.
        values: dotted path to value of numeric fields of the assumptions document.
    """
    try:
        return estimate(_resolved(spec, profile, zones, field_layer(values)))
    except AssumptionsError:
        return None


def _resolved(
    spec: CustomerClusterSpec,
    profile: AssumptionsDocument | None,
    zones: Mapping[str, int],
    further: AssumptionsDocument | None,
) -> Assumptions:
    layers = (profile, spec.overrides, own_layer(spec, zones), further)
    return resolve(*(layer for layer in layers if layer is not None))


def own_layer(spec: CustomerClusterSpec, zones: Mapping[str, int]) -> AssumptionsDocument:
    """What a spec itself states, as the layer over its profile and its overrides; `zones` as in `make_plan`."""
    # Every value was validated as part of the spec or the target, so the document is put together without checks.
    demand: dict[str, Any] = {"users": spec.users}
    if spec.concurrency is not None:
        demand["concurrency"] = spec.concurrency
    if spec.peak_concurrency_percent is not None:
        demand["peak_concurrency_percent"] = spec.peak_concurrency_percent
    if spec.scaling.schedule:
        demand["schedule"] = spec.scaling.schedule
    nodes: dict[str, Any] = {
        "livekit": _bounds(spec.pools.livekit, zones.get("livekit", 1)),
        "sim": _bounds(spec.pools.sim, zones.get("sim", 1)),
    }
    return AssumptionsDocument.model_construct(
        demand=DemandDocument.model_construct(**demand),
        nodes=NodesDocument.model_construct(**nodes),
    )


def _bounds(pool: Pool, zones: int) -> NodeGroupDocument:
    values: dict[str, Any] = {
        "min_nodes": pool.min_nodes,
        "max_nodes": pool.max_nodes,
        "zones": zones if zones > 1 else None,
    }
    return NodeGroupDocument.model_construct(**{name: value for name, value in values.items() if value is not None})

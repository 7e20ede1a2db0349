"""Why a live customer has its size and price, from its status and the assumptions in force."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from costmodel import DEFAULTS, estimate, plain, resolve
from costmodel.provenance import sourced_fields
from costmodel.sizing import livekit_participants_per_node
from livecost.conditions import read_time
from livecost.difference_output import field_value
from livecost.plan import Plan, own_layer
from livecost.section_output import Section

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from costmodel import Assumptions, AssumptionsDocument
    from livecost.models import CustomerClusterSpec
    from livecost.store import CostProfile, CustomerCluster
    from livecost.table_output import Row

Json = dict[str, Any]


def layers_of(
    spec: CustomerClusterSpec, profile: CostProfile | None, further: Mapping[str, AssumptionsDocument] | None = None
) -> dict[str, AssumptionsDocument]:
    """The layers of a customer's assumptions by the names under which they are told; targets add only their zones."""
    found = {} if profile is None or profile.document is None else {f"profile {profile.name}": profile.document}
    return {**found, "overrides": spec.overrides, "spec": own_layer(spec, {}), **(further or {})}


def explanation(customer: CustomerCluster, profile: CostProfile | None, plan: Plan, now: datetime) -> list[Section]:
    """The tables of `livecost cluster explain`: assumptions, nodes, cost, what was observed, margin, conditions.

    Args:
        customer: with a spec that can be read, and a status.
        profile: its profile; None for the built-in defaults.
        plan: what follows from both.
        now: the time, with zone.
    """
    assert customer.spec is not None  # noqa: S101 - there is a plan
    status = customer.status
    cost = status.get("cost") or {}
    currency = cost.get("currency", "")
    return [
        Section("assumptions", "Assumptions in force", _assumptions(customer.spec, profile, plan)),
        Section("nodes", "Nodes", list(_nodes(status, plan.assumptions))),
        Section("cost", f"Cost per month in {currency}", list(_cost(cost)) if cost else []),
        Section("observation", "Observed", _observation(status, cost, now)),
        Section("telemetry", "Assumptions beside what was observed", _figures(status.get("telemetry") or {})),
        Section("license", f"Margin in {currency}", _margin(cost, customer.spec)),
        Section("conditions", "Conditions", [_condition(row) for row in status.get("conditions") or ()]),
    ]


def _assumptions(spec: CustomerClusterSpec, profile: CostProfile | None, plan: Plan) -> list[Row]:
    rows: list[Row] = []
    for each in sourced_fields(plan.assumptions, layers_of(spec, profile)):
        # No document states zones by itself: they are those of the pool's target.
        of_target = each.path.endswith(".zones") and each.source == "default" and each.value != 1
        source = "target" if of_target else each.source
        rows.append({"field": each.path, "value": field_value(each.value), "from": source})
    return rows


def _nodes(status: Json, assumptions: Assumptions) -> Iterator[Row]:
    for name, pool in (status.get("pools") or {}).items():
        yield {
            "pool": name,
            "required": pool.get("required"),
            "planned": pool.get("planned"),
            "desired": pool.get("desired"),
            "current": pool.get("current"),
            "ready": pool.get("ready"),
            "setBy": pool.get("setBy"),
            "limitedBy": pool.get("limitedBy") or "none",
            "why": "; ".join(_reasons(pool, status.get("demand") or {}, assumptions)),
        }


def _reasons(pool: Json, demand: Json, assumptions: Assumptions) -> Iterator[str]:
    capacity = assumptions.capacity
    required, planned, desired = pool["required"], pool["planned"], pool["desired"]
    match pool["setBy"]:
        case "participants":
            per_node = plain(livekit_participants_per_node(capacity))
            yield f"{demand.get('participants')} participants at {per_node} a node take {required}"
        case "wholeRooms":
            yield f"{demand.get('sessions')} rooms that do not split over nodes take {required}"
        case _:
            per_node = plain(capacity.sessions_per_node * capacity.target_utilization_percent / 100)
            yield f"{demand.get('sessions')} sessions at {per_node} a node take {required}"
    if pool.get("limitedBy") == "minNodes":
        yield f"raised to minNodes {pool['minNodes']}"
    elif pool.get("limitedBy") == "maxNodes":
        yield f"cut to maxNodes {pool['maxNodes']}: raise it to serve the peak"
    elif planned < required:
        yield f"outside the schedule only the floor of {planned} runs"
    elif planned > required:
        yield f"a multiple of the zones makes {planned}"
    if pending := pool.get("scaleDown"):
        yield f"stays at {desired} until {pending['notBefore']}, as fewer have sufficed only since {pending['since']}"
    elif desired != planned:
        yield f"{desired} for now, as TargetsApplied says"


def _cost(cost: Json) -> Iterator[Row]:
    projected, observed = cost["projected"], cost.get("observed") or {}
    items, measured = projected["items"], observed.get("items") or {}
    reasons = {item: part.get("explained") for item, part in ((cost.get("variance") or {}).get("items") or {}).items()}
    # The API server sorts maps; a bill is read in the model's own order.
    order = {item: at for at, item in enumerate(estimate(resolve(DEFAULTS)).monthly)}
    for item in sorted(items, key=lambda name: order.get(name, len(order))):
        yield _cost_row(
            item,
            items[item],
            measured.get(item),
            (observed.get("sources") or {}).get(item, "unknown"),
            (projected.get("explained") or {}).get(item, ""),
        ) | ({"differsAs": reasons.get(item) or ""} if reasons else {})
    total = _cost_row("total", projected["monthly"], observed.get("monthlyRunRate"), "", "")
    yield total | ({"differsAs": ""} if reasons else {})


def _cost_row(item: str, projected: str, observed: str | None, source: str, how: str) -> dict[str, str | int | None]:
    return {
        "item": item,
        "projected": projected,
        "observed": observed,
        "difference": None if observed is None else str(Decimal(observed) - Decimal(projected)),
        "observedFrom": source,
        "projectedAs": how,
    }


def _observation(status: Json, cost: Json, now: datetime) -> list[Row]:
    observed = cost.get("observed")
    condition: Json = next((row for row in status.get("conditions") or () if row.get("type") == "CostObserved"), {})
    if not observed:
        return []
    as_of = read_time(observed.get("asOf"))
    return [
        {
            "asOf": observed.get("asOf"),
            "ageSeconds": None if as_of is None else max(0, int((now - as_of).total_seconds())),
            "windowSeconds": observed.get("windowSeconds"),
            "coveragePercent": observed.get("coveragePercent"),
            "variancePercent": (cost.get("variance") or {}).get("percent"),
            "state": condition.get("reason"),
        }
    ]


def _figures(telemetry: Json) -> list[Row]:
    columns = ("assumption", "assumed", "observed", "observedP95", "unit", "source")
    return [{name: figure.get(name) for name in columns} for figure in telemetry.get("figures") or ()]


def _margin(cost: Json, spec: CustomerClusterSpec) -> list[Row]:
    if not cost:
        return []
    revenue = cost.get("license") or {}
    return [
        {
            "licenseAnnual": revenue.get("annual"),
            "costAnnual": cost["projected"]["annual"],
            "grossMargin": revenue.get("grossMargin"),
            "grossMarginPercent": revenue.get("grossMarginPercent"),
            "budgetMonthly": "none" if spec.budget is None else plain(spec.budget.monthly),
        }
    ]


def _condition(row: Json) -> Row:
    return {name: row.get(name) for name in ("type", "status", "reason", "message")}

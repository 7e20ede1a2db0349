"""One live customer's page: why it has its size and price, and how far that is true."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from costmodel import cents
from livecost.command_endings import Refused
from livecost.conditions import read_time
from livecost.customer_explanation import explanation
from livecost.customer_reading import Live
from livecost.estimate_output import LABELS
from livecost.fleet_page.calculator_link import calculator_link
from livecost.fleet_page.customer_row import customer_row
from livecost.fleet_page.patches import Parts
from livecost.fleet_page.words import age
from livecost.plan import Plan, make_plan
from livecost.web.rendering import render

if TYPE_CHECKING:
    from livecost.fleet_page.source import LiveSource
    from livecost.store import ClusterKey, CustomerCluster

Json = dict[str, Any]

PARTS: Final = ("customer-head", "conditions", "pools", "cost", "months", "variance", "telemetry", "terms")
"""The parts of the page below the state of the watch; each is a template and the id of an element."""


async def customer_parts(source: LiveSource, key: ClusterKey, now: datetime) -> Parts | None:
    """What a customer's page shows; None where there is no such customer, and the watch would know.

    Args:
        source: the live objects.
        key: namespace and name.
        now: the time, with zone.
    """
    customer = source.customers.get(key)
    watch = render("fleet/watch.html", state=source.state, all_rows=len(source.customers))
    if customer is None:
        return None if source.state.synced else Parts({"watch": watch})
    live, plan, notes = Live(customer, None), None, []
    if customer.spec is None:
        notes.append(customer.problem.message if customer.problem else "spec cannot be read")
    else:
        try:
            live = await source.live(customer)
        except Refused as error:
            notes.append(error.message)
        else:
            made = make_plan(customer.spec, live.profile.document if live.profile else None, live.zones)
            if isinstance(made, Plan):
                plan = made
            else:
                notes.append(made.message)
    view = _view(live, plan, now)
    view["notes"] = [*notes, *live.notes, *_behind(customer)]
    return Parts({"watch": watch, **{name: render(f"fleet/{name}.html", **view) for name in PARTS}})


def gone(key: ClusterKey) -> Parts:
    """What an open page shows once its customer is deleted."""
    words = render("fleet/gone.html", key=key)
    return Parts({"watch": words, **dict.fromkeys(PARTS, "")})


def _view(live: Live, plan: Plan | None, now: datetime) -> Json:
    customer = live.customer
    status, spec = customer.status, customer.spec
    cost: Json = status.get("cost") or {}
    sections = {each.name: each.rows for each in explanation(customer, live.profile, plan, now)} if plan else {}
    link = calculator_link(customer.key[1], spec, live.profile, live.zones, plan) if plan and spec else None
    observed: Json = cost.get("observed") or {}
    as_of = read_time(observed.get("asOf"))
    return {
        "row": customer_row(customer, live.profile),
        "spec": spec,
        "demand": status.get("demand") or {},
        "age": age((now - customer.created_at).total_seconds()),
        "paused": customer.paused,
        "paused_scale_down": customer.paused_scale_down,
        "link": link,
        "is_as_sized": plan is not None and _same_cost(plan, cost),
        "assumptions": sections.get("assumptions", []),
        "pools": sections.get("nodes", []),
        "pool_details": status.get("pools") or {},
        "bill": [{**row, "label": _label(str(row["item"]))} for row in sections.get("cost", [])],
        "currency": cost.get("currency"),
        "observed": observed,
        "observed_age": None if as_of is None else age((now - as_of).total_seconds()),
        "license": cost.get("license") or {},
        "variances": _variances(cost),
        "telemetry": status.get("telemetry") or {},
        "conditions": status.get("conditions") or [],
        "duration": age,
    }


def _same_cost(plan: Plan, cost: Json) -> bool:
    items = (cost.get("projected") or {}).get("items") or {}
    return {item: str(cents(amount)) for item, amount in plan.estimate.monthly.items()} == items


def _variances(cost: Json) -> list[Json]:
    items = (cost.get("variance") or {}).get("items") or {}
    rows = [{"label": _label(item), **part} for item, part in items.items()]
    return sorted(rows, key=lambda row: -abs(Decimal(row["monthly"])))


def _label(item: str) -> str:
    label = LABELS.get(item, item)
    return label[:1].upper() + label[1:]


def _behind(customer: CustomerCluster) -> list[str]:
    seen = customer.status.get("observedGeneration")
    if seen is None:
        return ["The operator has not worked on this customer yet; see that livecost operator runs."]
    if seen != customer.generation:
        return [f"Figures are of generation {seen}, the spec is at {customer.generation}: the operator is at work."]
    return []

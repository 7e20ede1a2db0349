"""What would make a live customer cheaper, or right: from its plan, its status and the price catalog."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from costmodel import AssumptionsDocument, AssumptionsError, cents, packaged_catalog, parse_document, plain
from costmodel.catalog import region_prices
from costmodel.decimals import exact
from costmodel.fields import HOURS_PER_MONTH
from costmodel.provenance import DEFAULT, sourced_fields
from livecost.plan import Plan, PlanProblem, make_plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from costmodel.catalog_document import NodeTypePrice
    from livecost.models import CustomerClusterSpec

Json = dict[str, Any]

LEAST_SHARE_PERCENT: Final = Decimal(1)
"""An item that is off by less of the projected total is not worth a word."""
_SCALED: Final = ("livekit", "sim")
_TO_CHECK: Final = {
    "livekit": "capacity.participantsPerNode, the peak and the schedule",
    "sim": "capacity.sessionsPerNode, the peak and the schedule",
    "egress": "network.mediaMbps and network.usageHoursPerMonth",
}


@dataclass(frozen=True, slots=True)
class Advice:
    """One recommendation.

    Attributes:
        text: what to do.
        monthly_change: what a month would then cost more, or less where negative; None where it is not known.
        because: the reason, with its figures.
        source: plan, catalog, observed or telemetry.
    """

    text: str
    monthly_change: Decimal | None
    because: str
    source: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What is advised on.

    Attributes:
        spec: what the user wrote.
        profile: the profile's document; None for the built-in defaults.
        zones: pool name to the number of zones by which its target is sized.
        layers: the layers of the assumptions by name.
        plan: what follows from them.
        status: the customer's status.
    """

    spec: CustomerClusterSpec
    profile: AssumptionsDocument | None
    zones: Mapping[str, int]
    layers: Mapping[str, AssumptionsDocument]
    plan: Plan
    status: Json

    def change(self, document: Json) -> Decimal | None:
        """What a month would cost more with a document laid over everything; None where that is not possible."""
        plan = make_plan(self.spec, self.profile, self.zones, parse_document(document))
        if isinstance(plan, PlanProblem) or plan.estimate.currency != self.plan.estimate.currency:
            return None
        return _difference(plan.estimate.monthly_total, self.plan.estimate.monthly_total)


def advise(subject: Subject) -> list[Advice]:
    """Everything there is to recommend: what costs more as something is missing, what saves most, and the rest."""
    found = [*_bounds(subject), *_cheaper_types(subject), *_schedule(subject), *_observed(subject)]
    found += _telemetry(subject)
    return sorted(found, key=_rank)


def _rank(advice: Advice) -> tuple[int, Decimal]:
    change = advice.monthly_change
    if change is None:
        return 2, Decimal(0)
    return (0 if change > 0 else 1), change


def _bounds(subject: Subject) -> Iterator[Advice]:
    for name in _SCALED:
        size = getattr(subject.plan.estimate, name)
        if size.limited_by == "maxNodes":
            zones = getattr(subject.plan.assumptions.nodes, name).zones
            wanted = -(-size.required // zones) * zones
            yield Advice(
                f"raise pools.{name}.maxNodes to {wanted}",
                subject.change({"nodes": {name: {"maxNodes": wanted}}}),
                f"the peak takes {size.required} {name} nodes and gets {size.nodes}",
                "plan",
            )
        elif size.limited_by == "minNodes":
            yield Advice(
                f"lower pools.{name}.minNodes to {size.required} unless availability needs the rest",
                subject.change({"nodes": {name: {"minNodes": size.required}}}),
                f"the peak takes {size.required} {name} nodes, minNodes keeps {size.nodes}",
                "plan",
            )


def _cheaper_types(subject: Subject) -> Iterator[Advice]:
    assumptions = subject.plan.assumptions
    catalog = packaged_catalog(assumptions.cloud)
    if catalog is None:
        return
    try:
        types = region_prices(catalog, assumptions.region).node_types
    except AssumptionsError:
        return
    for name in (*_SCALED, "system"):
        own = types.get(getattr(assumptions.nodes, name).sku or "")
        if own is None:
            continue
        changes = {
            each.sku: change
            for each in types.values()
            if _carries_the_same(each, own)
            and (change := subject.change({"nodes": {name: {"sku": each.sku}}})) is not None
        }
        cheapest = min(changes, key=lambda sku: changes[sku], default=None)
        if cheapest is not None and changes[cheapest] < 0:
            best = types[cheapest]
            yield Advice(
                f"set nodes.{name}.sku to {cheapest}",
                changes[cheapest],
                f"{best.vcpu} vCPU and {plain(best.memory_gb)} GB against {own.vcpu} and {plain(own.memory_gb)} of "
                f"{own.sku}; what its vCPUs and its port carry takes a load test",
                "catalog",
            )


def _carries_the_same(other: NodeTypePrice, own: NodeTypePrice) -> bool:
    # A vCPU or a port of which nothing is known is not said to be as good as one that is known.
    return (
        other.sku != own.sku
        and other.vcpu >= own.vcpu
        and other.memory_gb >= own.memory_gb
        and own.vcpu_kind is not None
        and other.vcpu_kind == own.vcpu_kind
        and (own.network_mbps is None or (other.network_mbps or 0) >= own.network_mbps)
    )


def _schedule(subject: Subject) -> Iterator[Advice]:
    assumptions = subject.plan.assumptions
    sources = {each.path: each.source for each in sourced_fields(assumptions, subject.layers)}
    hours = assumptions.network.usage_hours_per_month
    # Hours that nobody stated say nothing of when this customer is on.
    if sources["network.usageHoursPerMonth"] == DEFAULT or assumptions.demand.active_hours_per_month < HOURS_PER_MONTH:
        return
    change = subject.change({"demand": {"activeHoursPerMonth": plain(hours)}})
    if change is not None and change < 0:
        yield Advice(
            "write scaling.schedule with the windows of use",
            change,
            f"network.usageHoursPerMonth is {plain(hours)} of {HOURS_PER_MONTH} hours; wider windows save less",
            "plan",
        )


def _observed(subject: Subject) -> Iterator[Advice]:
    cost = subject.status.get("cost") or {}
    observed = cost.get("observed") or {}
    projected = (cost.get("projected") or {}).get("items") or {}
    total = Decimal((cost.get("projected") or {}).get("monthly") or 0)
    for item, amount in (observed.get("items") or {}).items():
        source = (observed.get("sources") or {}).get(item)
        if item not in _TO_CHECK or item not in projected or source in (None, "assumed", "stated"):
            continue
        difference = _difference(Decimal(amount), Decimal(projected[item]))
        if abs(difference) * 100 > total * LEAST_SHARE_PERCENT:
            yield Advice(
                f"check {_TO_CHECK[item]}",
                None,
                f"{item} is observed at {amount} a month against {projected[item]} projected ({difference:+}, by "
                f"{source}, {observed.get('coveragePercent')} % covered)",
                "observed",
            )


def _telemetry(subject: Subject) -> Iterator[Advice]:
    telemetry = subject.status.get("telemetry") or {}
    figures = telemetry.get("figures") or ()
    covered = f"{telemetry.get('coveragePercent')} % covered"
    for text in telemetry.get("recommendations") or ():
        # Which figures call for a change is telemetry's to say; the figure tells what that change is worth.
        figure: Json = next((each for each in figures if each.get("assumption") in text.split()), {})
        then = figure.get("monthlyIfObserved")
        change = None if then is None else _difference(Decimal(then), cents(subject.plan.estimate.monthly_total))
        because = f"observed by {figure['source']}, {covered}" if figure.get("source") else covered
        yield Advice(text, change, because, "telemetry")


@exact
def _difference(amount: Decimal, other: Decimal) -> Decimal:
    return amount - other

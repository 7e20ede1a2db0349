"""The status of a CustomerFleet, from its customers added up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from heapq import nsmallest
from typing import Any

from costmodel import cents, format_money, percent_of, plain
from costmodel.decimals import exact
from livecost.conditions import Condition, to_json
from livecost.cost_status import NEGLIGIBLE_CHANGE_PERCENT
from livecost.customer_fleet_status_models import MAX_LISTED
from livecost.decide import POOL_NAMES
from livecost.fleet_member import FleetMember, Share
from livecost.live_fleet import MONTHS_PER_YEAR, FleetSum, LiveFleet
from livecost.status import UNKNOWN

Json = dict[str, Any]

# Beside these a move of the observed cost changes nothing but the text that shows it.
_OBSERVED = "observedAnnual"


@exact
def fleet_status(fleet: LiveFleet, generation: int, previous: Json, unserved: Sequence[str], now: datetime) -> Json:
    """The status of a fleet; the previous one where nothing moved but the observed cost by a negligible part.

    Args:
        fleet: its customers added up.
        generation: generation of its spec.
        previous: the status before.
        unserved: namespaces of its spec that the operator does not serve.
        now: the time, with zone.
    """
    nodes: dict[str, Json] = {name: _nodes(fleet, name) for name in POOL_NAMES}
    status: Json = {
        "observedGeneration": generation,
        "summary": _summary(fleet, nodes),
        "customers": {
            "total": len(fleet.members) + len(fleet.unsized),
            "counted": len(fleet.members),
            "unknown": len(fleet.unsized),
        },
        "nodes": {**nodes, "system": sum(member.estimate.system_nodes for member in fleet.members)},
        "currencies": [_cost(each) for each in fleet.by_currency],
        "clouds": [
            {"cloud": cloud, **_cost(each), **each.nodes} for (cloud, _), each in fleet.by_cloud.items()
        ],
        "top": _top(fleet),
        "conditions": to_json([_ready(fleet, unserved)], previous.get("conditions") or (), generation, now),
    }  # fmt: skip
    if fleet.total is not None:
        status["cost"] = _cost(fleet.total)
        status["pooled"] = _pooled(fleet, fleet.total)
    return previous if _still_holds(previous, status) else status


def unread_status(message: str, generation: int, previous: Json, now: datetime) -> Json:
    """The status of a fleet whose spec cannot be read; its last figures stay."""
    row = Condition("Ready", "False", "SpecInvalid", message)
    rows = to_json([row], previous.get("conditions") or (), generation, now)
    return {**previous, "observedGeneration": generation, "conditions": rows}


def _ready(fleet: LiveFleet, unserved: Sequence[str]) -> Condition:
    count = len(fleet.members) + len(fleet.unsized)
    if unserved:
        return Condition(
            "Ready", "False", "NamespaceNotServed",
            f"the operator does not serve {_listed(unserved)}: correct namespaces, or its --namespace",
        )  # fmt: skip
    if fleet.unsized:
        names = _listed(["/".join(key) for key in fleet.unsized])
        return Condition(
            "Ready", "False", "CustomersNotSized",
            f"{len(fleet.unsized)} of {count} customers are not sized, and in no figure: {names}; see their conditions",
        )  # fmt: skip
    if fleet.without_rate:
        return Condition(
            "Ready", "False", "RateMissing",
            f"customers are priced in {_listed(fleet.without_rate)}: write a rate for each in spec.rates; until then "
            "there are only figures by currency",
        )  # fmt: skip
    if not count:
        return Condition("Ready", "True", "NoCustomers", "selector and namespaces take no customer")
    if fleet.total is None:
        currencies = _listed([each.currency for each in fleet.by_currency])
        return Condition(
            "Ready", "True", "UnlikeCurrencies",
            f"all {count} customers are counted, by currency ({currencies}): write currency and rates for a total",
        )  # fmt: skip
    return Condition("Ready", "True", "AllCounted", f"all {count} customers are counted")


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - MAX_LISTED
    return ", ".join(names[:MAX_LISTED]) + (f" and {rest} more" if rest > 0 else "")


def _nodes(fleet: LiveFleet, name: str) -> Json:
    pools = [member.pools[name] for member in fleet.members]
    ready = [pool.ready for pool in pools if pool.ready is not None]
    return {
        "desired": sum(pool.desired for pool in pools),
        "ready": sum(ready) if ready else None,
        "unknown": len(pools) - len(ready),
    }


def _cost(total: FleetSum) -> Json:
    return {
        "currency": total.currency,
        "customers": total.customers,
        "projectedAnnual": _text(total.annual),
        _OBSERVED: _known(total.observed),
        "observedCustomers": total.observed_customers,
        "observedProjectedAnnual": _known(total.observed_projected),
        "revenueAnnual": _text(total.license_annual),
        "grossMarginAnnual": _text(total.gross_margin),
        "grossMarginPercent": _percent(total.gross_margin_percent),
    }


def _pooled(fleet: LiveFleet, total: FleetSum) -> Json:
    shared = fleet.shared
    assert shared is not None  # noqa: S101 - there is one wherever there is a total
    saving = total.annual - shared.annual
    return {
        "currency": total.currency,
        "clusters": len(shared.clusters),
        "limitedClusters": shared.limited_clusters,
        "annual": _text(shared.annual),
        "saving": _text(saving),
        "savingPercent": _percent(percent_of(saving, total.annual)),
        "livekit": sum(each.livekit.nodes for each in shared.clusters),
        "sim": sum(each.sim.nodes for each in shared.clusters),
        "system": sum(each.system_nodes for each in shared.clusters),
    }


def _top(fleet: LiveFleet) -> Json:
    # Amounts are ranked where all can be told in one currency; percentages always.
    comparable = fleet.members if fleet.total else ()
    whole = fleet.total.annual if fleet.total else Decimal(0)

    def converted(member: FleetMember, amount: Decimal) -> Decimal:
        return amount * fleet.factors[member.currency]

    losing = [member for member in comparable if member.estimate.gross_margin < 0]
    over = [(member, member.over_budget) for member in fleet.members if member.over_budget]
    varying = [(member, member.variance) for member in fleet.members if member.variance and member.variance.percent]
    return {
        "highestCost": [
            _entry(each, each.estimate.annual, percent_of(converted(each, each.estimate.annual), whole))
            for each in _first(comparable, lambda each: -converted(each, each.estimate.annual))
        ],
        "negativeMargin": [
            _entry(each, each.estimate.gross_margin, each.estimate.gross_margin_percent)
            for each in _first(losing, lambda each: converted(each, each.estimate.gross_margin))
        ],
        "overBudget": _by_percent(over),
        "largestVariance": _by_percent(varying),
    }


def _by_percent(rows: list[tuple[FleetMember, Share]]) -> list[Json]:
    first = nsmallest(MAX_LISTED, rows, key=lambda row: (-_size(row[1]), row[0].key))
    return [_entry(member, share.monthly * MONTHS_PER_YEAR, share.percent) for member, share in first]


def _size(share: Share) -> Decimal:
    # What exceeds 0 exceeds it by more than any percentage.
    return Decimal("Infinity") if share.percent is None else abs(share.percent)


def _first(members: Iterable[FleetMember], rank: Callable[[FleetMember], Decimal]) -> list[FleetMember]:
    return nsmallest(MAX_LISTED, members, key=lambda member: (rank(member), member.key))


def _entry(member: FleetMember, annual: Decimal, percent: Decimal | None) -> Json:
    namespace, name = member.key
    return {
        "namespace": namespace,
        "name": name,
        "currency": member.currency,
        "annual": _text(annual),
        "percent": _percent(percent),
    }


def _summary(fleet: LiveFleet, nodes: dict[str, Json]) -> Json:
    sums = [fleet.total] if fleet.total else fleet.by_currency
    margin = fleet.total.gross_margin_percent if fleet.total else None
    pooled = saving = UNKNOWN
    if fleet.total and fleet.shared:
        pooled = format_money(fleet.shared.annual, fleet.total.currency)
        share = percent_of(fleet.total.annual - fleet.shared.annual, fleet.total.annual)
        saving = UNKNOWN if share is None else f"{plain(share)}%"
    observed = [format_money(each.observed, each.currency) for each in sums if each.observed is not None]
    customers = sum(each.observed_customers for each in sums)
    part = f" ({customers} of {len(fleet.members)})" if customers < len(fleet.members) else ""
    return {
        **{name: _nodes_in_words(nodes[name]) for name in POOL_NAMES},
        "projected": _joined([format_money(each.annual, each.currency) for each in sums]),
        "observed": _joined(observed) + (part if observed else ""),
        "revenue": _joined([format_money(each.license_annual, each.currency) for each in sums]),
        "margin": UNKNOWN if margin is None else f"{plain(margin)}%",
        "pooled": pooled,
        "saving": saving,
    }


def _nodes_in_words(pool: Json) -> str:
    if pool["ready"] is None:
        return f"{'?' if pool['unknown'] else 0}/{pool['desired']}"
    return f"{pool['ready']}{'+?' if pool['unknown'] else ''}/{pool['desired']}"


def _joined(amounts: Sequence[str]) -> str:
    return " + ".join(amounts) or UNKNOWN


def _text(amount: Decimal) -> str:
    return str(cents(amount))


def _known(amount: Decimal | None) -> str | None:
    return None if amount is None else _text(amount)


def _percent(share: Decimal | None) -> str | None:
    return None if share is None else str(share)


def _still_holds(previous: Json, status: Json) -> bool:
    """Whether a status differs by no more than negligible moves of the observed cost."""
    shown = {**status, "summary": {**status["summary"], "observed": (previous.get("summary") or {}).get("observed")}}
    before = {**previous, "summary": {**(previous.get("summary") or {})}}
    return _alike(before, shown)


def _alike(before: Any, after: Any, name: str = "") -> bool:
    if name == _OBSERVED and before is not None and after is not None:
        return _barely_moved(before, after)
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(_alike(before[key], after[key], key) for key in after)
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(_alike, before, after))
    return bool(before == after)


def _barely_moved(before: Any, after: Any) -> bool:
    try:
        known = Decimal(before)
    except (InvalidOperation, TypeError, ValueError):
        return False
    return abs(Decimal(after) - known) * 100 <= known * NEGLIGIBLE_CHANGE_PERCENT

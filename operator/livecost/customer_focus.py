"""Projected and observed cost of a live customer as FOCUS rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from costmodel import cents, packaged_catalog
from costmodel.catalog import priced_region
from costmodel.charges import Charge, charges
from costmodel.decimals import exact
from costmodel.focus import FocusSubject, focus_row
from livecost.plan import Plan
from livecost.store import CustomerCluster

Json = dict[str, Any]
FocusRow = dict[str, str | Decimal | None]

_ONE: Final = Decimal(1)
_UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class _Bill:
    """Rounded amounts that a status holds.

    Attributes:
        basis: monthly (a projected month), monthToDate, lastMonth or runRate (a month that goes on like the window).
        total: in the status's currency.
        items: line item to amount.
        sources: line item to where it comes from.
        coverage_percent: share of the time for which there is telemetry; None for a projection.
        as_of: up to when something was observed; None for a projection and for a month that is over.
    """

    basis: str
    total: Decimal
    items: Mapping[str, Decimal]
    sources: Mapping[str, str]
    coverage_percent: str | None = None
    as_of: str | None = None


def customer_rows(customer: CustomerCluster, plan: Plan | None, month: date) -> Iterator[FocusRow]:
    """The rows of a customer in a month; the amounts of each kind of cost add up to its status, to the cent.

    The projected charges are those behind the status where the plan still is the one it speaks of, else its line items.
    Observed are the line items of the month, if the status has that month; in the current month, the run rate where it
    has no months at all.

    Args:
        customer: with a cost in its status.
        plan: what follows from its spec and profile now; None where nothing does.
        month: first day of the month.
    """
    cost = customer.status["cost"]
    subject = FocusSubject(
        customer="/".join(customer.key),
        cloud=_UNKNOWN if plan is None else plan.assumptions.cloud,
        region=None
        if plan is None
        else priced_region(plan.assumptions.cloud, plan.assumptions.region, packaged_catalog),
        currency=cost["currency"],
        month=month,
        kind="projected",
    )
    projected = cost["projected"]
    bill = _Bill("monthly", Decimal(projected["monthly"]), _amounts(projected["items"]), {})
    found = charges(plan.estimate, plan.assumptions) if plan is not None and speaks_of(cost, plan) else _charges(bill)
    for charge in found:
        yield _row(charge, subject, bill)
    if (observed := _observed(cost.get("observed") or {}, month)) is not None:
        for charge in _charges(observed):
            yield _row(charge, replace(subject, kind="observed"), observed)


def speaks_of(cost: Json, plan: Plan) -> bool:
    """Whether a status's projected cost is that of a plan."""
    items = {item: str(cents(amount)) for item, amount in plan.estimate.monthly.items()}
    projected = cost["projected"]
    told = (cost["currency"], projected["monthly"], projected["items"])
    return told == (plan.estimate.currency, str(cents(plan.estimate.monthly_total)), items)


def _observed(observed: Json, month: date) -> _Bill | None:
    wanted = f"{month:%Y-%m}"
    last = observed.get("lastMonth") or {}
    as_of = observed.get("asOf")
    if last.get("month") == wanted:
        items, sources = _amounts(last["items"]), last["sources"]
        return _Bill("lastMonth", Decimal(last["total"]), items, sources, last["coveragePercent"])
    if observed.get("month") == wanted:
        items, coverage = _amounts(observed["monthToDateItems"]), observed["monthToDateCoveragePercent"]
        return _Bill("monthToDate", Decimal(observed["monthToDate"]), items, observed["sources"], coverage, as_of)
    if "month" not in observed and str(as_of).startswith(wanted):
        items, coverage = _amounts(observed["items"]), observed["coveragePercent"]
        return _Bill("runRate", Decimal(observed["monthlyRunRate"]), items, observed["sources"], coverage, as_of)
    return None


def _amounts(items: Mapping[str, str]) -> dict[str, Decimal]:
    return {item: Decimal(amount) for item, amount in items.items()}


@exact
def _charges(bill: _Bill) -> list[Charge]:
    found = [_monthly(item, amount, bill.basis) for item, amount in bill.items.items()]
    rest = bill.total - sum(bill.items.values(), Decimal(0))
    # The total was rounded once, the items each by itself.
    return [*found, _monthly("rounding", rest, bill.basis)] if rest else found


def _monthly(item: str, amount: Decimal, basis: str) -> Charge:
    return Charge(item, basis, _ONE, "Months", amount, _ONE, "Months")


def _row(charge: Charge, subject: FocusSubject, bill: _Bill) -> FocusRow:
    row = focus_row(charge, subject) | {
        "x_Basis": bill.basis,
        "x_Source": bill.sources.get(charge.item),
        "x_CoveragePercent": bill.coverage_percent,
        "x_AsOf": bill.as_of,
    }
    if bill.basis == "monthToDate" and bill.as_of is not None:
        row["ChargePeriodEnd"] = bill.as_of
    return row

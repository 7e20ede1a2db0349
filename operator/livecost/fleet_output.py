"""The rows of a fleet: one for each customer, and the totals."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from costmodel import Estimate, cents, plain
from costmodel.fleet import FleetCustomer, FleetTotal
from livecost.table_output import TABLE_FORMS

if TYPE_CHECKING:
    from livecost.table_output import Row

Key = Callable[[FleetCustomer], Any]

# Amounts are sorted within their currency: across currencies their order says nothing.
SORTS: Final[dict[str, Key]] = {
    "name": lambda customer: customer.name,
    "cloud": lambda customer: customer.cloud,
    "users": lambda customer: customer.users,
    "monthly": lambda customer: (customer.estimate.currency, customer.estimate.monthly_total),
    "license": lambda customer: (customer.estimate.currency, customer.estimate.license_annual),
    "margin": lambda customer: (customer.estimate.currency, customer.estimate.gross_margin),
    "marginPercent": lambda customer: _known_first(customer.estimate.gross_margin_percent),
}
"""Column to what customers are sorted by."""


def _known_first(number: Any) -> tuple[bool, Any]:
    return number is None, 0 if number is None else number


def customer_rows(customers: Sequence[FleetCustomer]) -> list[dict[str, str | int | None]]:
    """A row for each: amounts to the cent in `currency`, per month or per year as named; unknown is None.

    Converted amounts name their `rate`.
    """
    rows = [_customer_row(customer) for customer in customers]
    if any(customer.estimate.shown_by for customer in customers):
        for row, customer in zip(rows, customers, strict=True):
            row["rate"] = _rate(customer)
    return rows


def _customer_row(customer: FleetCustomer) -> dict[str, str | int | None]:
    found = customer.estimate
    return {
        "name": customer.name,
        "cloud": customer.cloud,
        "region": customer.region,
        "currency": found.currency,
        "users": customer.users,
        "peakUsers": found.demand.peak_users,
        "livekitNodes": found.livekit.nodes,
        "simNodes": found.sim.nodes,
        "monthly": str(cents(found.monthly_total)),
        "annual": str(cents(found.annual)),
        "license": str(cents(found.license_annual)),
        "margin": str(cents(found.gross_margin)),
        "marginPercent": _percent(found),
        "flags": "; ".join(_flags(customer)),
    }


def _percent(figures: Estimate | FleetTotal) -> str | None:
    percent = figures.gross_margin_percent
    return None if percent is None else str(percent)


def _flags(customer: FleetCustomer) -> Iterator[str]:
    if customer.loses_money:
        yield "negative margin"
    for pool, size in (("livekit", customer.estimate.livekit), ("sim", customer.estimate.sim)):
        if size.limited_by == "maxNodes":
            yield f"{pool} cut to maxNodes"
    if customer.second_hand:
        yield f"second-hand prices: {', '.join(customer.second_hand)}"


def _rate(customer: FleetCustomer) -> str:
    rate = customer.estimate.shown_by
    return "" if rate is None else f"1 {rate.currency} = {plain(rate.price)} {customer.priced_in} of {rate.date}"


def total_rows(totals: Iterable[FleetTotal], customers: Iterable[FleetCustomer]) -> list[dict[str, str | int | None]]:
    """A row for each total, of a cloud and a currency, or with cloud "all" of a currency.

    Args:
        totals: the totals.
        customers: those added up; the rates by which they are converted are named.
    """
    rates = {note: None for note in map(_rate, customers) if note}
    converted = {"rate": "; ".join(rates)} if rates else {}
    return [{**_total_row(total), **converted} for total in totals]


def _total_row(total: FleetTotal) -> dict[str, str | int | None]:
    return {
        "cloud": total.cloud or "all",
        "currency": total.currency,
        "customers": total.customers,
        "negativeMargins": total.losing_money,
        "users": total.users,
        "peakUsers": total.peak_users,
        "livekitNodes": total.livekit_nodes,
        "simNodes": total.sim_nodes,
        "monthly": str(cents(total.monthly)),
        "annual": str(cents(total.annual)),
        "license": str(cents(total.license_annual)),
        "margin": str(cents(total.gross_margin)),
        "marginPercent": _percent(total),
    }


def fleet_text(form: str, customers: Sequence[Row], totals: Sequence[Row]) -> str:
    """Customers and totals in one of `TABLE_FORMS`: two tables, or an object of both; CSV holds the customers alone."""
    if form == "json":
        return json.dumps({"customers": customers, "totals": totals}, indent=2) + "\n"
    if form == "yaml":
        import yaml  # noqa: PLC0415 - the other forms start faster without it

        both = {"customers": customers, "totals": totals}
        return str(yaml.safe_dump(both, sort_keys=False, allow_unicode=True, width=120))
    if form == "csv":
        return TABLE_FORMS["csv"](customers)
    write = TABLE_FORMS[form]
    return f"{write(customers)}\n{write(totals)}"

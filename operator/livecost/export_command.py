"""`livecost export`: the cost of live customers for other programs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from livecost.command_endings import Refused
from livecost.customer_focus import customer_rows, speaks_of
from livecost.customer_options import all_namespaces_option, connection_options, object_name
from livecost.customer_reading import CustomerReader, Live, read_live
from livecost.examples import examples
from livecost.focus_output import write_rows
from livecost.options import calendar_month
from livecost.plan import Plan, make_plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from livecost.customer_focus import FocusRow


@click.group()
def export() -> None:
    """Cost of the live customers for other programs."""


@export.command(
    epilog=examples(
        "livecost export focus -A --month 2026-08  # runs against the cluster of your kubeconfig",
        "livecost export focus st-marys -n customers  # runs against the cluster of your kubeconfig",
    ),
)
@click.argument("names", metavar="[NAME]...", nargs=-1, callback=object_name)
@click.option(
    "--month",
    type=calendar_month,
    metavar="YYYY-MM",
    help="Month of the rows; the current one in UTC unless given.",
)
@connection_options
@all_namespaces_option
def focus(
    *,
    names: tuple[str, ...],
    month: date | None,
    kubeconfig: str | None,
    context: str | None,
    namespace: str | None,
    all_namespaces: bool,
) -> None:
    """Write the projected and the observed cost of customers as CSV with the columns of FOCUS 1.2.

    x_CostKind tells projected from observed rows, which are not to be added up; x_Basis what an amount is (monthly,
    monthToDate, lastMonth, or runRate while no month is known), x_CoveragePercent how much of the time telemetry
    covers. Each kind adds up to the customer's status, to the cent. Without NAME, all customers of the namespace are
    written.
    """
    if names and all_namespaces:
        raise click.UsageError("NAME is one of a namespace; leave --all-namespaces out")
    billing_month = month or datetime.now(UTC).date().replace(day=1)

    async def work(reader: CustomerReader) -> list[tuple[Live, str | None]]:
        if names:
            customers = [await reader.customer(name) for name in dict.fromkeys(names)]
        else:
            customers = await reader.customers(None if all_namespaces else reader.namespace)
        found: list[tuple[Live, str | None]] = []
        for customer in customers:
            try:
                found.append((await reader.live(customer), None))
            except Refused as error:
                found.append((Live(customer, None), error.message))
        return found

    lives = read_live(kubeconfig, context, namespace, work)
    if not lives:
        click.echo("no customers; -A writes those of all namespaces", err=True)
    write_rows(_rows(lives, billing_month))


def _rows(lives: Iterable[tuple[Live, str | None]], month: date) -> Iterator[FocusRow]:
    for live, problem in lives:
        customer, name = live.customer, "/".join(live.customer.key)
        cost = customer.status.get("cost")
        if cost is None:
            click.echo(f"{name} is left out: its status has no cost yet; see that livecost operator runs", err=True)
            continue
        plan = None
        if problem is None and customer.spec is not None:
            made = make_plan(customer.spec, live.profile.document if live.profile else None, live.zones)
            plan = made if isinstance(made, Plan) else None
        if plan is None or not speaks_of(cost, plan):
            why = problem or "its spec or profile changed since"
            click.echo(f"{name}: only the line items of its status are written ({why})", err=True)
        yield from customer_rows(customer, plan, month)

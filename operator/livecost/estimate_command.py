"""`livecost estimate`: an assumptions document in, sizes and prices out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from costmodel import cents, estimate, format_money, in_currency
from costmodel.catalog import priced_region
from livecost.assumptions_input import assumptions_options, read_assumptions
from livecost.estimate_output import FORMS
from livecost.examples import examples
from livecost.focus_output import FOCUS, focus_month, month_option, write_focus
from livecost.options import amount
from livecost.price_options import display_rate

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from costmodel import Estimate


@click.command(
    name="estimate",
    epilog=examples(
        "livecost estimate --set demand.users=5000",
        "livecost estimate -f docs/examples/customer.yaml -o json",
        "livecost estimate -f docs/examples/customer.yaml --budget 500  # exit code 1: over the budget",
    ),
)
@assumptions_options
@click.option(
    "-o",
    "--output",
    type=click.Choice([*FORMS, FOCUS]),
    default="table",
    show_default=True,
    help="Form of the result; focus is CSV with the columns of FOCUS 1.2.",
)
@click.option(
    "--currency", metavar="CODE", help="Show amounts in this currency, by --rate or a rate in the price sheet."
)
@click.option(
    "--rate", metavar="PRICE@DATE", help="What 1 unit of --currency costs in the currency of the prices, and its day."
)
@click.option(
    "--budget",
    type=amount,
    help="Most that a month may cost, in the currency of the prices; above it the exit code is 1.",
)
@month_option
@click.option("--customer", default="customer", show_default=True, help="Name of the customer in -o focus.")
def estimate_command(  # noqa: PLR0913 - each option is one
    *,
    path: str | None,
    settings: tuple[str, ...],
    output: str,
    prices: str | None,
    currency: str | None,
    rate: str | None,
    budget: Decimal | None,
    month: date | None,
    customer: str,
) -> None:
    """Size and price one customer cluster.

    Every field of the document is optional; without FILE the built-in example is priced. In csv there is one row for
    each line item and one for the total, with the same four columns; json and yaml hold everything.
    """
    billing_month = focus_month(output, month, currency, datetime.now(UTC).date())
    given = read_assumptions(path, settings, prices)
    assumptions = given.resolve()
    priced = result = estimate(assumptions)
    shown_by = display_rate(currency, rate, assumptions.currency, given.sheet)
    if shown_by is not None:
        result = in_currency(result, shown_by)
    if billing_month is not None:
        region = priced_region(assumptions.cloud, assumptions.region, given.catalogs)
        write_focus([(customer, region, result, assumptions)], billing_month)
    else:
        click.echo(FORMS[output](result, assumptions), nl=False)
    if budget is not None:
        _check_budget(priced, budget)


def _check_budget(priced: Estimate, budget: Decimal) -> None:
    over = cents(priced.monthly_total) - budget
    if over > 0:
        total, limit, excess = (format_money(each, priced.currency) for each in (priced.monthly_total, budget, over))
        message = f"--budget: {total} a month is {excess} above {limit}; lower users or maxNodes, or raise the budget"
        click.secho(message, err=True, fg="red")
        raise click.exceptions.Exit(1)

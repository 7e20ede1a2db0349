"""`livecost estimate`: an assumptions document in, sizes and prices out."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from costmodel import estimate, in_currency
from costmodel.catalog import priced_region
from livecost.assumptions_input import assumptions_options, read_assumptions
from livecost.estimate_output import FORMS
from livecost.focus_output import FOCUS, focus_month, month_option, write_focus
from livecost.price_options import display_rate


@click.command(name="estimate")
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
@month_option
@click.option("--customer", default="customer", show_default=True, help="Name of the customer in -o focus.")
def estimate_command(
    path: str | None,
    settings: tuple[str, ...],
    output: str,
    prices: str | None,
    currency: str | None,
    rate: str | None,
    month: str | None,
    customer: str,
) -> None:
    """Size and price one customer cluster.

    Every field of the document is optional; without FILE the built-in example is priced.
    """
    billing_month = focus_month(output, month, currency, datetime.now(UTC).date())
    given = read_assumptions(path, settings, prices)
    assumptions = given.resolve()
    result = estimate(assumptions)
    shown_by = display_rate(currency, rate, assumptions.currency, given.sheet)
    if shown_by is not None:
        result = in_currency(result, shown_by)
    if billing_month is not None:
        region = priced_region(assumptions.cloud, assumptions.region, given.catalogs)
        write_focus([(customer, region, result, assumptions)], billing_month)
        return
    click.echo(FORMS[output](result, assumptions), nl=False)

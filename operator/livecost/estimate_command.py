"""`livecost estimate`: an assumptions document in, sizes and prices out."""

from __future__ import annotations

import click

from costmodel import estimate, in_currency
from livecost.assumptions_input import assumptions_options, read_assumptions
from livecost.estimate_output import FORMS
from livecost.price_options import display_rate


@click.command(name="estimate")
@assumptions_options
@click.option(
    "-o", "--output", type=click.Choice(list(FORMS)), default="table", show_default=True, help="Form of the result."
)
@click.option(
    "--currency", metavar="CODE", help="Show amounts in this currency, by --rate or a rate in the price sheet."
)
@click.option(
    "--rate", metavar="PRICE@DATE", help="What 1 unit of --currency costs in the currency of the prices, and its day."
)
def estimate_command(
    path: str | None,
    settings: tuple[str, ...],
    output: str,
    prices: str | None,
    currency: str | None,
    rate: str | None,
) -> None:
    """Size and price one customer cluster.

    Every field of the document is optional; without FILE the built-in example is priced.
    """
    given = read_assumptions(path, settings, prices)
    assumptions = given.resolve()
    result = estimate(assumptions)
    shown_by = display_rate(currency, rate, assumptions.currency, given.sheet)
    if shown_by is not None:
        result = in_currency(result, shown_by)
    click.echo(FORMS[output](result, assumptions), nl=False)

"""`livecost diff`: why the cost of two assumptions documents differs."""

from __future__ import annotations

import click

from costmodel import AssumptionsError
from costmodel.document_media import media_in_force
from livecost.assumptions_input import read_assumptions, tell_second_hand
from livecost.command_input import refuse
from livecost.difference_output import difference_text
from livecost.examples import examples
from livecost.options import table_output_option


@click.command(
    name="diff",
    epilog=examples(
        "livecost diff docs/examples/customer.yaml docs/examples/larger.yaml",
    ),
)
@click.argument("before", metavar="BEFORE")
@click.argument("after", metavar="AFTER")
@click.option(
    "--prices", type=click.Path(allow_dash=True), metavar="FILE", help="Price sheet of your own, for both documents."
)
@table_output_option
def diff_command(before: str, after: str, prices: str | None, output: str) -> None:
    """Explain line by line why the document AFTER costs another amount than BEFORE; - is standard input.

    Each line's change is split exactly: first the quantity (nodes, participants) is changed at the old usage and price,
    then the usage (hours, bitrate), then the price. json, yaml and csv give unrounded amounts; csv has the lines only.
    """
    if before == after == "-" or prices == "-":
        raise click.UsageError("standard input can only be one of the documents; name files for the rest")
    documents = [read_assumptions(path, (), prices) for path in (before, after)]
    before_and_after = [(given.resolve(), media_in_force(given.layers)) for given in documents]
    try:
        text = difference_text(output, {}, *before_and_after)
    except AssumptionsError as error:
        refuse(f"{documents[0].name} and {documents[1].name}", error.problems)
    tell_second_hand(*(assumptions for assumptions, _ in before_and_after))
    click.echo(text, nl=False)

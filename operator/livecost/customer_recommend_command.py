"""`livecost cluster recommend`: what would make a live customer cheaper, or right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from costmodel import cents
from livecost.customer_advice import Advice, Subject, advise
from livecost.customer_explanation import layers_of
from livecost.customer_options import connection_options, object_name
from livecost.customer_reading import CustomerReader, Live, read_live
from livecost.customer_variation import planned
from livecost.examples import examples
from livecost.options import table_output_option
from livecost.table_output import TABLE_FORMS

if TYPE_CHECKING:
    from livecost.table_output import Row


@click.command(
    epilog=examples(
        "livecost cluster recommend st-marys  # runs against the cluster of your kubeconfig",
        "livecost cluster recommend st-marys -n customers -o json  # runs against the cluster of your kubeconfig",
    ),
)
@click.argument("name", callback=object_name)
@connection_options
@table_output_option
def recommend(name: str, kubeconfig: str | None, context: str | None, namespace: str | None, output: str) -> None:
    """What would make the customer NAME cheaper, or right.

    Bounds that act, a cheaper machine type of the same catalog with no fewer vCPUs and no less memory, a schedule where
    the stated hours of use are short, what is observed otherwise than projected, and what telemetry recommends. Where
    the change of a month's cost is not known, none is told.
    """

    async def work(reader: CustomerReader) -> Live:
        return await reader.live(await reader.customer(name))

    live = read_live(kubeconfig, context, namespace, work)
    spec = live.customer.spec
    assert spec is not None  # noqa: S101 - it was read
    document = live.profile.document if live.profile else None
    plan = planned(spec, document, live.zones)
    subject = Subject(spec, document, live.zones, layers_of(spec, live.profile), plan, live.customer.status)
    rows = [_row(advice, plan.estimate.currency) for advice in advise(subject)]
    for note in live.notes:
        click.echo(note, err=True)
    if rows or output in ("json", "yaml"):
        click.echo(TABLE_FORMS[output](rows), nl=False)
    if not rows:
        click.echo("nothing to recommend", err=True)


def _row(advice: Advice, currency: str) -> Row:
    change = advice.monthly_change
    return {
        "recommendation": advice.text,
        f"changePerMonth{currency}": None if change is None else str(cents(change)),
        "because": advice.because,
        "from": advice.source,
    }

"""`livecost cluster what-if`: a live customer's nodes and cost under other assumptions."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from costmodel import AssumptionsDocument, AssumptionsError, cents, format_money
from livecost.command_input import refuse
from livecost.completion_values import clouds, regions
from livecost.completion_values import settings as fields
from livecost.customer_explanation import layers_of
from livecost.customer_options import connection_options, object_name
from livecost.customer_reading import CustomerReader, Live, read_live
from livecost.customer_variation import elsewhere, kept_prices, planned, settings_of, with_media, without_effect
from livecost.difference_output import difference_text
from livecost.examples import examples
from livecost.field_settings import SET
from livecost.options import amount, table_output_option

if TYPE_CHECKING:
    from decimal import Decimal

    from livecost.store import CostProfile


@click.command(
    name="what-if",
    epilog=examples(
        "livecost cluster what-if st-marys --set users=2000  # runs against the cluster of your kubeconfig",
        "livecost cluster what-if st-marys --profile aws --max-monthly 1200  # runs; exit code 1 above 1200",
    ),
)
@click.argument("name", callback=object_name)
@click.option(
    SET,
    "settings",
    metavar="FIELD=VALUE",
    multiple=True,
    shell_complete=fields,
    help="One field of the spec or of its assumptions, such as users=2000 or demand.usersPerSession=6; wins over all "
    "that the objects state. May be repeated.",
)
@click.option(
    "--profile", metavar="NAME", callback=object_name, help="Take the assumptions of this CostProfile instead."
)
@click.option("--cloud", shell_complete=clouds, help="Take what no object prices from this price catalog instead.")
@click.option("--region", shell_complete=regions, help="Region of the catalog.")
@click.option("--max-monthly", type=amount, help="Most that a month may then cost; above it the exit code is 1.")
@connection_options
@table_output_option
def what_if(  # noqa: PLR0913 - each option is one
    *,
    name: str,
    settings: tuple[str, ...],
    profile: str | None,
    cloud: str | None,
    region: str | None,
    max_monthly: Decimal | None,
    kubeconfig: str | None,
    context: str | None,
    namespace: str | None,
    output: str,
) -> None:
    """Price the customer NAME under other assumptions, line by line, by the same rules as the operator.

    Nothing is changed in the cluster. Each line's change is split into quantity, usage and price as in livecost diff.
    """
    if not (settings or profile or cloud or region):
        raise click.UsageError("nothing is varied; write --set, --profile, --cloud or --region")

    async def work(reader: CustomerReader) -> tuple[Live, CostProfile | None]:
        live = await reader.live(await reader.customer(name))
        return live, live.profile if profile is None else await reader.profile(profile)

    live, other = read_live(kubeconfig, context, namespace, work)
    spec = live.customer.spec
    assert spec is not None  # noqa: S101 - it was read
    document = live.profile.document if live.profile else None
    before = planned(spec, document, live.zones)

    new_spec, new_document = spec, other.document if other else None
    if cloud is not None and region is None and cloud != before.assumptions.cloud:
        new_spec, new_document = elsewhere(spec, other)
    place = {"cloud": cloud, "region": region}
    given = [*settings, *(f"{field}={value}" for field, value in place.items() if value is not None)]
    further = settings_of(given, list(layers_of(spec, other).values())) if given else AssumptionsDocument()
    after = planned(new_spec, new_document, live.zones, further)
    old, new = with_media(before, spec, live.profile), with_media(after, new_spec, other, further)
    try:
        text = difference_text(output, dict(zip(("namespace", "name"), live.customer.key, strict=True)), old, new)
    except AssumptionsError as error:
        refuse(SET, error.problems)
    click.echo(text, nl=False)

    for note in [*live.notes, *without_effect(settings, new)]:
        click.echo(str(note), err=True)
    if cloud is not None and (kept := kept_prices(after, new_spec, other, further)):
        click.echo(f"prices that no catalog gives stay: {', '.join(kept)}", err=True)
    total, currency = after.estimate.monthly_total, after.estimate.currency
    if spec.budget is not None and cents(total) > spec.budget.monthly:
        shown = format_money(total, currency)
        click.echo(f"{shown} a month are above the budget of {format_money(spec.budget.monthly, currency)}", err=True)
    click.echo("nothing was changed in the cluster", err=True)
    if max_monthly is not None and cents(total) > max_monthly:
        shown = format_money(total, currency)
        click.echo(f"{shown} a month are above --max-monthly {format_money(max_monthly, currency)}", err=True)
        sys.exit(1)

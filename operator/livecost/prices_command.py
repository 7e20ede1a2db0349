"""`livecost prices`: what the price catalogs say, and where each figure comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from costmodel import PACKAGED_CLOUDS, AssumptionsError, Problem, price_sheet
from costmodel.catalog import SERVICES, node_type_price
from livecost.command_input import refuse
from livecost.completion_values import clouds, price_names
from livecost.examples import examples
from livecost.options import table_output_option
from livecost.price_options import read_sheet
from livecost.prices_output import list_text, record_of, show_text

if TYPE_CHECKING:
    from costmodel import Catalogs
    from livecost.prices_output import Record

_PRICES = click.option(
    "--prices",
    type=click.Path(allow_dash=True),
    metavar="FILE",
    help="Price sheet of your own, laid over its provider's catalog.",
)


@click.group()
def prices() -> None:
    """List and show the price catalogs."""


@prices.command(name="list", epilog=examples("livecost prices list --cloud hetzner", "livecost prices list -o csv"))
@click.option("--cloud", shell_complete=clouds, help="One cloud only, such as azure.")
@_PRICES
@table_output_option
def list_command(cloud: str | None, prices: str | None, output: str) -> None:
    """List every price with its day; second-hand figures are marked.

    In csv each figure has a column of its own, and a price in tiers a row for each tier.
    """
    sheet, catalogs = read_sheet(prices)
    clouds = dict.fromkeys([*PACKAGED_CLOUDS, *([sheet.provider] if sheet is not None else [])])
    chosen = [cloud] if cloud is not None else list(clouds)
    records = [record for name in chosen for record in _records(name, catalogs)]
    click.echo(list_text(records, output), nl=False)


@prices.command(
    name="show",
    epilog=examples(
        "livecost prices show azure/eastus/Standard_F4s_v2",
        "livecost prices show aws/us-east-1/egress -o yaml",
    ),
)
@click.argument("name", metavar="CLOUD/REGION/SKU", shell_complete=price_names)
@_PRICES
@table_output_option
def show_command(name: str, prices: str | None, output: str) -> None:
    """Show one price with its source; in place of SKU also controlPlane, redis, loadBalancer or egress."""
    parts = name.split("/")
    if len(parts) != 3 or not all(parts):
        problem = Problem(
            f"{name:.80}", "is not a price's name", "write CLOUD/REGION/SKU, as azure/eastus/Standard_F4s_v2"
        )
        refuse("prices", [problem])
    cloud, region, sku = parts
    _, catalogs = read_sheet(prices)
    try:
        catalog, found = price_sheet(cloud, region, catalogs)
        services = {written: found.services[key] for key, written in SERVICES.items() if key in found.services}
        if sku in services:
            record = record_of(found, region, sku, services[sku])
        elif sku == "egress" and found.egress is not None:
            record = record_of(found, region, sku, found.egress)
        else:
            record = record_of(found, region, sku, node_type_price(catalog, found, sku))
    except AssumptionsError as error:
        refuse("prices", error.problems)
    click.echo(show_text(record, output), nl=False)


def _records(cloud: str, catalogs: Catalogs) -> list[Record]:
    try:
        catalog, prices = price_sheet(cloud, None, catalogs)
    except AssumptionsError as error:
        refuse("prices", error.problems)
    entries = [(entry.sku, entry) for entry in catalog.node_types]
    records = [record_of(prices, region, sku, entry) for sku, entry in entries for region in entry.regions]
    for key, written in SERVICES.items():
        for service in getattr(catalog, key):
            records += [record_of(prices, region, written, service) for region in service.regions]
    for egress in catalog.egress:
        records += [record_of(prices, region, "egress", egress) for region in egress.regions]
    return records

"""`livecost fleet`: many customers in, a row for each and totals by cloud and currency out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Final

import click

from costmodel import AssumptionsError, PriceSheetDocument, Problem, Rate
from costmodel.fleet import FleetCustomer, fleet_totals
from livecost.assumptions_input import AssumptionsInput, read_assumptions
from livecost.command_input import refuse
from livecost.csv_input import refuse_all
from livecost.examples import examples
from livecost.fleet_file import read_fleet, read_profile_file
from livecost.fleet_output import SORTS, customer_rows, fleet_text, total_rows
from livecost.fleet_pricing import PricedCustomer, converted, price_fleet
from livecost.focus_output import FOCUS, focus_month, month_option, write_focus
from livecost.price_options import display_rate
from livecost.table_output import TABLE_FORMS

_RATE: Final = re.compile(r"([A-Z]{3})=(.+)")


@click.command(
    name="fleet",
    epilog=examples(
        "livecost fleet -f docs/examples/customers.csv",
        "livecost fleet -f docs/examples/customers.csv --by cloud -o markdown",
    ),
)
@click.option(
    "-f",
    "--file",
    "path",
    type=click.Path(allow_dash=True),
    metavar="FILE|-",
    required=True,
    help="The customers: a CSV file, a YAML or JSON document, or what "
    "kubectl get customerclusters,costprofiles -A -o yaml prints.",
)
@click.option(
    "--profiles",
    type=click.Path(allow_dash=True),
    metavar="FILE",
    help="Profiles by name, each an assumptions document, or CostProfiles.",
)
@click.option(
    "--assumptions",
    type=click.Path(allow_dash=True),
    metavar="FILE",
    help="Assumptions document below all profiles.",
)
@click.option(
    "--prices",
    type=click.Path(allow_dash=True),
    metavar="FILE",
    help="Price sheet of your own, laid over its provider's catalog.",
)
@click.option(
    "--currency", metavar="CODE", help="Show amounts in this currency, by --rate or a rate in the price sheet."
)
@click.option(
    "--rate",
    "rates",
    metavar="CODE=PRICE@DATE",
    multiple=True,
    help="What 1 unit of --currency costs in another currency, and its day, such as USD=1.1567@2026-08-14. "
    "May be repeated.",
)
@click.option("--by", type=click.Choice(["customer", "cloud"]), default="customer", show_default=True, help="Rows.")
@click.option(
    "--sort", type=click.Choice(list(SORTS)), help="Sort the customers; in the order of the file unless given."
)
@click.option("--descending", is_flag=True, help="Sort from high to low.")
@click.option(
    "-o",
    "--output",
    type=click.Choice([*TABLE_FORMS, FOCUS]),
    default="table",
    show_default=True,
    help="Form of the result; focus is CSV with the columns of FOCUS 1.2, a row for each charge.",
)
@month_option
def fleet_command(  # noqa: PLR0913 - each option is one
    *,
    path: str,
    profiles: str | None,
    assumptions: str | None,
    prices: str | None,
    currency: str | None,
    rates: tuple[str, ...],
    by: str,
    sort: str | None,
    descending: bool,
    output: str,
    month: date | None,
) -> None:
    """Size and price many customers: a row for each, and totals by cloud and currency.

    A CSV file has the columns name and users, and any of concurrency, peakConcurrencyPercent, profile, cloud, region,
    currency, license or the path of a field such as nodes.livekit.sku; a blank cell states nothing. Amounts in unlike
    currencies are only added up after --currency.
    """
    if [path, profiles, assumptions, prices].count("-") > 1:
        raise click.UsageError("standard input can be read once; name files for the others")
    billing_month = focus_month(output, month, currency, datetime.now(UTC).date())
    if billing_month is not None and (by == "cloud" or sort is not None):
        raise click.UsageError(
            "-o focus has a row for each charge, in the order of the file; leave --by and --sort out"
        )
    if sort is not None and by == "cloud":
        raise click.UsageError("--sort sorts customers; leave it out with --by cloud")
    if descending and sort is None:
        raise click.UsageError("--descending needs --sort, such as --sort monthly")
    given = read_assumptions(assumptions, (), prices)
    name = "standard input" if path == "-" else path
    priced = _priced(path, name, profiles, given)
    if billing_month is not None:
        write_focus(((each.name, each.region, each.estimate, behind) for each, behind in priced), billing_month)
        return
    as_priced = [customer for customer, _ in priced]
    found = _rates(as_priced, currency, rates, given.sheet)
    customers = converted(as_priced, found)
    if sort is not None:
        customers.sort(key=SORTS[sort], reverse=descending)
    totals = total_rows(fleet_totals(customers), customers)
    text = TABLE_FORMS[output](totals) if by == "cloud" else fleet_text(output, customer_rows(customers), totals)
    click.echo(text, nl=False)


def _priced(path: str, name: str, profiles: str | None, given: AssumptionsInput) -> Sequence[PricedCustomer]:
    own = {} if profiles is None else read_profile_file(profiles, "standard input" if profiles == "-" else profiles)
    fleet = read_fleet(path, name)
    # What comes with the customers is nearer to them than a file for all.
    fleet.profiles = {**own, **fleet.profiles}
    if not fleet.entries and not fleet.problems:
        refuse(name, [Problem("(file)", "holds no customers", "write a row or an entry for each")])
    try:
        priced = price_fleet(fleet, given.layers, given.catalogs)
    except AssumptionsError as error:
        refuse_all(name, error.problems)
    if given.sheet is not None and all(customer.cloud != given.sheet.provider for customer, _ in priced):
        message = f"the sheet prices {given.sheet.provider}, but no customer is on it"
        refuse("--prices", [Problem("provider", message, "correct the customers' cloud, or leave the sheet out")])
    return priced


def _rates(
    customers: Iterable[FleetCustomer], wanted: str | None, texts: Iterable[str], sheet: PriceSheetDocument | None
) -> dict[str, Rate | None]:
    """Currency of the prices to the rate by which its amounts are shown."""
    stated: dict[str, str] = {}
    for text in texts:
        match = _RATE.fullmatch(text)
        if match is None:
            refuse("--rate", [Problem("rate", f"{text!r:.60} is not a rate", "write it such as USD=1.1567@2026-08-14")])
        if match[1] in stated:
            refuse("--rate", [Problem("rate", f"{match[1]} has two rates", "keep one of them")])
        stated[match[1]] = match[2]
    currencies = sorted({customer.priced_in for customer in customers})
    unused = [code for code in stated if code not in currencies]
    if unused:
        message = f"no customer is priced in {unused[0]}"
        refuse("--rate", [Problem("rate", message, f"write rates of {', '.join(currencies)}")])
    return {code: display_rate(wanted, stated.get(code), code, sheet) for code in currencies}

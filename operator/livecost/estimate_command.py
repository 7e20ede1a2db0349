"""`livecost estimate`: an assumptions document in, sizes and prices out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from costmodel import AssumptionsDocument, AssumptionsError, Problem, estimate, in_currency, parse_document, resolve
from costmodel.parsing import field_names, submodel, unknown_field
from livecost.command_input import read_document, refuse
from livecost.document_text import DocumentTextError, decode
from livecost.estimate_output import FORMS
from livecost.price_options import display_rate, read_sheet

if TYPE_CHECKING:
    from collections.abc import Iterable

_SET = "--set"


@click.command(name="estimate")
@click.option(
    "-f", "--file", "path", metavar="FILE|-", help="Assumptions document, YAML or JSON; - reads standard input."
)
@click.option(
    "--set",
    "settings",
    metavar="FIELD=VALUE",
    multiple=True,
    help="One field, such as demand.users=5000; wins over the file. May be repeated.",
)
@click.option(
    "-o", "--output", type=click.Choice(list(FORMS)), default="table", show_default=True, help="Form of the result."
)
@click.option(
    "--prices",
    metavar="FILE",
    help="Price sheet of your own, laid over the catalog of its provider; the form is that of the packaged catalogs.",
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
    sheet, catalogs = read_sheet(prices)
    name = "standard input" if path == "-" else path
    # A sheet picks its own cloud where no document states one.
    layers = [] if sheet is None else [AssumptionsDocument(cloud=sheet.provider)]
    if path is not None and name is not None:
        layers.append(_file_layer(path, name))
    if settings:
        layers.append(_settings_layer(settings))
    try:
        assumptions = resolve(*layers, catalogs=catalogs)
    except AssumptionsError as error:
        refuse(name or _SET, error.problems)
    if sheet is not None and assumptions.cloud != sheet.provider:
        message = f"the sheet prices {sheet.provider}, but cloud is {assumptions.cloud}"
        refuse("--prices", [Problem("provider", message, f"write cloud: {sheet.provider}, or leave the sheet out")])
    result = estimate(assumptions)
    shown_by = display_rate(currency, rate, assumptions.currency, sheet)
    if shown_by is not None:
        result = in_currency(result, shown_by)
    click.echo(FORMS[output](result, assumptions), nl=False)


def _file_layer(path: str, name: str) -> AssumptionsDocument:
    data = read_document(path, name)
    try:
        # An empty file states nothing, as {} does.
        return parse_document({} if data is None else data)
    except AssumptionsError as error:
        refuse(name, error.problems)


def _settings_layer(settings: Iterable[str]) -> AssumptionsDocument:
    data: dict[str, Any] = {}
    for setting in settings:
        field, _, text = setting.partition("=")
        if not field or not text.strip():
            refuse(
                _SET, [Problem(field or "(nothing)", "has no value", "write FIELD=VALUE, such as demand.users=5000")]
            )
        *groups, last = _checked_path(field)
        target = data
        for group in groups:
            target = target.setdefault(group, {})
            if not isinstance(target, dict):
                refuse(_SET, [Problem(field, f"{group} is already set as a whole", "set it one way only")])
        try:
            target[last] = decode(text)
        except DocumentTextError as error:
            refuse(_SET, [f"{field}: {error}"])
    try:
        return parse_document(data)
    except AssumptionsError as error:
        refuse(_SET, error.problems)


def _checked_path(field: str) -> list[str]:
    parts = field.split(".")
    model: Any = AssumptionsDocument
    for depth, part in enumerate(parts):
        known = field_names(model) if model is not None else []
        path = ".".join(parts[: depth + 1])
        if not known:
            parent = ".".join(parts[:depth])
            refuse(_SET, [Problem(path, f"{parent} has no fields of its own", f"write {parent}=VALUE")])
        if part not in known:
            refuse(_SET, [unknown_field(path, part, known)])
        model = submodel(model, part)
    return parts

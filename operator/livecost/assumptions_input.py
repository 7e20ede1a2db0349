"""The options by which commands take an assumptions document, and how they read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import click

from costmodel import (
    Assumptions,
    AssumptionsDocument,
    AssumptionsError,
    Catalogs,
    PriceSheetDocument,
    Problem,
    parse_document,
    resolve,
)
from livecost import completion_values
from livecost.command_input import read_document, refuse
from livecost.field_settings import SET, settings_layer
from livecost.price_options import read_sheet

_Command = TypeVar("_Command", bound=Callable[..., Any])
_OPTIONS: Final = (
    click.option(
        "-f",
        "--file",
        "path",
        type=click.Path(allow_dash=True),
        metavar="FILE|-",
        help="Assumptions document, YAML or JSON; - reads standard input.",
    ),
    click.option(
        SET,
        "settings",
        metavar="FIELD=VALUE",
        multiple=True,
        shell_complete=completion_values.settings,
        help="One field, such as demand.users=5000 or network.tiers[0].perGB=0.08; wins over the file. May be "
        "repeated.",
    ),
    click.option(
        "--prices",
        type=click.Path(allow_dash=True),
        metavar="FILE",
        help="Price sheet of your own, laid over its provider's catalog, and in the form of the packaged ones.",
    ),
)


@dataclass(frozen=True, slots=True)
class AssumptionsInput:
    """What the options say, read and checked but not yet resolved.

    Attributes:
        name: the document's name for messages.
        layers: the documents, the most specific last.
        catalogs: the price catalogs, with the user's sheet laid over them.
        sheet: the user's sheet, or None.
        settings: the fields that --set states.
    """

    name: str
    layers: tuple[AssumptionsDocument, ...]
    catalogs: Catalogs
    sheet: PriceSheetDocument | None
    settings: tuple[str, ...] = ()

    def resolve(self, *more: AssumptionsDocument, name: str | None = None) -> Assumptions:
        """The resolved assumptions, with more layers over them; what contradicts itself ends the command with code 2.

        Args:
            more: further layers, the most specific last.
            name: where they come from, for messages; the document's name unless given.
        """
        try:
            found = resolve(*self.layers, *more, catalogs=self.catalogs)
        except AssumptionsError as error:
            by_setting = [problem for problem in error.problems if self._is_set(problem.field)]
            refuse(SET if by_setting else name or self.name, by_setting or error.problems)
        if self.sheet is not None and found.cloud != self.sheet.provider:
            message = f"the sheet prices {self.sheet.provider}, but cloud is {found.cloud}"
            remedy = f"write cloud: {self.sheet.provider}, or leave the sheet out"
            refuse("--prices", [Problem("provider", message, remedy)])
        return found

    def _is_set(self, field: str) -> bool:
        return any(field == each or field.startswith((f"{each}.", f"{each}[")) for each in self.settings)


def assumptions_options(command: _Command) -> _Command:
    """-f, --set and --prices; the command gets `path`, `settings` and `prices`, for `read_assumptions`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def read_assumptions(path: str | None, settings: tuple[str, ...], prices: str | None) -> AssumptionsInput:
    """Read what `assumptions_options` name; bad input ends the command with code 2 and a line for each problem."""
    if path == prices == "-":
        refuse("--prices", ["standard input is already the document of --file; name a file"])
    sheet, catalogs = read_sheet(prices)
    name = "standard input" if path == "-" else path
    # A sheet picks its own cloud where no document states one.
    layers = [] if sheet is None else [AssumptionsDocument(cloud=sheet.provider)]
    if path is not None and name is not None:
        layers.append(read_layer(path, name))
    if settings:
        stated = layers[-1].model_dump(by_alias=True, exclude_none=True) if layers else {}
        layers.append(settings_layer(settings, stated))
    fields = tuple(setting.partition("=")[0] for setting in settings)
    return AssumptionsInput(name or SET, tuple(layers), catalogs, sheet, fields)


def tell_second_hand(*resolved: Assumptions) -> None:
    """Note on standard error which prices a catalog knows second hand only, for results that have no place for it."""
    prices = {each: None for assumptions in resolved for each in assumptions.second_hand}
    if prices:
        words = ", ".join(f"{each.item} ({each.entry}, {each.date})" for each in prices)
        click.echo(f"note: prices known second hand: {words}", err=True)


def read_layer(path: str, name: str) -> AssumptionsDocument:
    """One document of a file, or of standard input for "-"; a bad one is refused under `name`."""
    data = read_document(path, name)
    try:
        # An empty file states nothing, as {} does.
        return parse_document({} if data is None else data)
    except AssumptionsError as error:
        refuse(name, error.problems)

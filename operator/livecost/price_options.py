"""The options that say by which prices and in which currency a command shows its result."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pydantic import ValidationError

from costmodel import AssumptionsError, Catalogs, Problem, Rate, packaged_catalog, parse_price_sheet, with_sheet
from costmodel.catalog_document import SheetRate
from costmodel.parsing import problems_of
from livecost.command_input import read_document, refuse

if TYPE_CHECKING:
    from costmodel import PriceSheetDocument

_CURRENCY = re.compile("[A-Z]{3}")


def read_sheet(path: str | None) -> tuple[PriceSheetDocument | None, Catalogs]:
    """A user's price sheet, and the catalogs with it laid over them; without a path, those of the package."""
    if path is None:
        return None, packaged_catalog
    name = "standard input" if path == "-" else path
    try:
        sheet = parse_price_sheet(read_document(path, name))
        return sheet, with_sheet(packaged_catalog, sheet)
    except AssumptionsError as error:
        refuse(name, error.problems)


def display_rate(wanted: str | None, rate: str | None, currency: str, sheet: PriceSheetDocument | None) -> Rate | None:
    """The rate by which to show amounts in another currency; None to show them as they are.

    Args:
        wanted: the --currency option.
        rate: the --rate option: what one unit of it costs in `currency`, @, and the day.
        currency: the currency of the prices.
        sheet: a user's price sheet, whose rates serve where the option is not given.
    """
    if wanted is None:
        if rate is not None:
            refuse("--rate", [Problem("rate", "converts to no currency", "also write --currency, such as EUR")])
        return None
    if _CURRENCY.fullmatch(wanted) is None:
        refuse("--currency", [Problem("currency", f"{wanted!r:.40} is not a currency", "write a code such as EUR")])
    if wanted == currency:
        return None
    if rate is not None:
        return _read_rate(wanted, rate)
    for found in sheet.rates if sheet is not None and sheet.currency == currency else ():
        if found.currency == wanted:
            return Rate(wanted, found.rate, found.date)
    remedy = f"write --rate PRICE@DATE, the price of 1 {wanted} in {currency} and its day, such as 1.1567@2026-08-14"
    return refuse("--currency", [Problem("currency", f"no rate from {currency} to {wanted} is known", remedy)])


def _read_rate(currency: str, text: str) -> Rate:
    price, _, day = text.partition("@")
    try:
        read = SheetRate.model_validate({"currency": currency, "rate": price, "date": day, "source": "--rate"})
    except ValidationError as error:
        refuse("--rate", problems_of(error, SheetRate))
    return Rate(read.currency, read.rate, read.date)

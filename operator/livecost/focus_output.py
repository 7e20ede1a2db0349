"""Writes estimates as FOCUS rows, and the options that do so."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

import click

from costmodel import Assumptions, Estimate, plain
from costmodel.charges import charges
from costmodel.focus import FocusSubject, focus_row
from livecost.options import calendar_month

FOCUS: Final = "focus"
"""Name of the form of output."""

month_option = click.option(
    "--month",
    type=calendar_month,
    metavar="YYYY-MM",
    help="Month of the rows of -o focus; the current one in UTC unless given.",
)


def focus_month(output: str, month: date | None, currency: str | None, today: date) -> date | None:
    """The first day of the month of the rows; None when another form than `FOCUS` is asked for.

    Args:
        output: the form asked for.
        month: the --month option.
        currency: the --currency option; rows are in the currency of the prices.
        today: the current day in UTC, whose month is meant unless --month names one.

    Raises:
        click.UsageError: the options do not go together.
    """
    if output != FOCUS:
        if month is not None:
            raise click.UsageError("--month belongs to -o focus; leave it out")
        return None
    if currency is not None:
        raise click.UsageError("-o focus is in the currency of the prices; leave --currency out")
    return today.replace(day=1) if month is None else month


def write_focus(priced: Iterable[tuple[str, str | None, Estimate, Assumptions]], month: date) -> None:
    """Write the rows of projected charges to standard output as CSV, one customer at a time.

    Args:
        priced: each customer's name and region, its estimate in the currency of its prices, and what it was computed
            from.
        month: first day of the month.
    """
    write_rows(
        focus_row(charge, FocusSubject(customer, assumptions.cloud, region, estimate.currency, month, "projected"))
        for customer, region, estimate, assumptions in priced
        for charge in charges(estimate, assumptions)
    )


def write_rows(rows: Iterable[Mapping[str, object]]) -> None:
    """Write rows with the same columns to standard output as CSV, one by one; None is an empty cell."""
    writer = None
    for row in rows:
        if writer is None:
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow(row)
        writer.writerow(plain(value) if isinstance(value, Decimal) else value for value in row.values())

"""Writes estimates as FOCUS rows, and the options that do so."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

import click

from costmodel import Assumptions, Estimate, plain
from costmodel.charges import charges
from costmodel.focus import FocusSubject, focus_row

FOCUS: Final = "focus"
"""Name of the form of output."""
_MONTH: Final = re.compile("((?:19|20|21)[0-9]{2})-(0[1-9]|1[0-2])", re.ASCII)

month_option = click.option(
    "--month", metavar="YYYY-MM", help="Month of the rows of -o focus; the current one in UTC unless given."
)


def focus_month(output: str, text: str | None, currency: str | None, today: date) -> date | None:
    """The first day of the month of the rows; None when another form than `FOCUS` is asked for.

    Args:
        output: the form asked for.
        text: the --month option.
        currency: the --currency option; rows are in the currency of the prices.
        today: the current day in UTC, whose month is meant unless --month names one.

    Raises:
        click.UsageError: the options do not go together, or the month is none.
    """
    if output != FOCUS:
        if text is not None:
            raise click.UsageError("--month belongs to -o focus; leave it out")
        return None
    if currency is not None:
        raise click.UsageError("-o focus is in the currency of the prices; leave --currency out")
    return read_month(text, today)


def read_month(text: str | None, today: date) -> date:
    """The first day of the month that --month names, or else of today's.

    Raises:
        click.BadParameter: it is none.
    """
    if text is None:
        return today.replace(day=1)
    match = _MONTH.fullmatch(text)
    if match is None:
        raise click.BadParameter(f"{text!r:.40} is not a month; write it such as 2026-08", param_hint="--month")
    return date(int(match[1]), int(match[2]), 1)


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

"""Options that several commands share."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Final

import click

from costmodel import AssumptionsError, parse_decimal
from livecost.table_output import TABLE_FORMS

_LARGEST: Final = Decimal(10) ** 12
_UNIT_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_DURATION: Final = re.compile(r"([1-9][0-9]{0,4})([smhdw])", re.ASCII)
_MONTH: Final = re.compile("(20[0-9]{2}|2100)-(0[1-9]|1[0-2])", re.ASCII)


def number(text: str) -> Decimal:
    """The type of an option whose text is a decimal number, read without losing a digit.

    Raises:
        click.BadParameter: it is none, or too large to be meant.
    """
    try:
        value = parse_decimal(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} {error}; write a number such as 2 or 1.5") from None
    if abs(value) > _LARGEST:
        raise click.BadParameter(f"{text!r} is out of range; write a number of at most 12 digits")
    return value


def amount(text: str) -> Decimal:
    """The type of an option whose text is an amount of money: a `number` of at least 0.

    Raises:
        click.BadParameter: it is none, too large to be meant, or below 0.
    """
    value = number(text)
    if value < 0:
        raise click.BadParameter(f"{text!r} is below 0; write 0 or more")
    return value


def duration_seconds(text: str) -> int:
    """The type of an option whose text is a duration as Prometheus writes it, such as 90s, 5m, 12h, 7d or 2w.

    Raises:
        click.BadParameter: it is none, or longer than 99,999 of its unit.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise click.BadParameter(f"{text!r} is not a duration; write one such as 30m, 12h or 7d")
    return int(match[1]) * _UNIT_SECONDS[match[2]]


def calendar_month(text: str) -> date:
    """The type of an option whose text is a month: its first day.

    Raises:
        click.BadParameter: it is none of the years 2000 to 2100.
    """
    match = _MONTH.fullmatch(text)
    if match is None:
        raise click.BadParameter(f"{text!r:.40} is not a month; write one such as 2026-03")
    return date(int(match[1]), int(match[2]), 1)


table_output_option = click.option(
    "-o",
    "--output",
    type=click.Choice(list(TABLE_FORMS)),
    default="table",
    show_default=True,
    help="Form of the result.",
)


def refusal(error: AssumptionsError) -> click.UsageError:
    """Every problem of an input as the command's own error, which ends it with status 2."""
    return click.UsageError("\n".join(map(str, error.problems)))

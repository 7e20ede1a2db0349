"""Exact decimal arithmetic: reading numbers, computing without rounding, rounding once for display."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow, localcontext
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")

MAX_DECIMALS = 8
"""Most digits after the point that a document's number may have."""

_NUMBER_TEXT = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?", re.ASCII)
_CENT = Decimal("0.01")

# The bounds of a document keep every result below 100 digits; the Inexact trap turns a breach into an error.
_EXACT = Context(prec=100, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])
_DISPLAY = Context(prec=100, rounding=ROUND_HALF_UP, traps=[InvalidOperation, DivisionByZero, Overflow])


def exact(function: Callable[P, R]) -> Callable[P, R]:
    """Run `function` in a decimal context in which a result that would have to be rounded is an error."""

    @wraps(function)
    def inside_exact_context(*args: P.args, **kwargs: P.kwargs) -> R:
        with localcontext(_EXACT):
            return function(*args, **kwargs)

    return inside_exact_context


def parse_decimal(value: object) -> Decimal:
    """The exact decimal a document's scalar stands for.

    Args:
        value: int, Decimal, decimal text such as "0.24", or a float, taken by its shortest text (1.2 is 1.2).

    Raises:
        ValueError: not a finite number, or more than `MAX_DECIMALS` decimals; the message says which.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError("is not a number")  # noqa: TRY004 - callers handle every unreadable value alike
    text = repr(value) if isinstance(value, float) else value
    if isinstance(text, str):
        if _NUMBER_TEXT.fullmatch(text) is None:
            raise ValueError("is not a decimal number")
        text = Decimal(text)
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError("is not a finite number")
    if not number:
        return Decimal(0)
    _, digits, exponent = number.as_tuple()
    trailing_zeros = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    if -int(exponent) - trailing_zeros > MAX_DECIMALS:
        raise ValueError(f"has more than {MAX_DECIMALS} decimals")
    return number


def ceil_div(dividend: Decimal, divisor: Decimal) -> int:
    """The quotient of two non-negative numbers rounded up; exact, as `divmod` leaves a true remainder."""
    quotient, remainder = divmod(dividend, divisor)
    return int(quotient) + bool(remainder)


def round_half_up(number: Decimal, places: int) -> Decimal:
    """`number` at `places` decimals, a half rounded away from zero."""
    return number.quantize(Decimal(1).scaleb(-places), context=_DISPLAY)


def cents(amount: Decimal) -> Decimal:
    """`amount` of money at two decimals, half a cent rounded away from zero."""
    rounded = amount.quantize(_CENT, context=_DISPLAY)
    return rounded or abs(rounded)


def rounded_quotient(dividend: Decimal, divisor: Decimal, places: int) -> Decimal | None:
    """`dividend` / `divisor` at `places` decimals, half up in one rounding; None when `divisor` is 0."""
    if not divisor:
        return None
    with localcontext(_EXACT):
        quotient, remainder = divmod(abs(dividend).scaleb(places), abs(divisor))
        if 2 * remainder >= abs(divisor):
            quotient += 1
        if quotient and dividend.is_signed() != divisor.is_signed():
            quotient = -quotient
        return quotient.scaleb(-places)


def percent_of(part: Decimal, whole: Decimal, places: int = 2) -> Decimal | None:
    """100 x `part` / `whole` at `places` decimals, half up in one rounding; None when `whole` is 0."""
    return rounded_quotient(part.scaleb(2), whole, places)


def plain(number: Decimal) -> str:
    """`number` without exponent and without trailing zeros: "4860", "0.5", "0"."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}


def format_money(amount: Decimal, currency: str) -> str:
    """`amount` for people, to the cent: "$1,036.60", "-€45.40", or "1,036.60 CHF" where no symbol is usual.

    Args:
        amount: amount of money.
        currency: ISO 4217 code.
    """
    rounded = cents(amount)
    figure = format(abs(rounded), ",.2f")
    sign = "-" if rounded < 0 else ""
    symbol = _SYMBOLS.get(currency)
    return f"{sign}{figure} {currency}" if symbol is None else f"{sign}{symbol}{figure}"

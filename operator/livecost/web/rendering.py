"""Pages and their parts as HTML."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from html import escape
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from costmodel import cents, format_money, plain, round_half_up

FRAGMENTS: Final = (
    "headline",
    "sizes",
    "breakdown",
    "peaks",
    "fleet",
    "media",
    "scenarios",
    "sources",
    "exports",
)
"""The parts of the calculator that follow from its state; each is a template, and the id of an element."""


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("livecost.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["printed_at"] = _now
    environment.filters.update(money=money, amount=amount, count=count, number=number, deviation=deviation, plain=plain)
    return environment


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")


def render(template: str, **values: Any) -> str:
    """One template of this package."""
    return _environment().get_template(template).render(values)


def render_fragments(**values: Any) -> dict[str, str]:
    """Each of `FRAGMENTS` by its name."""
    return {name: render(f"fragments/{name}.html", **values) for name in FRAGMENTS}


def money(amount: Decimal, currency: str, places: int = 2) -> Markup:
    """An amount for the page, which the browser writes by its own locale; `places` 0 shows whole units."""
    rounded = cents(amount) if places else round_half_up(amount, 0)
    text = format_money(rounded, currency)
    if not places:
        text = text.replace(".00", "")
    return _data("money", format(rounded, "f"), text, f' data-currency="{escape(currency)}" data-places="{places}"')


def amount(text: str, currency: str, places: int = 2) -> Markup:
    """`money` of an amount that is text."""
    return money(Decimal(text), currency, places)


def number(text: str | int) -> Markup:
    """`count` of a number that is text, with as many decimals as that has."""
    value = Decimal(text)
    return count(value, max(0, -int(value.as_tuple().exponent)))


def count(number: int | Decimal, places: int = 0) -> Markup:
    """A number for the page, which the browser writes by its own locale."""
    value = Decimal(number) if isinstance(number, int) else round_half_up(number, places)
    return _data("count", format(value, "f"), format(value, f",.{places}f"), f' data-places="{places}"')


def written(value: Decimal, currency: str = "", places: int | None = None) -> Markup:
    """The end of an SVG text's tag and its content: a number that the browser writes by its own locale.

    Args:
        value: shown to the cent where it is an amount, and as it is where not.
        currency: of an amount; empty for a plain number.
        places: decimals to show; those of the value unless stated.
    """
    shown = cents(value) if currency and places is None else value if places is None else round_half_up(value, places)
    digits = max(0, -int(shown.as_tuple().exponent)) if places is None else places
    text = format_money(shown, currency) if currency else format(shown, f",.{digits}f")
    if currency and not digits:
        text = text.removesuffix(".00")
    of = f' data-currency="{escape(currency)}"' if currency else ""
    # Numbers and an escaped currency code only.
    return Markup(  # noqa: S704
        f'class="figure" data-value="{format(shown, "f")}" data-places="{digits}"{of}>{escape(text)}'
    )


def deviation(percent: Decimal) -> Markup:
    """A deviation at one decimal for the page, with its sign unless it is 0."""
    value = round_half_up(percent, 1)
    text = format(value, "+.1f") if value else "0.0"
    return _data("count", format(value, "f"), text, ' data-places="1" data-signed="1"')


def _data(css: str, value: str, text: str, attributes: str) -> Markup:
    # Numbers and an escaped currency code only.
    return Markup(f'<data class="{css}" value="{value}"{attributes}>{escape(text)}</data>')  # noqa: S704

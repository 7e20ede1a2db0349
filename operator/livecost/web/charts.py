"""Charts as SVG text: horizontal bars, and ranges around a middle. Colors are classes of the style sheet.

Geometry is for a screen, so that pixels are floats; the figures beside the marks are text made by the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from livecost.web.rendering import written

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

_WIDTH: Final = 660
_LABEL: Final = 215
_FIGURE: Final = 100
_ROW: Final = 28
_BAR: Final = 16


@dataclass(frozen=True, slots=True)
class Figure:
    """What stands beside a mark: a number, of a currency if it is an amount, which the browser writes by its locale."""

    value: Decimal
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from 0 to `value`, at least 0, with its name and its figure."""

    label: str
    value: Decimal
    figure: Figure
    css: str = "bar"


@dataclass(frozen=True, slots=True)
class Span:
    """A bar from `low` to `high`, with its name and its figure.

    `turned` marks that the higher assumption gives the lower figure.
    """

    label: str
    low: Decimal
    high: Decimal
    figure: Figure
    turned: bool = False


def bars(entries: Sequence[Bar], title: str) -> Markup:
    """One horizontal bar below the other; the longest fills the width."""
    longest = max((float(entry.value) for entry in entries), default=0.0) or 1.0
    room = _WIDTH - _LABEL - _FIGURE
    rows = []
    for index, entry in enumerate(entries):
        y, length = index * _ROW, room * float(entry.value) / longest
        rows.append(
            f"{_text(_LABEL - 10, y, entry.label, 'end')}"
            f'<rect class="{entry.css}" x="{_LABEL}" y="{y + 6}" width="{max(length, 1):.1f}" height="{_BAR}" rx="2"/>'
            f"{_figure(_LABEL + length + 8, y, entry.figure, 'start')}"
        )
    return _svg("".join(rows), len(entries) * _ROW, title)


def spans(entries: Sequence[Span], middle: Decimal, title: str) -> Markup:
    """Bars around a line at `middle` on one scale, as a tornado; parts on either side have colors of their own."""
    low = min([float(middle), *(float(entry.low) for entry in entries)])
    high = max([float(middle), *(float(entry.high) for entry in entries)])
    room, scale = _WIDTH - _LABEL - _FIGURE - 20, (high - low) or 1.0

    def at(value: Decimal) -> float:
        return _LABEL + room * (float(value) - low) / scale

    rows = []
    for index, entry in enumerate(entries):
        y, turned = index * _ROW, " turned" if entry.turned else ""
        rows.append(_text(_LABEL - 10, y, entry.label, "end"))
        for css, start, end in (("below", entry.low, middle), ("above", middle, entry.high)):
            width = at(end) - at(start)
            if width > 0:
                rows.append(
                    f'<rect class="{css}{turned}" x="{at(start):.1f}" y="{y + 6}" width="{width:.1f}" height="{_BAR}"/>'
                )
        rows.append(_figure(_WIDTH - 4, y, entry.figure, "end"))
    height = len(entries) * _ROW
    rows.append(f'<line class="middle" x1="{at(middle):.1f}" x2="{at(middle):.1f}" y1="0" y2="{height}"/>')
    return _svg("".join(rows), height, title)


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text class="label" x="{x:.1f}" y="{y + 18:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _figure(x: float, y: float, figure: Figure, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y + 18:.1f}" text-anchor="{anchor}" {written(figure.value, figure.currency)}</text>'


def _svg(body: str, height: int, title: str) -> Markup:
    # Every text in the body is escaped above.
    return Markup(  # noqa: S704
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(title)}, scrolls sideways">'
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(title)}">{body}</svg></div>'
    )

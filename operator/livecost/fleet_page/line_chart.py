"""A chart of amounts over time as SVG text; colors are classes of the style sheet.

Geometry is for a screen, so that pixels are floats; the amounts at the axis are text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from livecost.web.rendering import written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Point = tuple[int, Decimal]

_WIDTH: Final = 720
_HEIGHT: Final = 220
_LEFT: Final = 96
_BOTTOM: Final = 28
_TOP: Final = 12
_DAY_SECONDS: Final = 86_400


@dataclass(frozen=True, slots=True)
class Line:
    """Amounts by seconds since the epoch, ascending; where a step is missing, the line is broken."""

    label: str
    css: str
    points: Sequence[Point]


def line_chart(lines: Sequence[Line], start: int, end: int, step: int, currency: str, title: str) -> Markup:
    """Lines over time.

    Args:
        lines: at least one, with at least one point in all.
        start: left edge, in seconds since the epoch.
        end: right edge.
        step: seconds between two points.
        currency: of the amounts.
        title: what a screen reader says.
    """
    values = [float(value) for line in lines for _, value in line.points]
    low, high = min(values), max(values)
    room = (high - low) * 0.08 or max(abs(high) * 0.05, 1.0)
    # Costs hardly move against their size, so the scale does not begin at 0; its ends say so.
    low, high = max(low - room, 0.0), high + room

    def x(moment: int) -> float:
        return _LEFT + (_WIDTH - _LEFT - 8) * (moment - start) / max(end - start, 1)

    def y(value: float) -> float:
        return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (high - value) / (high - low)

    body = [*_grid(low, high, y, currency), *_times(start, end, x)]
    for line in lines:
        for part in _unbroken(line.points, step):
            if len(part) == 1:
                (moment, value), = part  # fmt: skip
                body.append(f'<circle class="{line.css}" cx="{x(moment):.1f}" cy="{y(float(value)):.1f}" r="2"/>')
            else:
                path = " ".join(f"{x(moment):.1f},{y(float(value)):.1f}" for moment, value in part)
                body.append(f'<polyline class="{line.css}" points="{path}"/>')
    # Numbers and escaped text only.
    return Markup(  # noqa: S704
        f'<svg class="chart trend" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}">'
        f"{''.join(body)}</svg>"
    )


def _grid(low: float, high: float, y: Callable[[float], float], currency: str) -> Iterator[str]:
    for share in (0.0, 0.5, 1.0):
        value = low + (high - low) * share
        amount = written(Decimal(value), currency, 0 if high - low > 20 else 2)
        yield f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - 8}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>'
        yield f'<text x="{_LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end" {amount}</text>'


def _times(start: int, end: int, x: Callable[[int], float]) -> Iterator[str]:
    form = "%H:%M" if end - start <= _DAY_SECONDS else "%Y-%m-%d"
    for moment, anchor in ((start, "start"), ((start + end) // 2, "middle"), (end, "end")):
        text = datetime.fromtimestamp(moment, UTC).strftime(form) + (" UTC" if anchor == "end" else "")
        yield f'<text x="{x(moment):.1f}" y="{_HEIGHT - 8}" text-anchor="{anchor}">{text}</text>'


def _unbroken(points: Sequence[Point], step: int) -> Iterator[list[Point]]:
    if not points:
        return
    part = [points[0]]
    for before, point in pairwise(points):
        if point[0] - before[0] > step * 1.5:
            yield part
            part = []
        part.append(point)
    yield part

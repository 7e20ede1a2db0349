"""Draws a sensitivity as a tornado: a bar for each assumption, the largest swing on top."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costmodel import plain
from livecost.command_input import refuse
from livecost.plots import COLORS, new_figure, save

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from costmodel.sensitivity import End, Swing

_MOST_BARS = 20
_BAR = 0.62


def draw_tornado(path: str, swings: Sequence[Swing], name: str, currency: str | None) -> None:
    """Bars from the figure at the base to the figure at each end, with the assumption's value beside it.

    Args:
        path: the file.
        swings: the largest first; those without effect are left out.
        name: of the figure.
        currency: of the figure; None for counts.
    """
    acting = [swing for swing in swings if swing.size]
    if not acting:
        refuse("--plot", ["no assumption has an effect; nothing can be drawn"])
    drawn = acting[:_MOST_BARS]
    unit = "" if currency is None else f" ({currency})"
    figure, axes = new_figure(f"What swings the {name}", width=9, height=1.3 + 0.36 * len(drawn))
    base = float(drawn[0].at_base)
    for at, swing in enumerate(drawn):
        ends = [(swing.low, swing.high, COLORS[0]), (swing.high, swing.low, COLORS[1])]
        # Where both ends lie on one side, the shorter bar stays in sight.
        for end, other, color in sorted(ends, key=lambda each: _reach(each[0], base), reverse=True):
            _bar(axes, at, base, end, other, color)
    axes.axvline(base, color="#333333", linewidth=1)
    axes.set_yticks(range(len(drawn)), [swing.path for swing in drawn])
    axes.set_ylim(len(drawn) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")
    axes.margins(x=0.12)
    left_out = f"; {len(acting) - len(drawn)} smaller ones left out" if len(acting) > len(drawn) else ""
    axes.set_xlabel(f"{name}{unit}\nblue: at the low value, orange: at the high value{left_out}")
    save(figure, path)


def _reach(end: End, base: float) -> float:
    return 0 if end.figure is None else abs(float(end.figure) - base)


def _bar(axes: Axes, at: int, base: float, end: End, other: End, color: str) -> None:
    opposite = other.figure is not None and float(other.figure) < base
    if end.figure is None:
        _write(axes, (base, at), f"{plain(end.value)}: refused", to_the_right=opposite)
        return
    reach = float(end.figure) - base
    axes.barh(at, reach, left=base, height=_BAR, color=color)
    if not reach:
        return
    inside = other.figure is not None and (float(other.figure) - base) * reach > 0 and _reach(other, base) > abs(reach)
    text_color = "white" if inside else "black"
    _write(axes, (base + reach, at), plain(end.value), to_the_right=(reach > 0) != inside, color=text_color)


def _write(axes: Axes, place: tuple[float, float], text: str, *, to_the_right: bool, color: str = "black") -> None:
    axes.annotate(
        text,
        place,
        (4 if to_the_right else -4, 0),
        textcoords="offset points",
        ha="left" if to_the_right else "right",
        va="center",
        color=color,
        fontsize=8,
    )

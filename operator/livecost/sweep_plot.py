"""Draws a sweep: lines over one assumption, or a heat map over two."""

from __future__ import annotations

from itertools import cycle, pairwise
from math import isnan
from typing import TYPE_CHECKING, Any

from matplotlib.ticker import MaxNLocator

from costmodel import plain
from costmodel.figures import Figure, figures
from costmodel.sweeps import node_counts
from livecost.command_input import refuse
from livecost.plots import COLORS, new_panels, save

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from matplotlib.axes import Axes

    from costmodel.sweeps import Axis, Point

_MOST_LABELED_CELLS = 150
_MOST_MARKED_STEPS = 40
_MOST_MARKERS = 60
_MOST_OUTLINED_CELLS = 2_500
_MOST_TICKS = 12


def draw_sweep(path: str, axes: Sequence[Axis], points: Sequence[Point], names: Sequence[str], currency: str) -> None:
    """Draw a panel for each figure over one assumption, or a heat map of the first figure over two.

    Lines stand where a number of nodes changes; a refused combination is hatched or says so.
    """
    columns = {name: [_number(name, point) for point in points] for name in names}
    if not any(point.result for point in points):
        refuse("--plot", ["every combination is refused; nothing can be drawn"])
    if len(axes) == 1:
        _lines(path, axes[0], points, columns, currency)
    else:
        _heat_map(path, axes, points, next(iter(columns.items())), currency)


def _number(name: str, point: Point) -> float:
    value: Figure = None if point.result is None else figures(point.result)[name]
    try:
        return float("nan") if value is None else float(value)
    except ValueError:
        refuse("--plot", [f"{name} is text; show a number such as monthly.total"])


def _label(name: str, currency: str) -> str:
    money = name.startswith(("monthly.", "annual", "license.", "fleet.annual")) and not name.endswith("Percent")
    return f"{name} ({currency})" if money else name


def _lines(path: str, axis: Axis, points: Sequence[Point], columns: Mapping[str, list[float]], currency: str) -> None:
    across = [float(value) for value in axis.values]
    figure, panels = new_panels(f"Sweep over {axis.path}", len(columns), height=min(1.6 + 1.9 * len(columns), 30))
    steps = [at for before, at in pairwise(range(len(points))) if _is_step(points[before], points[at])]
    marked = steps if len(steps) <= _MOST_MARKED_STEPS else []
    for panel, (name, values), color in zip(panels, columns.items(), cycle(COLORS), strict=False):
        marker = "o" if len(points) <= _MOST_MARKERS else None
        style = "steps-post" if name.startswith("nodes.") else "default"
        panel.plot(across, values, color=color, marker=marker, markersize=4, drawstyle=style)
        panel.set_ylabel(_label(name, currency), fontsize=9)
        panel.margins(x=0.02)
        if name.startswith(("nodes.", "demand.")):
            panel.yaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        for at in marked:
            panel.axvline(across[at], color="#777777", linestyle=":", linewidth=1, zorder=0)
        for low, high in _refused_spans(across, points):
            panel.axvspan(low, high, facecolor="none", edgecolor="#bbbbbb", hatch="///", linewidth=0)
    notes = ["dotted: a number of nodes changes"] if marked else []
    notes += ["hatched: refused"] if any(point.result is None for point in points) else []
    panels[-1].set_xlabel(axis.path + (f"  ({'; '.join(notes)})" if notes else ""))
    save(figure, path)


def _is_step(before: Point, after: Point) -> bool:
    if before.result is None or after.result is None:
        return False
    return node_counts(before.result) != node_counts(after.result)


def _refused_spans(across: Sequence[float], points: Sequence[Point]) -> Iterator[tuple[float, float]]:
    for at, point in enumerate(points):
        if point.result is None:
            yield across[max(at - 1, 0)], across[min(at + 1, len(across) - 1)]


def _heat_map(
    path: str, axes: Sequence[Axis], points: Sequence[Point], column: tuple[str, list[float]], currency: str
) -> None:
    (name, values), (down, right) = column, axes
    height, width = len(down.values), len(right.values)
    cells = [values[at * width : (at + 1) * width] for at in range(height)]
    figure, [panel] = new_panels(f"{_label(name, currency)} over {down.path} and {right.path}", 1, 9, 5.5)
    panel.grid(visible=False)
    panel.set_facecolor("#eeeeee")
    image = panel.imshow(cells, origin="lower", aspect="auto", cmap="Blues", interpolation="nearest")
    figure.colorbar(image, ax=panel, label=_label(name, currency))
    _ticks(panel.xaxis, right)
    _ticks(panel.yaxis, down)
    panel.set_xlabel(right.path + ("  (lines: a number of nodes changes)" if _draw_steps(panel, points, width) else ""))
    panel.set_ylabel(down.path)
    if height * width <= _MOST_LABELED_CELLS:
        _write_cells(panel, cells)
    save(figure, path)


def _ticks(axis: Any, swept: Axis) -> None:
    every = -(-len(swept.values) // _MOST_TICKS)
    at = range(0, len(swept.values), every)
    axis.set_ticks(list(at), [plain(swept.values[each]) for each in at])


def _draw_steps(panel: Axes, points: Sequence[Point], width: int) -> bool:
    across, up = [], []
    for at in range(len(points)):
        row, column = divmod(at, width)
        if column and _is_step(points[at - 1], points[at]):
            up.append((row, column))
        if row and _is_step(points[at - width], points[at]):
            across.append((row, column))
    if len(points) > _MOST_OUTLINED_CELLS or not (across or up):
        return False
    style: dict[str, Any] = {"color": COLORS[1], "linewidth": 1.6}
    panel.vlines([c - 0.5 for _, c in up], [r - 0.5 for r, _ in up], [r + 0.5 for r, _ in up], **style)
    panel.hlines([r - 0.5 for r, _ in across], [c - 0.5 for _, c in across], [c + 0.5 for _, c in across], **style)
    return True


def _write_cells(panel: Axes, cells: Sequence[Sequence[float]]) -> None:
    known = [value for row in cells for value in row if not isnan(value)]
    middle = (min(known) + max(known)) / 2
    digits = 0 if max(map(abs, known)) >= 1000 or all(value.is_integer() for value in known) else 2
    for row, line in enumerate(cells):
        for column, value in enumerate(line):
            text = "refused" if isnan(value) else f"{value:,.{digits}f}"
            color = "white" if value > middle else "#333333"
            panel.text(column, row, text, ha="center", va="center", color=color, fontsize=8)

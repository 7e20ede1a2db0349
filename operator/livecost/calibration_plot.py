"""Draws a calibration: the points of each resource, its line with the confidence band, and its target."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from costmodel import plain
from livecost.plots import COLORS, new_figure, save

if TYPE_CHECKING:
    from collections.abc import Sequence

    from costmodel.calibration import Calibration
    from livecost.load_test_points import LoadKind, ResourcePoints

_STEPS: Final = 60


def draw(
    path: str, points: ResourcePoints, found: Sequence[Calibration], first: Calibration | None, load: LoadKind
) -> None:
    """Write the plot to `path`; usage is in percent of what a node has of each resource."""
    title = (
        f"{load} per node: unknown"
        if first is None
        else f"{first.per_node} {load} per node, by {first.target.resource}"
    )
    figure, axes = new_figure(title[0].upper() + title[1:])
    ends = [each.upper or Fraction(each.largest_load) for each in found]
    end = max([*ends, *(Fraction(each.largest_load) for each in found)])
    band = plain(found[0].confidence_percent)
    loads = [end * step / _STEPS for step in range(_STEPS + 1)]
    for at, (color, each) in enumerate(zip(COLORS, found, strict=False)):
        name, percent = each.target.resource, plain(each.target.percent)
        one_percent = Fraction(each.target.full) / 100
        measured = [(float(point.load), float(Fraction(point.usage) / one_percent)) for point in points[name]]
        axes.plot(*zip(*measured, strict=True), "o", color=color, markersize=4, clip_on=False)
        middle = [each.line.at(x) / one_percent for x in loads]
        half = [each.line.half_width(x, each.confidence_percent) / one_percent for x in loads]
        low = [float(y - other) for y, other in zip(middle, half, strict=True)]
        high = [float(y + other) for y, other in zip(middle, half, strict=True)]
        across = [float(x) for x in loads]
        axes.plot(across, [float(y) for y in middle], color=color, label=f"{name} with {band} % band")
        axes.fill_between(across, low, high, color=color, alpha=0.2, linewidth=0)
        # Dashes of different resources fall into each other's gaps, so that equal targets all show.
        dashes = (3 * at, (3, 3 * len(found)))
        axes.axhline(float(each.target.percent), color=color, linestyle=dashes, label=f"{name} target {percent} %")
    if first is not None and first.per_node is not None:
        axes.axvline(first.per_node, color="#333333", linestyle=":", label=f"{first.per_node} {load}")
    axes.set_xlabel(f"{load} on the node")
    axes.set_ylabel("use of the node, %")
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    save(figure, path)

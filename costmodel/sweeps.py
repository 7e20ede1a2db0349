"""Estimates over a grid of one or two assumptions, all others as they are (SPEC, Sweeps)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, product
from math import prod
from typing import TYPE_CHECKING, Final

from costmodel.acting import silenced_by
from costmodel.decimals import exact, parse_decimal, plain
from costmodel.errors import AssumptionsError, Problem
from costmodel.field_paths import field_layer, numeric_field
from costmodel.fields import shown
from costmodel.layering import resolve
from costmodel.projection import Estimate, estimate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from decimal import Decimal

    from costmodel.document import AssumptionsDocument
    from costmodel.field_paths import NumericField

MAX_POINTS: Final = 100_000
"""Most points of one sweep."""

_EXAMPLE: Final = "write START:STOP:STEP such as 500:5000:500, or values such as 100,200,300"


@dataclass(frozen=True, slots=True)
class Axis:
    """One assumption and the values it takes, ascending."""

    path: str
    values: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """One combination of values.

    Attributes:
        values: one for each axis, in their order.
        result: the estimate; None where the model refuses the combination.
        problems: why it is refused.
    """

    values: tuple[Decimal, ...]
    result: Estimate | None
    problems: tuple[Problem, ...] = ()


def parse_axis(text: str) -> Axis:
    """Read `demand.users=500:5000:500` (start, stop, step) or `demand.users=100,200,300`.

    The stop is included where a step meets it.

    Raises:
        AssumptionsError: unknown field, values that do not ascend or that the field refuses, no or too many points.
    """
    path, _, grid = text.partition("=")
    field = numeric_field(path)
    values = _stepped(field, grid) if ":" in grid else tuple(_number(path, each) for each in grid.split(","))
    for lower, upper in pairwise(values):
        if upper <= lower:
            raise _refused(
                path, f"{plain(upper)} is not above the value before it ({plain(lower)})", "write them ascending"
            )
    for value in values:
        field_layer({field.path: value})
    return Axis(field.path, values)


@exact
def _stepped(field: NumericField, grid: str) -> tuple[Decimal, ...]:
    path = field.path
    numbers = [_number(path, each) for each in grid.split(":")]
    if len(numbers) != 3:
        raise _refused(path, f"{shown(grid)} is not a grid", _EXAMPLE)
    start, stop, step = numbers
    if step <= 0:
        raise _refused(path, f"the step {shown(step)} is not above 0", _EXAMPLE)
    if stop < start:
        raise _refused(path, f"the grid is reversed: {shown(stop)} is below {shown(start)}", _EXAMPLE)
    field_layer({path: start})
    if stop > field.maximum:
        raise _refused(path, f"the stop {shown(stop)} is out of range", f"write at most {plain(field.maximum)}")
    steps = (stop - start) // step
    if steps >= MAX_POINTS:
        raise _too_many(path, int(steps) + 1)
    return tuple(start + at * step for at in range(int(steps) + 1))


def sweep(acting: AssumptionsDocument, axes: Sequence[Axis]) -> Iterator[Point]:
    """The estimate at every combination of the axes' values; the last axis varies fastest.

    Args:
        acting: the assumptions as one document (`costmodel.acting`); a value replaces its field alone, or the
            alternative that is stated instead of it.
        axes: at least one.

    Raises:
        AssumptionsError: too many points, an assumption on two axes, or one that has no effect.
    """
    _check(acting, axes)
    paths = [axis.path for axis in axes]
    return (_point(acting, paths, values) for values in product(*(axis.values for axis in axes)))


def _check(acting: AssumptionsDocument, axes: Sequence[Axis]) -> None:
    paths = [axis.path for axis in axes]
    if len(set(paths)) < len(paths):
        raise _refused(paths[-1], "is swept twice", "write each assumption once")
    points = prod(len(axis.values) for axis in axes)
    if points > MAX_POINTS:
        raise _too_many(" x ".join(paths), points)
    by_percent = "demand.peakConcurrencyPercent" in paths or silenced_by("demand.users", acting) is None
    if "demand.users" in paths and ("demand.concurrency" in paths or not by_percent):
        message = "has no effect beside demand.concurrency, which states the peak"
        raise _refused(
            "demand.users", message, "sweep demand.concurrency alone, or state peakConcurrencyPercent instead"
        )


def _point(acting: AssumptionsDocument, paths: Sequence[str], values: tuple[Decimal, ...]) -> Point:
    try:
        assumptions = resolve(acting, field_layer(dict(zip(paths, values, strict=True))))
    except AssumptionsError as error:
        return Point(values, None, error.problems)
    return Point(values, estimate(assumptions))


def node_counts(result: Estimate) -> dict[str, int]:
    """Pool to its nodes: livekit, sim and system."""
    return {"livekit": result.livekit.nodes, "sim": result.sim.nodes, "system": result.system_nodes}


def _number(path: str, text: str) -> Decimal:
    try:
        return parse_decimal(text.strip())
    except ValueError as error:
        raise _refused(path, f"{shown(text)} {error}", _EXAMPLE) from None


def _too_many(path: str, points: int) -> AssumptionsError:
    return _refused(
        path, f"{points:,} points are too many", f"write at most {MAX_POINTS:,}: a larger step or fewer values"
    )


def _refused(path: str, message: str, remedy: str) -> AssumptionsError:
    return AssumptionsError([Problem(path, message, remedy)])

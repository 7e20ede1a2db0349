"""What one node carries, from load tests: the load at which a resource reaches its target (SPEC, Calibration).

Not loaded with the package, as it needs scipy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from costmodel.decimals import plain
from costmodel.errors import AssumptionsError, Problem
from costmodel.regression import Line, bend, fit_line, lag_one_autocorrelation, outliers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from costmodel.servers import Resource

MIN_DISTINCT_LOADS: Final = 5
MIN_R_SQUARED: Final = Fraction(9, 10)
"""Least share of the scatter that the line must explain."""
MAX_EXTRAPOLATION: Final = Fraction(5, 4)
"""The target may be reached at most at this many times the largest load measured."""
DOUBT_P_VALUE: Final = 0.01
"""Chance below which a bend, or a point far from the line, is taken for real and warned of."""
_MIN_FOR_ORDER: Final = 8
_MOST_POINTS_TOLD: Final = 5
_HUNDRED: Final = Decimal(100)


@dataclass(frozen=True, slots=True)
class Point:
    """One measurement of one node.

    Attributes:
        load: participants (or sessions) on the node, from 0.
        usage: what the node used then, in the unit of the target.
    """

    load: Decimal
    usage: Decimal


@dataclass(frozen=True, slots=True)
class Target:
    """How full a resource may get.

    Attributes:
        resource: cpu, memory or network.
        full: all that a node has of it, in the unit of the points.
        percent: the target utilization, above 0 to 100.
    """

    resource: Resource
    full: Decimal
    percent: Decimal

    @property
    def usage(self) -> Fraction:
        """The usage to stay below, in the unit of the points."""
        return Fraction(self.full) * Fraction(self.percent) / 100


@dataclass(frozen=True, slots=True)
class Calibration:
    """What one node carries by one resource. Usage is in the unit of the target.

    Attributes:
        target: how full the resource may get.
        confidence_percent: of the interval, both sides together.
        distinct_loads: different loads among the points, at least 5.
        smallest_load: smallest load measured.
        largest_load: largest load measured.
        line: usage over load.
        load_at_target: the load at which the line reaches the target; None where unknown.
        lower: lower bound of the interval in which the true such load lies; None where unknown.
        upper: its upper bound; None where unknown.
        unknown_because: why no load can be told; None where one is.
        warnings: doubts about the fit, each one sentence.
    """

    target: Target
    confidence_percent: Decimal
    distinct_loads: int
    smallest_load: Decimal
    largest_load: Decimal
    line: Line
    load_at_target: Fraction | None
    lower: Fraction | None
    upper: Fraction | None
    unknown_because: str | None
    warnings: tuple[str, ...]

    @property
    def per_node(self) -> int | None:
        """The load to plan one node for, target included: the lower bound, rounded down; None where unknown."""
        return None if self.lower is None else math.floor(self.lower)

    @property
    def per_node_before_target(self) -> int | None:
        """`per_node` / target, rounded down: for documents that state the target as targetUtilizationPercent.

        The model multiplies the two again and comes to `per_node` or less than one below. No node was seen to carry it.
        """
        return None if self.per_node is None else math.floor(self.per_node * 100 / Fraction(self.target.percent))

    def stays_below_target(self, load: int) -> bool:
        """Whether mean usage at `load` is below the target, upper confidence bound included."""
        at = Fraction(load)
        return self.line.at(at) + self.line.half_width(at, self.confidence_percent) < self.target.usage


def fit(points: Sequence[Point], target: Target, confidence_percent: Decimal = Decimal(95)) -> Calibration:
    """The load at which one resource reaches its target, by a straight line through the points.

    Args:
        points: measurements of like nodes with like rooms, in order of time where they have one.
        target: how full the resource may get.
        confidence_percent: of the interval, both sides together; above 0 and below 100.

    Raises:
        AssumptionsError: an option is out of range, or the points have fewer than 5 different loads.
    """
    loads = {point.load for point in points}
    _check(target, confidence_percent, len(loads))
    pairs = [(Fraction(point.load), Fraction(point.usage)) for point in points]
    line = fit_line(pairs)
    found = line.x_at(target.usage, confidence_percent)
    reason = _doubt(line, target, found, max(loads))
    known = (None, None, None) if found is None or reason is not None else found
    return Calibration(
        target=target,
        confidence_percent=confidence_percent,
        distinct_loads=len(loads),
        smallest_load=min(loads),
        largest_load=max(loads),
        line=line,
        load_at_target=known[0],
        lower=known[1],
        upper=known[2],
        unknown_because=reason,
        warnings=_warnings(points, pairs, line, target, known[0]),
    )


def binding(calibrations: Sequence[Calibration]) -> Calibration | None:
    """The resource that fills first, the known one with the least `per_node`; None where `undecided` names any."""
    return None if undecided(calibrations) else _first_known(calibrations)


def undecided(calibrations: Sequence[Calibration]) -> list[Calibration]:
    """The resources for which it cannot be told which one fills first.

    A resource with no load of its own does no harm if it surely stays below its target at the least known `per_node`.
    Otherwise it might fill before; and where no resource has a load, each might.
    """
    first = _first_known(calibrations)
    return [
        each
        for each in calibrations
        if each.per_node is None and (first is None or not each.stays_below_target(first.per_node or 0))
    ]


def _first_known(calibrations: Sequence[Calibration]) -> Calibration | None:
    known = [(each.per_node, at) for at, each in enumerate(calibrations) if each.per_node is not None]
    return calibrations[min(known)[1]] if known else None


def _check(target: Target, confidence_percent: Decimal, distinct_loads: int) -> None:
    problems = []
    if not 0 < target.percent <= _HUNDRED:
        remedy = "write a number above 0, at most 100"
        problems.append(Problem(f"{target.resource} target percent", f"{target.percent} is out of range", remedy))
    if not target.full > 0:
        problems.append(Problem(f"{target.resource} of a node", f"{target.full} is out of range", "write one above 0"))
    if not 0 < confidence_percent < _HUNDRED:
        remedy = "write a number above 0 and below 100, such as 95"
        problems.append(Problem("confidence percent", f"{confidence_percent} is out of range", remedy))
    if distinct_loads < MIN_DISTINCT_LOADS:
        message = f"measured at {distinct_loads} different loads; a line needs at least {MIN_DISTINCT_LOADS}"
        remedy = "measure at more loads, spread evenly from idle to the target"
        problems.append(Problem(target.resource, message, remedy))
    if problems:
        raise AssumptionsError(problems)


def _doubt(
    line: Line, target: Target, found: tuple[Fraction, Fraction, Fraction] | None, largest_load: Decimal
) -> str | None:
    if line.slope <= 0 or found is None or line.r_squared is None:
        return "does not measurably grow with the load; measure at heavier loads, or leave it out"
    if line.r_squared < MIN_R_SQUARED:
        share = float(line.r_squared)
        least = float(MIN_R_SQUARED)
        return f"a line explains too little of it (R2 {share:.2f}, at least {least}); measure each load for longer"
    if line.intercept >= target.usage:
        return "an idle node is already at the target; raise the target, or free the node of other work"
    at_target, lower, _ = found
    if at_target > MAX_EXTRAPOLATION * Fraction(largest_load):
        ratio = float(at_target / Fraction(largest_load))
        return (
            f"the target lies at {ratio:.2f} times the largest load measured, and is told up to "
            f"{float(MAX_EXTRAPOLATION)}; measure closer to it"
        )
    return None if lower >= 1 else "the lower bound is below 1; measure more points"


def _warnings(
    points: Sequence[Point],
    pairs: Sequence[tuple[Fraction, Fraction]],
    line: Line,
    target: Target,
    at_target: Fraction | None,
) -> tuple[str, ...]:
    found = []
    bent = bend(pairs, line)
    if bent.p_value < DOUBT_P_VALUE:
        way = "faster and faster, so that the line tells too much" if bent.curvature > 0 else "slower and slower"
        found.append(f"usage grows {way} (p of no bend {bent.p_value:.2g}); measure close to the target only")
    if at_target is not None and at_target > max(load for load, _ in pairs):
        found.append("the target lies beyond the largest load measured; measure up to it")
    far = outliers(pairs, line, DOUBT_P_VALUE)
    for index in far[:_MOST_POINTS_TOLD]:
        percent = 100 * float(pairs[index][1] / Fraction(target.full))
        found.append(
            f"the point at load {plain(points[index].load)} ({percent:.1f} %) lies far from the line; look into it"
        )
    if len(far) > _MOST_POINTS_TOLD:
        found.append(f"{len(far) - _MOST_POINTS_TOLD} more points lie far from the line")
    correlation = lag_one_autocorrelation(pairs, line)
    if correlation is not None and line.count >= _MIN_FOR_ORDER and correlation > 2 / math.sqrt(line.count):
        found.append(
            f"neighboring points err alike (lag-1 autocorrelation {float(correlation):.2f}), so that the interval is "
            "too narrow; average each load step to one point"
        )
    return tuple(found)

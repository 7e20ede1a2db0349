"""A straight line through measured points by least squares, exactly, and how far to trust it.

Sums are taken over rational numbers, so that points on a line give that line and not one beside it; only square roots
and quantiles are rounded. Formulas: Draper and Smith, Applied Regression Analysis, 3rd edition, chapters 1 to 3. Needs
scipy, and is not loaded with the package.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from scipy.special import fdtrc, stdtr, stdtrit

if TYPE_CHECKING:
    from collections.abc import Sequence

_ROOT_DIGITS: Final = 30


@dataclass(frozen=True, slots=True)
class Line:
    """The least-squares line y = intercept + slope x through at least 3 points of at least 2 different x.

    Attributes:
        count: points, at least 3.
        mean_x: mean of x.
        mean_y: mean of y.
        spread_x: sum of (x - mean_x)^2.
        slope: growth of y for each x.
        intercept: y at x = 0.
        residual_sum: sum of the squared distances from the line, in y.
        r_squared: share of the scatter of y that the line explains, 0 to 1; None where y does not vary.
    """

    count: int
    mean_x: Fraction
    mean_y: Fraction
    spread_x: Fraction
    slope: Fraction
    intercept: Fraction
    residual_sum: Fraction
    r_squared: Fraction | None

    @property
    def residual_variance(self) -> Fraction:
        """Square of the residual standard error, with count - 2 degrees of freedom."""
        return self.residual_sum / (self.count - 2)

    def at(self, x: Fraction) -> Fraction:
        """The line's y."""
        return self.intercept + self.slope * x

    def half_width(self, x: Fraction, confidence_percent: Decimal) -> Fraction:
        """Half the confidence interval of the mean of y at `x`: t s sqrt(1/n + (x - mean_x)^2 / spread_x)."""
        spread = Fraction(1, self.count) + (x - self.mean_x) ** 2 / self.spread_x
        return root(self._t_squared(confidence_percent) * self.residual_variance * spread)

    def x_at(self, y: Fraction, confidence_percent: Decimal) -> tuple[Fraction, Fraction, Fraction] | None:
        """Where the line reaches `y`, and the interval in which its true x lies; None where that has no bounds.

        It holds every x at which the confidence interval of the mean holds `y` (inverse estimation; Fieller, "Some
        problems in interval estimation", J. R. Stat. Soc. B 16, 1954; Draper and Smith, section 3.2). Unlike the delta
        method's it is exact for normal errors. It has no bounds where the slope does not differ from 0 with that
        confidence.

        Args:
            y: any figure; one measured without error, as a target is.
            confidence_percent: of both sides together, above 0 and below 100.

        Returns:
            x, lower and upper bound. The bounds need not be symmetric about x.
        """
        if not self.slope:
            return None
        scale = self._t_squared(confidence_percent) * self.residual_variance / self.slope**2
        g = scale / self.spread_x
        if g >= 1:
            return None
        distance = (y - self.mean_y) / self.slope
        half = root(g * distance**2 + (1 - g) * scale / self.count)
        center = self.mean_x + distance / (1 - g)
        return self.mean_x + distance, center - half / (1 - g), center + half / (1 - g)

    def _t_squared(self, confidence_percent: Decimal) -> Fraction:
        upper_tail = (100 - confidence_percent) / 200
        return Fraction(float(stdtrit(self.count - 2, float(1 - upper_tail)))) ** 2


def fit_line(points: Sequence[tuple[Fraction, Fraction]]) -> Line:
    """The line through (x, y) `points`: at least 3, of at least 2 different x."""
    x_values, y_values = ([point[at] for point in points] for at in (0, 1))
    mean_x, mean_y = _mean(x_values), _mean(y_values)
    spread_x = _centered(x_values, x_values)
    spread_y = _centered(y_values, y_values)
    together = _centered(x_values, y_values)
    slope = together / spread_x
    residual_sum = spread_y - slope * together
    r_squared = 1 - residual_sum / spread_y if spread_y else None
    intercept = mean_y - slope * mean_x
    return Line(len(points), mean_x, mean_y, spread_x, slope, intercept, residual_sum, r_squared)


@dataclass(frozen=True, slots=True)
class Bend:
    """What a squared term adds to a line.

    Attributes:
        curvature: factor of x^2 in y = c0 + c1 x + curvature x^2.
        p_value: chance of a curvature this far from 0 if the truth is straight (F test of the added term), 0 to 1.
    """

    curvature: Fraction
    p_value: float


def bend(points: Sequence[tuple[Fraction, Fraction]], line: Line) -> Bend:
    """Fit a parabola through `points`, which have at least 4 of at least 3 different x, and test it against `line`."""
    x_values, y_values = ([point[at] for point in points] for at in (0, 1))
    squares = [x * x for x in x_values]
    # What is left of x^2 once a line through it is taken off.
    spread = _centered(squares, squares) - _centered(x_values, squares) ** 2 / line.spread_x
    along = _centered(squares, y_values) - _centered(x_values, squares) * line.slope
    curvature = along / spread
    gained = curvature * along
    left = line.residual_sum - gained
    if not gained:
        return Bend(curvature, 1.0)
    if not left:
        return Bend(curvature, 0.0)
    freedom = line.count - 3
    return Bend(curvature, float(fdtrc(1, freedom, float(gained / (left / freedom)))))


def outliers(points: Sequence[tuple[Fraction, Fraction]], line: Line, p_value: float) -> list[int]:
    """Indexes of the points too far from the line through all the others to be scatter.

    The test is that of externally studentized residuals, with Bonferroni's correction for testing every point (Cook and
    Weisberg, Residuals and Influence in Regression, 1982).

    Args:
        points: at least 4.
        line: the line through them.
        p_value: chance of naming any point when all is scatter.
    """
    freedom = line.count - 3
    found = []
    for index, (x, y) in enumerate(points):
        residual = y - line.at(x)
        free = 1 - Fraction(1, line.count) - (x - line.mean_x) ** 2 / line.spread_x
        if not residual or not free:
            continue
        left = (line.residual_sum - residual**2 / free) / freedom
        if not left or _tail(math.sqrt(residual**2 / (left * free)), freedom) * line.count < p_value:
            found.append(index)
    return found


def lag_one_autocorrelation(points: Sequence[tuple[Fraction, Fraction]], line: Line) -> Fraction | None:
    """Correlation of each residual with the next in the given order, -1 to 1; None for points on the line."""
    residuals = [y - line.at(x) for x, y in points]
    if not line.residual_sum:
        return None
    return sum((one * two for one, two in pairwise(residuals)), Fraction()) / line.residual_sum


def root(number: Fraction) -> Fraction:
    """The square root of a number from 0, to 30 digits."""
    with localcontext(prec=_ROOT_DIGITS):
        return Fraction((Decimal(number.numerator) / Decimal(number.denominator)).sqrt())


def _tail(t: float, freedom: int) -> float:
    return 2 * float(stdtr(freedom, -t))


def _mean(values: Sequence[Fraction]) -> Fraction:
    return sum(values, Fraction()) / len(values)


def _centered(one: Sequence[Fraction], two: Sequence[Fraction]) -> Fraction:
    products = sum((a * b for a, b in zip(one, two, strict=True)), Fraction())
    return products - sum(one, Fraction()) * sum(two, Fraction()) / len(one)

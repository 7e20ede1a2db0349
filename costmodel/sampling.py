"""Draws values of ranges at random (SPEC, Uncertainty). It needs numpy, and scipy for the normal distributions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

import numpy as np

from costmodel.decimals import MAX_DECIMALS
from costmodel.fixed_point import FixedPoint
from costmodel.ranges import Z90, Around, LogNormal, Normal, Triangular, Uniform, Values, accepted_ends

if TYPE_CHECKING:
    from decimal import Decimal

    from numpy.typing import NDArray

    from costmodel.ranges import FieldRange

_SIGNIFICANT_DIGITS: Final = 5
_EXACT_IN_FLOATS: Final = 2**53
"""Whole numbers up to here are exact in a binary float."""


class Sampler:
    """An endless row of draws of one range.

    Each range has a row of its own, made from the seed and the field's path, so that it stays the same when other
    ranges come and go. A draw is made by the inverse of the distribution function from a uniform number.

    Attributes:
        places: decimals to which draws are rounded, half to even.
        clipped: draws so far that lay outside what the field accepts and were moved to the nearest accepted value.
    """

    def __init__(self, of: FieldRange, seed: int) -> None:
        """Start the row.

        Args:
            of: the range; no percentage (`costmodel.ranges.absolute`).
            seed: any whole number from 0.
        """
        self._field, self._shape = of.field, of.shape
        self._random = np.random.default_rng([seed, crc32(of.field.path.encode())])
        self.places = 0 if of.field.whole else _places(of)
        self.clipped = 0

    def uniform(self, count: int) -> NDArray[Any]:
        """The next `count` uniform numbers of the row, from 0 to below 1."""
        return self._random.random(count)

    def draw(self, uniform: NDArray[Any]) -> FixedPoint:
        """The values that uniform numbers come to, all accepted by the field."""
        step = 10**self.places
        match self._shape:
            case Values(values, weights):
                return FixedPoint.counts(_chosen(values, weights, uniform, step), step)
            case Uniform(low, high) if self._field.whole:
                # Each whole number is equally likely, the ends as well.
                numbers = np.floor(float(low) + uniform * float(high - low + 1))
                return FixedPoint.counts(np.minimum(numbers, float(high)).astype(np.int64), step)
            case shape:
                numbers = np.rint(_inverse(shape, uniform) * step)
        least, most = (float(end * step) for end in accepted_ends(self._field, self.places))
        most = min(most, float(_EXACT_IN_FLOATS))
        self.clipped += int(np.count_nonzero((numbers < least) | (numbers > most)))
        return FixedPoint.counts(np.clip(numbers, least, most).astype(np.int64), step)


def _places(of: FieldRange) -> int:
    stated: tuple[Decimal, ...]
    match of.shape:
        case Uniform(low, high):
            stated, upper = (low, high), high
        case Triangular(low, mode, high):
            stated, upper = (low, mode, high), high
        case Normal(mean, sd):
            stated, upper = (mean, sd), mean + Z90 * sd
        case LogNormal(p50, p90):
            stated, upper = (p50, p90), p90
        case Values(values, _):
            return max(map(_decimals, values))
        case Around():
            raise TypeError("a percentage has no values of its own")
    fine = _SIGNIFICANT_DIGITS - 1 - upper.adjusted() if upper else 0
    places = min(max(fine, 0, *map(_decimals, stated)), MAX_DECIMALS)
    while places and upper.scaleb(places) > _EXACT_IN_FLOATS:
        places -= 1
    return places


def _decimals(number: Decimal) -> int:
    return max(0, -int(number.normalize().as_tuple().exponent))


def _chosen(
    values: tuple[Decimal, ...], weights: tuple[Decimal, ...], uniform: NDArray[Any], step: int
) -> NDArray[Any]:
    shares = np.cumsum([float(weight) for weight in weights])
    # side="right" never picks a value of weight 0, not even where the uniform number is 0.
    index = np.searchsorted(shares, uniform * shares[-1], side="right")
    numbers = [int(value * step) for value in values]
    small = max(numbers) <= _EXACT_IN_FLOATS
    chosen: NDArray[Any] = np.array(numbers, dtype=np.int64 if small else object)[np.minimum(index, len(numbers) - 1)]
    return chosen


def _inverse(shape: object, uniform: NDArray[Any]) -> NDArray[Any]:
    """The value below which the share `uniform` of the distribution lies."""
    match shape:
        case Uniform(low, high):
            return float(low) + uniform * float(high - low)
        case Triangular(low, mode, high):
            width, rise, fall = float(high - low), float(mode - low), float(high - mode)
            rising = float(low) + np.sqrt(uniform * width * rise)
            return np.where(uniform * width < rise, rising, float(high) - np.sqrt((1 - uniform) * width * fall))
        case Normal(mean, sd):
            return float(mean) + float(sd) * standard_normal(uniform)
        case LogNormal(p50, p90):
            spread = float((p90 / p50).ln() / Z90)
            return float(p50) * np.exp(spread * standard_normal(uniform))
    raise TypeError(f"{shape!r} is not drawn by its inverse")


def standard_normal(uniform: NDArray[Any]) -> NDArray[Any]:
    """The standard normal number below which the share `uniform`, 0 to below 1, of the distribution lies."""
    from scipy.special import ndtri  # noqa: PLC0415 - the other distributions start faster without it

    # A uniform number may be 0, whose value would be infinitely low; half a step of the generator is above it.
    values: NDArray[Any] = ndtri(np.maximum(uniform, 2.0**-54))
    return values

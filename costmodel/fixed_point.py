"""Arrays of exact decimals: whole numbers over one common denominator.

Numbers are 64-bit integers as long as no intermediate result can leave them, else Python's integers, which are as exact
and some twenty times slower. A figure that is the same in every draw is kept as one number.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd, lcm
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from decimal import Decimal

    from numpy.typing import NDArray

Numbers = Any
"""A whole number, or an array of them of the type int64 or object (Python integers)."""

_LARGEST: Final = 2**63 - 1
_CENTS_PER_UNIT: Final = 100


@dataclass(frozen=True, slots=True, eq=False)
class FixedPoint:
    """One exact number for all draws, or one for each.

    Attributes:
        numbers: the numerators.
        denominator: what each numerator is divided by, above 0.
        bound: no numerator is further from 0.
    """

    numbers: Numbers
    denominator: int
    bound: int

    @classmethod
    def constant(cls, value: Decimal | int) -> FixedPoint:
        """The same number for every draw."""
        numerator, denominator = value.as_integer_ratio()
        return cls(numerator, denominator, abs(numerator))

    @classmethod
    def counts(cls, numbers: Numbers, denominator: int = 1) -> FixedPoint:
        """Numbers over a denominator, with the bound that they have."""
        if isinstance(numbers, int):
            return cls(numbers, denominator, abs(numbers))
        return cls(numbers, denominator, max(int(numbers.max()), -int(numbers.min()), 0))

    def __add__(self, other: FixedPoint) -> FixedPoint:
        mine, others, denominator = _aligned(self, other)
        if mine.bound + others.bound > _LARGEST:
            mine, others = _tight(mine), _tight(others)
        bound = mine.bound + others.bound
        return FixedPoint(_fitting(mine, bound) + _fitting(others, bound), denominator, bound)

    def __sub__(self, other: FixedPoint) -> FixedPoint:
        return self + FixedPoint(-other.numbers, other.denominator, other.bound)

    def __mul__(self, other: FixedPoint) -> FixedPoint:
        mine_shared, others_shared = _shared(self, other.denominator), _shared(other, self.denominator)
        mine = _cancelled(self, mine_shared, others_shared)
        others = _cancelled(other, others_shared, mine_shared)
        if mine.bound * others.bound > _LARGEST:
            mine, others = _tight(mine), _tight(others)
        bound = mine.bound * others.bound
        # Where one factor is 0 throughout, the other one alone still has to fit.
        fitting = max(bound, mine.bound, others.bound)
        product = _fitting(mine, fitting) * _fitting(others, fitting)
        return FixedPoint(product, mine.denominator * others.denominator, bound)

    def __gt__(self, other: FixedPoint) -> Any:
        mine, others, _ = _aligned(self, other)
        return mine.numbers > others.numbers

    def least(self, other: FixedPoint) -> FixedPoint:
        """The smaller of both, for each draw."""
        mine, others, denominator = _aligned(self, other)
        smaller = _both(mine, others, min, np.minimum)
        return FixedPoint(smaller, denominator, max(mine.bound, others.bound))

    def most(self, other: FixedPoint) -> FixedPoint:
        """The greater of both, for each draw."""
        mine, others, denominator = _aligned(self, other)
        greater = _both(mine, others, max, np.maximum)
        return FixedPoint(greater, denominator, max(mine.bound, others.bound))

    def floor_div(self, divisor: FixedPoint) -> FixedPoint:
        """The quotient rounded down to whole numbers; both must not be negative, and the divisor not 0."""
        dividend, whole, bound = self._crossed(divisor)
        return FixedPoint.counts(_fitting(dividend, bound) // _fitting(whole, bound))

    def ceil_div(self, divisor: FixedPoint) -> FixedPoint:
        """The quotient rounded up to whole numbers; both must not be negative, and the divisor not 0."""
        dividend, whole, bound = self._crossed(divisor)
        divided_by = _fitting(whole, bound)
        return FixedPoint.counts((_fitting(dividend, bound) + (divided_by - 1)) // divided_by)

    def cents(self) -> FixedPoint:
        """Hundredths as whole numbers, half a hundredth rounded away from zero, as `costmodel.cents` rounds."""
        shared = gcd(self.denominator, _CENTS_PER_UNIT)
        factor, divisor = _CENTS_PER_UNIT // shared, self.denominator // shared
        if divisor == 1:
            whole = _scaled(self, factor)
            return FixedPoint(whole.numbers, 1, whole.bound)
        scaled = _scaled(self, factor)
        numbers = _fitting(scaled, scaled.bound + divisor)
        # Floor division rounds down: half a divisor more makes that half up, and 1 less below zero half down there. An
        # odd divisor has no halves.
        halves = 0 if divisor % 2 else (numbers < 0) * 1
        return FixedPoint.counts((numbers + divisor // 2 - halves) // divisor)

    def _crossed(self, divisor: FixedPoint) -> tuple[FixedPoint, FixedPoint, int]:
        shared = gcd(self.denominator, divisor.denominator)
        dividend = _scaled(self, divisor.denominator // shared)
        whole = _scaled(divisor, self.denominator // shared)
        return dividend, whole, dividend.bound + whole.bound


def indicator(condition: Any) -> FixedPoint:
    """1 where `condition`, a bool or an array of them, holds, else 0."""
    return FixedPoint(condition.astype(np.int64) if isinstance(condition, np.ndarray) else int(condition), 1, 1)


def total(parts: list[FixedPoint]) -> FixedPoint:
    """The sum of all parts."""
    whole, *rest = parts
    for part in rest:
        whole = whole + part
    return whole


def _aligned(one: FixedPoint, other: FixedPoint) -> tuple[FixedPoint, FixedPoint, int]:
    denominator = lcm(one.denominator, other.denominator)
    return _over(one, denominator), _over(other, denominator), denominator


def _over(value: FixedPoint, denominator: int) -> FixedPoint:
    scaled = _scaled(value, denominator // value.denominator)
    return FixedPoint(scaled.numbers, denominator, scaled.bound)


def _scaled(value: FixedPoint, factor: int) -> FixedPoint:
    """`factor` times the value, as numerators over the same denominator."""
    if factor == 1:
        return value
    if value.bound * factor > _LARGEST:
        value = _tight(value)
    bound = value.bound * factor
    return FixedPoint(_fitting(value, max(bound, factor)) * factor, value.denominator, bound)


def _shared(value: FixedPoint, denominator: int) -> int:
    return gcd(value.numbers, denominator) if isinstance(value.numbers, int) else 1


def _cancelled(value: FixedPoint, numerator_by: int, denominator_by: int) -> FixedPoint:
    numbers = value.numbers if numerator_by == 1 else value.numbers // numerator_by
    return FixedPoint(numbers, value.denominator // denominator_by, value.bound // numerator_by)


def _tight(value: FixedPoint) -> FixedPoint:
    """The same value with the bound of its numerators instead of the bound of what they might have been."""
    return FixedPoint.counts(value.numbers, value.denominator)


def _both(one: FixedPoint, other: FixedPoint, of_two: Any, of_arrays: Any) -> Numbers:
    if isinstance(one.numbers, int) and isinstance(other.numbers, int):
        return of_two(one.numbers, other.numbers)
    bound = max(one.bound, other.bound)
    return of_arrays(_fitting(one, bound), _fitting(other, bound))


def _fitting(value: FixedPoint, bound: int) -> Numbers:
    """The numerators in a type that holds results up to `bound`."""
    numbers: NDArray[Any] | int = value.numbers
    return numbers if isinstance(numbers, int) or bound <= _LARGEST else numbers.astype(object)

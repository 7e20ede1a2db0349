"""Projected beside observed cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from costmodel.decimals import exact, percent_of

if TYPE_CHECKING:
    from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Variance:
    """How far the observed cost is from the projected one.

    Attributes:
        monthly: observed - projected, per month, unrounded; negative when the bill is lower than planned.
        percent: `monthly` in percent of the projected cost at one decimal, half up; None (unknown) when that cost is 0.
    """

    monthly: Decimal
    percent: Decimal | None


@exact
def compare(projected: Decimal, observed: Decimal) -> Variance:
    """The variance of an observed monthly cost from the projected one, both in the same currency."""
    difference = observed - projected
    return Variance(difference, percent_of(difference, projected, places=1))

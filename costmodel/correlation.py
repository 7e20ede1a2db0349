"""Ranges that are drawn together, by a Gaussian copula (SPEC, Uncertainty). It needs numpy and scipy."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.special import ndtr

from costmodel.decimals import plain
from costmodel.errors import AssumptionsError, Problem
from costmodel.sampling import standard_normal

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from decimal import Decimal

    from numpy.typing import NDArray

    Pair = tuple[str, str]

_ROUNDING: Final = 1e-9
_BELOW_ONE: Final = 1 - 2.0**-53
"""The greatest uniform number, as the generator gives it."""


class Copula:
    """Makes independent rows of uniform numbers hang together.

    What is given is Spearman's rank correlation r, which the distributions of the fields do not change, but for ties
    where few values are possible: these bring it nearer to 0. The normal numbers behind the rows are correlated by
    2 sin(pi r / 6), which gives r (Pearson 1907), and each row but the first of a pair is mixed from those before it,
    by the Cholesky factor of that matrix.

    Attributes:
        paths: the fields that are correlated with any other, in the order of the ranges.
    """

    def __init__(self, ranges: Collection[str], correlations: Mapping[Pair, Decimal]) -> None:
        """Check the correlations.

        Args:
            ranges: paths of all fields with a range.
            correlations: pairs of two of them to -1 to 1; the pairs that are left out have 0.

        Raises:
            AssumptionsError: a field has no range, a number is no correlation, or no numbers hang together so.
        """
        problems = [problem for pair, rank in correlations.items() for problem in _problems(pair, rank, ranges)]
        if problems:
            raise AssumptionsError(problems)
        self.paths = [path for path in ranges if any(path in pair for pair in correlations)]
        place = {path: index for index, path in enumerate(self.paths)}
        matrix = np.eye(len(place))
        for (first, second), rank in correlations.items():
            row, column = place[first], place[second]
            matrix[row, column] = matrix[column, row] = 2 * math.sin(math.pi * float(rank) / 6)
        self._factor = _factor(matrix)

    def joined(self, uniform: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """The rows, those of correlated fields mixed; all are uniform as before.

        Args:
            uniform: path to a row of independent numbers from 0 to below 1; all rows of the same length.
        """
        normal = [standard_normal(uniform[path]) for path in self.paths]
        found = dict(uniform)
        for index, path in enumerate(self.paths):
            weights = self._factor[index, :index]
            if np.any(weights):
                # Summed one by one: a matrix product adds in an order that depends on the machine.
                mixed = self._factor[index, index] * normal[index]
                for weight, row in zip(weights, normal, strict=False):
                    mixed = mixed + weight * row
                found[path] = np.minimum(ndtr(mixed), _BELOW_ONE)
        return found


def _problems(pair: Pair, rank: Decimal, ranges: Collection[str]) -> list[Problem]:
    field = ",".join(pair)
    if pair[0] == pair[1]:
        return [Problem(field, "is one field twice", "name two fields")]
    if not -1 <= rank <= 1:
        return [Problem(field, f"cannot be correlated by {plain(rank)}", "write a number from -1 to 1")]
    return [
        Problem(field, f"{path} has no range", "state one in the uncertainty document, or leave the pair out")
        for path in pair
        if path not in ranges
    ]


def _factor(matrix: NDArray[Any]) -> NDArray[Any]:
    """The lower triangle whose square the matrix is; also where a correlation is full, unlike numpy's."""
    lower = np.zeros_like(matrix)
    for row in range(len(matrix)):
        for column in range(row + 1):
            # One by one, as in `Copula.joined`.
            rest = float(matrix[row, column]) - sum(
                float(lower[row, before] * lower[column, before]) for before in range(column)
            )
            if row == column and rest > -_ROUNDING:
                lower[row, row] = math.sqrt(rest) if rest > _ROUNDING else 0.0
            elif row != column and lower[column, column]:
                lower[row, column] = rest / lower[column, column]
            elif abs(rest) > _ROUNDING:
                message, remedy = "contradict one another", "bring them nearer to 0, or leave one out"
                raise AssumptionsError([Problem("correlations", message, remedy)])
    return lower

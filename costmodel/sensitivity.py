"""Which assumption swings the bill: each at a low and a high value, all others as they are (SPEC, Sensitivity)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from costmodel.acting import silenced_by
from costmodel.decimals import exact, percent_of
from costmodel.document import AssumptionsDocument, NetworkDocument
from costmodel.errors import AssumptionsError, Problem
from costmodel.field_paths import field_layer, numbers_of, numeric_fields
from costmodel.layering import resolve
from costmodel.projection import Estimate, estimate
from costmodel.ranges import Around, FieldRange, low_high
from costmodel.sweeps import node_counts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

OF: Final[Mapping[str, Callable[[Estimate], Decimal]]] = {
    "monthly": lambda result: result.monthly_total,
    "margin": lambda result: result.gross_margin,
    "nodes": lambda result: Decimal(sum(node_counts(result).values())),
}
"""What may swing: the monthly total, the yearly gross margin, or the nodes of all pools."""

TIER_PRICES: Final = "network.tiers[*].perGB (percent)"
"""All prices of tiered egress at once, in percent of what they are: no document field, but what a price is there."""

_WHOLE: Final = Decimal(100)


@dataclass(frozen=True, slots=True)
class End:
    """An assumption at one end of its range.

    Attributes:
        value: the assumption.
        result: the estimate; None where the model refuses the value.
        problems: why it is refused.
        figure: what is asked for; None where the value is refused.
    """

    value: Decimal
    result: Estimate | None
    problems: tuple[Problem, ...]
    figure: Decimal | None


@dataclass(frozen=True, slots=True)
class Swing:
    """What one assumption does to the figure.

    Attributes:
        path: the assumption.
        base: its value; None where it is not stated.
        low: its low end.
        high: its high end.
        at_base: the figure with all assumptions as they are.
    """

    path: str
    base: Decimal | None
    low: End
    high: End
    at_base: Decimal

    @property
    def moves(self) -> bool:
        """Whether an end differs from the base."""
        return not self.low.value == self.base == self.high.value

    @property
    @exact
    def size(self) -> Decimal:
        """The largest less the smallest figure among low, base and high; a refused end has none."""
        known = [figure for figure in (self.low.figure, self.at_base, self.high.figure) if figure is not None]
        return max(known) - min(known)

    @property
    def percent(self) -> Decimal | None:
        """`size` in percent of the figure at the base, at two decimals; None (unknown) where that is 0."""
        return percent_of(self.size, abs(self.at_base))


def ranges_around(acting: AssumptionsDocument, percent: Decimal) -> dict[str, tuple[Decimal, Decimal]]:
    """Low and high of every number that `acting` states (`costmodel.acting`), `percent` around it.

    The prices of `network.tiers` move together, as `TIER_PRICES`. Values are rounded as an uncertainty document's
    `percent` is, so that a small whole number may not move at all.
    """
    fields = numeric_fields()
    found = {
        path: low_high(FieldRange(fields[path], Around(percent)), base) for path, base in numbers_of(acting).items()
    }
    if TIER_PRICES in _bases(acting):
        found[TIER_PRICES] = _WHOLE - percent, _WHOLE + percent
    return found


def ranges_of(acting: AssumptionsDocument, ranges: Mapping[str, FieldRange]) -> dict[str, tuple[Decimal, Decimal]]:
    """Low and high of each range of an uncertainty document (`costmodel.ranges.low_high`).

    Raises:
        AssumptionsError: an assumption has no effect beside another, or a percentage has no base value.
    """
    bases, problems, found = numbers_of(acting), [], {}
    for path, each in ranges.items():
        winner = silenced_by(path, acting)
        if winner is not None:
            message, remedy = f"has no effect beside {winner}", f"leave it out, or write a range of {winner}"
            problems.append(Problem(f"ranges.{path}", message, remedy))
            continue
        try:
            found[path] = low_high(each, bases.get(path))
        except AssumptionsError as error:
            problems += error.problems
    if problems:
        raise AssumptionsError(problems)
    return found


def sensitivity(
    acting: AssumptionsDocument, ranges: Mapping[str, tuple[Decimal, Decimal]], of: str = "monthly"
) -> list[Swing]:
    """The swing of each assumption in `ranges`, the largest first; equal ones in the order of `ranges`.

    Args:
        acting: the assumptions as one document.
        ranges: path to low and high; `TIER_PRICES` is a path too.
        of: a key of `OF`.

    Raises:
        AssumptionsError: a path is unknown, or a value is not accepted by its field.
    """
    bases, figure = _bases(acting), OF[of]
    at_base = figure(estimate(resolve(acting)))
    swings = [
        Swing(path, bases.get(path), _end(acting, path, low, figure), _end(acting, path, high, figure), at_base)
        for path, (low, high) in ranges.items()
    ]
    return sorted(swings, key=lambda swing: swing.size, reverse=True)


def _bases(acting: AssumptionsDocument) -> dict[str, Decimal]:
    tiered = acting.network is not None and acting.network.tiers is not None
    return {**numbers_of(acting), **({TIER_PRICES: _WHOLE} if tiered else {})}


def _end(acting: AssumptionsDocument, path: str, value: Decimal, figure: Callable[[Estimate], Decimal]) -> End:
    layer = _tiers_at(acting, value) if path == TIER_PRICES else field_layer({path: value})
    try:
        result = estimate(resolve(acting, layer))
    except AssumptionsError as error:
        return End(value, None, error.problems, None)
    return End(value, result, (), figure(result))


@exact
def _tiers_at(acting: AssumptionsDocument, percent: Decimal) -> AssumptionsDocument:
    assert acting.network is not None  # noqa: S101 - _bases has found its tiers
    assert acting.network.tiers is not None  # noqa: S101
    tiers = tuple(tier.model_copy(update={"per_gb": tier.per_gb * percent.scaleb(-2)}) for tier in acting.network.tiers)
    return AssumptionsDocument(network=NetworkDocument.model_construct(tiers=tiers))

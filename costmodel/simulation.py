"""Estimates under uncertainty: how the bill spreads when the assumptions do (SPEC, Uncertainty). It needs numpy."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from costmodel.acting import acting_document, silenced_by
from costmodel.decimals import plain, round_half_up
from costmodel.errors import AssumptionsError, Problem
from costmodel.field_paths import field_layer, numbers_of
from costmodel.layering import resolve
from costmodel.ranges import absolute, ascending
from costmodel.sampling import Sampler
from costmodel.vectorised import estimate_arrays

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from costmodel.assumptions import Assumptions
    from costmodel.correlation import Copula
    from costmodel.document import AssumptionsDocument, MediaDocument
    from costmodel.fixed_point import FixedPoint
    from costmodel.ranges import FieldRange
    from costmodel.vectorised import ArrayEstimate

PERCENTILES: Final = (5, 10, 50, 90, 95)
MAX_DRAWS: Final = 10_000_000
"""Each million takes about 0.1 GB of memory."""
# Large enough that the work per chunk hides its overhead, small enough that its arrays stay in the processor's caches.
_CHUNK: Final = 32_768
_LARGEST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Distribution:
    """What all draws make of one figure.

    Attributes:
        mean: their average at two decimals, half up.
        percentiles: percent to the least drawn value that so many percent of the draws do not exceed.
    """

    mean: Decimal
    percentiles: Mapping[int, Decimal]


@dataclass(frozen=True, slots=True)
class Simulation:
    """The figures of all draws; amounts in `currency`, at two decimals.

    Attributes:
        currency: ISO 4217 code.
        draws: how many.
        amounts: total, annual, grossMargin and each line item (per month) to its distribution.
        nodes: livekit, sim and system to the distribution of their nodes.
        clipped: path of a field to its draws that were moved into the accepted range; without those that had none.
        loss_share: share of the draws with a negative gross margin, 0 to 1.
        total_cents: the monthly total of every draw in whole cents, ascending.
    """

    currency: str
    draws: int
    amounts: Mapping[str, Distribution]
    nodes: Mapping[str, Distribution]
    clipped: Mapping[str, int]
    loss_share: Decimal
    total_cents: NDArray[Any]

    def share_above(self, amount: Decimal) -> Decimal:
        """Share of the draws whose monthly total is above an amount, 0 to 1."""
        above = self.draws - int(np.searchsorted(self.total_cents, int(amount.scaleb(2) // 1), side="right"))
        return Decimal(above) / self.draws


def simulate(
    assumptions: Assumptions,
    media: MediaDocument | None,
    ranges: Mapping[str, FieldRange],
    *,
    draws: int,
    seed: int,
    copula: Copula | None = None,
    progress: Callable[[int], object] = lambda _: None,
) -> Simulation:
    """Draw the assumptions, estimate each draw and summarise.

    Args:
        assumptions: what holds where no range says otherwise.
        media: the media from which their bitrate came (`costmodel.document_media.media_in_force`), or None.
        ranges: path to range.
        draws: 1 to `MAX_DRAWS`.
        seed: any whole number from 0; the same one gives the same result.
        copula: which of the ranges hang together; None for all independent.
        progress: called with the number of draws done since the call before.

    Raises:
        AssumptionsError: a range is of a field that has no effect or needs a value that is not there, or a draw cannot
            be priced.
    """
    acting = acting_document(assumptions, media)
    together = () if copula is None else copula.paths
    ordered = {path: ascending(each) if path in together else each for path, each in ranges.items()}
    samplers = _samplers(acting, ordered, seed)
    amounts: defaultdict[str, list[Any]] = defaultdict(list)
    nodes: defaultdict[str, list[Any]] = defaultdict(list)
    for done in range(0, draws, _CHUNK):
        count = min(_CHUNK, draws - done)
        uniform = {path: sampler.uniform(count) for path, sampler in samplers.items()}
        if copula is not None:
            uniform = copula.joined(uniform)
        drawn = {path: sampler.draw(uniform[path]) for path, sampler in samplers.items()}
        figures = estimate_arrays(acting, drawn)
        if np.any(figures.refused):
            raise _refused_draw(acting, drawn, figures.refused, done)
        for item, cost in _amounts(figures).items():
            amounts[item].append(cost.numbers)
        for pool, size in figures.nodes.items():
            nodes[pool].append(size.numbers)
        progress(count)
    spread = {}
    for item in list(amounts):
        values = _sorted(amounts.pop(item), draws)
        spread[item] = _distribution(values, places=2, mean_places=2)
        if item == "total":
            totals = values
        elif item == "grossMargin":
            losses = int(np.searchsorted(values, 0, side="left"))
    return Simulation(
        currency=assumptions.currency,
        draws=draws,
        amounts=spread,
        nodes={pool: _distribution(_sorted(parts, draws), places=0, mean_places=2) for pool, parts in nodes.items()},
        clipped={path: sampler.clipped for path, sampler in samplers.items() if sampler.clipped},
        loss_share=Decimal(losses) / draws,
        total_cents=totals,
    )


def _samplers(acting: AssumptionsDocument, ranges: Mapping[str, FieldRange], seed: int) -> dict[str, Sampler]:
    base, samplers = numbers_of(acting), {}
    problems: list[Problem] = []
    for path, each in ranges.items():
        winner = silenced_by(path, acting)
        if winner is not None:
            problems.append(Problem(f"ranges.{path}", f"has no effect beside {winner}", f"write a range of {winner}"))
            continue
        try:
            samplers[path] = Sampler(absolute(each, base.get(path)), seed)
        except AssumptionsError as error:
            problems += error.problems
    if problems:
        raise AssumptionsError(problems)
    return samplers


def _amounts(figures: ArrayEstimate) -> dict[str, FixedPoint]:
    yearly = {"annual": figures.annual, "grossMargin": figures.gross_margin}
    return {**figures.monthly, "total": figures.monthly_total, **yearly}


def _refused_draw(
    acting: AssumptionsDocument, drawn: Mapping[str, FixedPoint], refused: NDArray[Any] | bool, done: int
) -> AssumptionsError:
    at = int(np.argmax(refused))
    values = {path: _value(value, at) for path, value in drawn.items()}
    try:
        resolve(acting, field_layer(values))
    except AssumptionsError as error:
        [first, *_] = error.problems
        shown = ", ".join(f"{path}={plain(value)}" for path, value in values.items())
        message = f"draw {done + at + 1} ({shown}) cannot be priced: {first.field}: {first.message}"
        return AssumptionsError([Problem("ranges", message, "narrow the ranges")])
    raise AssertionError("the exact model accepts what the arrays refuse")


def _value(value: FixedPoint, at: int) -> Decimal:
    return Decimal(int(value.numbers[at])) / value.denominator


def _sorted(parts: list[Any], draws: int) -> NDArray[Any]:
    """All draws ascending; a figure that never varies takes no memory."""
    if all(isinstance(part, int) for part in parts):
        return np.broadcast_to(np.asarray(parts[0]), draws)
    # Amounts that fit are numbers of 64 bits again, whatever they were on the way.
    small = all(part.dtype != object or max(abs(part)) <= _LARGEST for part in parts)
    whole = np.concatenate(parts).astype(np.int64 if small else object)
    whole.sort()
    return whole


def _distribution(values: NDArray[Any], *, places: int, mean_places: int) -> Distribution:
    count, low, high = len(values), int(values[0]), int(values[-1])
    fits = max(abs(low), abs(high)) * count <= _LARGEST
    whole = int(values.sum() if fits else values.astype(object).sum())
    mean = round_half_up((Decimal(whole) / count).scaleb(-places), mean_places)
    # The nearest rank: a percentile is a value that was drawn.
    ranked = {percent: int(values[-(-percent * count // 100) - 1]) for percent in PERCENTILES}
    return Distribution(mean, {percent: Decimal(value).scaleb(-places) for percent, value in ranked.items()})

"""What the calculator computes on demand, for the panels and the JSON API alike."""

from __future__ import annotations

import threading
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from costmodel.field_paths import numbers_of, numeric_field
from costmodel.ranges import Around, FieldRange
from costmodel.sensitivity import ranges_around, sensitivity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from costmodel.sensitivity import Swing
    from costmodel.simulation import Simulation
    from livecost.web.evaluation import Evaluation

MAX_DRAWS: Final = 100_000
"""Most draws of one request; each takes well below a microsecond."""
MAX_AT_ONCE: Final = 4
"""Most simulations at the same time: each takes some 15 MiB, and further ones would be no sooner done."""
REVISITED: Final = (
    "demand.peakConcurrencyPercent",
    "demand.concurrency",
    "capacity.participantsPerNode",
    "capacity.sessionsPerNode",
    "network.mediaMbps",
    "media.kbps",
)
"""The inputs that the cost page calls most worth revisiting; those that act are drawn by default."""
SEED: Final = 1
"""The same question has the same answer."""
_turns: Final = threading.BoundedSemaphore(MAX_AT_ONCE)


def swings(evaluation: Evaluation, percent: Decimal, of: str) -> list[Swing]:
    """Each assumption that acts, moved down and up by `percent`, the largest swing first."""
    return sensitivity(evaluation.acting, ranges_around(evaluation.acting, percent), of)


def ranges_of_revisited(evaluation: Evaluation, percent: Decimal) -> dict[str, FieldRange]:
    """Every one of `REVISITED` that acts, anywhere up to `percent` around its value."""
    stated = numbers_of(evaluation.acting)
    return {path: FieldRange(numeric_field(path), Around(percent)) for path in REVISITED if path in stated}


def simulated(evaluation: Evaluation, ranges: Mapping[str, FieldRange], draws: int, seed: int = SEED) -> Simulation:
    """The figures of `draws` draws.

    Raises:
        AssumptionsError: a range has no effect, or a draw cannot be priced.
        ModuleNotFoundError: numpy is not installed.
    """
    from costmodel.simulation import simulate  # noqa: PLC0415 - loads numpy

    with _turns:
        return simulate(evaluation.assumptions, evaluation.media, ranges, draws=draws, seed=seed)

"""What is wrong with an assumptions document, told field by field.

`AssumptionsError` is the only exception of the package; every way to refuse an input ends in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Problem:
    """One refused field.

    Attributes:
        field: dotted path as written in the document, such as `nodes.livekit.hourly` or `network.tiers[1].perGB`.
        message: what is wrong.
        remedy: what to write instead.
    """

    field: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}; {self.remedy}"


class AssumptionsError(ValueError):
    """The assumptions cannot be priced; `problems` holds every reason found, never none."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

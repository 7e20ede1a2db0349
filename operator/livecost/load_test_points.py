"""The figures that a load test measures, and how they are read exactly."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from costmodel.calibration import Point
    from costmodel.servers import Resource

    ResourcePoints = Mapping[Resource, Sequence[Point]]
    """The points of each resource that was measured, in order of time."""

LoadKind = Literal["participants", "sessions"]
LOAD_KINDS: Final[tuple[LoadKind, ...]] = ("participants", "sessions")

_NUMBER: Final = re.compile(r"[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][+-]?[0-9]{1,3})?", re.ASCII)
_SMALLEST: Final = Decimal("1e-12")


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a measured figure may be.

    Attributes:
        largest: largest credible figure; the smallest is 0.
        remedy: what to write instead of one out of range.
    """

    largest: Decimal
    remedy: str

    def read(self, text: str) -> Decimal:
        """The figure, at 12 decimals.

        Raises:
            ValueError: it is none, or out of range; the message says which, and what to write.
        """
        if _NUMBER.fullmatch(text) is None:
            raise ValueError(f"{text!r:.40} is not a decimal number; write one such as 12.5, or leave the cell blank")
        value = Decimal(text)
        if not 0 <= value <= self.largest:
            raise ValueError(f"{text:.40} is out of range; {self.remedy}")
        return value.quantize(_SMALLEST)


LOAD: Final = Quantity(Decimal(100_000), "write the number on this node, from 0 to 100000")
USAGE: Final[Mapping[Resource, Quantity]] = {
    "cpu": Quantity(Decimal(100), "write the share of the whole node, from 0 to 100: cores in use / cores x 100"),
    "memory": Quantity(Decimal(10) ** 15, "write the memory in use, from 0"),
    "network": Quantity(Decimal(10) ** 15, "write the bytes sent per second, from 0"),
}

"""Durations as the fleet's pages write them."""

from __future__ import annotations

from typing import Final

_UNITS: Final = (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1))


def age(seconds: float) -> str:
    """A duration as `kubectl get` writes ages: its largest unit, and the next one while that is small."""
    left = max(int(seconds), 0)
    for index, (unit, size) in enumerate(_UNITS):
        if left >= size or unit == "s":
            count, rest = divmod(left, size)
            further = "" if index == len(_UNITS) - 1 or count >= 10 else _further(rest, index + 1)
            return f"{count}{unit}{further}"
    raise AssertionError(left)


def _further(rest: int, index: int) -> str:
    unit, size = _UNITS[index]
    count = rest // size
    return f"{count}{unit}" if count else ""

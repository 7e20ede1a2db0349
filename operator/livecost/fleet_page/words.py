"""Durations as the fleet's pages write them."""

from __future__ import annotations

from typing import Final

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "y": 365 * 86_400}
_FORMS: Final = (
    (120, "s", None),
    (600, "m", "s"),
    (3 * _SECONDS["h"], "m", None),
    (8 * _SECONDS["h"], "h", "m"),
    (48 * _SECONDS["h"], "h", None),
    (8 * _SECONDS["d"], "d", "h"),
    (2 * _SECONDS["y"], "d", None),
    (8 * _SECONDS["y"], "y", "d"),
)
"""Below so many seconds: the unit, and the smaller one beside it, if any."""
_LONGEST: Final = (0, "y", None)


def age(seconds: float) -> str:
    """A duration as `kubectl get` writes ages (HumanDuration of k8s.io/apimachinery); what lies ahead is 0s."""
    left = max(int(seconds), 0)
    _, unit, further = next((form for form in _FORMS if left < form[0]), _LONGEST)
    count, rest = divmod(left, _SECONDS[unit])
    more = 0 if further is None else rest // _SECONDS[further]
    return f"{count}{unit}{more}{further}" if more else f"{count}{unit}"

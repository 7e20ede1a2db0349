"""Whether a Prometheus has the time that livecost has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from livecost.observed_cost import NotMeasured
from livecost.telemetry import samples

# Rooms that are on now are known by samples of the last minutes, so clocks must not differ by as much.
MOST_SKEW_SECONDS = 60

_UNITS = {"a day": 86_400, "an hour": 3_600, "a minute": MOST_SKEW_SECONDS}


def clock_problem(
    url: str, rows: Sequence[dict[str, Any]], asked_at: datetime, answered_at: datetime
) -> NotMeasured | None:
    """Why a server cannot be asked about "the last 24 hours" or "now"; None where it can, or does not tell its time.

    Whoever asks about another time than he means would take old rooms for those that are on, or missing samples for
    a gap.

    Args:
        url: the server.
        rows: its answer to `clock_question`.
        asked_at: when it was asked, with zone.
        answered_at: when the answer was there.
    """
    told = [float(value) for _, value in samples(rows)]
    if not told:
        return None
    behind, ahead = asked_at.timestamp() - told[0], told[0] - answered_at.timestamp()
    skew, which = (behind, "behind") if behind > ahead else (ahead, "ahead of")
    if skew <= MOST_SKEW_SECONDS:
        return None
    # To the second it would be news in every cycle.
    unit = next(unit for unit, seconds in _UNITS.items() if skew >= seconds)
    message = f"the clock of Prometheus at {url} is more than {unit} {which} livecost's; set both by NTP"
    return NotMeasured("ClockSkew", message)

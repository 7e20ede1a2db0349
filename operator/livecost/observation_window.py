"""Stretches of time that are looked at, cut into steps that every cycle finds again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

DAY_SECONDS = 86_400
# A day's steps must fit into one answer: Prometheus gives at most 11,000 points for each series.
LEAST_DAY_STEP_SECONDS = 10
USUAL_DAY_STEP_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch of time that is looked at, in steps that lie on whole multiples of the step since the epoch.

    Attributes:
        end_seconds: the last step, in seconds since the epoch.
        step_seconds: length of a step.
        steps: number of steps.
    """

    end_seconds: int
    step_seconds: int
    steps: int

    @property
    def evaluated_at(self) -> int:
        """Time of evaluation.

        A second after the last step, as Prometheus 2 counts a step at the very start of a range and 3 does not.
        """
        return self.end_seconds + 1

    @property
    def seconds(self) -> int:
        """Length of the window."""
        return self.step_seconds * self.steps

    def steps_since(self, moment: datetime) -> int:
        """Number of the window's steps at or after a moment."""
        since = max(moment.timestamp(), self.end_seconds - self.seconds + 1)
        return max(0, int((self.end_seconds - since) // self.step_seconds) + 1)

    def within(self, moment: datetime) -> Window:
        """The part of this window that lies after a moment, to the last power of two of its steps.

        So the customers of all ages share few windows, and none of them is measured over a time before it was there.
        """
        steps = max(1, self.steps_since(moment))
        return self if steps == self.steps else replace(self, steps=1 << (steps.bit_length() - 1))


def window_before(now: datetime, window_seconds: int, step_seconds: int) -> Window:
    """The last whole steps before a moment."""
    end = int(now.timestamp() - 1) // step_seconds * step_seconds
    return Window(end, step_seconds, max(1, window_seconds // step_seconds))


def day_step_seconds(step_seconds: int) -> int:
    """The step in which days are looked at: the given one where it divides a day and is not too fine."""
    fits = step_seconds >= LEAST_DAY_STEP_SECONDS and DAY_SECONDS % step_seconds == 0
    return step_seconds if fits else USUAL_DAY_STEP_SECONDS


def day_window(day: date, now: datetime, step_seconds: int) -> Window | None:
    """The steps of a day (UTC) that are over: those after its midnight up to the next one; None before the first.

    Args:
        day: the day.
        now: the time, with zone.
        step_seconds: a divisor of the day.
    """
    start = int(datetime.combine(day, time(), UTC).timestamp())
    steps = min(DAY_SECONDS, int(now.timestamp() - 1) - start) // step_seconds
    return Window(start + steps * step_seconds, step_seconds, steps) if steps > 0 else None


def month_start(moment: datetime) -> datetime:
    """Begin of the calendar month (UTC) of a moment."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(start: datetime) -> datetime:
    """Begin of the month after the one that begins at `start`."""
    return (start + timedelta(days=32)).replace(day=1)


def days_between(first: datetime, end: datetime) -> Iterator[date]:
    """The days (UTC) from the one of `first` up to, and without, the one that begins at or after `end`."""
    day = first.astimezone(UTC).date()
    while datetime.combine(day, time(), UTC) < end:
        yield day
        day += timedelta(days=1)

"""Weekly windows in which the pools hold what the peak needs: what they cover, and how many hours of a month.

A time that the clocks skip counts as the moment at which they skip it, and one that they repeat as its first
occurrence. So windows that follow each other on the wall clock neither overlap nor leave a gap.
"""

from __future__ import annotations

import difflib
from bisect import bisect_left
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, available_timezones

from costmodel.decimals import rounded_quotient
from costmodel.errors import AssumptionsError, Problem
from costmodel.fields import HOURS_PER_MONTH
from costmodel.schedule_window import MINUTES_PER_DAY, WEEKDAYS, ScheduleWindow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MINUTES_PER_WEEK: Final = 7 * MINUTES_PER_DAY
_SECOND: Final = timedelta(seconds=1)
_PLACES: Final = 8
# Windows of one zone keep their distance all year, so any week will do; those of several zones approach each other
# in the weeks in which only one of them has changed its clocks.
_CHECKED_FROM: Final = datetime(2026, 1, 5, tzinfo=UTC)
_CHECKED_WEEK: Final = timedelta(days=8)
_CHECKED_YEAR: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class CalendarMonth:
    """A month from its first midnight to the next month's, in one time zone; both moments are in UTC."""

    begin: datetime
    end: datetime

    @property
    def hours(self) -> Decimal:
        """Its length: 743 h where the clocks go forward an hour in a month of 31 days, and 745 h where back."""
        return _hours(self.end - self.begin)


def calendar_month(year: int, month: int, zone: str) -> CalendarMonth:
    """A month as the wall clocks of a time zone count it.

    Args:
        year: 1 to 9998.
        month: 1 to 12.
        zone: IANA name of the time zone.

    Raises:
        AssumptionsError: there is no such time zone.
    """
    local = time_zone(zone)
    following = date(year + month // 12, month % 12 + 1, 1)
    return CalendarMonth(_moment(date(year, month, 1), 0, local), _moment(following, 0, local))


def time_zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name.

    Raises:
        AssumptionsError: there is none; the problem's field is `timeZone` and its remedy offers the nearest names.
    """
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        folded = {each.casefold(): each for each in sorted(available_timezones())}
        nearest = [folded[found] for found in difflib.get_close_matches(name.casefold(), folded)]
        remedy = f"did you mean {' or '.join(nearest)}?" if nearest else "write an IANA name such as Europe/Berlin"
        raise AssumptionsError([Problem("timeZone", f"there is no time zone {name}", remedy)]) from None


def schedule_problems(windows: Sequence[ScheduleWindow], field: str) -> list[Problem]:
    """What is wrong with a schedule: unknown time zones, else windows that overlap.

    Args:
        windows: the weekly windows.
        field: dotted path of the list, for the problems' fields.
    """
    problems = []
    for index, window in enumerate(windows):
        try:
            time_zone(window.time_zone)
        except AssumptionsError as error:
            problems += [replace(each, field=f"{field}[{index}].{each.field}") for each in error.problems]
    return problems or [
        Problem(
            f"{field}[{later}]",
            f"{windows[later].in_words()} overlaps {field}[{earlier}], {windows[earlier].in_words()}",
            "let one end where the other begins, or write one window for both",
        )
        for earlier, later in _overlaps(windows)
    ]


def is_active(windows: Sequence[ScheduleWindow], now: datetime) -> bool:
    """Whether a moment lies in any window; without windows every moment is active.

    Args:
        windows: the weekly windows.
        now: the moment, with zone.

    Raises:
        AssumptionsError: a window names a time zone that does not exist.
    """
    return not windows or any(start <= now < end for window in windows for start, end in _around(window, now))


def next_change(windows: Sequence[ScheduleWindow], now: datetime) -> datetime | None:
    """When a window next begins or ends; None without windows.

    Raises:
        AssumptionsError: a window names a time zone that does not exist.
    """
    moments = (moment for window in windows for times in _around(window, now) for moment in times if moment > now)
    return min(moments, default=None)


def active_hours(windows: Sequence[ScheduleWindow], month: CalendarMonth | None = None) -> Decimal:
    """Hours of a month that lie in windows, at 8 decimals, half up (SPEC, Schedules).

    Args:
        windows: the weekly windows, which do not overlap.
        month: a calendar month, whose hours are counted as its clocks go; None for the average month, which has
            730/168 of the wall clock's hours of a week, since what clocks skip in spring they repeat in autumn.

    Raises:
        AssumptionsError: a window names a time zone that does not exist; only a calendar month asks for it.
    """
    if month is not None:
        return _hours(active_time(windows, month.begin, month.end))
    minutes = sum(window.minutes_per_week() for window in windows)
    hours = rounded_quotient(HOURS_PER_MONTH * minutes, Decimal(_MINUTES_PER_WEEK), _PLACES)
    assert hours is not None  # noqa: S101 - a week has minutes
    return hours


def active_time(windows: Sequence[ScheduleWindow], begin: datetime, end: datetime) -> timedelta:
    """The exact time between two moments that lies in windows; what lies in several counts once.

    Raises:
        AssumptionsError: a window names a time zone that does not exist.
    """
    covered, counted_to = timedelta(), begin
    for opens, closes in sorted(times for window in windows for times in _occurrences(window, begin, end)):
        covered += max(timedelta(), min(closes, end) - max(opens, counted_to))
        counted_to = max(counted_to, min(closes, end))
    return covered


def _overlaps(windows: Sequence[ScheduleWindow]) -> list[tuple[int, int]]:
    """Index pairs of windows that overlap, ascending; empty only where none do."""
    one_zone = len({window.time_zone for window in windows}) == 1
    if one_zone:
        # Wall clocks that never change.
        windows = [window.model_copy(update={"time_zone": "UTC"}) for window in windows]
    until = _CHECKED_FROM + (_CHECKED_WEEK if one_zone else _CHECKED_YEAR)
    occurrences = sorted(
        (opens, closes, index)
        for index, window in enumerate(windows)
        for opens, closes in _occurrences(window, _CHECKED_FROM, until)
        if opens < closes
    )
    found, latest_end, latest = set(), _CHECKED_FROM - timedelta(days=9), -1
    for opens, closes, index in occurrences:
        if opens < latest_end and index != latest:
            found.add((min(index, latest), max(index, latest)))
        if closes > latest_end:
            latest_end, latest = closes, index
    return sorted(found)


def _around(window: ScheduleWindow, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    return _occurrences(window, now, now + timedelta(days=8))


def _occurrences(window: ScheduleWindow, begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Begin and end, in UTC, of all occurrences that touch the time between two moments, and maybe some around it."""
    zone = time_zone(window.time_zone)
    opens, closes = window.minutes_of_day()
    day, last = begin.astimezone(zone).date() - timedelta(days=1), end.astimezone(zone).date()
    while day <= last:
        if WEEKDAYS[day.weekday()] in window.days:
            yield _moment(day, opens, zone), _moment(day, closes, zone)
        day += timedelta(days=1)


def _moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    days, rest = divmod(minutes, MINUTES_PER_DAY)
    wall = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), zone)
    # Comparing moments of one zone compares wall clocks, which lie when the clocks change.
    moment, other = wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC)
    return moment if other >= moment else _skipped_at(other, moment, zone)


def _skipped_at(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The moment between two at which the clocks of a zone go forward (PEP 495, "the gap")."""
    offset = after.astimezone(zone).utcoffset()
    seconds = range((after - before) // _SECOND)
    passed = bisect_left(
        seconds, x=True, key=lambda second: (before + second * _SECOND).astimezone(zone).utcoffset() == offset
    )
    return before + passed * _SECOND


def _hours(duration: timedelta) -> Decimal:
    hours = rounded_quotient(Decimal(duration // _SECOND), Decimal(3600), _PLACES)
    assert hours is not None  # noqa: S101 - an hour has seconds
    return hours

"""Weekly windows in which the pools hold what the peak needs; outside them they hold their floor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from costmodel import HOURS_PER_MONTH
from livecost.models import WEEKDAYS, ScheduleWindow

_MINUTES_PER_DAY = 24 * 60
_MINUTES_PER_WEEK = 7 * _MINUTES_PER_DAY
_PLACES = Decimal("0.00000001")


class UnknownTimeZone(Exception):
    """A window names a time zone that does not exist; the message says which, and what to write."""


def is_active(windows: Sequence[ScheduleWindow], now: datetime) -> bool:
    """Whether a moment lies in any window; without windows every moment is active.

    Args:
        windows: the weekly windows.
        now: the moment, with zone.

    Raises:
        UnknownTimeZone: a window names none that exists.
    """
    return not windows or any(start <= now < end for window in windows for start, end in _around(window, now))


def next_change(windows: Sequence[ScheduleWindow], now: datetime) -> datetime | None:
    """When a window next begins or ends; None without windows.

    Raises:
        UnknownTimeZone: a window names none that exists.
    """
    moments = (moment for window in windows for times in _around(window, now) for moment in times if moment > now)
    return min(moments, default=None)


def active_hours_per_month(windows: Sequence[ScheduleWindow]) -> Decimal:
    """Hours of the month of 730 hours that lie in windows; where windows overlap, hours count once.

    Zones are taken as they lie to each other in a winter week, as a month has no weeks of its own.

    Raises:
        UnknownTimeZone: a window names none that exists.
    """
    monday = datetime(2024, 1, 8, tzinfo=UTC)
    sunday = monday + timedelta(days=7)
    covered, counted_to = timedelta(), monday
    for start, end in sorted(times for window in windows for times in _around(window, monday)):
        covered += max(timedelta(), min(end, sunday) - max(start, counted_to))
        counted_to = max(counted_to, min(end, sunday))
    minutes = covered // timedelta(minutes=1)
    return (HOURS_PER_MONTH * minutes / _MINUTES_PER_WEEK).quantize(_PLACES)


def _around(window: ScheduleWindow, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Begin and end of a window's occurrences from the day before a moment until a week after it."""
    try:
        zone = ZoneInfo(window.time_zone)
    except (ValueError, OSError, LookupError):
        raise UnknownTimeZone(
            f"there is no time zone {window.time_zone}; write an IANA name such as Europe/Berlin"
        ) from None
    today = now.astimezone(zone).date()
    start, end = _minutes(window.start), _minutes(window.end)
    for offset in range(-1, 9):
        day = today + timedelta(days=offset)
        if WEEKDAYS[day.weekday()] in window.days:
            # A window that ends no later than it starts runs over midnight.
            yield _at(day, start, zone), _at(day, end if end > start else end + _MINUTES_PER_DAY, zone)


def _at(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    days, rest = divmod(minutes, _MINUTES_PER_DAY)
    wall = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), zone)
    # Comparing moments of one zone compares wall clocks, which lie when the clocks change.
    return wall.astimezone(UTC)


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)

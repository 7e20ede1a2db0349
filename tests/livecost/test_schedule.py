"""Weekly windows: in which moments the pools hold what the peak needs."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecost.models import WEEKDAYS, ScheduleWindow
from livecost.schedule import UnknownTimeZone, active_hours_per_month, is_active, next_change

OFFICE = ScheduleWindow(days=("Mon", "Tue", "Wed", "Thu", "Fri"), start="08:00", end="18:00", time_zone="Europe/Berlin")
NIGHT = ScheduleWindow(days=("Fri",), start="22:00", end="06:00")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_without_windows_every_moment_is_active() -> None:
    assert is_active((), at("2026-01-01T03:00:00"))
    assert next_change((), at("2026-01-01T03:00:00")) is None


@pytest.mark.parametrize(
    ("moment", "active"),
    [
        ("2026-01-12T06:59:59", False),  # Monday in winter: Berlin is an hour ahead
        ("2026-01-12T07:00:00", True),
        ("2026-01-12T16:59:59", True),
        ("2026-01-12T17:00:00", False),
        ("2026-07-13T05:59:59", False),  # Monday in summer: two hours ahead
        ("2026-07-13T06:00:00", True),
        ("2026-01-10T10:00:00", False),  # Saturday
    ],
)
def test_a_window_follows_the_wall_clock_of_its_zone(moment: str, active: bool) -> None:
    assert is_active((OFFICE,), at(moment)) is active


@pytest.mark.parametrize(("moment", "active"), [
    ("2026-01-09T21:59:00", False), ("2026-01-09T23:00:00", True), ("2026-01-10T05:59:00", True),
    ("2026-01-10T06:00:00", False),
])  # fmt: skip
def test_a_window_may_run_over_midnight(moment: str, active: bool) -> None:
    assert is_active((NIGHT,), at(moment)) is active


def test_the_next_change_is_the_next_begin_or_end() -> None:
    assert next_change((OFFICE,), at("2026-01-12T06:00:00")) == at("2026-01-12T07:00:00")
    assert next_change((OFFICE,), at("2026-01-12T07:00:00")) == at("2026-01-12T17:00:00")
    assert next_change((OFFICE,), at("2026-01-16T17:00:00")) == at("2026-01-19T07:00:00")


def test_a_change_of_the_clocks_moves_the_window_with_the_wall_clock() -> None:
    """Berlin's clocks went forward on Sunday, 29 March 2026."""
    assert next_change((OFFICE,), at("2026-03-27T18:00:00")) == at("2026-03-30T06:00:00")


def test_hours_of_the_month_count_overlapping_windows_once() -> None:
    morning = OFFICE.model_copy(update={"end": "12:00"})

    assert active_hours_per_month((OFFICE,)) == (Decimal(50) * 730 / 168).quantize(Decimal("0.00000001"))
    assert active_hours_per_month((OFFICE, morning)) == active_hours_per_month((OFFICE,))
    assert active_hours_per_month((ScheduleWindow(start="00:00", end="24:00"),)) == 730


def test_an_unknown_zone_is_named_with_a_remedy() -> None:
    window = OFFICE.model_copy(update={"time_zone": "Europe/Atlantis"})

    with pytest.raises(UnknownTimeZone, match="Europe/Atlantis; write an IANA name"):
        is_active((window,), at("2026-01-12T07:00:00"))


clock = st.builds(lambda minutes: f"{minutes // 60:02}:{minutes % 60:02}", st.integers(0, 24 * 60 - 1))
windows = st.lists(
    st.builds(
        ScheduleWindow,
        days=st.sets(st.sampled_from(WEEKDAYS), min_size=1).map(tuple),
        start=clock,
        end=clock,
        time_zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"]),
    ),
    min_size=1,
    max_size=3,
)
moments = st.integers(0, 365 * 24 * 60).map(lambda minutes: at("2026-01-01T00:00:00") + timedelta(minutes=minutes))


@given(windows, moments)
def test_nothing_changes_before_the_next_change(some: list[ScheduleWindow], now: datetime) -> None:
    change = next_change(some, now)

    assert change is not None
    assert change > now
    assert is_active(some, now) == is_active(some, change - timedelta(microseconds=1))


@given(windows)
def test_hours_of_the_month_lie_between_none_and_all(some: list[ScheduleWindow]) -> None:
    assert 0 < active_hours_per_month(some) <= 730

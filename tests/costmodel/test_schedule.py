"""Weekly windows: in which moments the pools hold what the peak needs, and for how many hours."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from costmodel import AssumptionsError, estimate
from costmodel.schedule import (
    active_hours,
    active_time,
    calendar_month,
    is_active,
    next_change,
    schedule_problems,
)
from costmodel.schedule_window import MAX_WINDOWS, WEEKDAYS, ScheduleWindow
from tests.costmodel.layers import merged, refused

OFFICE = ScheduleWindow(days=("Mon", "Tue", "Wed", "Thu", "Fri"), start="08:00", end="18:00", time_zone="Europe/Berlin")
NIGHT = ScheduleWindow(days=("Fri",), start="22:00", end="06:00")
ALWAYS = ScheduleWindow(start="00:00", end="24:00")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def window(days: str, start: str, end: str, zone: str = "UTC") -> ScheduleWindow:
    return ScheduleWindow(days=tuple(days.split()), start=start, end=end, time_zone=zone)


def hours_of(some: ScheduleWindow, begin: str, end: str) -> Decimal:
    return Decimal(active_time((some,), at(begin), at(end)) // timedelta(minutes=1)) / 60


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


@pytest.mark.parametrize(
    ("zone", "begin", "end", "hours"),
    [
        # Around each night, in UTC, wide enough for the window from Sunday 00:00 to 06:00 and no other.
        ("Europe/Berlin", "2026-03-28T12:00:00", "2026-03-29T12:00:00", "5"),
        ("Europe/Berlin", "2026-10-24T12:00:00", "2026-10-25T12:00:00", "7"),
        ("America/New_York", "2026-03-07T18:00:00", "2026-03-08T18:00:00", "5"),
        ("America/New_York", "2026-10-31T18:00:00", "2026-11-01T18:00:00", "7"),
        ("Australia/Lord_Howe", "2026-10-03T06:00:00", "2026-10-04T06:00:00", "5.5"),
        ("Australia/Lord_Howe", "2026-04-04T06:00:00", "2026-04-05T06:00:00", "6.5"),
        ("Asia/Kolkata", "2026-03-28T12:00:00", "2026-03-29T12:00:00", "6"),
    ],
)
def test_a_night_in_which_the_clocks_change_has_an_hour_less_or_more(zone, begin, end, hours) -> None:
    """Lord Howe Island changes by half an hour, India not at all."""
    assert hours_of(window("Sun", "00:00", "06:00", zone), begin, end) == Decimal(hours)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [("02:15", "02:45", 0), ("01:00", "02:30", 1), ("02:30", "04:00", 1), ("02:30", "03:00", 0), ("03:00", "04:00", 1)],
)
def test_a_time_that_the_clocks_skip_is_the_moment_at_which_they_skip_it(start, end, hours) -> None:
    """In Berlin, 02:00 to 03:00 of 29 March 2026 never was."""
    night = window("Sun", start, end, "Europe/Berlin")

    assert hours_of(night, "2026-03-28T12:00:00", "2026-03-29T12:00:00") == hours


@pytest.mark.parametrize(
    ("zone", "month", "hours"),
    [
        ("Europe/Berlin", 3, "743"),
        ("Europe/Berlin", 10, "745"),
        ("America/New_York", 3, "743"),
        ("America/New_York", 11, "721"),
        ("Australia/Lord_Howe", 4, "720.5"),
        ("Australia/Lord_Howe", 10, "743.5"),
        ("Asia/Kolkata", 3, "744"),
        ("UTC", 2, "672"),
        ("UTC", 12, "744"),
    ],
)
def test_a_calendar_month_is_as_long_as_its_clocks_make_it(zone: str, month: int, hours: str) -> None:
    """A schedule without a gap covers all of it."""
    found = calendar_month(2026, month, zone)

    assert found.hours == Decimal(hours)
    assert active_hours((ALWAYS.model_copy(update={"time_zone": zone}),), found) == Decimal(hours)


def test_a_calendar_month_counts_the_working_days_it_has() -> None:
    """March 2026 has 22 days from Monday to Friday, July 2026 has 23."""
    assert active_hours((OFFICE,), calendar_month(2026, 3, "Europe/Berlin")) == 220
    assert active_hours((OFFICE,), calendar_month(2026, 7, "Europe/Berlin")) == 230


def test_a_window_over_the_end_of_a_month_counts_in_both() -> None:
    """Friday, 31 July 2026, 22:00 to 06:00: two hours in July and six in August."""
    assert active_hours((NIGHT,), calendar_month(2026, 7, "UTC")) == 4 * 8 + 2
    assert active_hours((NIGHT,), calendar_month(2026, 8, "UTC")) == 6 + 4 * 8


@pytest.mark.parametrize(
    ("windows", "hours"),
    [
        ((OFFICE,), "217.26190476"),  # 50 h of 168 h
        ((ALWAYS,), "730"),
        ((window("Mon", "08:00", "08:00"),), "104.28571429"),  # equal start and end: a whole day
        ((window("Sun", "22:00", "06:00"),), "34.76190476"),
        ((window("Mon Mon", "12:00", "24:00"),), "52.14285714"),  # a day named twice is one day
    ],
)
def test_the_average_month_has_its_share_of_the_week(windows: tuple[ScheduleWindow, ...], hours: str) -> None:
    """730 h x the hours of the week / 168, at 8 decimals."""
    assert active_hours(windows) == Decimal(hours)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("Europe/Berln", "Europe/Berlin"), ("europe/berlin", "Europe/Berlin"), ("Asia/Calcuta", "Asia/Calcutta")],
)
def test_an_unknown_zone_is_refused_with_the_nearest_names(name: str, nearest: str) -> None:
    [problem] = schedule_problems((OFFICE, window("Sat", "08:00", "12:00", name)), "schedule")

    assert problem.field == "schedule[1].timeZone"
    assert problem.message == f"there is no time zone {name}"
    assert f"did you mean {nearest}" in problem.remedy


@pytest.mark.parametrize("name", ["/etc/passwd", "..", "Europe", "q" * 64])
def test_what_is_no_zone_at_all_is_refused(name: str) -> None:
    with pytest.raises(AssumptionsError, match="there is no time zone"):
        calendar_month(2026, 3, name)


@pytest.mark.parametrize(
    "windows",
    [
        (OFFICE, window("Fri Sat", "17:59", "20:00", "Europe/Berlin")),
        (window("Sun", "22:00", "06:00"), window("Mon", "05:00", "08:00")),
        (window("Mon", "08:00", "08:00"), window("Tue", "07:00", "09:00")),
        (OFFICE, OFFICE),
        (OFFICE, window("Mon", "11:59", "13:00", "America/New_York")),
        # New York is 5 h behind Berlin, instead of 6, only while one of the two has changed its clocks.
        (window("Mon", "08:00", "14:00", "Europe/Berlin"), window("Mon", "08:00", "12:00", "America/New_York")),
    ],
)
def test_overlapping_windows_are_refused_and_both_are_named(windows: tuple[ScheduleWindow, ...]) -> None:
    [problem] = schedule_problems(windows, "demand.schedule")

    assert problem.field == "demand.schedule[1]"
    assert all(each.in_words() in problem.message for each in windows)
    assert "overlaps demand.schedule[0]" in problem.message


@pytest.mark.parametrize(
    "windows",
    [
        (),
        (OFFICE, window("Mon Tue", "18:00", "08:00", "Europe/Berlin")),
        (window("Sun", "22:00", "06:00"), window("Mon", "06:00", "08:00")),
        # Through the hours that Berlin's clocks skip and repeat.
        (window("Sun", "00:00", "02:30", "Europe/Berlin"), window("Sun", "02:30", "06:00", "Europe/Berlin")),
        (window("Mon", "08:00", "14:00", "Europe/Berlin"), window("Mon", "09:00", "12:00", "America/New_York")),
    ],
)
def test_windows_that_follow_each_other_do_not_overlap(windows: tuple[ScheduleWindow, ...]) -> None:
    assert schedule_problems(windows, "schedule") == []


clock = st.builds(lambda minutes: f"{minutes // 60:02}:{minutes % 60:02}", st.integers(0, 24 * 60 - 1))
any_window = st.builds(
    ScheduleWindow,
    days=st.sets(st.sampled_from(WEEKDAYS), min_size=1).map(tuple),
    start=clock,
    end=clock,
    time_zone=st.sampled_from(ZONES),
)
windows = st.lists(any_window, min_size=1, max_size=3)
moments = st.integers(0, 365 * 24 * 60).map(lambda minutes: at("2026-01-01T00:00:00") + timedelta(minutes=minutes))


@given(windows, moments)
def test_nothing_changes_before_the_next_change(some: list[ScheduleWindow], now: datetime) -> None:
    change = next_change(some, now)

    assert change is not None
    assert change > now
    assert is_active(some, now) == is_active(some, change - timedelta(microseconds=1))


@given(windows, moments)
def test_a_week_has_between_none_and_all_of_its_hours(some: list[ScheduleWindow], monday: datetime) -> None:
    assert timedelta() <= active_time(some, monday, monday + timedelta(days=7)) <= timedelta(hours=168)


@given(any_window)
def test_the_average_month_has_between_none_and_all_of_its_hours(some: ScheduleWindow) -> None:
    assert 0 < active_hours((some,)) <= 730


@given(any_window, st.lists(st.integers(0, 24 * 60), max_size=4), moments)
def test_the_parts_of_a_window_cover_what_it_covers(whole: ScheduleWindow, cuts: list[int], begin: datetime) -> None:
    """Cut on the wall clock, also through hours that the clocks skip or repeat."""
    opens, closes = whole.minutes_of_day()
    assume(closes <= 24 * 60)
    edges = sorted({opens, closes, *(cut for cut in cuts if opens < cut < closes)})
    texts = [f"{minutes // 60:02}:{minutes % 60:02}" for minutes in edges]
    parts = [whole.model_copy(update={"start": start, "end": end}) for start, end in pairwise(texts)]
    end = begin + timedelta(days=45)

    assert schedule_problems(parts, "schedule") == []
    assert sum((active_time((part,), begin, end) for part in parts), timedelta()) == active_time((whole,), begin, end)
    assert sum(part.minutes_per_week() for part in parts) == whole.minutes_per_week()


@given(st.sampled_from(ZONES), st.integers(2020, 2030))
def test_the_months_of_a_year_are_the_year(zone: str, year: int) -> None:
    months = [calendar_month(year, month, zone) for month in range(1, 13)]

    assert all(earlier.end == later.begin for earlier, later in pairwise(months))
    assert months[-1].end == calendar_month(year + 1, 1, zone).begin


def document(some: ScheduleWindow, **demand: object) -> dict[str, object]:
    return {"demand": {"schedule": [some.model_dump(by_alias=True)], "concurrency": 400, **demand}}


@given(any_window)
def test_a_schedule_costs_what_its_active_hours_cost(some: ScheduleWindow) -> None:
    by_hours = merged({"demand": {"activeHoursPerMonth": active_hours((some,)), "concurrency": 400}})

    assert estimate(merged(document(some))) == estimate(by_hours)


def test_the_later_of_schedule_and_active_hours_wins() -> None:
    hours = {"demand": {"activeHoursPerMonth": 100}}

    assert merged(document(OFFICE), hours).demand.active_hours_per_month == 100
    assert merged(document(OFFICE), hours).demand.schedule == ()
    assert merged(hours, document(OFFICE)).demand.active_hours_per_month == Decimal("217.26190476")
    assert merged(document(NIGHT), document(OFFICE)).demand.schedule == (OFFICE,)


_START = "demand.schedule[0].start"


@pytest.mark.parametrize(
    ("demand", "field", "words"),
    [
        ({"activeHoursPerMonth": 5}, "demand.activeHoursPerMonth", "both state the active hours"),
        ({"schedule": []}, "demand.schedule", "too short"),
        ({"schedule": [{"start": "08:00", "end": "09:00"}] * (MAX_WINDOWS + 1)}, "demand.schedule", "too long"),
        ({"schedule": [{"start": "8:00", "end": "09:00"}]}, _START, "'8:00' is not a time of day"),
        ({"schedule": [{"start": 800, "end": "09:00"}]}, _START, "800 is not text"),
        ({"schedule": [{"start": "08:00\n", "end": "09:00"}]}, _START, "is not a time of day"),
        ({"schedule": [{"end": "09:00"}]}, _START, "is missing"),
        (
            {"schedule": [{"start": "08:00", "end": "09:00", "timezone": "UTC"}]},
            "demand.schedule[0].timezone",
            "not a known field",
        ),
        (
            {"schedule": [{"start": "08:00", "end": "09:00", "days": ["Monday"]}]},
            "demand.schedule[0].days[0]",
            "is not one of the choices",
        ),
        ({"schedule": [{"start": "08:00", "end": "12:00"}] * 2}, "demand.schedule[1]", "overlaps schedule[0]"),
        (
            {"schedule": [{"start": "08:00", "end": "12:00", "timeZone": "Berlin"}]},
            "demand.schedule[0].timeZone",
            "there is no time zone Berlin",
        ),
    ],
)
def test_a_bad_schedule_is_refused_with_its_field(demand: dict[str, object], field: str, words: str) -> None:
    assert words in refused(document(OFFICE, **demand))[field].message


def test_the_specifications_sunday_nights_of_march() -> None:
    """Five Sundays of March 2026, the last one an hour short."""
    assert (
        active_hours((window("Sun", "00:00", "06:00", "Europe/Berlin"),), calendar_month(2026, 3, "Europe/Berlin"))
        == 29
    )

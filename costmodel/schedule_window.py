"""A window of a weekly schedule, as documents and Kubernetes objects write it."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from costmodel.fields import refusal, shown

Weekday = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
WEEKDAYS: Final[tuple[Weekday, ...]] = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MAX_WINDOWS: Final = 50
"""Most windows of one schedule."""

MINUTES_PER_DAY: Final = 24 * 60
_CLOCK: Final = "^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$"
_REMEDY: Final = "write a time of day such as 08:30"


def _clock_time(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(_CLOCK, value) is None:
        raise refusal(f"{shown(value)} is not a time of day", f"{_REMEDY}, from 00:00 to 24:00")
    return value


ClockTime = Annotated[
    str,
    Field(max_length=5, pattern=_CLOCK, json_schema_extra={"x-livecost-remedy": _REMEDY}),
    BeforeValidator(_clock_time),
]


class ScheduleWindow(BaseModel):
    """A stretch of time that comes back every week."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True, defer_build=True
    )

    days: Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7)] = Field(
        WEEKDAYS, description="Days on which the window starts; every day when left out."
    )
    start: ClockTime = Field(description="When it starts, such as 08:00, on the wall clock of the time zone.")
    end: ClockTime = Field(
        description="When it ends, such as 18:00 or 24:00. One that ends no later than it starts runs past midnight."
    )
    time_zone: Annotated[str, Field(min_length=1, max_length=64)] = Field(
        "UTC", description="IANA name of the time zone, such as Europe/Berlin; the clocks' changes are followed."
    )

    def minutes_of_day(self) -> tuple[int, int]:
        """Start and end in minutes of the wall clock from the midnight of the starting day; the end is the later."""
        start, end = _minutes(self.start), _minutes(self.end)
        return start, end if end > start else end + MINUTES_PER_DAY

    def minutes_per_week(self) -> int:
        """Minutes of the wall clock that it covers in a week, 1 to 10,080."""
        start, end = self.minutes_of_day()
        return len(set(self.days)) * (end - start)

    def in_words(self) -> str:
        """Such as "Mon,Tue 08:00-18:00 Europe/Berlin"."""
        return f"{','.join(self.days)} {self.start}-{self.end} {self.time_zone}"


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)

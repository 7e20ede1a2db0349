"""The windows of `demand.schedule` as rows to edit; a scenario holds them as one text, whatever is typed in them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from costmodel.schedule_window import MAX_WINDOWS, WEEKDAYS
from livecost.document_text import DocumentTextError, decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SCHEDULE: Final = "demand.schedule"
ACTIVE_HOURS: Final = "demand.activeHoursPerMonth"
"""Where the hours are stated instead."""
SCHEDULE_LABEL: Final = "Peak time windows"
ADD: Final = "add"
"""Asks for a further row; the number of a row asks to remove it."""
_MAX_TEXT: Final = 64
_NO_DAY: Final = "no day is chosen; choose one or more"


@dataclass(frozen=True, slots=True)
class WindowRow:
    """One window as typed: days of `WEEKDAYS`, start, end, and time zone."""

    days: tuple[str, ...]
    start: str
    end: str
    timeZone: str  # noqa: N815 - the document's name


def window_rows(text: str) -> tuple[WindowRow, ...]:
    """The rows that a scenario's text holds, as far as they can be read; the model judges the text itself."""
    try:
        found: Any = decode(text) if text else []
    except DocumentTextError:
        return ()
    entries = found if isinstance(found, list) else []
    return tuple(_row(each) for each in entries[:MAX_WINDOWS] if isinstance(each, dict))


def _row(entry: Mapping[str, Any]) -> WindowRow:
    days = entry.get("days", WEEKDAYS)
    texts = {name: str(entry.get(name, other))[:_MAX_TEXT] for name, other in _UNSTATED.items()}
    return WindowRow(tuple(day for day in WEEKDAYS if isinstance(days, list | tuple) and day in days), **texts)


_UNSTATED: Final = {"start": "", "end": "", "timeZone": "UTC"}


def windows_text(rows: Iterable[WindowRow]) -> str:
    """The text of rows; `window_rows` reads it back. Empty without rows."""
    found = [asdict(row) for row in rows]
    return json.dumps(found, separators=(",", ":")) if found else ""


def with_windows(fields: Mapping[str, str], rows: Iterable[WindowRow]) -> dict[str, str]:
    """The fields with these windows; any windows take the place of stated active hours."""
    text = windows_text(rows)
    kept = {path: each for path, each in fields.items() if path != SCHEDULE and not (text and path == ACTIVE_HOURS)}
    return {**kept, SCHEDULE: text} if text else kept


def with_action(fields: Mapping[str, str], action: str, zone: str) -> dict[str, str]:
    """The fields with one row more, in a time zone, or one less.

    Args:
        fields: dotted path to text.
        action: `ADD`, or the number of the row to remove, from 0; anything else changes nothing.
        zone: IANA name for a new row.
    """
    rows = window_rows(fields.get(SCHEDULE, ""))
    if action == ADD:
        rows = (*rows, _further(rows, zone[:_MAX_TEXT] or "UTC"))[:MAX_WINDOWS]
    else:
        rows = tuple(row for index, row in enumerate(rows) if str(index) != action)
    return with_windows(fields, rows)


def _further(rows: tuple[WindowRow, ...], zone: str) -> WindowRow:
    """A window that overlaps none of the others where that is easily had, and is changed by hand where not."""
    if not rows:
        return WindowRow(WEEKDAYS[:5], "08:00", "18:00", zone)
    last = rows[-1]
    free = tuple(day for day in WEEKDAYS if not any(day in row.days for row in rows))
    return replace(last, days=free) if free else replace(last, start=last.end, end="24:00")


def submitted_rows(form: Mapping[str, str]) -> tuple[WindowRow, ...]:
    """The rows of a form that was sent without JavaScript."""
    rows = []
    for index in range(MAX_WINDOWS):
        row = f"{SCHEDULE}[{index}]"
        if f"{row}.start" in form:
            days = tuple(day for day in WEEKDAYS if f"{row}.days.{day}" in form)
            texts = {name: form.get(f"{row}.{name}", "").strip()[:_MAX_TEXT] for name in _UNSTATED}
            rows.append(WindowRow(days, **texts))
    return tuple(rows)


def problem_path(field: str) -> str:
    """The row's input, the row, or the whole that a problem's field speaks of."""
    row, bracket, name = field.partition("].")
    return row + bracket + name.partition("[")[0]


def problem_words(path: str, words: str) -> str:
    """What to say there, in the page's words where the document's would not fit."""
    return _NO_DAY if path.endswith(".days") else words

"""The form sent without JavaScript: every input comes back, and only what was changed is stated."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from livecost.web.clouds import switched
from livecost.web.field_groups import INPUTS
from livecost.web.page import calculator
from livecost.web.schedule_editor import SCHEDULE, submitted_rows, window_rows, with_action, with_windows
from livecost.web.state import PageState, parse_state

if TYPE_CHECKING:
    from collections.abc import Mapping

FROM: Final = "from"
"""The state of the page on which the form was filled in."""
RESET: Final = "reset"
"""The input to reset; empty resets all."""
WINDOW: Final = "window"
"""What to do with the rows of the schedule (`with_action`)."""


def submitted_state(form: Mapping[str, str]) -> PageState:
    """The state after a form was sent.

    Raises:
        AssumptionsError: the state it was filled in on is refused.
    """
    before = parse_state(form.get(FROM, ""))
    fields = dict(before.active.fields)
    if (reset := form.get(RESET)) is not None:
        if reset == "cloud":
            fields = switched(fields, "")
        else:
            fields = {path: text for path, text in fields.items() if reset and path != reset}
        return replace(before, active=replace(before.active, fields=fields))
    shown = calculator(before).evaluation.shown()
    rows = submitted_rows(form)
    if rows != window_rows(fields.get(SCHEDULE, "")):
        fields = with_windows(fields, rows)
    for path, text in form.items():
        if path in INPUTS and text != fields.get(path, shown.get(path, "")):
            fields = with_field(fields, path, text)
    if (action := form.get(WINDOW)) is not None:
        fields = with_action(fields, action, "UTC")
    return replace(before, active=replace(before.active, fields=fields))


def with_field(fields: Mapping[str, str], path: str, text: str) -> dict[str, str]:
    """The fields with one of them changed; what states the same in another way is dropped."""
    if path == "cloud":
        return switched(fields, text)
    excluded = INPUTS[path].excludes
    kept = {key: value for key, value in fields.items() if not key.startswith(excluded)} if excluded else dict(fields)
    if not text and INPUTS[path].is_optional:
        kept.pop(path, None)
        return kept
    return {**kept, path: text}

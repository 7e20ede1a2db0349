"""Scenarios side by side: the figures of each, and why it costs another amount than the one at work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from costmodel import AssumptionsError
from costmodel.difference import FieldChange, changed_fields, explain_difference
from livecost.estimate_output import LABELS
from livecost.web.evaluation import Evaluation, evaluate
from livecost.web.field_groups import INPUTS
from livecost.web.schedule_editor import SCHEDULE, SCHEDULE_LABEL
from livecost.web.typed_text import text_of

if TYPE_CHECKING:
    from costmodel.explained import Change
    from livecost.web.state import PageState, Scenario

_LINES = {**LABELS, "services": "managed services", "total": "total"}


@dataclass(frozen=True, slots=True)
class ScenarioColumn:
    """One scenario.

    Attributes:
        name: its name, made up where it has none.
        evaluation: its figures; None where it is refused.
        problem: why it is refused.
        switch_query: the state with it at work; None for the one that is.
        remove_query: the state without it; None for the one at work.
        changes: line of the bill to its change from the one at work to this one; without lines that stay.
        fields: the assumptions that differ: label, value in the one at work, value here.
        note: why the changes are not told.
    """

    name: str
    evaluation: Evaluation | None
    problem: str = ""
    switch_query: str | None = None
    remove_query: str | None = None
    changes: tuple[tuple[str, Change], ...] = ()
    fields: tuple[tuple[str, str, str], ...] = ()
    note: str = ""


def scenario_columns(state: PageState, active: Evaluation) -> list[ScenarioColumn]:
    """The scenario at work, then the others."""
    columns = [ScenarioColumn(state.active.name or "Current", active)]
    for index, other in enumerate(state.others):
        columns.append(
            _column(
                other,
                active,
                other.name or f"Scenario {index + 1}",
                state.switched_to(index).query(),
                state.without(index).query(),
            )
        )
    return columns


def _column(other: Scenario, active: Evaluation, name: str, switch_query: str, remove_query: str) -> ScenarioColumn:
    try:
        evaluation = evaluate(other.fields)
    except AssumptionsError as error:
        return ScenarioColumn(name, None, str(error.problems[0]), switch_query, remove_query)
    changes: tuple[tuple[str, Change], ...] = ()
    note = ""
    try:
        explained = explain_difference(active.assumptions, evaluation.assumptions)
        changes = tuple((_LINES[item], change) for item, change in explained.items() if change.total or item == "total")
    except AssumptionsError as error:
        note = error.problems[0].message
    fields = tuple(_shown(change) for change in changed_fields(active.acting, evaluation.acting))
    return ScenarioColumn(name, evaluation, "", switch_query, remove_query, changes, fields, note)


def _shown(change: FieldChange) -> tuple[str, str, str]:
    if change.path == SCHEDULE:
        before, after = ("; ".join(each.in_words() for each in value or ()) for value in (change.before, change.after))
        return SCHEDULE_LABEL, before or "none", after or "none"
    label = INPUTS[change.path].title if change.path in INPUTS else change.path
    before, after = ("none" if value is None else text_of(value) for value in (change.before, change.after))
    return label, before, after

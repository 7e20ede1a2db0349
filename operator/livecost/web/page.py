"""The calculator's page: from its state to everything its templates show."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from costmodel import HOURS_PER_MONTH, AssumptionsError, explain, format_money, percent_of
from costmodel.peaks import ModeCost, PeakStep, compare_modes, peak_steps
from costmodel.schedule_window import WEEKDAYS
from livecost.estimate_output import LABELS
from livecost.web.charts import Bar, Figure, bars
from livecost.web.clouds import price_sources
from livecost.web.evaluation import Evaluation, evaluate
from livecost.web.exports import EXPORTS
from livecost.web.form_view import group_views, problems_by_input
from livecost.web.media_view import media_rows
from livecost.web.node_reasons import pool_reasons
from livecost.web.panels import panel_html
from livecost.web.rendering import render_fragments
from livecost.web.scenario_view import scenario_columns
from livecost.web.schedule_editor import SCHEDULE, SCHEDULE_LABEL, window_rows
from livecost.web.state import MAX_SCENARIOS, PANELS, PageState

if TYPE_CHECKING:
    from markupsafe import Markup

    from costmodel import Problem


@dataclass(frozen=True, slots=True)
class BillRow:
    """A line of the monthly bill with its share of the total in percent, None where the total is 0."""

    item: str
    label: str
    cost: Decimal
    share: Decimal | None
    how: str


@dataclass(frozen=True, slots=True)
class Peaks:
    """The floors, what each window adds, the same nodes at all hours, and what the windows save beside these."""

    steps: tuple[PeakStep, ...]
    always_on: ModeCost
    saving_per_month: Decimal


@dataclass(frozen=True, slots=True)
class Calculator:
    """A state of the page, priced as far as it can be.

    Attributes:
        state: what the address says.
        evaluation: the scenario at work, or what `stand_in` says where that is refused.
        problems: why it is refused; empty where the figures are its own.
        stand_in: what the figures are of instead, in words.
    """

    state: PageState
    evaluation: Evaluation
    problems: tuple[Problem, ...] = ()
    stand_in: str = "these are the last good figures"

    def fragments(self) -> dict[str, str]:
        """The parts that follow from the figures."""
        return render_fragments(**self._figures())

    def view(self) -> dict[str, Any]:
        """What the whole page's template shows."""
        beside, elsewhere = problems_by_input(self.problems)
        return {
            **self._figures(),
            "groups": group_views(self.state.active, self.evaluation, beside),
            "schedule": SCHEDULE,
            "schedule_label": SCHEDULE_LABEL,
            "windows": window_rows(self.state.active.fields.get(SCHEDULE, "")),
            "weekdays": WEEKDAYS,
            "beside": beside,
            "problems": elsewhere,
            "refused": bool(self.problems),
            "stand_in": self.stand_in,
            "fragments": self.fragments(),
            "panel_htmls": {name: panel_html(name, self.state, self.evaluation) for name in PANELS},
        }

    def announcement(self) -> str:
        """The totals in one sentence, for a screen reader."""
        result = self.evaluation.estimate
        total, margin = (format_money(each, result.currency) for each in (result.monthly_total, result.gross_margin))
        nodes = f"{result.livekit.nodes} LiveKit and {result.sim.nodes} sim nodes"
        return f"{total} a month per customer, gross margin {margin} a year, {nodes}."

    def _figures(self) -> dict[str, Any]:
        evaluation = self.evaluation
        rows = bill_rows(evaluation)
        return {
            "state": self.state,
            "query": self.state.query(),
            "estimate": evaluation.estimate,
            "assumptions": evaluation.assumptions,
            "reasons": pool_reasons(evaluation.estimate, evaluation.assumptions),
            "peaks": peaks(evaluation),
            "bill": rows,
            "chart": _bill_chart(rows, evaluation.estimate.currency),
            "media_rows": media_rows(evaluation),
            "media_stated": evaluation.media is not None,
            "columns": scenario_columns(self.state, evaluation),
            "may_add": len(self.state.others) < MAX_SCENARIOS,
            "sources": price_sources(evaluation),
            "exports": EXPORTS,
            "announcement": self.announcement(),
        }


def calculator(state: PageState) -> Calculator:
    """Price the state; where it is refused, what is not refused of it, or else the defaults."""
    fields = state.active.fields
    try:
        return Calculator(state, evaluate(fields))
    except AssumptionsError as error:
        problems = error.problems
    refused = {problem.field.partition("[")[0] for problem in problems}
    rest = {
        path: text for path, text in fields.items() if not any(f"{path}.".startswith(f"{each}.") for each in refused)
    }
    try:
        return Calculator(state, evaluate(rest), problems, "the figures are without it")
    except AssumptionsError:
        return Calculator(state, evaluate({}), problems, "these are the figures of the defaults")


def peaks(evaluation: Evaluation) -> Peaks | None:
    """The month's baseline and peaks; None where all hours are active."""
    assumptions = evaluation.assumptions
    if assumptions.demand.active_hours_per_month == HOURS_PER_MONTH:
        return None
    always_on = compare_modes(assumptions)[0]
    return Peaks(peak_steps(assumptions), always_on, always_on.cost_per_month - evaluation.estimate.monthly_total)


def bill_rows(evaluation: Evaluation) -> list[BillRow]:
    """The lines of the monthly bill in their order."""
    result = evaluation.estimate
    words = explain(result, evaluation.assumptions)
    return [
        BillRow(item, LABELS[item], cost, percent_of(cost, result.monthly_total, 1), words[item])
        for item, cost in result.monthly.items()
    ]


def _bill_chart(rows: list[BillRow], currency: str) -> Markup:
    entries = [Bar(row.label, row.cost, Figure(row.cost, currency), f"bar {row.item}") for row in rows]
    return bars(entries, "Monthly cost by line item")

"""The panels that are computed on demand: sensitivity, uncertainty, and dedicated against shared."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from click import BadParameter

from costmodel import AssumptionsError, Problem, parse_decimal
from costmodel.peaks import compare_modes, schedule_month
from costmodel.pooling import pool
from costmodel.sensitivity import OF, TIER_PRICES
from livecost.estimate_output import LABELS
from livecost.options import calendar_month
from livecost.pool_command import comparison_notes, comparison_rows
from livecost.sensitivity_command import swing_row
from livecost.simulation_output import simulation_rows
from livecost.web.analyses import MAX_DRAWS, ranges_of_revisited, simulated, swings
from livecost.web.charts import Figure, Span, spans
from livecost.web.field_groups import INPUTS
from livecost.web.rendering import render

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from costmodel.schedule import CalendarMonth
    from costmodel.sensitivity import Swing
    from livecost.web.evaluation import Evaluation
    from livecost.web.state import PageState

_SHOWN_SWINGS: Final = 12
_OF_NAMES: Final = {"monthly": "cost per month", "margin": "gross margin per year", "nodes": "nodes"}
_FIGURES: Final = {"annual": "Total / year", "license.grossMargin": "Gross margin / year"}
_WHOLE_FROM: Final = 500
"""From such a median on, cents of a drawn amount say nothing."""
_DRAWS: Final = ("5000", "20000", str(MAX_DRAWS))


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a panel; `choices` (value to text) where it is one of several."""

    name: str
    label: str
    default: str
    choices: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel: `compute` takes the evaluation and the settings' texts and gives what its template shows."""

    name: str
    title: str
    about: str
    settings: tuple[Setting, ...]
    compute: Callable[[Evaluation, Mapping[str, str]], dict[str, Any]]


def panel_html(name: str, state: PageState, evaluation: Evaluation, *, is_refused: bool = False) -> str:
    """One panel, computed only where it is open, and not where its figures would be of another input."""
    panel = _PANELS[name]
    is_open = name in state.panels
    stated = state.panels.get(name, {})
    settings = {each.name: stated.get(each.name, each.default) for each in panel.settings}
    found: dict[str, Any] = {}
    problem = "The input is refused; correct it, and this follows." if is_refused else ""
    if is_open and not problem:
        try:
            found = panel.compute(evaluation, settings)
        except AssumptionsError as error:
            problem = str(error.problems[0])
        except ModuleNotFoundError as error:
            problem = f"This needs the package {error.name}; install livecost[analysis]."
    return render(
        f"panels/{name}.html",
        panel=panel,
        is_open=is_open,
        settings=settings,
        problem=problem,
        query=state.query(),
        toggle_query=state.with_panel(name, is_open=not is_open).query(),
        currency=evaluation.estimate.currency,
        **found,
    )


def _sensitivity(evaluation: Evaluation, settings: Mapping[str, str]) -> dict[str, Any]:
    of = settings["of"]
    if of not in OF:
        raise _refused("of", of, f"write one of {', '.join(OF)}")
    found = swings(evaluation, _number("percent", settings["percent"], Decimal(1), Decimal(100)), of)
    moving = [swing for swing in found if swing.size or swing.low.problems or swing.high.problems]
    shown = moving[:_SHOWN_SWINGS]
    currency = evaluation.estimate.currency
    entries = [_span(swing, of, currency) for swing in shown]
    return {
        "rows": [{**swing_row(swing, of), "label": _label(swing.path)} for swing in shown],
        "more": len(moving) - len(shown),
        "still": [_label(swing.path) for swing in found if swing not in moving],
        "of_name": _OF_NAMES[of],
        "chart": spans(entries, found[0].at_base, f"Swing of the {_OF_NAMES[of]}") if shown else "",
        "amounts": of != "nodes",
    }


def _label(path: str) -> str:
    if path == TIER_PRICES:
        return "Egress price tiers (%)"
    return INPUTS[path].title if path in INPUTS else path


def _figure_label(figure: str) -> str:
    """A figure of a simulation for people."""
    group, _, item = figure.partition(".")
    match group:
        case "monthly":
            return _line_label(item)
        case "nodes":
            return f"{_line_label(item)}, number"
    return _FIGURES.get(figure, figure)


def _line_label(item: str) -> str:
    label = LABELS.get(item, item)
    return label[:1].upper() + label[1:]


def _span(swing: Swing, of: str, currency: str) -> Span:
    known = [figure for figure in (swing.low.figure, swing.high.figure) if figure is not None]
    low, high = min([*known, swing.at_base]), max([*known, swing.at_base])
    figure = Figure(swing.size, "" if of == "nodes" else currency)
    ends = swing.low.figure, swing.high.figure
    turned = None not in ends and bool(ends[0] > ends[1])  # type: ignore[operator]
    return Span(_label(swing.path), low, high, figure, turned)


def _uncertainty(evaluation: Evaluation, settings: Mapping[str, str]) -> dict[str, Any]:
    percent = _number("percent", settings["percent"], Decimal(1), Decimal(100))
    draws = int(_number("draws", settings["draws"], Decimal(1), Decimal(MAX_DRAWS)))
    ranges = ranges_of_revisited(evaluation, percent)
    result = simulated(evaluation, ranges, draws)
    total = result.amounts["total"].percentiles
    currency = evaluation.estimate.currency

    def band(low: int, high: int) -> Span:
        share = f"{high - low} % of draws"
        return Span(share, total[low], total[high], Figure(total[high] - total[low], currency))

    return {
        "rows": [
            {**row, "label": _figure_label(str(row["figure"]))} for row in simulation_rows(result, evaluation.estimate)
        ],
        "draws": result.draws,
        "loss_percent": result.loss_share * 100,
        "drawn": [_label(path) for path in ranges],
        "total": total,
        "places": 0 if total[50] >= _WHOLE_FROM else 2,
        "chart": spans([band(5, 95), band(10, 90)], total[50], "Spread of the cost per month around its median"),
    }


def _pooling(evaluation: Evaluation, settings: Mapping[str, str]) -> dict[str, Any]:
    found = pool(
        evaluation.assumptions,
        diversity_factor=_number("diversity", settings["diversity"], Decimal(0), Decimal(1)),
        services_factor=_number("services", settings["services"], Decimal(0), Decimal(100)),
    )
    return {
        "rows": [{**row, "label": _line_label(str(row["item"]))} for row in comparison_rows(found)],
        "notes": list(comparison_notes(found, evaluation.assumptions)),
        "customers": found.customers,
        "modes": compare_modes(evaluation.assumptions, None, _month(evaluation, settings["month"])),
        "month": settings["month"],
    }


def _month(evaluation: Evaluation, text: str) -> CalendarMonth | None:
    if not text:
        return None
    try:
        first = calendar_month(text)
    except BadParameter:
        remedy = "write a month such as 2026-03, or nothing for the average month"
        raise _refused("month", f"{text:.40}", remedy) from None
    return schedule_month(evaluation.assumptions, first.year, first.month)


def _number(name: str, text: str, low: Decimal, high: Decimal) -> Decimal:
    try:
        value = parse_decimal(text)
    except ValueError as error:
        raise _refused(name, f"{text:.40}", f"it {error}; write a number from {low} to {high}") from None
    if not low <= value <= high:
        raise _refused(name, f"{text:.40}", f"write a number from {low} to {high}")
    return value


def _refused(name: str, text: str, remedy: str) -> AssumptionsError:
    return AssumptionsError([Problem(name, f"{text!r} is out of range", remedy)])


_PANELS: Final = {
    panel.name: panel
    for panel in (
        Panel(
            "sensitivity",
            "Sensitivity: which assumption swings the bill",
            "Each assumption is moved down and up while all others stay as they are.",
            (Setting("percent", "Moved by, %", "20"), Setting("of", "What swings", "monthly", _OF_NAMES)),
            _sensitivity,
        ),
        Panel(
            "uncertainty",
            "Uncertainty: how far the bill may spread",
            "Peak concurrency, capacities per node and bitrate are drawn at random around what is assumed.",
            (
                Setting("percent", "Off by up to, %", "20"),
                Setting("draws", "Draws", "20000", {count: f"{int(count):,}" for count in _DRAWS}),
            ),
            _uncertainty,
        ),
        Panel(
            "pooling",
            "Dedicated against shared, idle and peaks",
            "A cluster for each customer beside one that all share, and what an idle cluster costs.",
            (
                Setting("diversity", "Joint peak / sum of peaks", "1"),
                Setting("services", "Shared services, times one customer's", "1"),
                Setting("month", "Calendar month, such as 2026-03", ""),
            ),
            _pooling,
        ),
    )
}

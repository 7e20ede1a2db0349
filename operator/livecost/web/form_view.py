"""What the calculator's inputs show: value, bounds, choices, whether it is stated here, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from costmodel import plain
from livecost.web.clouds import choices
from livecost.web.field_groups import CURRENCY, GROUPS, INPUTS
from livecost.web.schedule_editor import SCHEDULE, problem_path, problem_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from costmodel import Problem
    from livecost.web.evaluation import Evaluation
    from livecost.web.field_groups import Input, Slider
    from livecost.web.state import Scenario

_NO_MACHINE: Final = ("", "none: price stated below")


@dataclass(frozen=True, slots=True)
class InputView:
    """One input; `bounds` is its range in words, empty where it is no number."""

    path: str
    label: str
    unit: str
    kind: str
    value: str
    stated: bool
    is_optional: bool
    slider: Slider | None
    choices: tuple[tuple[str, str], ...]
    excludes: str
    help: str
    bounds: str
    problem: str

    @property
    def slider_value(self) -> str:
        """Where its slider stands; at the low end where there is no value that can be used."""
        if self.slider is None or self.problem or not self.value:
            return "" if self.slider is None else self.slider.low
        return self.value

    @property
    def id(self) -> str:
        """Its id in the page."""
        return self.path.replace(".", "-")


@dataclass(frozen=True, slots=True)
class GroupView:
    """Inputs under one heading."""

    key: str
    title: str
    inputs: tuple[InputView, ...]


def group_views(scenario: Scenario, evaluation: Evaluation, problems: Mapping[str, str]) -> list[GroupView]:
    """The groups of inputs.

    Args:
        scenario: what is typed.
        evaluation: the last one that could be priced, for what is not typed.
        problems: path of an input to what is wrong there (`problems_by_input`).
    """
    shown = evaluation.shown()
    return [
        GroupView(
            group.key, group.title, tuple(_view(each, scenario, evaluation, shown, problems) for each in group.inputs)
        )
        for group in GROUPS
    ]


def _view(
    each: Input,
    scenario: Scenario,
    evaluation: Evaluation,
    shown: Mapping[str, str],
    problems: Mapping[str, str],
) -> InputView:
    options = each.choices or _dynamic_choices(each.path, evaluation)
    value = scenario.fields.get(each.path, shown.get(each.path, ""))
    if options and value not in dict(options):
        options = ((value, value), *options) if value else (("", "not stated"), *options)
    return InputView(
        path=each.path,
        label=each.label,
        unit=each.unit.replace(CURRENCY, evaluation.estimate.currency),
        kind="choice" if options else each.kind,
        value=value,
        stated=each.path in scenario.fields,
        is_optional=each.is_optional,
        slider=each.slider,
        choices=options,
        excludes=" ".join(each.excludes),
        help=each.help,
        bounds=_bounds(each),
        problem=problems.get(each.path, ""),
    )


def _dynamic_choices(path: str, evaluation: Evaluation) -> tuple[tuple[str, str], ...]:
    assumptions = evaluation.assumptions
    if path != "region" and not path.endswith(".sku"):
        return ()
    offered = choices(assumptions.cloud, assumptions.region)
    if path == "region":
        return tuple((name, name) for name in offered.regions)
    machines = offered.machines or {}
    return (_NO_MACHINE, *((sku, f"{sku} ({size})") for sku, size in machines.items())) if machines else ()


def _bounds(each: Input) -> str:
    number = each.number
    if number is None:
        return ""
    kind = "whole number" if number.whole else "number"
    start = "above" if number.minimum_excluded else "from"
    return f"{kind} {start} {plain(number.minimum)} to {plain(number.maximum)}"


def problems_by_input(problems: Iterable[Problem]) -> tuple[dict[str, str], list[str]]:
    """What to say beside each input, and what belongs to none of them."""
    found: dict[str, str] = {}
    elsewhere: list[str] = []
    for problem in problems:
        path = problem.field.partition("[")[0]
        words = f"{problem.message}; {problem.remedy}"
        if path == SCHEDULE:
            path = problem_path(problem.field)
            found.setdefault(path, problem_words(path, words))
        elif path in INPUTS:
            found.setdefault(path, words)
        else:
            elsewhere.append(str(problem))
    return found, elsewhere

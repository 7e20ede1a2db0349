"""The scenario at work as files: its assumptions, its estimate, and a CostProfile that states the same."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import yaml

from costmodel import AssumptionsDocument, AssumptionsError, Problem, parse_document, plain
from livecost.document_text import DocumentTextError, decode
from livecost.estimate_output import to_csv, to_json, to_yaml
from livecost.models import API_VERSION, DEFAULT_PROFILE
from livecost.web.evaluation import evaluate
from livecost.web.state import Scenario, scenario_name
from livecost.web.typed_text import typed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from livecost.web.state import PageState

_PROFILE: Final = "CostProfile"
_OF_ONE_CUSTOMER: Final = ("users", "concurrency")


@dataclass(frozen=True, slots=True)
class Export:
    """A kind of file: what it is, its media type, and what makes its text from a scenario."""

    title: str
    media_type: str
    write: Callable[[Scenario], str]


def document_to_json(document: AssumptionsDocument) -> dict[str, Any]:
    """What a document states, as JSON values; decimals are text."""
    data = document.model_dump(by_alias=True, exclude_none=True)
    return {name: _plain(value) for name, value in data.items()}


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case Decimal():
            return plain(value)
    return value


def cost_profile(scenario: Scenario) -> dict[str, Any]:
    """The CostProfile of a scenario: its assumptions without the one customer's users and concurrency.

    Raises:
        AssumptionsError: a field is refused.
    """
    spec = document_to_json(evaluate(scenario.fields).document)
    demand = {name: value for name, value in spec.pop("demand", {}).items() if name not in _OF_ONE_CUSTOMER}
    name = re.sub("[^a-z0-9]+", "-", scenario.name.lower()).strip("-") or DEFAULT_PROFILE
    return {
        "apiVersion": API_VERSION,
        "kind": _PROFILE,
        "metadata": {"name": name},
        "spec": {**spec, **({"demand": demand} if demand else {})},
    }


def _yaml(data: Mapping[str, Any]) -> str:
    return str(yaml.safe_dump(dict(data), sort_keys=False, allow_unicode=True, width=120))


def _stated(scenario: Scenario) -> dict[str, Any]:
    return document_to_json(evaluate(scenario.fields).document)


def _estimate(form: Callable[..., str]) -> Callable[[Scenario], str]:
    def write(scenario: Scenario) -> str:
        found = evaluate(scenario.fields)
        return form(found.estimate, found.assumptions)

    return write


EXPORTS: Final[Mapping[str, Export]] = {
    "assumptions.yaml": Export("Assumptions, YAML", "application/yaml", lambda scenario: _yaml(_stated(scenario))),
    "assumptions.json": Export(
        "Assumptions, JSON", "application/json", lambda scenario: json.dumps(_stated(scenario), indent=2) + "\n"
    ),
    "estimate.csv": Export("Estimate, CSV", "text/csv", _estimate(to_csv)),
    "estimate.json": Export("Estimate, JSON", "application/json", _estimate(to_json)),
    "estimate.yaml": Export("Estimate, YAML", "application/yaml", _estimate(to_yaml)),
    "costprofile.yaml": Export("CostProfile manifest", "application/yaml", lambda found: _yaml(cost_profile(found))),
}
"""File name to export."""


def imported(text: str, state: PageState) -> PageState:
    """The state with the scenario at work replaced by an assumptions document or a CostProfile, YAML or JSON.

    Raises:
        AssumptionsError: the text is no document, or a field of it is refused.
    """
    try:
        data = decode(text)
    except DocumentTextError as error:
        raise AssumptionsError([Problem("(document)", str(error), "give an assumptions document")]) from None
    name = state.active.name
    if isinstance(data, dict) and data.get("kind") == _PROFILE:
        metadata = data.get("metadata")
        own = metadata.get("name") if isinstance(metadata, dict) else None
        name = scenario_name(own) if isinstance(own, str) else name
        data = data.get("spec")
    fields = typed(parse_document({} if data is None else data))
    evaluate(fields)
    return replace(state, active=Scenario(name, fields))

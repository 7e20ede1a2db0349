"""The state of the calculator's page, which its URL holds whole: the scenario at work, those beside it, open panels.

A field of the scenario at work is a parameter of its own (`demand.users=5000`); another scenario is one parameter
`with`, whose value is such a query again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import parse_qsl, urlencode

from costmodel import AssumptionsError, Problem

MAX_QUERY_BYTES: Final = 16 * 1024
MAX_SCENARIOS: Final = 6
"""Beside the one at work."""
MAX_NAME: Final = 60
PANELS: Final = ("sensitivity", "uncertainty", "pooling")
THEMES: Final = ("light", "dark")

_MAX_FIELDS: Final = 200
_NAME: Final = "name"
_WITH: Final = "with"
_PANEL: Final = "panel"
_THEME: Final = "theme"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A name and the fields that it states, as typed: dotted path to text."""

    name: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)

    def query(self) -> str:
        """The scenario as a query."""
        return urlencode(self._pairs())

    def _pairs(self) -> list[tuple[str, str]]:
        return [*([(_NAME, self.name)] if self.name else []), *self.fields.items()]


@dataclass(frozen=True, slots=True)
class PageState:
    """What the page shows.

    Attributes:
        active: the scenario at work.
        others: the scenarios compared with it.
        panels: the open ones of `PANELS`, each with its settings as text.
        theme: one of `THEMES`, in which a link shows the page; empty for what the reader prefers.
    """

    active: Scenario = field(default_factory=Scenario)
    others: tuple[Scenario, ...] = ()
    panels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    theme: str = ""

    def query(self) -> str:
        """The state as a query; `parse_state` reads it back."""
        pairs = [
            *self.active._pairs(),  # noqa: SLF001 - the two classes are one format
            *((_WITH, other.query()) for other in self.others),
            *((_PANEL, urlencode({"": name, **settings})) for name, settings in self.panels.items()),
            *([(_THEME, self.theme)] if self.theme else []),
        ]
        return urlencode(pairs)

    def duplicated(self) -> PageState:
        """The scenario at work kept beside itself, under a name of its own."""
        copy = replace(self.active, name=self._free_name())
        return replace(self, others=(*self.others, copy))

    def without(self, index: int) -> PageState:
        """One of the other scenarios removed."""
        return replace(self, others=(*self.others[:index], *self.others[index + 1 :]))

    def switched_to(self, index: int) -> PageState:
        """One of the other scenarios at work, in exchange for the one that was."""
        others = list(self.others)
        chosen, others[index] = others[index], self.active
        return replace(self, active=chosen, others=tuple(others))

    def with_panel(self, name: str, *, is_open: bool) -> PageState:
        """A panel opened or closed."""
        panels = {key: value for key, value in self.panels.items() if key != name}
        return replace(self, panels={**panels, name: {}} if is_open else panels)

    def _free_name(self) -> str:
        taken = {self.active.name, *(other.name for other in self.others)}
        base = self.active.name or "Scenario"
        return next(
            name for number in range(1, len(taken) + 2) if (name := f"{base[: MAX_NAME - 3]} {number}") not in taken
        )


def parse_state(query: str) -> PageState:
    """The state that a query writes; field texts are not judged yet.

    Raises:
        AssumptionsError: the query is too long or holds too much.
    """
    others: list[Scenario] = []
    panels: dict[str, Mapping[str, str]] = {}
    own: list[tuple[str, str]] = []
    theme = ""
    for key, value in _pairs(query):
        if key == _WITH:
            others.append(_scenario(_pairs(value)))
        elif key == _PANEL:
            settings = dict(_pairs(value))
            name = settings.pop("", "")
            if name in PANELS:
                panels[name] = settings
        elif key == _THEME:
            theme = value if value in THEMES else ""
        else:
            own.append((key, value))
    if len(others) > MAX_SCENARIOS:
        raise _refused(f"{len(others)} scenarios are too many", f"keep at most {MAX_SCENARIOS} beside the first")
    return PageState(_scenario(own), tuple(others), panels, theme)


def _pairs(query: str) -> list[tuple[str, str]]:
    if len(query.encode("utf-8", "replace")) > MAX_QUERY_BYTES:
        raise _refused("is too long", f"keep it below {MAX_QUERY_BYTES // 1024} KiB; remove scenarios")
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise _refused("has too many parameters", f"keep at most {_MAX_FIELDS}") from None


def _scenario(pairs: list[tuple[str, str]]) -> Scenario:
    fields = dict(pairs)
    return Scenario(scenario_name(fields.pop(_NAME, "")), fields)


def scenario_name(text: str) -> str:
    """The name that a text gives a scenario: what can be shown of it, and no more than fits."""
    return "".join(letter for letter in text if letter.isprintable())[:MAX_NAME]


def _refused(message: str, remedy: str) -> AssumptionsError:
    return AssumptionsError([Problem("(address)", message, remedy)])

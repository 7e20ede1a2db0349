"""What a fleet file says, whatever its form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from costmodel import AssumptionsDocument, Problem

_MAX_NAME = 253


@dataclass(frozen=True, slots=True)
class FleetEntry:
    """One customer as the file writes it.

    Attributes:
        place: where it stands, such as "row 7" or "customers[3]".
        name: its name.
        users: people who may use the cluster.
        profile: name of the profile below it; `DEFAULT_PROFILE` unless the file names one.
        layers: its own assumptions, the most specific last.
        written: dotted path of a field to the name that the file has for it, where that is another.
    """

    place: str
    name: str
    users: int
    profile: str
    layers: tuple[AssumptionsDocument, ...]
    written: Mapping[str, str]

    def field(self, path: str) -> str:
        """How a problem names one of its fields: "row 7, users"."""
        return field_name(self.place, path, self.written)


@dataclass(slots=True)
class Fleet:
    """The customers in the order of the file, the profiles that came with them, and what is wrong with the rest."""

    entries: list[FleetEntry] = field(default_factory=list)
    profiles: dict[str, AssumptionsDocument] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def field_name(place: str, path: str, written: Mapping[str, str]) -> str:
    """How a problem names a field: where it stands, and the path or what the file writes for it."""
    for known, name in written.items():
        if path == known or path.startswith((f"{known}.", f"{known}[")):
            return f"{place}, {name}{path[len(known) :]}"
    return f"{place}, {path}"


def placed(problems: Iterable[Problem], place: str, written: Mapping[str, str]) -> Iterator[Problem]:
    """Problems of a document as problems of the file that holds it."""
    for problem in problems:
        yield Problem(field_name(place, problem.field, written), problem.message, problem.remedy)


def name_problem(place: str, name: str | None) -> Problem | None:
    """What is wrong with a customer's name."""
    if not name:
        return Problem(place, "is missing", "write the customer's name")
    if len(name) > _MAX_NAME or not name.isprintable():
        return Problem(place, "is not a name", f"write one line of at most {_MAX_NAME} characters")
    return None

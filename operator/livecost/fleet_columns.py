"""The columns of a fleet's CSV file: the fields of an assumptions document they mean, and how cells are read."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final, get_args

from pydantic import BaseModel

from costmodel import AssumptionsDocument, AssumptionsError, Problem
from costmodel.fields import shown
from costmodel.parsing import submodel
from livecost.csv_input import csv_number
from livecost.document_text import DocumentTextError, decode

NAME: Final = "name"
PROFILE: Final = "profile"
USERS: Final = "demand.users"

_SHORT_NAMES: Final = {
    "users": USERS,
    "concurrency": "demand.concurrency",
    "peakConcurrencyPercent": "demand.peakConcurrencyPercent",
    "license": "license.annual",
}
_BOOLEANS: Final = {"true": True, "false": False}

Reader = Callable[[str], Any]


@cache
def _known() -> Mapping[str, str]:
    """Lower-case name of a column to the field it means."""
    fields = [path for path in _readers() if not path.startswith("fleet.")]
    names = {NAME: NAME, PROFILE: PROFILE, **_SHORT_NAMES, **dict(zip(fields, fields, strict=True))}
    return {name.casefold(): field for name, field in names.items()}


@cache
def _readers() -> Mapping[str, Reader]:
    """Dotted path of every field of an assumptions document to the reader of its cells."""
    return dict(_leaves(AssumptionsDocument, ""))


def _leaves(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, Reader]]:
    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        group = submodel(model, name)
        kinds = set(_kinds(field.annotation))
        if tuple in kinds:
            yield path, decode
        elif group is not None:
            yield from _leaves(group, f"{path}.")
        elif bool in kinds:
            yield path, _boolean
        elif str in kinds:
            yield path, str
        else:
            yield path, csv_number


def _kinds(annotation: Any) -> Iterator[type]:
    origin = getattr(annotation, "__origin__", annotation)
    yield origin if isinstance(origin, type) else type(origin)
    for argument in get_args(annotation):
        yield from _kinds(argument)


def _boolean(text: str) -> object:
    return _BOOLEANS.get(text.casefold(), text)


def column_fields(columns: Sequence[str]) -> dict[str, str]:
    """Column as written to the field it means: `NAME`, `PROFILE` or a dotted path.

    Raises:
        AssumptionsError: an unknown column, two columns of one field, or no column of the name or the users.
    """
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for column in columns:
        field = _known().get(column.casefold())
        if field is None:
            problems.append(Problem("header", f"{shown(column)} is not a known column", _remedy(column)))
        elif field in found.values():
            earlier = next(each for each, its in found.items() if its == field)
            problems.append(Problem("header", f"{earlier} and {column} mean the same field", "keep one of the columns"))
        else:
            found[column] = field
    problems += [
        Problem("header", f"has no column {name}", f"add a column {name}; it is required")
        for name, field in ((NAME, NAME), ("users", USERS))
        if not problems and field not in found.values()
    ]
    if problems:
        raise AssumptionsError(problems)
    return found


def _remedy(column: str) -> str:
    folded = column.casefold()
    if folded.startswith("fleet"):
        return "leave it out: each row is one customer"
    names = {name.casefold(): name for name in (NAME, PROFILE, *_SHORT_NAMES, *_readers())}
    groups = [name for each, name in names.items() if each.startswith(f"{folded}.")]
    if groups:
        return f"write one of its fields, such as {groups[0]}"
    nearest = difflib.get_close_matches(folded, names, n=1)
    if nearest:
        return f"did you mean {names[nearest[0]]}?"
    return f"write {NAME}, {PROFILE}, {', '.join(_SHORT_NAMES)}, or the path of a field such as nodes.livekit.sku"


def read_cell(field: str, text: str) -> Any:
    """The value of a cell of `field`, a dotted path, as documents take it.

    Raises:
        ValueError: it cannot be one; the message says why and what to write.
    """
    try:
        return _readers()[field](text)
    except DocumentTextError as error:
        raise ValueError(f"{error}, or write the list as JSON") from None

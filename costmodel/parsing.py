"""Reads a document and says in plain words what is wrong with it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, get_args, get_origin

from pydantic import BaseModel, ValidationError

from costmodel.document import AssumptionsDocument
from costmodel.errors import AssumptionsError, Problem
from costmodel.fields import REFUSAL, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic_core import ErrorDetails

MAX_PROBLEMS: Final = 100
"""Most problems that are told of one document."""


def parse_document(data: Mapping[str, Any]) -> AssumptionsDocument:
    """Check a decoded YAML or JSON document.

    Args:
        data: the document with its camelCase names; every field is optional.

    Raises:
        AssumptionsError: with one problem for each refused field.
    """
    if not isinstance(data, Mapping):
        problem = Problem(
            "(document)", f"{shown(data)} is not a group of fields", "write fields such as demand: {users: 1000}"
        )
        raise AssumptionsError([problem])
    try:
        return AssumptionsDocument.model_validate(data)
    except ValidationError as error:
        raise AssumptionsError(problems_of(error, AssumptionsDocument)) from None


def problems_of(error: ValidationError, model: type[BaseModel]) -> tuple[Problem, ...]:
    """Translate pydantic's findings about `model`, or a model that contains documents, into problems.

    No more than `MAX_PROBLEMS` are told: nobody reads them, and looking for what was meant takes time.
    """
    return tuple(
        _problem(details, model)
        for details in error.errors(include_url=False)[:MAX_PROBLEMS]
        # pydantic counts only good entries, so a list of one bad entry is also called too short.
        if not (details["type"] == "too_short" and details["input"])
    )


def unknown_field(path: str, name: str, known: Sequence[str]) -> Problem:
    """The problem of a field that does not exist.

    Args:
        path: dotted path of the field.
        name: its last part.
        known: the names that exist there; the nearest one is offered, or else all of them.
    """
    by_folded_name = {each.casefold(): each for each in known}
    nearest = difflib.get_close_matches(name.casefold(), by_folded_name, n=1)
    remedy = f"did you mean {by_folded_name[nearest[0]]}?" if nearest else f"write one of {', '.join(known)}"
    return Problem(path, "is not a known field", remedy)


def field_names(model: type[BaseModel]) -> list[str]:
    """The names of a model's fields as a document writes them."""
    return [field.alias or name for name, field in model.model_fields.items()]


def submodel(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    """The model of the group of fields called `name` in `model`; None for a plain value or an unknown name."""
    for field_name, field in model.model_fields.items():
        if name in {field_name, field.alias}:
            return next(_models_in(field.annotation), None)
    return None


def is_list(model: type[BaseModel], name: str) -> bool:
    """Whether the field called `name` in `model` holds a list; False for an unknown name."""
    return any(
        _holds_list(field.annotation)
        for field_name, field in model.model_fields.items()
        if name in {field_name, field.alias}
    )


def _holds_list(annotation: object) -> bool:
    return get_origin(annotation) in {tuple, list} or any(map(_holds_list, get_args(annotation)))


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _problem(details: ErrorDetails, root: type[BaseModel]) -> Problem:
    location, context = details["loc"], details.get("ctx", {})
    if details["type"] == "invalid_key":
        location = (*location[:-1], str(location[-1]))
    path = _dotted(location)
    if details["type"] == REFUSAL:
        below = context["field"]
        field = ".".join(filter(None, (path, below)))
        return Problem(field or "(document)", context["message"], context["remedy"])
    if details["type"] == "extra_forbidden":
        parent: type[BaseModel] | None = root
        for part in location[:-1]:
            if parent is not None and isinstance(part, str):
                parent = submodel(parent, part)
        return unknown_field(path, str(location[-1]), field_names(parent) if parent is not None else [])
    message, remedy = _plain_words(details["type"], context, details["input"], details["msg"])
    return Problem(path or "(document)", message, remedy)


def _dotted(location: tuple[int | str, ...]) -> str:
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            # A name is quoted back to a terminal: no control characters, no endless line.
            name = part if part.isprintable() and len(part) <= 64 else shown(part)
            path += f".{name}" if path else name
    return path


_PLAIN: Mapping[str, tuple[str, str]] = {
    "int_type": ("{input} is not a whole number", "write a whole number such as 4, without quotes or point"),
    "int_from_float": ("{input} is not a whole number", "write a whole number such as 4, without quotes or point"),
    "greater_than_equal": ("{input} is too low", "write a whole number of at least {ge}"),
    "less_than_equal": ("{input} is too high", "write a whole number of at most {le}"),
    "bool_type": ("{input} is not true or false", "write true or false"),
    "string_type": ("{input} is not text", "write text, in quotes if it looks like a number"),
    "string_pattern_mismatch": ("{input} is not a name of the expected form", "write text that matches {pattern}"),
    "string_too_long": ("{input} is too long", "write at most {max_length} characters"),
    "literal_error": ("{input} is not one of the choices", "write {expected}"),
    "model_type": ("{input} is not a group of fields", "write its fields below it, each as name: value"),
    "tuple_type": ("{input} is not a list", "write a list, each entry beginning with a dash"),
    "too_short": ("the list is too short", "write at least {min_length} entry, or leave the field out"),
    "too_long": ("the list is too long", "write at most {max_length} entries"),
    "missing": ("is missing", "write this field"),
    "invalid_key": ("{input} is not a field name", "write field names as text"),
}


def _plain_words(kind: str, context: Mapping[str, Any], value: object, fallback: str) -> tuple[str, str]:
    message, remedy = _PLAIN.get(kind, (fallback.replace("{", "(").replace("}", ")"), "see the field's description"))
    values = {**context, "input": shown(value)}
    return message.format_map(values), remedy.format_map(values)

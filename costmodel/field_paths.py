"""The numeric fields of an assumptions document by dotted path: their bounds, their values, one of them replaced."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from costmodel.document import AssumptionsDocument
from costmodel.errors import AssumptionsError, Problem
from costmodel.parsing import parse_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class NumericField:
    """One number of the document.

    Attributes:
        path: dotted path as a document writes it, such as `nodes.livekit.hourly`.
        whole: whether only whole numbers are accepted.
        minimum: the lowest accepted value, or the bound it has to be above.
        minimum_excluded: whether `minimum` itself is refused.
        maximum: the highest accepted value.
    """

    path: str
    whole: bool
    minimum: Decimal
    minimum_excluded: bool
    maximum: Decimal


@cache
def numeric_fields() -> Mapping[str, NumericField]:
    """Every numeric field by its path, in the document's order; the entries of `network.tiers` are not among them."""
    schema = AssumptionsDocument.model_json_schema()
    return {field.path: field for field in _numeric_fields(schema, schema["$defs"], "")}


def _numeric_fields(schema: Mapping[str, Any], groups: Mapping[str, Any], prefix: str) -> Iterator[NumericField]:
    for name, alternatives in schema["properties"].items():
        path = f"{prefix}{name}"
        for kind in alternatives.get("anyOf", ()):
            if "$ref" in kind:
                yield from _numeric_fields(groups[kind["$ref"].rpartition("/")[2]], groups, f"{path}.")
            elif kind.get("type") == "integer":
                yield NumericField(path, True, Decimal(kind["minimum"]), False, Decimal(kind["maximum"]))
            elif "x-livecost-maximum" in kind:
                excluded = "x-livecost-exclusiveMinimum" in kind
                minimum = kind["x-livecost-exclusiveMinimum" if excluded else "x-livecost-minimum"]
                yield NumericField(path, False, Decimal(minimum), excluded, Decimal(kind["x-livecost-maximum"]))


def numeric_field(path: str, prefix: str = "") -> NumericField:
    """The numeric field at `path`; a problem names it with `prefix`, the place in a document that names fields.

    Raises:
        AssumptionsError: there is none; the nearest paths are offered.
    """
    fields = numeric_fields()
    if path in fields:
        return fields[path]
    by_folded_path = {each.casefold(): each for each in fields}
    nearest = difflib.get_close_matches(path.casefold(), by_folded_path, n=3)
    last = path.rpartition(".")[2].casefold()
    same_name = [each for each in fields if each.rpartition(".")[2].casefold() == last]
    offered = same_name or [by_folded_path[each] for each in nearest] or ["demand.users"]
    problem = Problem(
        f"{prefix}{path}" or "(nothing)", "is not a numeric field", f"write a path such as {' or '.join(offered)}"
    )
    raise AssumptionsError([problem])


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted paths and their values as the groups of fields of a document."""
    document: dict[str, Any] = {}
    for path, value in values.items():
        *groups, last = path.split(".")
        target = document
        for group in groups:
            target = target.setdefault(group, {})
        target[last] = value
    return document


def field_layer(values: Mapping[str, Decimal]) -> AssumptionsDocument:
    """A document that states these numeric fields and nothing else.

    Args:
        values: path to value.

    Raises:
        AssumptionsError: an unknown path, a value outside its field's range, or two alternatives at once.
    """
    whole = {path for path, value in values.items() if numeric_field(path).whole and value == value.to_integral_value()}
    return parse_document(nested({path: int(value) if path in whole else value for path, value in values.items()}))


def values_of(document: AssumptionsDocument) -> dict[str, Any]:
    """Dotted path to value of every field that `document` states, in its order; `network.tiers` is one value."""
    return dict(_values(document, ""))


def _values(part: BaseModel, prefix: str) -> Iterator[tuple[str, Any]]:
    for name, field in type(part).model_fields.items():
        value, path = getattr(part, name), f"{prefix}{field.alias or name}"
        if isinstance(value, BaseModel):
            yield from _values(value, f"{path}.")
        elif value is not None:
            yield path, value


def numbers_of(document: AssumptionsDocument) -> dict[str, Decimal]:
    """Path to value of the numeric fields that `document` states, in its order."""
    fields = numeric_fields()
    return {path: Decimal(value) for path, value in values_of(document).items() if path in fields}

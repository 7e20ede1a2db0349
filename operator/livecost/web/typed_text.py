"""Reads what people type or paste into an input, and writes values as that text; a slip is told with what to write."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from costmodel import AssumptionsDocument, AssumptionsError, Problem, parse_decimal, parse_document, plain
from costmodel.field_paths import numeric_fields, values_of
from costmodel.fields import shown
from livecost.document_text import DocumentTextError, decode
from livecost.web.schedule_editor import SCHEDULE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from costmodel.field_paths import NumericField

TIERS: Final = "network.tiers"
_TRUTH: Final = {"true": True, "false": False}
_BOOLEANS: Final = ("capacity.wholeRooms", "media.ipv6")
_MAX_TEXT: Final = 8000

_SPACES: Final = "\u00a0\u202f\u2009' "
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,40}", re.ASCII)
_GROUPED: Final = re.compile(rf"[+-]?[0-9]{{1,3}}([,.{_SPACES}])[0-9]{{3}}(\1[0-9]{{3}})*([.,][0-9]+)?", re.ASCII)
_COMMA: Final = re.compile(r"[+-]?[0-9]+,[0-9]+", re.ASCII)
_TIER: Final = re.compile(r"(?P<price>\S+)(?:\s+up\s+to\s+(?P<end>\S+)(?:\s+GB)?)?", re.ASCII | re.IGNORECASE)


def document_of(fields: Mapping[str, str]) -> AssumptionsDocument:
    """The document that typed fields state.

    Args:
        fields: dotted path to text.

    Raises:
        AssumptionsError: with a problem for each field that cannot be read or is refused.
    """
    data: dict[str, Any] = {}
    problems: list[Problem] = []
    for path, text in fields.items():
        try:
            _put(data, path, _read(path, text))
        except AssumptionsError as error:
            problems += error.problems
    try:
        document = parse_document(data)
    except AssumptionsError as error:
        problems += error.problems
    if problems:
        raise AssumptionsError(problems)
    return document


def typed(document: AssumptionsDocument) -> dict[str, str]:
    """Dotted path to text of every field that `document` states; `document_of` reads it back."""
    return {path: text_of(value) for path, value in values_of(document).items()}


def text_of(value: Any) -> str:
    """A value of a document as an input shows it."""
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            return plain(value)
        case tuple() if value and hasattr(value[0], "per_gb"):
            return ", ".join(_tier_text(tier) for tier in value)
        case tuple():
            entries = [entry.model_dump(mode="json", by_alias=True, exclude_none=True) for entry in value]
            return json.dumps(entries, separators=(",", ":"))
    return str(value)


def _tier_text(tier: Any) -> str:
    return plain(tier.per_gb) + ("" if tier.up_to_gb is None else f" up to {plain(tier.up_to_gb)} GB")


def _put(data: dict[str, Any], path: str, value: Any) -> None:
    *groups, name = path.split(".")
    target = data
    for group in groups:
        target = target.setdefault(group, {})
        if not isinstance(target, dict):
            raise _refused(path, f"{group} is already a value", "write one of the two only")
    if name in target:
        raise _refused(path, "is written twice", "write it once")
    target[name] = value


def _read(path: str, text: str) -> Any:
    if len(text) > _MAX_TEXT:
        raise _refused(path, "is too long", f"write at most {_MAX_TEXT} characters")
    text = text.strip()
    if not text:
        raise _refused(path, "is empty", "write a value, or reset the field")
    if path in numeric_fields():
        return read_number(numeric_fields()[path], text)
    if path in _BOOLEANS:
        return _TRUTH.get(text.casefold(), text)
    if path == TIERS:
        return [_read_tier(part.strip()) for part in text.split(",")]
    if path == SCHEDULE:
        try:
            return decode(text)
        except DocumentTextError as error:
            raise _refused(path, "is not a list", str(error)) from None
    return text


def read_number(field: NumericField, text: str) -> int | Decimal:
    """The number that `text` writes; its range is not checked.

    Raises:
        AssumptionsError: none, or one that can be read in two ways, such as 1,000.
    """
    if _WHOLE.fullmatch(text):
        return int(text)
    if not (field.whole and "." in text):
        try:
            return parse_decimal(text)
        except ValueError as error:
            reason = str(error)
    else:
        reason = "is not a whole number"
    grouped = _GROUPED.fullmatch(text)
    if grouped is not None:
        end = grouped[3] or ""
        whole = re.sub(r"[^0-9+-]", "", text.removesuffix(end))
        number = whole if field.whole else whole + end.replace(",", ".")
        raise _refused(field.path, f"{shown(text)} has a thousands separator", f"write {number} without it")
    if _COMMA.fullmatch(text) and not field.whole:
        remedy = f"write {text.replace(',', '.')} with a decimal point"
        raise _refused(field.path, f"{shown(text)} has a comma", remedy)
    example = "a whole number such as 4" if field.whole else "a number such as 2 or 1.5"
    raise _refused(field.path, f"{shown(text)} {reason}", f"write {example}")


def _read_tier(text: str) -> dict[str, str]:
    match = _TIER.fullmatch(text)
    if match is None:
        remedy = "write prices such as 0.09 up to 10240 GB, 0.05"
        raise _refused(TIERS, f"{shown(text)} is not a price tier", remedy)
    return {"perGB": match["price"], **({} if match["end"] is None else {"upToGB": match["end"]})}


def _refused(path: str, message: str, remedy: str) -> AssumptionsError:
    return AssumptionsError([Problem(path, message, remedy)])

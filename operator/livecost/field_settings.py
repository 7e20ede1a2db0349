"""Fields given on the command line, such as `--set network.tiers[0].perGB=0.08`, as a layer over a document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from costmodel import AssumptionsDocument, AssumptionsError, Problem, parse_document
from costmodel.parsing import field_names, is_list, submodel, unknown_field
from livecost.command_input import refuse
from livecost.document_text import DocumentTextError, decode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SET: Final = "--set"
_STEP: Final = re.compile(r"([^.\[\]]+)(?:\[([0-9]{1,6})\])?", re.ASCII)

Path = list[str | int]
"""The steps to a field: names, and positions in lists from 0."""


def settings_layer(settings: Iterable[str], below: Mapping[str, Any]) -> AssumptionsDocument:
    """The document that FIELD=VALUE settings state; a bad one is refused.

    Args:
        settings: in the order they are written; a list without entries grows in this order.
        below: the document under this layer, whose lists a setting of one entry starts from.
    """
    data: dict[str, Any] = {}
    for setting in settings:
        field, _, text = setting.partition("=")
        if not field or not text.strip():
            refuse(SET, [Problem(field or "(nothing)", "has no value", "write FIELD=VALUE, such as demand.users=5000")])
        path = _checked_path(field)
        try:
            value = decode(text)
        except DocumentTextError as error:
            refuse(SET, [f"{field}: {error}"])
        _put(data, below, path, value)
    try:
        return parse_document(data)
    except AssumptionsError as error:
        refuse(SET, error.problems)


def _put(data: dict[str, Any], below: Any, path: Path, value: Any) -> None:
    target: Any = data
    for depth, (step, following) in enumerate(zip(path, [*path[1:], None], strict=True)):
        if not _holds(target, step):
            written = _dotted(path[:depth])
            refuse(SET, [Problem(_dotted(path), f"{written} is already set as a whole", "set it one way only")])
        if isinstance(step, int):
            _make_entry(target, path[: depth + 1], step)
        else:
            below = below.get(step) if isinstance(below, dict) else None
        if following is None:
            target[step] = value
        elif isinstance(following, int):
            target = target.setdefault(step, list(below or ()))
        elif isinstance(step, int):
            # An entry may be a group of which nothing is written yet.
            target[step] = target = {} if target[step] is None else target[step]
        else:
            target = target.setdefault(step, {})


def _holds(target: Any, step: str | int) -> bool:
    return isinstance(target, list if isinstance(step, int) else dict)


def _make_entry(entries: list[Any], path: Path, index: int) -> None:
    if index > len(entries):
        parent = _dotted(path[:-1])
        message = f"{parent} has {len(entries)} entries so far"
        refuse(SET, [Problem(_dotted(path), message, f"write {parent}[{len(entries)}] before it")])
    if index == len(entries):
        entries.append(None)


def _dotted(path: Path) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def _checked_path(field: str) -> Path:
    path: Path = []
    model: Any = AssumptionsDocument
    for part in field.split("."):
        parent = _dotted(path)
        match = _STEP.fullmatch(part)
        if match is None:
            remedy = "write names with points between, and the place in a list as network.tiers[0].perGB"
            refuse(SET, [Problem(field, f"{part!r:.40} is not a field's name", remedy)])
        name, index = match.groups()
        path.append(name)
        if model is None:
            refuse(SET, [Problem(_dotted(path), f"{parent} has no fields of its own", f"write {parent}=VALUE")])
        if name not in field_names(model):
            refuse(SET, [unknown_field(_dotted(path), name, field_names(model))])
        listed, model, here = is_list(model, name), submodel(model, name), _dotted(path)
        if index is not None:
            path.append(int(index))
            if not listed:
                refuse(SET, [Problem(_dotted(path), f"{here} is not a list", f"write {here}=VALUE")])
        elif listed and here != field:
            refuse(SET, [Problem(field, f"{here} is a list", f"write the place of an entry, such as {here}[0]")])
    return path

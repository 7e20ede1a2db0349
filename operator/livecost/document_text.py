"""Decodes the text of an assumptions document without losing a digit.

YAML and JSON decoders turn 1.2 into a binary float, let a second key silently replace the first, and let aliases blow a
small file up; here numbers stay exact and such files are refused.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, Final

import yaml

MAX_BYTES: Final = 1024 * 1024
_MAX_DEPTH: Final = 16
_WHOLE = re.compile(r"[+-]?(0|[1-9][0-9]{0,39})", re.ASCII)
_DECIMAL = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40}([eE][+-]?[0-9]{1,3})?|[eE][+-]?[0-9]{1,3})", re.ASCII)


class DocumentTextError(ValueError):
    """The text is not a document; the message says where and what to change."""


def decode(text: str) -> Any:
    """The value that YAML or JSON text stands for: decimals as Decimal, whole numbers as int.

    A number in an unusual notation (octal, sexagesimal, `.5`) stays text, for the document's own checks to refuse.

    Raises:
        DocumentTextError: bad syntax, a duplicate key, an alias, or nesting too deep.
    """
    if text.lstrip().startswith("{"):
        try:
            return json.loads(
                text, parse_float=_number, parse_int=_number, parse_constant=str, object_pairs_hook=_without_duplicates
            )
        except RecursionError:
            raise _too_deep("the text") from None
        except json.JSONDecodeError:
            pass  # YAML's flow style begins with a brace too; its reader tells what is wrong
    try:
        return yaml.load(text, Loader=_ExactLoader)  # noqa: S506 - derived from SafeLoader
    except yaml.MarkedYAMLError as error:
        what = error.problem or "bad YAML"
        raise DocumentTextError(f"{_place(error.problem_mark)}: {what}; correct the YAML there") from None
    except yaml.YAMLError as error:
        raise DocumentTextError(f"{' '.join(str(error).split())}; write plain UTF-8 YAML") from None


def _number(text: str) -> int | Decimal | str:
    if _WHOLE.fullmatch(text):
        return int(text)
    return Decimal(text) if _DECIMAL.fullmatch(text) else text


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise DocumentTextError(f"{key} is written twice; keep one of them")
        found[key] = value
    return found


def _place(mark: yaml.Mark | None) -> str:
    return "the text" if mark is None else f"line {mark.line + 1}, column {mark.column + 1}"


def _too_deep(place: str) -> DocumentTextError:
    return DocumentTextError(
        f"{place}: nested more than {_MAX_DEPTH} levels deep; write the fields of the document only"
    )


class _ExactLoader(yaml.SafeLoader):
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        place = _place(event.start_mark)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise DocumentTextError(f"{place}: anchors and aliases are not allowed; write the value out")
        if self.depth > _MAX_DEPTH:
            raise _too_deep(place)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = set()
        for key_node, _ in node.value:
            place = _place(key_node.start_mark)
            if not isinstance(key_node, yaml.ScalarNode):
                raise DocumentTextError(f"{place}: a field's name must be text; write name: value")
            if key_node.value in keys:
                raise DocumentTextError(f"{place}: {key_node.value} is written twice; keep one of them")
            keys.add(key_node.value)
        return super().construct_mapping(node, deep=deep)

    def construct_plain_number(self, node: yaml.ScalarNode) -> int | Decimal | str:
        return _number(str(self.construct_scalar(node)))

    def construct_text(self, node: yaml.ScalarNode) -> str:
        return str(self.construct_scalar(node))


_ExactLoader.add_constructor("tag:yaml.org,2002:int", _ExactLoader.construct_plain_number)
_ExactLoader.add_constructor("tag:yaml.org,2002:float", _ExactLoader.construct_plain_number)
_ExactLoader.add_constructor("tag:yaml.org,2002:timestamp", _ExactLoader.construct_text)

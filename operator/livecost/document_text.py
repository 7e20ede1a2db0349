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

from livecost.json_lines import json_lines

MAX_BYTES: Final = 1024 * 1024
_MAX_DEPTH: Final = 16
_WHOLE = re.compile(r"[+-]?(0|[1-9][0-9]{0,39})", re.ASCII)
_DECIMAL = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40}([eE][+-]?[0-9]{1,3})?|[eE][+-]?[0-9]{1,3})", re.ASCII)


class DocumentTextError(ValueError):
    """The text is not a document.

    Attributes:
        message: what is wrong and what to change.
        line: where, from 1; None for the text as a whole.
        column: where on the line, from 1; None for the line as a whole.
    """

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        self.message, self.line, self.column = message, line, column
        named = {"line": line, "column": column}
        place = ", ".join(f"{name} {at}" for name, at in named.items() if at is not None)
        super().__init__(f"{place}: {message}" if place else message)


def decode(text: str) -> Any:
    """The value that YAML or JSON text stands for: decimals as Decimal, whole numbers as int.

    A number in an unusual notation (octal, sexagesimal, `.5`) stays text, for the document's own checks to refuse.

    Raises:
        DocumentTextError: bad syntax, a duplicate key, an alias, or nesting too deep.
    """
    bad_json = None
    if text.lstrip().startswith(("{", "[")):
        try:
            return json.loads(
                text, parse_float=_number, parse_int=_number, parse_constant=str, object_pairs_hook=_without_duplicates
            )
        except RecursionError:
            raise _too_deep() from None
        except _WrittenTwice:
            raise _written_twice_in_json(text) from None
        except json.JSONDecodeError as error:
            bad_json = error  # YAML's flow style begins so too
    try:
        return yaml.load(text, Loader=_ExactLoader)  # noqa: S506 - derived from SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        # The reader that came further is the one the text was written for.
        if bad_json is not None and (mark is None or bad_json.pos > mark.index):
            what = f"{bad_json.msg}; correct the JSON there"
            raise DocumentTextError(what, bad_json.lineno, bad_json.colno) from None
        raise DocumentTextError(f"{error.problem or 'bad YAML'}; correct the YAML there", *_place(mark)) from None
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
            raise _WrittenTwice
        found[key] = value
    return found


class _WrittenTwice(Exception):
    """JSON's decoder tells no place; it is looked up after."""


def _written_twice_in_json(text: str) -> DocumentTextError:
    seen = set()
    for path, line in json_lines(text):
        if path in seen:
            return _written_twice(path.rpartition(".")[2], line)
        seen.add(path)
    raise AssertionError(text)  # only called for such a text


def _written_twice(key: str, line: int, column: int | None = None) -> DocumentTextError:
    return DocumentTextError(f"{key} is written twice; keep one of them", line, column)


def _place(mark: yaml.Mark | None) -> tuple[int, int] | tuple[()]:
    return () if mark is None else (mark.line + 1, mark.column + 1)


def _too_deep(*place: int) -> DocumentTextError:
    return DocumentTextError(
        f"nested more than {_MAX_DEPTH} levels deep; write the fields of the document only", *place
    )


class _ExactLoader(yaml.SafeLoader):
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        place = _place(event.start_mark)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise DocumentTextError("anchors and aliases are not allowed; write the value out", *place)
        if self.depth > _MAX_DEPTH:
            raise _too_deep(*place)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = set()
        for key_node, _ in node.value:
            place = key_node.start_mark.line + 1, key_node.start_mark.column + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise DocumentTextError("a field's name must be text; write name: value", *place)
            if key_node.value in keys:
                raise _written_twice(key_node.value, *place)
            keys.add(key_node.value)
        return super().construct_mapping(node, deep=deep)

    def construct_plain_number(self, node: yaml.ScalarNode) -> int | Decimal | str:
        return _number(str(self.construct_scalar(node)))

    def construct_text(self, node: yaml.ScalarNode) -> str:
        return str(self.construct_scalar(node))


_ExactLoader.add_constructor("tag:yaml.org,2002:int", _ExactLoader.construct_plain_number)
_ExactLoader.add_constructor("tag:yaml.org,2002:float", _ExactLoader.construct_plain_number)
_ExactLoader.add_constructor("tag:yaml.org,2002:timestamp", _ExactLoader.construct_text)

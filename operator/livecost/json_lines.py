"""On which line each field of a JSON text stands; the standard library's decoder does not tell."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_PART: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


@dataclass(slots=True)
class _Open:
    """An object or list that has begun; `index` is None in an object."""

    path: str
    index: int | None
    key: str | None = None


def json_lines(text: str) -> Iterator[tuple[str, int]]:
    """Dotted path and line, from 1, of every field and list entry of well-formed JSON, in the order of the text.

    A key that is written twice comes twice.
    """
    line, counted, stack = 1, 0, [_Open("", None, "")]
    for match in _PART.finditer(text):
        part, inside = match[0], stack[-1]
        line, counted = line + text.count("\n", counted, match.start()), match.start()
        if part in "}]":
            stack.pop()
        elif part == ",":
            inside.key = None
            inside.index = None if inside.index is None else inside.index + 1
        elif inside.index is None and inside.key is None:
            inside.key = field_path(inside.path, json.loads(part))
            yield inside.key, line
        elif part != ":":
            here = f"{inside.path}[{inside.index}]" if inside.index is not None else inside.key or ""
            if inside.index is not None or not here:
                yield here, line
            if part in "{[":
                stack.append(_Open(here, 0 if part == "[" else None))


def field_path(parent: str, name: str) -> str:
    """The dotted path of the field `name` of `parent`, which is empty for the document itself."""
    return f"{parent}.{name}" if parent else name

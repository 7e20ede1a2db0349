"""On which line of a document a field stands, for messages; computed only once there is something to refuse."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import yaml

from livecost.json_lines import field_path, json_lines

if TYPE_CHECKING:
    from collections.abc import Iterator


def field_line(text: str, field: str) -> int:
    """The line, from 1, of a field's key, or else of its nearest parent that is written.

    Args:
        text: a document that `livecost.document_text.decode` has read.
        field: dotted path such as `network.tiers[1].perGB`; what is no path stands for the document itself.
    """
    lines = dict(_lines(text))
    while field and field not in lines:
        field = field[: max(field.rfind("."), field.rfind("["), 0)]
    return lines.get(field, 1)


def _lines(text: str) -> Iterator[tuple[str, int]]:
    try:
        json.loads(text)
    except json.JSONDecodeError:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        return iter(()) if root is None else _yaml_lines("", root, root.start_mark.line + 1)
    return json_lines(text)


def _yaml_lines(path: str, node: yaml.Node, line: int) -> Iterator[tuple[str, int]]:
    yield path, line
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _yaml_lines(field_path(path, str(key.value)), value, key.start_mark.line + 1)
    elif isinstance(node, yaml.SequenceNode):
        for index, entry in enumerate(node.value):
            yield from _yaml_lines(f"{path}[{index}]", entry, entry.start_mark.line + 1)

"""The forms in which a command writes several tables under one heading each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from livecost.table_output import TABLE_FORMS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from livecost.table_output import Row


@dataclass(frozen=True, slots=True)
class Section:
    """One table.

    Attributes:
        name: its field in json and yaml.
        title: its heading for people.
        rows: all with the same columns; none is told as such.
    """

    name: str
    title: str
    rows: Sequence[Row]


def sections_text(output: str, head: Mapping[str, Any], sections: Sequence[Section], *, csv: str) -> str:
    """The tables in one of `TABLE_FORMS`.

    Args:
        output: the form.
        head: what json and yaml hold beside the tables.
        sections: the tables, in their order.
        csv: name of the only table that csv holds.
    """
    tables = {section.name: [dict(row) for row in section.rows] for section in sections}
    if output == "json":
        return json.dumps({**head, **tables}, indent=2) + "\n"
    if output == "yaml":
        import yaml  # noqa: PLC0415 - the other forms start faster without it

        return str(yaml.safe_dump({**head, **tables}, sort_keys=False, allow_unicode=True, width=120))
    if output == "csv":
        return TABLE_FORMS["csv"](tables[csv]) if tables[csv] else ""
    heading = "### {}\n\n" if output == "markdown" else "{}\n"
    return "\n".join(
        heading.format(section.title) + (TABLE_FORMS[output](section.rows) if section.rows else "none\n")
        for section in sections
    )

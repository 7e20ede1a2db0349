"""The forms in which a command writes a plain table: rows with the same named columns."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Row = Mapping[str, str | int | None]
    """Column name, with its unit, to a value: decimals as text, counts as numbers, unknown as None."""


def to_json(rows: Sequence[Row]) -> str:
    """A list of objects."""
    return json.dumps([dict(row) for row in rows], indent=2) + "\n"


def to_yaml(rows: Sequence[Row]) -> str:
    """The list of the JSON form."""
    import yaml  # noqa: PLC0415 - the other forms start faster without it

    return str(yaml.safe_dump([dict(row) for row in rows], sort_keys=False, allow_unicode=True, width=120))


def to_csv(rows: Sequence[Row]) -> str:
    """A header and one line for each row; unknown is empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def to_table(rows: Sequence[Row]) -> str:
    """A table for a terminal."""
    return _tabulated(rows, "simple")


def to_markdown(rows: Sequence[Row]) -> str:
    """The table of the terminal form in Markdown."""
    return _tabulated(rows, "github")


TABLE_FORMS: Final[Mapping[str, Callable[[Sequence[Row]], str]]] = {
    "table": to_table,
    "json": to_json,
    "yaml": to_yaml,
    "csv": to_csv,
    "markdown": to_markdown,
}


def _tabulated(rows: Sequence[Row], style: str) -> str:
    from tabulate import tabulate  # noqa: PLC0415 - the other forms start faster without it

    cells = [["unknown" if value is None else str(value) for value in row.values()] for row in rows]
    align = ["right" if all(_is_figure(row[at]) for row in cells) else "left" for at in range(len(rows[0]))]
    return tabulate(cells, list(rows[0]), tablefmt=style, colalign=align, disable_numparse=True) + "\n"


def _is_figure(text: str) -> bool:
    return text == "unknown" or text[:1].isdigit() or text[:1] == "-"

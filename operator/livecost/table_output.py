"""The forms in which a command writes a plain table: rows with the same named columns."""

from __future__ import annotations

import csv
import io
import json
import re
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
    """A table for a terminal; names of columns that are longer than what stands below take several lines."""
    widths = [max(len(_cell(row[name])) for row in rows) for name in rows[0]]
    return _tabulated(rows, "simple", [_folded(name, width) for name, width in zip(rows[0], widths, strict=True)])


def to_markdown(rows: Sequence[Row]) -> str:
    """The table of the terminal form in Markdown."""
    return _tabulated(rows, "github", list(rows[0]))


TABLE_FORMS: Final[Mapping[str, Callable[[Sequence[Row]], str]]] = {
    "table": to_table,
    "json": to_json,
    "yaml": to_yaml,
    "csv": to_csv,
    "markdown": to_markdown,
}


def _tabulated(rows: Sequence[Row], style: str, header: Sequence[str]) -> str:
    from tabulate import tabulate  # noqa: PLC0415 - the other forms start faster without it

    cells = [[_cell(value) for value in row.values()] for row in rows]
    align = ["right" if all(_is_figure(row[at]) for row in cells) else "left" for at in range(len(header))]
    return tabulate(cells, header, tablefmt=style, colalign=align, disable_numparse=True) + "\n"


def _cell(value: str | int | None) -> str:
    return "unknown" if value is None else str(value)


def _is_figure(text: str) -> bool:
    return text == "unknown" or text[:1].isdigit() or text[:1] == "-"


_NARROWEST: Final = 8
_WORDS: Final = re.compile(r"[A-Z]{2,}(?![a-z])|.[^A-Z.]*\.?")


def _folded(name: str, width: int) -> str:
    """`name` on lines that fit into `width` where its words do: pricePerMonthEUR is pricePer and MonthEUR in 8."""
    words = _WORDS.findall(name)
    widest = max(width, _NARROWEST, *map(len, words))
    lines = [""]
    for word in words:
        if len(lines[-1]) + len(word) > widest:
            lines.append("")
        lines[-1] += word
    return "\n".join(lines)

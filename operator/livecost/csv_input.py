"""Reads a CSV file row by row, so that every problem can name its row and column."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NoReturn

from costmodel import AssumptionsError, Problem
from costmodel.fields import shown
from livecost.command_input import read_text, refuse

MAX_CSV_BYTES: Final = 64 * 1024 * 1024
MAX_CSV_ROWS: Final = 200_000
MAX_CSV_PROBLEMS: Final = 50
"""Most problems that are told one by one."""

_WHOLE: Final = re.compile(r"[+-]?(0|[1-9][0-9]{0,39})", re.ASCII)
_WITH_COMMA: Final = re.compile(r"[+-]?[0-9.' ]*[0-9](,[0-9]+)+(\.[0-9]+)?", re.ASCII)
_OTHER_DELIMITERS: Final = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row below the header.

    Attributes:
        number: its number as a spreadsheet shows it: the header is row 1, and a row with line breaks is one row.
        cells: column, as the header writes it, to the text of its cell, trimmed; blank cells are left out.
    """

    number: int
    cells: Mapping[str, str]

    def place(self, column: str | None = None) -> str:
        """The row, or one cell of it, as a problem names it: "row 7, users"."""
        return f"row {self.number}" if column is None else f"row {self.number}, {column}"


@dataclass(frozen=True, slots=True)
class CsvTable:
    """A CSV file: the names of its columns, as written and each once, and its rows that are not blank."""

    columns: tuple[str, ...]
    rows: tuple[CsvRow, ...]


def read_csv_text(path: str, name: str) -> str:
    """The text of a CSV file, or of standard input for "-"; an unreadable or huge one is refused under `name`."""
    return read_text(path, name, MAX_CSV_BYTES, "split the file")


def parse_csv(text: str) -> CsvTable:
    """The rows of comma-separated text with a header (RFC 4180).

    Raises:
        AssumptionsError: nothing in it, another delimiter, a blank or repeated column, a row with too many cells,
            quotes that do not match, or more than `MAX_CSV_ROWS` rows; with every row to blame.
    """
    rows = enumerate(_records(text), start=1)
    header = next(((number, cells) for number, cells in rows if any(cells)), None)
    if header is None:
        raise AssumptionsError(
            [Problem("(file)", "is empty", "write a line with the names of the columns, and rows below it")]
        )
    columns = _columns(*header)
    found: list[CsvRow] = []
    problems: list[Problem] = []
    for number, cells in rows:
        if not any(cells):
            continue
        if any(cells[len(columns) :]):
            message = f"has {len(cells)} cells under {len(columns)} columns"
            problems.append(Problem(f"row {number}", message, "put quotes around a cell that contains a comma"))
            continue
        found.append(CsvRow(number, {column: cell for column, cell in zip(columns, cells, strict=False) if cell}))
        if len(found) > MAX_CSV_ROWS:
            raise AssumptionsError([Problem("(file)", f"has more than {MAX_CSV_ROWS:,} rows", "split the file")])
    if problems:
        raise AssumptionsError(problems)
    return CsvTable(columns, tuple(found))


def csv_number(text: str) -> int | str:
    """The text of a number's cell as documents take it: a whole number, or text that is checked later.

    Raises:
        ValueError: it has a comma; the message says so and what to write.
    """
    if _WITH_COMMA.fullmatch(text):
        raise ValueError(
            f"{shown(text)} has a comma; write a decimal point and no thousands separators, such as 1.5 or 1000"
        )
    return int(text) if _WHOLE.fullmatch(text) else text


def refuse_all(name: str, problems: Iterable[object]) -> NoReturn:
    """End with code 2 and a line for each of the first `MAX_CSV_PROBLEMS` problems, and one that counts the rest."""
    told = list(problems)
    rest = len(told) - MAX_CSV_PROBLEMS
    more = [f"and {rest:,} more problems; correct these first"] if rest > 0 else []
    refuse(name, [*told[:MAX_CSV_PROBLEMS], *more])


def _records(text: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            yield [cell.strip() for cell in cells]
    except csv.Error as error:
        remedy = "close the quotes, and double those inside a cell"
        raise AssumptionsError([Problem(f"line {reader.line_num}", f"is not CSV ({error})", remedy)]) from None


def _columns(number: int, cells: list[str]) -> tuple[str, ...]:
    if len(cells) == 1:
        for delimiter, name in _OTHER_DELIMITERS.items():
            if delimiter in cells[0]:
                problem = Problem("header", f"is delimited by {name}", "save the file with commas between its cells")
                raise AssumptionsError([problem])
    while cells and not cells[-1]:
        cells.pop()
    problems: list[Problem] = []
    for index, column in enumerate(cells):
        if not column:
            problems.append(Problem("header", f"column {index + 1} has no name", "name the column or delete it"))
        elif column in cells[:index]:
            problems.append(Problem("header", f"{shown(column)} is there twice", "keep one of the columns"))
    if problems:
        raise AssumptionsError(problems)
    return tuple(cells)

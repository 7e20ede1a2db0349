"""Reads the points of a load test from a CSV file (the columns are in docs/calibration.md)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from costmodel import AssumptionsError, Problem
from costmodel.calibration import Point
from livecost.command_input import refuse
from livecost.csv_input import parse_csv, read_csv_text, refuse_all
from livecost.load_test_points import LOAD, USAGE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from costmodel.servers import Resource
    from livecost.csv_input import CsvRow, CsvTable
    from livecost.load_test_points import LoadKind, Quantity, ResourcePoints

_ROOM_SIZE: Final = "roomSize"
_USAGE_COLUMNS: Final[Mapping[str, tuple[Resource, Decimal]]] = {
    "cpuPercent": ("cpu", Decimal(1)),
    "memoryBytes": ("memory", Decimal(1)),
    "memoryMiB": ("memory", Decimal(1024**2)),
    "bytesPerSecond": ("network", Decimal(1)),
}
"""Column to its resource and what one unit of it is in percent, bytes or bytes per second."""


def read_load_test(path: str, load: LoadKind) -> ResourcePoints:
    """The points of each resource that the file has a column for; bad input ends the command with code 2.

    Args:
        path: the file, or "-" for standard input.
        load: the column of the load.
    """
    name = "standard input" if path == "-" else path
    try:
        table = parse_csv(read_csv_text(path, name))
    except AssumptionsError as error:
        refuse_all(name, error.problems)
    problems = _column_problems(table, load)
    if problems:
        refuse(name, problems)
    points: dict[Resource, list[Point]] = {}
    for row in table.rows:
        loaded = _cell(row, load, LOAD, problems)
        if load not in row.cells:
            problems.append(Problem(row.place(load), "is missing", "write the number on the node"))
        for column, (resource, unit) in _USAGE_COLUMNS.items():
            used = _cell(row, column, USAGE[resource], problems)
            if loaded is not None and used is not None:
                points.setdefault(resource, []).append(Point(loaded, used * unit))
    problems += _room_size_problems(table)
    if problems:
        refuse_all(name, problems)
    return points


def _cell(row: CsvRow, column: str, quantity: Quantity, problems: list[Problem]) -> Decimal | None:
    text = row.cells.get(column)
    if text is None:
        return None
    try:
        return quantity.read(text)
    except ValueError as error:
        message, _, remedy = str(error).partition("; ")
        problems.append(Problem(row.place(column), message, remedy))
        return None


def _column_problems(table: CsvTable, load: LoadKind) -> list[Problem]:
    problems = []
    usage = [column for column in _USAGE_COLUMNS if column in table.columns]
    known = ", ".join(_USAGE_COLUMNS)
    if load not in table.columns:
        problems.append(Problem(load, "the header has no such column", f"name the column of the load {load}"))
    if not usage:
        problems.append(Problem("header", "names nothing that was measured", f"write at least one of {known}"))
    if {"memoryBytes", "memoryMiB"} <= {*usage}:
        problems.append(Problem("memoryMiB", "is written beside memoryBytes", "keep one of the two columns"))
    return problems


def _room_size_problems(table: CsvTable) -> list[Problem]:
    sizes = sorted({row.cells[_ROOM_SIZE] for row in table.rows if _ROOM_SIZE in row.cells})
    if len(sizes) < 2:
        return []
    message = f"rooms of different size are mixed ({', '.join(sizes)}), which load a node differently"
    return [Problem(_ROOM_SIZE, message, "keep the rows of one room size, and calibrate each size by itself")]

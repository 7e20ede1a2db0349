"""Reads customers from the rows of a CSV file."""

from __future__ import annotations

from typing import Any

from costmodel import AssumptionsError, Problem, parse_document
from costmodel.field_paths import nested
from livecost.csv_input import CsvRow, CsvTable
from livecost.fleet_columns import NAME, PROFILE, USERS, column_fields, read_cell
from livecost.fleet_entries import Fleet, FleetEntry, name_problem, placed
from livecost.models import DEFAULT_PROFILE


def read_fleet_rows(table: CsvTable) -> Fleet:
    """A customer of each row; a blank cell states nothing.

    Raises:
        AssumptionsError: the header is wrong.
    """
    fields = column_fields(table.columns)
    written = {field: column for column, field in fields.items()}
    fleet = Fleet()
    for row in table.rows:
        try:
            fleet.entries.append(_entry(row, fields, written))
        except AssumptionsError as error:
            fleet.problems += error.problems
    return fleet


def _entry(row: CsvRow, fields: dict[str, str], written: dict[str, str]) -> FleetEntry:
    own = {fields[column]: text for column, text in row.cells.items() if fields[column] in {NAME, PROFILE}}
    name = own.get(NAME, "")
    unnamed = name_problem(row.place(written[NAME]), name)
    problems = [] if unnamed is None else [unnamed]
    values: dict[str, Any] = {}
    for column, text in row.cells.items():
        if fields[column] in own:
            continue
        try:
            values[fields[column]] = read_cell(fields[column], text)
        except ValueError as error:
            message, _, remedy = str(error).partition("; ")
            problems.append(Problem(row.place(column), message, remedy))
    if written[USERS] not in row.cells:
        problems.append(Problem(row.place(written[USERS]), "is missing", "write the number of users"))
    try:
        document = parse_document(nested(values))
    except AssumptionsError as error:
        problems += placed(error.problems, row.place(), written)
    if problems:
        raise AssumptionsError(problems)
    return FleetEntry(row.place(), name, values[USERS], own.get(PROFILE, DEFAULT_PROFILE), (document,), written)

"""Reading a CSV file so that problems can name rows and columns."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import AssumptionsError
from livecost import csv_input
from livecost.csv_input import csv_number, parse_csv


def refused(text):
    with pytest.raises(AssumptionsError) as caught:
        parse_csv(text)
    return list(map(str, caught.value.problems))


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6).map(str.strip)


@given(rows=st.lists(st.tuples(CELLS, CELLS), max_size=5))
def test_what_a_csv_writer_wrote_is_read_back_cell_by_cell(rows):
    text = io.StringIO()
    csv.writer(text).writerows([("a", "b"), *rows])

    assert [(row.cells.get("a", ""), row.cells.get("b", "")) for row in parse_csv(text.getvalue()).rows] == [
        row for row in rows if any(row)
    ]


def test_a_row_has_the_number_that_a_spreadsheet_shows():
    """Blank rows count, and a row with a line break in a cell is one row."""
    table = parse_csv('\nname,users\n\n"st\nmarys",1\n,,\nmetro,2\n')

    assert table.columns == ("name", "users")
    assert [(row.number, row.cells["users"]) for row in table.rows] == [(4, "1"), (6, "2")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "(file): is empty"),
        ("\n , \n", "(file): is empty"),
        ("name;users\na;1\n", "header: is delimited by semicolons; save the file with commas"),
        ("name\tusers\na\t1\n", "header: is delimited by tabs"),
        ("name,users,name\n", "header: 'name' is there twice"),
        ("name,,users\n", "header: column 2 has no name"),
        ('name,users\n"a,1\n', "is not CSV (unexpected end of data); close the quotes"),
        ('name,users\n"a"b,1\n', "line 2: is not CSV"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_the_remedy(text, message):
    [problem] = refused(text)

    assert message in problem


def test_every_row_with_too_many_cells_is_told():
    assert [line[:5] for line in refused("name,users\na,1,5\nb,2\nc,3,5\n")] == ["row 2", "row 4"]


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr(csv_input, "MAX_CSV_ROWS", 2)

    assert refused("name\na\nb\nc\n") == ["(file): has more than 2 rows; split the file"]


@pytest.mark.parametrize("text", ["1,5", "1,000", "1.000,50", "-3,2", "1,000.5"])
def test_a_number_with_a_comma_is_refused(text):
    with pytest.raises(ValueError, match="has a comma; write a decimal point"):
        csv_number(text)


@pytest.mark.parametrize(("text", "value"), [("12", 12), ("-3", -3), ("1.50", "1.50"), ("007", "007"), ("x", "x")])
def test_whole_numbers_are_numbers_and_the_rest_is_left_to_the_field(text, value):
    assert csv_number(text) == value

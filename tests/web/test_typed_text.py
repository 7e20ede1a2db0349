"""What people type is read as they mean it, or refused with what to write instead."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import AssumptionsError, parse_document
from costmodel.field_paths import numeric_fields
from livecost.web.typed_text import document_of, typed

FIELDS = list(numeric_fields().values())


def problem(path: str, text: str) -> str:
    with pytest.raises(AssumptionsError) as refused:
        document_of({path: text})
    [found] = refused.value.problems
    assert found.field == path
    return f"{found.message}; {found.remedy}"


@pytest.mark.parametrize(
    ("path", "text", "remedy"),
    [
        ("demand.users", "1,000", "write 1000 without it"),
        ("demand.users", "1.000", "write 1000 without it"),
        ("license.annual", "35,000", "write 35000 without it"),
        ("license.annual", "1.000,5", "write 1000.5 without it"),
        ("license.annual", "1,234,567.25", "write 1234567.25 without it"),
        ("license.annual", "35\u202f000", "write 35000 without it"),
        ("network.mediaMbps", "1,2", "write 1.2 with a decimal point"),
        ("demand.users", "", "reset the field"),
        ("demand.users", "many", "a whole number such as 4"),
        ("network.mediaMbps", "NaN", "a number such as 2"),
        ("demand.users", "-1", "at least 0"),
        ("demand.peakConcurrencyPercent", "101", "from 0 to 100"),
        ("network.tiers", "cheap up to", "0.09 up to 10240 GB, 0.05"),
        ("cloud", "ibm", "azure"),
        ("demand.schedule", "{", "line 1, column 2"),
    ],
)
def test_a_slip_is_told_with_what_to_write(path, text, remedy):
    assert remedy in problem(path, text)


def test_every_bad_field_is_told():
    with pytest.raises(AssumptionsError) as refused:
        document_of({"demand.users": "1,000", "network.mediaMbps": "x", "license.annual": "-5", "nodes.moon": "1"})

    assert {each.field for each in refused.value.problems} == {
        "demand.users", "network.mediaMbps", "license.annual", "nodes.moon"
    }  # fmt: skip


def test_price_tiers_are_read_as_they_are_shown():
    document = document_of({"network.tiers": "0.09 up to 10240 GB, 0.085 up to 51200, 0.07"})

    assert typed(document) == {"network.tiers": "0.09 up to 10240 GB, 0.085 up to 51200 GB, 0.07"}


@given(st.sampled_from(FIELDS), st.integers(0, 10**6), st.integers(0, 8))
def test_a_number_comes_back_as_it_was_typed(field, digits, places):
    """Reading and showing an accepted number changes no digit."""
    number = Decimal(digits) if field.whole else Decimal(digits).scaleb(-places)
    text = format(number, "f")
    try:
        document = document_of({field.path: text})
    except AssumptionsError:
        return

    [(path, shown)] = typed(document).items()
    assert (path, Decimal(shown)) == (field.path, number)


@given(st.dictionaries(st.text(max_size=30), st.text(max_size=30), max_size=5))
def test_no_text_breaks_the_reader(fields):
    with suppress(AssumptionsError):
        document = document_of(fields)
        assert document == parse_document(document.model_dump(by_alias=True))

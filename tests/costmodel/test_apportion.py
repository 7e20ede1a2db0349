"""Parts rounded to cents add up to the total that is shown."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import cents
from costmodel.apportion import apportioned

amounts = st.decimals(-10_000, 10_000, places=5)
totals = st.decimals(-10_000, 10_000, places=2)


@given(parts=st.lists(amounts, min_size=1, max_size=30), total=totals)
def test_the_parts_add_up_to_any_total(parts, total):
    assert sum(apportioned(parts, total)) == total


@given(parts=st.lists(amounts, min_size=1, max_size=30))
def test_no_part_moves_by_a_cent_when_the_total_is_their_own(parts):
    shares = apportioned(parts, cents(sum(parts)))

    assert sum(shares) == cents(sum(parts))
    assert all(abs(share - part) <= Decimal("0.01") for share, part in zip(shares, parts, strict=True))
    assert all(share == 0 for share, part in zip(shares, parts, strict=True) if part == 0) or not any(parts)
    assert not any(str(share).startswith("-0.00") for share in shares)


@given(parts=st.lists(amounts.map(cents), min_size=1, max_size=30))
def test_whole_cents_stay_as_they_are(parts):
    assert apportioned(parts, sum(parts)) == parts


def test_the_missing_cent_goes_to_the_largest_remainder():
    third = Decimal("0.333")

    assert apportioned([third, Decimal("0.334"), third], Decimal("1.00")) == [
        Decimal("0.33"),
        Decimal("0.34"),
        Decimal("0.33"),
    ]


def test_nothing_takes_no_total():
    assert apportioned([], Decimal(0)) == []
    with pytest.raises(ValueError, match=r"nothing to apportion 1\.00 to"):
        apportioned([], Decimal("1.00"))

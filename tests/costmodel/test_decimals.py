"""Reading, rounding and printing numbers."""

from decimal import Decimal, Inexact
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import cents, parse_decimal, percent_of, plain, round_half_up
from costmodel.decimals import exact


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (1.2, "1.2"),
        (0.07, "0.07"),
        ("0.24", "0.24"),
        (3, "3"),
        (1e-05, "0.00001"),
        ("-0", "0"),
        (Decimal("7.5"), "7.5"),
    ],
)
def test_a_scalar_is_taken_for_exactly_what_it_says(value, number):
    assert parse_decimal(value) == Decimal(number)


def test_zeros_at_the_end_are_no_decimals():
    assert parse_decimal("0.1000000000000") == Decimal("0.1")


@pytest.mark.parametrize(
    "value",
    [True, None, [], "", " 1 ", "12,5", ".5", "1.", "0x1f", "1_000", "one", "nan", "Infinity", "٣"],
)
def test_what_is_not_a_plain_number_is_refused(value):
    with pytest.raises(ValueError, match="is not a"):
        parse_decimal(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), Decimal("-Infinity"), Decimal("sNaN")])
def test_what_is_not_finite_is_refused(value):
    with pytest.raises(ValueError, match="is not a"):
        parse_decimal(value)


@pytest.mark.parametrize("value", ["0.123456789", "1e-9", Decimal("1E-999999")])
def test_more_than_eight_decimals_are_refused(value):
    with pytest.raises(ValueError, match="has more than 8 decimals"):
        parse_decimal(value)


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [("0.005", "0.01"), ("0.00499999", "0.00"), ("-0.005", "-0.01"), ("-0.001", "0.00"), ("1", "1.00")],
)
def test_cents_round_half_up(amount, rounded):
    assert str(cents(Decimal(amount))) == rounded


def test_a_percentage_is_rounded_once():
    """0.4449 % is 0.445 at three places, which would round on to 0.45; it is nearer to 0.44."""
    assert percent_of(Decimal("0.4449"), Decimal(100)) == Decimal("0.44")


def test_a_percentage_of_nothing_is_unknown():
    assert percent_of(Decimal(5), Decimal(0)) is None


@given(part=st.decimals(-(10**9), 10**9, places=4), whole=st.decimals(1, 10**9, places=4), places=st.integers(0, 4))
def test_a_percentage_is_the_nearest_one(part, whole, places):
    percent = percent_of(part, whole, places)
    true = Fraction(part) / Fraction(whole) * 100

    assert abs(Fraction(percent) - true) <= Fraction(1, 2 * 10**places)
    assert percent == round_half_up(percent, places)


@given(part=st.decimals(-(10**9), 10**9, places=4), whole=st.decimals(1, 10**9, places=4))
def test_the_sign_of_a_percentage_is_the_sign_of_the_quotient(part, whole):
    assert percent_of(-part, whole) == -percent_of(part, whole)
    assert percent_of(part, -whole) == -percent_of(part, whole)


@pytest.mark.parametrize(
    ("number", "text"),
    [("4860.000", "4860"), ("0.50", "0.5"), ("1E+3", "1000"), ("-0.00", "0"), ("0.00000001", "0.00000001")],
)
def test_plain_text_has_no_exponent_and_no_idle_zeros(number, text):
    assert plain(Decimal(number)) == text


def test_arithmetic_that_would_have_to_round_is_an_error():
    @exact
    def third():
        return Decimal(1) / Decimal(3)

    with pytest.raises(Inexact):
        third()

"""Showing an estimate in another currency."""

from dataclasses import replace
from datetime import date
from decimal import Decimal, localcontext

from hypothesis import given
from hypothesis import strategies as st

from costmodel import Rate, cents, estimate, estimate_to_json, in_currency, resolve

DAY = date(2026, 8, 14)


def test_the_worked_example_in_euro():
    """1,036.60 USD / 1.1567 = 896.17 EUR."""
    shown = estimate_to_json(in_currency(estimate(resolve()), Rate("EUR", Decimal("1.1567"), DAY)))

    assert (shown["currency"], shown["monthly"]["total"]) == ("EUR", "896.17")
    assert shown["license"]["grossMarginPercent"] == "64.46"
    assert shown["conversion"] == {"rate": "1.1567", "date": "2026-08-14"}


def test_an_estimate_as_priced_names_no_conversion():
    assert "conversion" not in estimate_to_json(estimate(resolve()))


def test_half_a_cent_still_rounds_up():
    """0.035 / 7 is 0.005, although 1/7 has no end in decimals."""
    priced = replace(estimate(resolve()), monthly_total=Decimal("0.035"))

    assert cents(in_currency(priced, Rate("EUR", Decimal(7), DAY)).monthly_total) == Decimal("0.01")


@given(price=st.decimals("0.0001", 1000, places=4))
def test_to_another_currency_and_back_is_the_same_to_the_cent(price):
    priced = estimate(resolve())
    back = in_currency(in_currency(priced, Rate("XXX", price, DAY)), Rate("USD", 1 / price, DAY))

    assert {item: cents(cost) for item, cost in back.monthly.items()} == {
        item: cents(cost) for item, cost in priced.monthly.items()
    }
    assert (cents(back.annual), cents(back.gross_margin)) == (cents(priced.annual), cents(priced.gross_margin))


@given(price=st.decimals("0.0001", 1000, places=4))
def test_amounts_still_add_up_and_shares_stay(price):
    priced = estimate(resolve())
    shown = in_currency(priced, Rate("XXX", price, DAY))

    with localcontext(prec=100):
        assert sum(shown.monthly.values()) == shown.monthly_total
        assert shown.license_annual - shown.annual == shown.gross_margin
        assert shown.gross_margin_percent == priced.gross_margin_percent
        assert abs(shown.monthly_total * price - priced.monthly_total) < Decimal("1e-15")

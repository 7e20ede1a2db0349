"""Totals of unlike customers."""

from dataclasses import replace
from datetime import date
from decimal import Decimal, localcontext

from hypothesis import given
from hypothesis import strategies as st

from costmodel import Rate, estimate, in_currency, parse_document, resolve
from costmodel.fleet import FleetCustomer, fleet_totals


def customer(name, cloud="custom", currency="USD", **license_and_demand):
    found = estimate(resolve(parse_document(license_and_demand)))
    return FleetCustomer(name, cloud, None, 1000, currency, replace(found, currency=currency))


@st.composite
def fleets(draw):
    return [
        customer(
            str(index),
            draw(st.sampled_from(["azure", "aws", "hetzner"])),
            draw(st.sampled_from(["USD", "EUR"])),
            license={"annual": draw(st.decimals(0, 50_000, places=2))},
            demand={"concurrency": draw(st.integers(0, 3000))},
        )
        for index in range(draw(st.integers(1, 6)))
    ]


@given(fleet=fleets())
def test_every_customer_is_counted_once_by_cloud_and_once_by_currency(fleet):
    totals = fleet_totals(fleet)
    clouds, alls = [each for each in totals if each.cloud], [each for each in totals if not each.cloud]

    with localcontext(prec=100):
        for currency in {each.priced_in for each in fleet}:
            [whole] = [each for each in alls if each.currency == currency]
            parts = [each for each in clouds if each.currency == currency]
            own = [each.estimate for each in fleet if each.priced_in == currency]
            assert whole.monthly == sum(each.monthly for each in parts) == sum(each.monthly_total for each in own)
            assert whole.customers == sum(each.customers for each in parts) == len(own)
            assert whole.livekit_nodes == sum(each.livekit.nodes for each in own)
            assert whole.gross_margin == whole.license_annual - whole.annual
            assert whole.annual == 12 * whole.monthly


def test_a_fleet_of_equal_customers_is_the_fleet_projection():
    """25 x the worked example: 310,980 infra, 875,000 revenue, 564,020 margin."""
    [_, total] = fleet_totals([customer(str(index)) for index in range(25)])

    assert (total.annual, total.license_annual, total.gross_margin) == (310980, 875000, 564020)
    assert total.gross_margin_percent == Decimal("64.46")


def test_unrounded_figures_are_added_up():
    """Three times a third of a cent is a cent, though each third rounds to nothing."""
    rate = Rate("EUR", Decimal(3), date(2026, 8, 14))
    priced = customer("a")
    third = replace(priced, estimate=in_currency(replace(priced.estimate, monthly_total=Decimal("0.01")), rate))

    assert round(fleet_totals([third] * 3)[-1].monthly, 6) == Decimal("0.01")


def test_a_total_without_licenses_has_no_margin_percent():
    total = fleet_totals([customer("a", license={"annual": 0})])[-1]

    assert (total.gross_margin_percent, total.losing_money) == (None, 1)

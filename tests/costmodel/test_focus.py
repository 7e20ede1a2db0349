"""FOCUS rows."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from costmodel.charges import Charge
from costmodel.focus import FocusSubject, focus_row

CHARGE = Charge(
    "livekit", "2 nodes", Decimal(1460), "Hours", Decimal("0.24"), Decimal(1460), "Hours", "Standard_F4s_v2"
)
SUBJECT = FocusSubject("st-marys", "azure", "eastus", "USD", date(2026, 2, 1), "projected")

# The columns that FOCUS 1.2 has in every dataset, with those of its kind of charge that may not be null.
NEVER_NULL = [
    "BilledCost",
    "BillingAccountId",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeDescription",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "ContractedCost",
    "EffectiveCost",
    "InvoiceIssuerName",
    "ListCost",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "ServiceCategory",
    "ServiceName",
    "ServiceSubcategory",
]


def test_mandatory_columns_are_there_and_have_values():
    row = focus_row(CHARGE, SUBJECT)

    assert [column for column in NEVER_NULL if row[column] is None] == []
    assert "ChargeClass" in row


def test_own_columns_come_last_and_are_marked():
    columns = list(focus_row(CHARGE, SUBJECT))
    own = [column for column in columns if column.startswith("x_")]

    assert columns[-len(own) :] == own
    assert columns[: -len(own)] == sorted(columns[: -len(own)])


def test_every_cost_is_the_quantity_times_its_unit_price():
    """1,460 hours x 0.24 = 350.40."""
    row = focus_row(CHARGE, SUBJECT)

    assert row["PricingQuantity"] * row["ListUnitPrice"] == row["ListCost"] == Decimal("350.40")
    assert row["PricingQuantity"] * row["ContractedUnitPrice"] == row["ContractedCost"]
    assert row["BilledCost"] == row["EffectiveCost"] == row["ListCost"]


def test_the_customer_is_the_sub_account_and_a_tag():
    row = focus_row(CHARGE, SUBJECT)

    assert (row["SubAccountId"], row["ResourceId"]) == ("st-marys", "st-marys/livekit")
    assert json.loads(row["Tags"]) == {"customer": "st-marys"}


@pytest.mark.parametrize("kind", ["projected", "observed"])
def test_a_row_says_whether_it_is_projected_or_observed(kind):
    row = focus_row(CHARGE, replace(SUBJECT, kind=kind))

    assert (row["x_CostKind"], row["BillingAccountId"]) == (kind, f"livecost-{kind}")


@pytest.mark.parametrize(
    ("month", "end"), [(date(2026, 2, 1), "2026-03-01T00:00:00Z"), (date(2026, 12, 1), "2027-01-01T00:00:00Z")]
)
def test_periods_end_where_the_next_month_begins(month, end):
    row = focus_row(CHARGE, replace(SUBJECT, month=month))

    assert row["BillingPeriodStart"] == row["ChargePeriodStart"] == f"{month}T00:00:00Z"
    assert row["BillingPeriodEnd"] == row["ChargePeriodEnd"] == end


def test_what_is_not_known_is_null():
    row = focus_row(replace(CHARGE, sku=None), replace(SUBJECT, cloud="custom", region=None))

    assert (row["RegionId"], row["SkuId"], row["ProviderName"]) == (None, None, "custom")

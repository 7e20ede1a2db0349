"""`livecost export focus`: the rows add up to the status, whatever it holds."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from livecost import export_command
from livecost.customer_focus import customer_rows
from livecost.customer_reading import Live
from livecost.export_command import export
from tests.livecost.live_customers import live_customer, measured

MARCH = date(2026, 3, 1)
AMOUNTS = st.decimals(0, 10_000, places=2)


def total(rows, kind):
    return sum((row["BilledCost"] for row in rows if row["x_CostKind"] == kind), Decimal(0))


def test_projected_charges_come_with_quantity_and_price_and_add_up():
    live, plan = live_customer()
    rows = list(customer_rows(live.customer, plan, MARCH))

    assert (
        total(rows, "projected") == Decimal("1036.60") == Decimal(live.customer.status["cost"]["projected"]["monthly"])
    )
    (livekit,) = [row for row in rows if row["x_LineItem"] == "livekit"]
    assert (livekit["PricingQuantity"], livekit["PricingUnit"], livekit["ListUnitPrice"]) == (
        730,
        "Hours",
        Decimal("0.24"),
    )
    assert {row["x_CostKind"] for row in rows} == {"projected"}, "what nobody observed has no rows"


def test_a_plan_that_the_status_does_not_speak_of_gives_way_to_its_line_items():
    live, _ = live_customer()
    _, other = live_customer(concurrency=900)
    for plan in (other, None):
        rows = list(customer_rows(live.customer, plan, MARCH))
        assert total(rows, "projected") == Decimal("1036.60")
        assert {row["PricingUnit"] for row in rows} == {"Months"}


@given(st.dictionaries(st.sampled_from(["livekit", "sim", "egress", "redis"]), AMOUNTS, min_size=1), st.integers(-3, 3))
def test_observed_rows_add_up_to_the_total_that_was_rounded_once(items, cents_off):
    """The items were each rounded by themselves; an adjustment makes up for it, and is there only where one is due."""
    live, plan = live_customer()
    amount = sum(items.values()) + Decimal(cents_off).scaleb(-2)
    live.customer.status["cost"]["observed"] = {
        "asOf": "2026-03-09T00:00:00Z",
        "sources": dict.fromkeys(items, "livekit"),
        "month": "2026-03",
        "monthToDate": str(amount),
        "monthToDateItems": {name: str(value) for name, value in items.items()},
        "monthToDateCoveragePercent": "98.2",
    }
    rows = [row for row in customer_rows(live.customer, plan, MARCH) if row["x_CostKind"] == "observed"]

    assert total(rows, "observed") == amount
    adjustments = [row["BilledCost"] for row in rows if row["ChargeCategory"] == "Adjustment"]
    assert adjustments == ([Decimal(cents_off).scaleb(-2)] if cents_off else [])
    assert {(row["x_Basis"], row["ChargePeriodEnd"], row["x_CoveragePercent"]) for row in rows} == {
        ("monthToDate", "2026-03-09T00:00:00Z", "98.2")
    }


@pytest.mark.parametrize(
    ("month", "basis"),
    [(MARCH, "monthToDate"), (date(2026, 2, 1), "lastMonth"), (date(2026, 1, 1), None), (date(2026, 4, 1), None)],
)
def test_only_a_month_that_the_status_has_is_observed(month, basis):
    live, plan = live_customer(observed=measured())
    live.customer.status["cost"]["observed"] |= {
        "month": "2026-03", "monthToDate": "3.00", "monthToDateItems": {"livekit": "3.00"},
        "monthToDateCoveragePercent": "99",
        "lastMonth": {"month": "2026-02", "total": "9.00", "coveragePercent": "97", "items": {"livekit": "9.00"},
                      "sources": {"livekit": "kube-state-metrics"}},
    }  # fmt: skip
    rows = [row for row in customer_rows(live.customer, plan, month) if row["x_CostKind"] == "observed"]

    assert {row["x_Basis"] for row in rows} == ({basis} if basis else set())
    assert {row["BillingPeriodStart"] for row in rows} <= {f"{month}T00:00:00Z"}


def test_the_run_rate_stands_in_only_while_no_month_is_known():
    live, plan = live_customer(observed=measured())
    rows = list(customer_rows(live.customer, plan, MARCH))

    assert total(rows, "observed") == Decimal(live.customer.status["cost"]["observed"]["monthlyRunRate"])
    assert {row["x_Basis"] for row in rows if row["x_CostKind"] == "observed"} == {"runRate"}
    assert {row["x_CostKind"] for row in customer_rows(live.customer, plan, date(2026, 2, 1))} == {"projected"}


def test_a_customer_without_a_price_is_told_and_one_without_a_profile_keeps_its_rows(monkeypatch):
    priced, _ = live_customer()
    unpriced, _ = live_customer()
    unpriced.customer.status = {}
    found = [(Live(priced.customer, None), "CostProfile gold does not exist"), (unpriced, None)]
    monkeypatch.setattr(export_command, "read_live", lambda *_: found)
    result = CliRunner().invoke(export, ["focus", "--month", "2026-03"])

    assert result.exit_code == 0, result.exception
    assert "only the line items of its status are written (CostProfile gold does not exist)" in result.stderr
    assert "is left out: its status has no cost yet" in result.stderr
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert sum(Decimal(row["BilledCost"]) for row in rows) == Decimal("1036.60")
    assert {row["ProviderName"] for row in rows} == {"unknown"}


@pytest.mark.parametrize("arguments", [["--month", "2026-13"], ["a", "-A"]])
def test_odd_options_are_refused(arguments):
    assert CliRunner().invoke(export, ["focus", *arguments]).exit_code == 2

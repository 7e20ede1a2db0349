"""`-o focus` of `livecost estimate` and `livecost fleet`."""

import csv
import io
import json
from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest
from click.testing import CliRunner

from costmodel import cents
from livecost.cli import main
from livecost.focus_output import focus_month

FLEET = """name,users,concurrency,cloud,demand.activeHoursPerMonth,nodes.livekit.sku
st-marys,1000,100,,,
"metro, east",6000,600,azure,300,
klinik,500,,hetzner,,CCX23
"""


def run(*arguments, text=None):
    return CliRunner().invoke(main, list(arguments), input=text)


def focus(*arguments, text=None):
    result = run(*arguments, "-o", "focus", text=text)
    assert result.exit_code == 0, result.stderr
    return list(csv.DictReader(io.StringIO(result.stdout)))


def test_the_rows_of_an_estimate_add_up_to_it():
    rows = focus("estimate", "--month", "2026-02", "--customer", "st-marys")

    assert sum(Decimal(row["BilledCost"]) for row in rows) == Decimal("1036.60")
    assert {(row["SubAccountName"], row["BillingPeriodStart"]) for row in rows} == {
        ("st-marys", "2026-02-01T00:00:00Z")
    }


def test_the_rows_of_each_customer_add_up_to_its_monthly_cost():
    totals = defaultdict(Decimal)
    for row in focus("fleet", "-f", "-", text=FLEET):
        assert Decimal(row["PricingQuantity"]) * Decimal(row["ListUnitPrice"]) == Decimal(row["ListCost"])
        totals[row["SubAccountId"], row["BillingCurrency"]] += Decimal(row["BilledCost"])
    customers = json.loads(run("fleet", "-f", "-", "-o", "json", text=FLEET).stdout)["customers"]

    assert {key: str(cents(total)) for key, total in totals.items()} == {
        (customer["name"], customer["currency"]): customer["monthly"] for customer in customers
    }


def test_the_region_of_a_catalog_price_is_the_catalogs_default():
    regions = {row["SubAccountId"]: row["RegionId"] for row in focus("fleet", "-f", "-", text=FLEET)}

    assert regions == {"st-marys": "", "metro, east": "eastus", "klinik": "fsn1"}


def test_the_current_month_is_meant_unless_one_is_named():
    assert focus_month("focus", None, None, date(2026, 11, 22)) == date(2026, 11, 1)
    assert focus_month("focus", date(2026, 2, 1), None, date(2026, 11, 22)) == date(2026, 2, 1)
    assert focus_month("json", None, "EUR", date(2026, 11, 22)) is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["estimate", "-o", "focus", "--month", "2026-13"], "'2026-13' is not a month"),
        (["peaks", "--month", "1999-12"], "'1999-12' is not a month; write one such as 2026-03"),
        (["estimate", "-o", "json", "--month", "2026-02"], "--month belongs to -o focus"),
        (["estimate", "-o", "focus", "--currency", "EUR"], "leave --currency out"),
        (["fleet", "-f", "-", "-o", "focus", "--by", "cloud"], "leave --by and --sort out"),
    ],
)
def test_options_that_do_not_go_together_are_refused(arguments, message):
    result = run(*arguments, text=FLEET)

    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_a_bad_row_leaves_no_row_written():
    result = run("fleet", "-f", "-", "-o", "focus", text=FLEET + "bad,x,,,,\n")

    assert (result.exit_code, result.stdout) == (2, "")

"""`livecost prices`, and the price options of `livecost estimate`, as a person at a terminal meets them."""

import csv
import io
import json

import pytest
import yaml
from click.testing import CliRunner

from livecost.cli import main

SHEET = """\
provider: azure
currency: USD
tax: net
defaultRegion: eastus
nodeTypes:
  - {sku: Standard_F4s_v2, regions: [eastus], vCPU: 4, memoryGB: 8, hourly: 0.10, source: our contract,
     date: 2026-10-01, known: first-hand}
adjustments: [{sku: Standard_D4s_v5, percent: -50}]
rates: [{currency: EUR, rate: 1.25, date: 2026-10-02, source: our bank}]
"""


@pytest.fixture
def run():
    def start(*arguments, text=None):
        return CliRunner().invoke(main, list(arguments), input=text)

    return start


@pytest.fixture
def sheet(tmp_path):
    path = tmp_path / "contract.yaml"
    path.write_text(SHEET, encoding="utf-8")
    return str(path)


def test_the_list_marks_second_hand_figures(run):
    lines = run("prices", "list", "--cloud", "hetzner").stdout.splitlines()

    assert [line for line in lines if "CX23 " in line and "second-hand" in line]
    assert [line for line in lines if "CCX33 " in line and "first-hand" in line]


def test_the_list_holds_every_cloud_in_every_form(run):
    records = json.loads(run("prices", "list", "-o", "json").stdout)

    assert {record["cloud"] for record in records} == {"azure", "gcp", "aws", "hetzner", "hetzner-document"}
    assert all(record["source"] and record["date"] for record in records)
    assert yaml.safe_load(run("prices", "list", "-o", "yaml").stdout) == records
    assert run("prices", "list", "-o", "markdown").stdout.startswith("| cloud ")


def test_csv_has_one_figure_in_each_cell_and_a_row_for_each_tier(run):
    records = json.loads(run("prices", "list", "-o", "json").stdout)
    rows = list(csv.DictReader(io.StringIO(run("prices", "list", "-o", "csv").stdout)))

    expected = [{**record, **tier} for record in records for tier in record.get("tiers", [{}])]
    assert [{name: text for name, text in row.items() if text} for row in rows] == [
        {name: str(value) for name, value in each.items() if name != "tiers"} for each in expected
    ]
    assert {row["perGB"] for row in rows if row["cloud"] == "aws" and row["item"] == "egress"} >= {"0.09", "0.085"}


def test_one_price_in_csv_is_its_line_of_the_list(run):
    listed = run("prices", "list", "--cloud", "azure", "-o", "csv").stdout.splitlines()
    shown = run("prices", "show", "azure/westeurope/Standard_F4s_v2", "-o", "csv").stdout.splitlines()

    assert shown[0] == listed[0]
    assert shown[1] in listed


def test_every_listed_price_can_be_shown(run):
    for record in json.loads(run("prices", "list", "--cloud", "gcp", "-o", "json").stdout):
        name = f"{record['cloud']}/{record['region']}/{record['item']}"
        assert json.loads(run("prices", "show", name, "-o", "json").stdout) == record


@pytest.mark.parametrize("form", ["table", "json", "yaml", "csv", "markdown"])
def test_a_price_is_shown_with_its_source(run, form):
    text = run("prices", "show", "azure/westeurope/Standard_F4s_v2", "-o", form).stdout

    assert "0.194" in text
    assert "Azure Retail Prices API" in text
    assert "2026-06-18" in text


def test_a_service_priced_in_another_region_says_so(run):
    record = json.loads(run("prices", "show", "aws/eu-central-1/redis", "-o", "json").stdout)

    assert (record["region"], record["known"]) == ("us-east-1", "second-hand")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("azure/eastus", "prices: azure/eastus: is not a price's name; write CLOUD/REGION/SKU"),
        ("azur/eastus/x", "prices: cloud: 'azur' has no price catalog; did you mean azure?"),
        ("azure/eastsu/x", "prices: region: 'eastsu' is not in the price catalog of azure; did you mean eastus"),
        (
            "azure/eastus/F4s_v2",
            "prices: sku: 'F4s_v2' is not in the price catalog of azure; did you mean Standard_F4s",
        ),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(run, name, line):
    result = run("prices", "show", name)

    assert result.exit_code == 2
    assert result.stderr.startswith(line)


def test_an_unknown_cloud_cannot_be_listed(run):
    assert "did you mean aws" in run("prices", "list", "--cloud", "awss").stderr


def test_a_sheet_of_ones_own_is_listed_and_prices(run, sheet):
    listed = json.loads(run("prices", "list", "--cloud", "azure", "--prices", sheet, "-o", "json").stdout)
    hourly = {
        record["item"]: record["hourly"] for record in listed if record["region"] == "eastus" and "vCPU" in record
    }
    document = "cloud: azure\nnodes: {livekit: {sku: Standard_F4s_v2}, sim: {sku: Standard_D4s_v5}}\n"
    result = run("estimate", "-f", "-", "--prices", sheet, "-o", "json", text=document)
    monthly = json.loads(result.stdout)["monthly"]

    assert (hourly["Standard_F4s_v2"], hourly["Standard_D4s_v5"]) == ("0.1", "0.096")
    assert (monthly["livekit"], monthly["sim"]) == ("73.00", "70.08")


def test_a_sheet_picks_its_cloud_where_no_document_states_one(run, sheet):
    arguments = ("estimate", "--prices", sheet, "--set", "nodes.livekit.sku=Standard_F4s_v2", "-o", "json")

    assert json.loads(run(*arguments).stdout)["monthly"]["controlPlane"] == "73.00"


def test_a_sheet_that_prices_another_cloud_than_the_documents_is_not_ignored(run, sheet):
    result = run("estimate", "--prices", sheet, "--set", "cloud=gcp")

    assert result.exit_code == 2
    assert result.stderr.startswith("--prices: provider: the sheet prices azure, but cloud is gcp; write cloud: azure")


def test_a_bad_sheet_is_refused_by_its_name(run, tmp_path):
    path = tmp_path / "sheet.yaml"
    path.write_text("provider: azure\n", encoding="utf-8")
    result = run("estimate", "--prices", str(path))

    assert result.exit_code == 2
    assert result.stderr.splitlines()[0] == f"{path}:1: currency: is missing; write this field"


def test_amounts_are_shown_in_another_currency_by_a_stated_rate(run):
    arguments = ("estimate", "--currency", "EUR", "--rate", "1.1567@2026-08-14")

    assert json.loads(run(*arguments, "-o", "json").stdout)["monthly"]["total"] == "896.17"
    for form in ("table", "markdown", "csv"):
        assert "Amounts at 1 EUR = 1.1567 USD of 2026-08-14" in run(*arguments, "-o", form).stdout


def test_the_rate_may_come_from_the_sheet(run, sheet):
    result = run("estimate", "--prices", sheet, "--currency", "EUR", "-o", "json")

    assert json.loads(result.stdout)["conversion"] == {"rate": "1.25", "date": "2026-10-02"}


def test_the_currency_of_the_prices_needs_no_rate(run):
    assert run("estimate", "--currency", "USD").stdout == run("estimate").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--currency", "EUR"], "--currency: currency: no rate from USD to EUR is known; write --rate"),
        (["--rate", "1@2026-01-01"], "--rate: rate: converts to no currency; also write --currency"),
        (["--currency", "euro", "--rate", "1@2026-01-01"], "--currency: currency: 'euro' is not a currency"),
        (["--currency", "EUR", "--rate", "0@2026-01-01"], "--rate: rate: 0 is out of range"),
        (["--currency", "EUR", "--rate", "NaN@2026-01-01"], "--rate: rate: 'NaN' is not a decimal number"),
        (["--currency", "EUR", "--rate", "1.2"], "--rate: date: '' is not a day"),
        (["--currency", "EUR", "--rate", "1.2@2026-02-30"], "--rate: date: '2026-02-30' is not a day"),
    ],
)
def test_a_currency_without_a_dated_rate_is_refused(run, arguments, words):
    result = run("estimate", *arguments)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(words)

"""`livecost fleet`: customers in, rows and totals out."""

import csv
import io
import json
from decimal import Decimal

import pytest
import yaml
from click.testing import CliRunner

from costmodel import estimate, estimate_to_json, parse_document, resolve
from livecost import fleet_file
from livecost.cli import main


@pytest.fixture
def run():
    def start(text, *arguments):
        return CliRunner().invoke(main, ["fleet", "-f", "-", *arguments], input=text)

    return start


@pytest.fixture
def rows(run):
    def start(text, *arguments):
        result = run(text, "-o", "json", *arguments)
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    return start


@pytest.fixture
def refused(run):
    """The lines on standard error of a refused fleet."""

    def start(text, *arguments):
        result = run(text, *arguments)
        assert (result.exit_code, result.stdout) == (2, ""), result.stdout
        return [line.removeprefix("standard input: ") for line in result.stderr.splitlines()]

    return start


def estimate_of(document):
    return estimate_to_json(estimate(resolve(parse_document(document))))


def figures(row):
    return {"total": row["monthly"], "annual": row["annual"], "margin": row["margin"], "users": row["peakUsers"]}


def expected(document):
    found = estimate_of(document)
    margin, users = found["license"]["grossMargin"], found["demand"]["peakUsers"]
    return {"total": found["monthly"]["total"], "annual": found["annual"], "margin": margin, "users": users}


CLOUDS = """name,users,concurrency,cloud,license,nodes.livekit.sku
st-marys,1000,100,,,
metro,6000,600,azure,90000,
klinik,500,,hetzner,4000,CCX23
"""


def test_the_worked_example_as_a_row(rows):
    """1,000 users at 10 %: 1,036.60 a month."""
    found = rows("name,users\nst-marys,1000\n")

    assert found["customers"] == [
        {
            "name": "st-marys",
            "cloud": "custom",
            "region": None,
            "currency": "USD",
            "users": 1000,
            "peakUsers": 100,
            "livekitNodes": 1,
            "simNodes": 1,
            "monthly": "1036.60",
            "annual": "12439.20",
            "license": "35000.00",
            "margin": "22560.80",
            "marginPercent": "64.46",
            "flags": "",
        }
    ]


def test_each_row_is_what_estimate_says_of_the_same_document(rows):
    found = rows(CLOUDS)["customers"]

    assert figures(found[1]) == expected(
        {"cloud": "azure", "demand": {"users": 6000, "concurrency": 600}, "license": {"annual": 90000}}
    )
    assert figures(found[2]) == expected(
        {
            "cloud": "hetzner",
            "demand": {"users": 500},
            "license": {"annual": 4000},
            "nodes": {"livekit": {"sku": "CCX23"}},
        }
    )


def test_totals_are_by_cloud_and_never_add_up_unlike_currencies(rows):
    found = rows(CLOUDS)
    totals = {(row["cloud"], row["currency"]): row for row in found["totals"]}
    dollars = [Decimal(row["monthly"]) for row in found["customers"] if row["currency"] == "USD"]

    assert list(totals) == [("azure", "USD"), ("custom", "USD"), ("hetzner", "EUR"), ("all", "EUR"), ("all", "USD")]
    assert Decimal(totals["all", "USD"]["monthly"]) == sum(dollars)
    assert totals["all", "USD"]["customers"] == 2
    assert totals["all", "EUR"]["monthly"] == found["customers"][2]["monthly"]


def test_a_stated_rate_makes_one_grand_total(rows):
    """1,036.60 USD / 1.1567 = 896.17 EUR."""
    found = rows(CLOUDS, "--currency", "EUR", "--rate", "USD=1.1567@2026-08-14")

    assert found["customers"][0]["monthly"] == "896.17"
    assert found["customers"][0]["rate"] == "1 EUR = 1.1567 USD of 2026-08-14"
    assert found["customers"][2]["rate"] == ""
    [total] = [row for row in found["totals"] if row["cloud"] == "all"]
    assert (total["currency"], total["customers"]) == ("EUR", 3)
    assert abs(Decimal(total["monthly"]) - sum(Decimal(row["monthly"]) for row in found["customers"])) < Decimal("0.02")


def test_the_price_sheet_may_hold_the_rate(rows, tmp_path):
    sheet = tmp_path / "sheet.yaml"
    sheet.write_text(
        "{provider: custom, currency: USD, tax: net, defaultRegion: x, "
        "rates: [{currency: EUR, rate: 1.1567, date: 2026-08-14, source: ECB}]}\n",
        encoding="utf-8",
    )
    found = rows("name,users\na,1000\n", "--prices", str(sheet), "--currency", "EUR")

    assert found["totals"][-1]["monthly"] == "896.17"
    assert found["totals"][-1]["rate"] == "1 EUR = 1.1567 USD of 2026-08-14"


@pytest.mark.parametrize("arguments", [["--by", "cloud", "--sort", "name"], ["--descending"], ["--profiles", "-"]])
def test_options_that_do_not_go_together_are_refused(run, arguments):
    result = run(CLOUDS, *arguments)

    assert (result.exit_code, result.stdout) == (2, "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--currency", "EUR"], "no rate from USD to EUR is known"),
        (["--rate", "USD=1.1@2026-08-14"], "also write --currency"),
        (["--currency", "EUR", "--rate", "GBP=1.1@2026-08-14"], "no customer is priced in GBP"),
        (["--currency", "EUR", "--rate", "1.1@2026-08-14"], "is not a rate"),
        (["--currency", "EUR", "--rate", "USD=1@2026-08-14", "--rate", "USD=2@2026-08-14"], "USD has two rates"),
    ],
)
def test_amounts_are_converted_by_a_stated_rate_only(refused, arguments, message):
    assert message in refused(CLOUDS, *arguments)[0]


def test_negative_margins_and_cut_pools_are_flagged(rows):
    found = rows("name,users,license,nodes.livekit.maxNodes\na,100000,1000,2\nb,10,,\n")

    assert [row["flags"] for row in found["customers"]] == ["negative margin; livekit cut to maxNodes", ""]
    assert found["totals"][-1]["negativeMargins"] == 1


def test_a_margin_without_license_is_unknown(rows):
    assert rows("name,users,license\na,10,0\n")["customers"][0]["marginPercent"] is None


def test_sorting_by_amount_and_the_order_of_the_file(rows):
    text = "name,users\nb,9000\na,100\nc,30000\n"

    assert [row["name"] for row in rows(text)["customers"]] == ["b", "a", "c"]
    assert [row["name"] for row in rows(text, "--sort", "monthly", "--descending")["customers"]] == ["c", "b", "a"]
    assert [row["name"] for row in rows(text, "--sort", "name")["customers"]] == ["a", "b", "c"]


def test_by_cloud_shows_the_totals_alone_in_every_form(run, rows):
    table = list(csv.DictReader(io.StringIO(run(CLOUDS, "--by", "cloud", "-o", "csv").stdout)))

    assert [row["cloud"] for row in table] == ["azure", "custom", "hetzner", "all", "all"]
    assert table[0]["monthly"] == rows(CLOUDS)["totals"][0]["monthly"]


def test_csv_holds_the_customers_alone_so_that_its_columns_can_be_added_up(run):
    table = list(csv.DictReader(io.StringIO(run(CLOUDS, "-o", "csv").stdout)))

    assert [row["name"] for row in table] == ["st-marys", "metro", "klinik"]


def test_yaml_says_the_same_as_json(run, rows):
    assert yaml.safe_load(run(CLOUDS, "-o", "yaml").stdout) == rows(CLOUDS)


def test_the_table_shows_customers_and_totals(run):
    text = run(CLOUDS).stdout

    assert "st-marys" in text
    assert "1036.60" in text
    assert "negative" in text


def test_a_row_wins_over_its_profile_and_a_profile_over_the_assumptions(rows, tmp_path):
    profiles, base = tmp_path / "profiles.yaml", tmp_path / "base.yaml"
    profiles.write_text("plan: {demand: {peakConcurrencyPercent: 50}, license: {annual: 2000}}\n", encoding="utf-8")
    base.write_text("{demand: {peakConcurrencyPercent: 20}, license: {annual: 1000}}\n", encoding="utf-8")
    text = "name,users,concurrency,profile,license\na,100,,,\nb,100,,plan,\nc,100,7,plan,3000\n"
    found = rows(text, "--profiles", str(profiles), "--assumptions", str(base))["customers"]

    assert [(row["peakUsers"], row["license"]) for row in found] == [(20, "1000.00"), (50, "2000.00"), (7, "3000.00")]


def test_capitals_blanks_and_a_byte_order_mark_do_not_matter(rows):
    found = rows("\ufeff Name , USERS ,capacity.wholeRooms\n st-marys , 1000 ,TRUE\n\n")

    assert (found["customers"][0]["name"], found["customers"][0]["monthly"]) == ("st-marys", "1036.60")


def test_a_cell_may_hold_tiers(rows):
    """4,860 GB x 0.05 are 243.00."""
    text = 'name,users,network.tiers\na,1000,"[{perGB: ""0.05""}]"\n'

    assert rows(text)["customers"][0]["monthly"] == "842.20"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,user\na,1\n", "header: 'user' is not a known column; did you mean users?"),
        ("name,users,nodes.livekit.skuu\n", "did you mean nodes.livekit.sku?"),
        ("name,users,zzzzzz\n", "write name, profile, users"),
        ("name,users,nodes.livekit\n", "write one of its fields, such as nodes.livekit.hourly"),
        ("name,users,fleet.customers\n", "each row is one customer"),
        ("name,users,demand.users\n", "users and demand.users mean the same field"),
        ("users\n1\n", "has no column name"),
        ("name\na\n", "has no column users"),
        ("name,users\n", "holds no customers"),
        ("name,users\na,1\na,2\n", "row 3, name: a is already in row 2"),
        ("name,users\n,1\n", "row 2, name: is missing"),
        ("name,users\na,\n", "row 2, users: is missing"),
        ('name,users,license\na,1,"1,5"\n', "row 2, license: '1,5' has a comma; write a decimal point"),
        ("name,users\na,x\n", "row 2, users: 'x' is not a whole number"),
        ("name,users\na,-1\n", "row 2, users: -1 is too low"),
        ("name,users,concurrency,peakConcurrencyPercent\na,1,1,1\n", "row 2, concurrency: concurrency and"),
        (
            "name,users,cloud,nodes.sim.sku\na,1,azure,nope\n",
            "row 2, nodes.sim.sku: 'nope' is not in the price catalog",
        ),
        (
            "name,users,profile\na,1,gold\n",
            "row 2, profile: gold is not a known profile; give the profiles by --profiles",
        ),
        ("name,users,network.tiers\na,1,[\n", "row 2, network.tiers: "),
        ("name;users\na;1\n", "is delimited by semicolons"),
    ],
)
def test_bad_input_names_the_row_the_column_and_the_remedy(refused, text, message):
    [problem] = refused(text)

    assert message in problem


def test_all_bad_rows_are_told_and_beyond_fifty_they_are_counted(refused):
    lines = refused("name,users\n" + "".join(f"c{index},x\n" for index in range(60)))

    assert [line.split(",")[0] for line in lines[:50]] == [f"row {index}" for index in range(2, 52)]
    assert lines[50:] == ["and 10 more problems; correct these first"]


def test_bytes_that_are_no_utf8_are_refused(tmp_path):
    path = tmp_path / "fleet.csv"
    path.write_bytes(b"name,users\nM\xfcnchen,1\n")
    result = CliRunner().invoke(main, ["fleet", "-f", str(path)])

    assert (result.exit_code, result.stdout) == (2, "")
    assert "is not UTF-8 text" in result.stderr


def test_a_huge_file_is_refused(refused, monkeypatch):
    monkeypatch.setattr(fleet_file, "MAX_CSV_BYTES", 1 << 20)

    assert refused("name,users\n" + "a" * (1 << 20)) == ["is larger than 1 MiB; split the file"]


def test_a_sheet_that_prices_no_customer_is_refused(refused, tmp_path):
    sheet = tmp_path / "sheet.yaml"
    sheet.write_text("{provider: gcp, currency: USD, tax: net, defaultRegion: us-central1}\n", encoding="utf-8")

    assert "no customer is on it" in refused("name,users,cloud\na,1,azure\n", "--prices", str(sheet))[0]


def test_a_customer_priced_second_hand_is_flagged(rows):
    found = rows(CLOUDS)["customers"]

    assert "second-hand" not in found[0]["flags"]
    assert found[2]["flags"] == "negative margin; second-hand prices: controlPlane, redis, loadBalancer"

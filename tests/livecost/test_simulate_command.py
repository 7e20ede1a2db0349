"""`livecost simulate` as a person at a terminal meets it."""

import csv
import io
import json
from decimal import Decimal

import pytest
import yaml
from click.testing import CliRunner

from livecost.cli import main

RANGES = "ranges: {managedServices.redis: {values: [50, 150], weights: [3, 1]}}\n"


@pytest.fixture
def run(tmp_path):
    def start(*arguments, ranges=RANGES, text=None):
        path = tmp_path / "ranges.yaml"
        path.write_text(ranges, encoding="utf-8")
        common = ["simulate", "--ranges", str(path), "--draws", "2000", "--seed", "5"]
        return CliRunner().invoke(main, [*common, *arguments], input=text)

    return start


def figures(result):
    return {row["figure"]: row for row in json.loads(result.stdout)["figures"]}


def test_json_tells_every_figure_with_its_percentiles(run):
    result = run("-o", "json")

    assert result.exit_code == 0
    shown = json.loads(result.stdout)
    assert (shown["draws"], shown["seed"], shown["currency"], shown["budget"]) == (2000, 5, "USD", None)
    assert figures(result)["monthly.total"] | {"mean": None} == {
        "figure": "monthly.total", "unit": "USD", "estimate": "1036.60", "mean": None,
        "p5": "1036.60", "p10": "1036.60", "p50": "1036.60", "p90": "1136.60", "p95": "1136.60",
    }  # fmt: skip
    assert list(figures(result))[-3:] == ["nodes.livekit", "nodes.sim", "nodes.system"]
    assert {"annual", "license.grossMargin", "monthly.egress"} <= set(figures(result))


def test_yaml_says_the_same_as_json(run):
    assert yaml.safe_load(run("-o", "yaml").stdout) == json.loads(run("-o", "json").stdout)


def test_csv_has_one_row_for_each_figure_and_nothing_else(run):
    result = run("-o", "csv")

    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert len(rows) == 15
    assert {row["unit"] for row in rows} == {"USD", "nodes"}
    assert "2,000 draws, seed 5" in result.stderr


@pytest.mark.parametrize("form", ["table", "markdown"])
def test_tables_end_with_the_seed_and_the_risks(run, form):
    text = run("-o", form, "--budget", "1100").stdout

    assert "2,000 draws, seed 5" in text
    assert "gross margin below 0 in 0.00 % of the draws" in text
    assert "a month costs more than $1,100.00 in 2" in text


def test_a_single_draw_is_one(run):
    assert "\n1 draw, seed 5\n" in run("--draws", "1").stdout


def test_the_same_seed_gives_the_same_output(run):
    assert run().stdout == run().stdout


def test_without_a_seed_one_is_chosen_told_and_repeats_the_run(tmp_path):
    path = tmp_path / "ranges.yaml"
    path.write_text("ranges: {license.annual: {percent: 50}}", encoding="utf-8")
    common = ["simulate", "--ranges", str(path), "--draws", "100", "-o", "json"]
    first, second = (CliRunner().invoke(main, common).stdout for _ in range(2))

    assert json.loads(first)["seed"] != json.loads(second)["seed"]
    assert CliRunner().invoke(main, [*common, "--seed", str(json.loads(first)["seed"])]).stdout == first


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        # A quarter of the draws cost 1,136.60.
        (["--budget", "1100"], 0),
        (["--budget", "1100", "--budget-risk-percent", "10"], 1),
        (["--budget", "1136.60", "--budget-risk-percent", "0"], 0),
        (["--budget", "1000"], 1),
    ],
)
def test_a_risk_above_the_accepted_one_ends_with_1_and_the_result(run, arguments, code):
    result = run(*arguments)

    assert result.exit_code == code
    assert "monthly.total" in result.stdout


def test_draws_moved_into_the_accepted_range_are_told(run):
    ranges = "ranges: {demand.peakConcurrencyPercent: {mean: 100, sd: 1}}"

    assert "draws outside the accepted range moved to its end" in run(ranges=ranges).stdout
    assert json.loads(run("-o", "json", ranges=ranges).stdout)["clippedDraws"]["demand.peakConcurrencyPercent"] > 900


def test_the_document_and_set_state_what_no_range_varies(run):
    result = run("-f", "-", "--set", "demand.users=2000", "-o", "json", text="managedServices: {controlPlane: 0}")

    assert figures(result)["monthly.controlPlane"]["p50"] == "0.00"
    assert figures(result)["monthly.egress"]["p50"] == "874.80"


@pytest.mark.parametrize(
    ("ranges", "message"),
    [
        ("", "ranges: states no ranges; write ranges:"),
        ("ranges: {demand.usres: {percent: 5}}", "ranges.yaml:1: ranges.demand.usres: is not a numeric field; write"),
        ("ranges: {currency: {percent: 5}}", "currency: is not a numeric field"),
        ("ranges: {demand.users: {low: 9, high: 3}}", "ranges.demand.users.low: low (9) is above high (3)"),
        ("ranges: {demand.users: {low: .nan, high: 3}}", "ranges.demand.users.low: '.nan' is not a decimal number"),
        ("ranges: {demand.concurrency: {low: 1, high: 3}}", "has no effect beside demand.peakConcurrencyPercent"),
        ("ranges: {capacity.participantsPerNode: {low: 1, high: 9}}", "cannot be priced"),
        ("ranges: {demand.users: {low: 1, low: 2}}", "low is written twice"),
    ],
)
def test_bad_ranges_end_with_2_and_one_line(run, ranges, message):
    result = run(ranges=ranges)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert "ranges.yaml" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--draws", "0"], ["--seed", "-1"], ["--budget", "-1"], ["--budget-risk-percent", "101"],
        ["--plot", "cost.pdf"], ["-f", "-", "--ranges", "-"],
    ],
)  # fmt: skip
def test_bad_options_end_with_2(run, arguments):
    result = run(*arguments)

    assert result.exit_code == 2
    assert result.stdout == ""


@pytest.mark.parametrize(("name", "beginning"), [("cost.svg", b"<?xml"), ("cost.PNG", b"\x89PNG")])
def test_a_plot_is_the_same_file_for_the_same_seed(run, tmp_path, name, beginning):
    plot = tmp_path / name
    assert run("--plot", str(plot), "--budget", "1100").exit_code == 0
    first = plot.read_bytes()
    run("--plot", str(plot), "--budget", "1100")

    assert first.startswith(beginning)
    assert plot.read_bytes() == first
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted([name, "ranges.yaml"])


def test_a_plot_of_a_bill_that_never_varies_is_drawn(run, tmp_path):
    assert run("--plot", str(tmp_path / "a.svg"), ranges="ranges: {fleet.customers: {percent: 5}}").exit_code == 0


def test_a_plot_that_cannot_be_written_ends_with_2_and_no_result(run, tmp_path):
    result = run("--plot", str(tmp_path / "none" / "cost.svg"))

    assert result.exit_code == 2
    assert result.stdout == ""
    assert "cannot be written: No such file or directory" in result.stderr


TWO = "ranges: {demand.users: {low: 500, high: 5000}, network.usageHoursPerMonth: {low: 20, high: 120}}\n"


def test_correlated_ranges_spread_the_bill_more(run):
    pair = "demand.users,network.usageHoursPerMonth"
    alone, together = (
        figures(run("-o", "json", *arguments, ranges=TWO))["monthly.total"]
        for arguments in ([], ["--correlate", f"{pair}=0.9"])
    )

    assert Decimal(together["p95"]) > Decimal(alone["p95"])
    assert Decimal(together["p5"]) < Decimal(alone["p5"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["demand.users"], "is no pair; write two fields and a number"),
        (["demand.users=0.5"], "is no pair; write two fields and a number"),
        (["demand.users,network.usageHoursPerMonth=much"], "'much' is not a decimal number"),
        (["demand.users,network.usageHoursPerMonth=2"], "write a number from -1 to 1"),
        (["demand.users,demand.concurrency=0.5"], "demand.concurrency has no range; state one"),
        (
            ["demand.users,network.usageHoursPerMonth=0.5", "network.usageHoursPerMonth,demand.users=0.1"],
            "stands twice",
        ),
    ],
)
def test_a_correlation_that_cannot_be_ends_with_2_and_the_option(run, arguments, told):
    options = [word for argument in arguments for word in ("--correlate", argument)]

    result = run(*options, ranges=TWO)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "--correlate" in result.stderr
    assert told in result.stderr

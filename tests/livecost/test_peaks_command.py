"""`livecost peaks` as a person at a terminal meets it."""

import csv
import io
import json

import pytest
import yaml
from click.testing import CliRunner

from livecost.cli import main

OFFICE = "{days: [Mon, Tue, Wed, Thu, Fri], start: 08:00, end: 18:00, timeZone: Europe/Berlin}"
SCHEDULE = f"demand.schedule=[{OFFICE}]"
FOUR_HUNDRED = ("--set", "demand.concurrency=400", "--set", SCHEDULE)
HALF_DAYS = """
windows:
  - {days: [Mon, Tue, Wed, Thu, Fri], start: 09:00, end: 12:00, timeZone: Europe/Berlin, percentOfPeak: 100}
  - {days: [Mon, Tue, Wed, Thu, Fri], start: 12:00, end: 18:00, timeZone: Europe/Berlin, percentOfPeak: 50}
"""


def run(*arguments, text=None):
    return CliRunner().invoke(main, ["peaks", *arguments], input=text)


def test_the_modes_are_compared_with_money_and_percent():
    rows = json.loads(run(*FOUR_HUNDRED, "--profile", "-", "-o", "json", text=HALF_DAYS).stdout)

    assert [row["mode"] for row in rows] == ["always-on", "scale-to-low", "pay-for-peaks", "idle"]
    assert rows[2] == {
        "mode": "pay-for-peaks",
        "livekitNodeHours": "1055.89",
        "simNodeHours": "795.18",
        "systemNodeHours": "730",
        "costPerMonthUSD": "2440.05",
        "savingPerMonthUSD": "580.35",
        "savingPercent": "19.21",
    }


def test_every_form_says_the_same():
    rows = json.loads(run(*FOUR_HUNDRED, "-o", "json").stdout)

    assert yaml.safe_load(run(*FOUR_HUNDRED, "-o", "yaml").stdout) == rows
    assert list(csv.DictReader(io.StringIO(run(*FOUR_HUNDRED, "-o", "csv").stdout))) == rows
    for form in ("table", "markdown"):
        assert "2548.68" in run(*FOUR_HUNDRED, "-o", form).stdout


def test_without_a_profile_nothing_is_said_of_the_demand_over_the_week():
    assert "pay-for-peaks" not in run(*FOUR_HUNDRED).stdout


def test_a_cluster_that_is_always_active_is_told_what_to_write():
    """The note is no part of the result."""
    result = run("-o", "json")

    assert "write demand.schedule" in result.stderr
    assert [row["savingPerMonthUSD"] for row in json.loads(result.stdout)] == ["0.00", "0.00", "437.40"]
    assert run(*FOUR_HUNDRED).stderr == ""


def test_a_month_is_counted_as_its_clocks_go():
    rows = json.loads(run(*FOUR_HUNDRED, "--month", "2026-03", "-o", "json").stdout)

    assert [row["simNodeHours"] for row in rows] == ["1486", "963", "743"]


@pytest.mark.parametrize(
    ("arguments", "text", "line"),
    [
        (("--month", "2026-03"), None, "--month: demand.schedule: is not stated"),
        (("--profile", "missing.yaml"), None, "missing.yaml: cannot be read"),
        (("--profile", "-", "-f", "-"), HALF_DAYS, "--profile: FILE: standard input is already the document"),
        (("--profile", "-"), "windows: 5", "standard input:1: windows: 5 is not a list"),
        (("--profile", "-"), HALF_DAYS.replace("09:00", "13:00"), "standard input:4: windows[1]: Mon,Tue,Wed,Thu,Fri"),
        (
            ("--set", SCHEDULE.replace("Berlin", "Berln")),
            None,
            "--set: demand.schedule[0].timeZone: there is no time zone Europe/Berln; did you mean Europe/Berlin",
        ),
        (("--set", SCHEDULE, "--set", "demand.activeHoursPerMonth=5"), None, "--set: demand.activeHoursPerMonth: "),
    ],
)
def test_bad_input_is_refused_in_one_line(arguments, text, line):
    result = run(*arguments, text=text)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(line)
    assert len(result.stderr.splitlines()) == 1

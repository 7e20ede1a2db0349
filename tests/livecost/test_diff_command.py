"""`livecost diff` as a person at a terminal meets it."""

import csv
import io
import json
from decimal import Decimal

import pytest
import yaml
from click.testing import CliRunner

from livecost.cli import main


@pytest.fixture
def run(tmp_path):
    def start(before, after, *arguments):
        for name, text in (("a.yaml", before), ("b.yaml", after)):
            (tmp_path / name).write_text(text)
        return CliRunner().invoke(main, ["diff", str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml"), *arguments])

    return start


MORE_USERS = "demand: {users: 2000}\nnetwork: {egressPerGB: 0.0812345}\n"


def test_json_holds_lines_sizes_and_fields(run):
    """300 participants need 50 rooms on 2 nodes; 9,720 GB at 0.0812345 are 789.59934."""
    result = run("{}", MORE_USERS, "-o", "json")
    found = json.loads(result.stdout)

    assert result.exit_code == 0
    assert found["currency"] == "USD"
    assert [row["item"] for row in found["monthly"]] == ["livekit", "sim", "system", "services", "egress", "total"]
    assert found["monthly"][4] == {
        "item": "egress",
        "before": "437.40",
        "after": "789.59934",
        "change": "352.19934",
        "byQuantity": "437.40",
        "byUsage": "0.00",
        "byPrice": "-85.20066",
    }
    assert {"field": "nodes.livekit.nodes", "before": 1, "after": 2} in found["sizes"]
    assert found["fields"] == [
        {"field": "demand.users", "before": 1000, "after": 2000},
        {"field": "network.egressPerGB", "before": "0.09", "after": "0.0812345"},
    ]


def test_shown_unrounded_parts_add_up_to_the_shown_change(run):
    rows = list(csv.DictReader(io.StringIO(run("{}", MORE_USERS, "-o", "csv").stdout)))

    for row in rows:
        parts = Decimal(row["byQuantity"]) + Decimal(row["byUsage"]) + Decimal(row["byPrice"])
        assert parts == Decimal(row["change"]) == Decimal(row["after"]) - Decimal(row["before"])


def test_yaml_says_the_same_as_json(run):
    assert yaml.safe_load(run("{}", MORE_USERS, "-o", "yaml").stdout) == json.loads(
        run("{}", MORE_USERS, "-o", "json").stdout
    )


@pytest.mark.parametrize("form", ["table", "markdown"])
def test_the_tables_show_cents_and_say_none_for_a_field_without_value(run, form):
    text = run("{}", "region: eastus\n" + MORE_USERS, "-o", form).stdout

    assert "Cost per month in USD" in text
    assert "789.60" in text
    assert "none" in text
    assert "Sizes that changed" in text


def test_tiers_and_switches_are_told_in_words(run):
    after = "capacity: {wholeRooms: false}\nnetwork: {tiers: [{upToGB: 1000, perGB: 0.09}, {perGB: 0.05}]}\n"
    text = run("{}", after).stdout

    assert "0.09 up to 1000 GB, 0.05" in text
    assert "true" in text


def test_a_schedule_is_told_in_words_and_its_hours_are_usage(run):
    """Of 4 nodes 3 run 217.26190476 h instead of 730: 50 of the week's 168 hours."""
    before = "demand: {concurrency: 400}"
    after = "demand: {concurrency: 400, schedule: [{days: [Mon, Tue, Wed, Thu, Fri], start: '08:00', end: '18:00'}]}"
    found = json.loads(run(before, after, "-o", "json").stdout)

    assert found["fields"] == [
        {"field": "demand.activeHoursPerMonth", "before": "730", "after": None},
        {"field": "demand.schedule", "before": None, "after": "Mon,Tue,Wed,Thu,Fri 08:00-18:00 UTC"},
    ]
    livekit = found["monthly"][0]
    assert livekit["change"] == livekit["byUsage"] == "-369.1714285728"


def test_two_equal_documents_have_nothing_to_tell(run):
    result = run("{}", "demand: {users: 1000}")

    assert result.exit_code == 0
    assert result.stdout.count("none\n") == 2


def test_media_are_told_by_their_own_fields(run):
    fields = json.loads(run("media: {kbps: 64}", "media: {kbps: 32}", "-o", "json").stdout)["fields"]

    assert [row["field"] for row in fields] == ["media.kbps"]


def test_two_currencies_end_with_code_2(run):
    result = run("{}", "currency: EUR")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "USD and EUR" in result.stderr


def test_a_bad_document_is_named(run):
    result = run("{}", "demand: {user: 5}")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "b.yaml:1: demand.user: is not a known field; did you mean users?" in result.stderr


@pytest.mark.parametrize(
    "arguments", [("-", "-"), ("-", "b.yaml", "--prices", "-"), ("a.yaml", "b.yaml", "--prices", "-")]
)
def test_standard_input_is_one_of_the_documents_at_most(arguments):
    result = CliRunner().invoke(main, ["diff", *arguments], input="{}")

    assert result.exit_code == 2
    assert "name files" in result.stderr


def test_a_document_may_come_from_standard_input(tmp_path):
    (tmp_path / "a.yaml").write_text("{}")
    result = CliRunner().invoke(
        main, ["diff", str(tmp_path / "a.yaml"), "-", "-o", "json"], input="fleet: {customers: 9}"
    )

    assert json.loads(result.stdout)["fields"] == [{"field": "fleet.customers", "before": 25, "after": 9}]

"""`livecost estimate` as a person at a terminal meets it."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

import livecost
from costmodel import estimate, estimate_to_json, resolve
from livecost.cli import main

OPERATOR = Path(livecost.__file__).parents[1]


@pytest.fixture
def run():
    def start(*arguments, text=None):
        return CliRunner().invoke(main, ["estimate", *arguments], input=text)

    return start


@pytest.fixture
def refused(run):
    """The lines on standard error of a refused document."""

    def start(text, *arguments):
        result = run("-f", "-", *arguments, text=text)
        assert result.exit_code == 2
        assert result.stdout == ""
        return result.stderr.splitlines()

    return start


def test_without_a_file_the_worked_example_is_priced(run):
    result = run("-o", "json")

    assert result.exit_code == 0
    assert json.loads(result.stdout) == estimate_to_json(estimate(resolve()))


def test_yaml_output_says_the_same_as_json(run):
    assert yaml.safe_load(run("-o", "yaml").stdout) == json.loads(run("-o", "json").stdout)


def test_the_table_tells_sizes_bill_and_margin(run):
    text = run().stdout

    assert "Size at the peak: 100 users, 25 sessions, 150 participants" in text
    assert "1 node x 0.24/h x 730 h" in text
    assert "$1,036.60" in text
    assert "64.46 %" in text
    assert "fleet of 25" in text


def test_markdown_has_tables_under_headings(run):
    text = run("-o", "markdown").stdout

    assert "### Cost per month" in text
    assert "| total " in text


def test_csv_holds_one_row_for_each_item_and_a_total(run):
    rows = list(csv.DictReader(io.StringIO(run("-o", "csv").stdout)))

    assert [row["item"] for row in rows][-2:] == ["egress", "total"]
    assert rows[-1]["monthly"] == "1036.60"
    assert {row["currency"] for row in rows} == {"USD"}


@pytest.mark.parametrize("limited", [{"minNodes": 5}, {"maxNodes": 1}])
def test_the_table_says_which_bound_acted(run, limited):
    [(bound, value)] = limited.items()

    assert bound in run("--set", f"nodes.livekit.{bound}={value}", "--set", "demand.concurrency=500").stdout


def test_a_margin_without_license_is_called_unknown(run):
    assert "unknown" in run("--set", "license.annual=0").stdout
    assert json.loads(run("--set", "license.annual=0", "-o", "json").stdout)["license"]["grossMarginPercent"] is None


@pytest.mark.parametrize(
    "text",
    [
        "network: {mediaMbps: 1.2, egressPerGB: 0.07}",
        "network:\n  mediaMbps: '1.2'\n  egressPerGB: 0.0700\n",
        '{"network": {"mediaMbps": 1.2, "egressPerGB": 0.07}}',
        '{\n\t"network": {"mediaMbps": 12e-1, "egressPerGB": "0.07"}}',
        "\ufeffnetwork: {egressPerGB: 0.07}",
    ],
)
def test_a_decimal_means_what_is_written_in_yaml_and_in_json(run, text):
    """4,860 GB x 0.07 are 340.20 exactly."""
    result = run("-f", "-", "-o", "json", text=text)

    assert json.loads(result.stdout)["monthly"]["egress"] == "340.20"


@pytest.mark.parametrize("text", ["", "# nothing\n", "{}", "demand:\n"])
def test_an_empty_document_states_nothing(run, text):
    assert run("-f", "-", text=text).stdout == run().stdout


def test_set_wins_over_the_file(run, tmp_path):
    document = tmp_path / "customer.yaml"
    document.write_text("demand: {users: 10, peakConcurrencyPercent: 50}\n", encoding="utf-8")
    result = run("-f", str(document), "--set", "demand.users=5000", "--set", "demand.concurrency=44", "-o", "json")

    assert json.loads(result.stdout)["demand"]["peakUsers"] == 44


def test_set_takes_any_value_of_a_document(run):
    result = run(
        "--set", 'network.tiers=[{upToGB: 1000, perGB: "0.09"}, {perGB: 0.05}]',
        "--set", "nodes.livekit={minNodes: 2}",
        "--set", "capacity.wholeRooms=false",
        "-o", "json",
    )  # fmt: skip
    shown = json.loads(result.stdout)

    assert shown["monthly"]["egress"] == "283.00"
    assert shown["nodes"]["livekit"]["nodes"] == 2


def test_set_changes_one_entry_of_the_files_list(run):
    """4,860 GB: 1,000 x 0.08 and 3,860 x 0.05."""
    tiers = "network: {tiers: [{upToGB: 1000, perGB: 0.09}, {perGB: 0.05}]}"
    result = run("-f", "-", "--set", "network.tiers[0].perGB=0.08", "-o", "json", text=tiers)

    assert json.loads(result.stdout)["monthly"]["egress"] == "273.00"


def test_set_builds_a_list_in_order(run):
    result = run(
        "--set", "network.tiers[0].upToGB=1000",
        "--set", "network.tiers[0].perGB=0.08",
        "--set", "network.tiers[1]={perGB: 0.05}",
        "-o", "json",
    )  # fmt: skip

    assert json.loads(result.stdout)["monthly"]["egress"] == "273.00"


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ("network.tiers[1].perGB=1", "network.tiers[1]: network.tiers has 0 entries so far; write network.tiers[0]"),
        ("network.tiers.perGB=1", "network.tiers.perGB: network.tiers is a list; write the place of an entry"),
        ("network.tiers[0].perGBB=1", "network.tiers[0].perGBB: is not a known field; did you mean perGB?"),
        ("network.tiers[-1].perGB=1", "network.tiers[-1].perGB: 'tiers[-1]' is not a field's name; write names"),
        ("network.tiers[x]=1", "network.tiers[x]: 'tiers[x]' is not a field's name; write names"),
        ("demand.users[0]=1", "demand.users[0]: demand.users is not a list; write demand.users=VALUE"),
        ("network.tiers[0].upToGB=1", "network.tiers[0].perGB: is missing; write this field"),
        ("demand..users=1", "demand..users: '' is not a field's name"),
    ],
)
def test_a_bad_place_in_a_list_is_refused(run, setting, line):
    result = run("--set", setting)

    assert result.exit_code == 2
    assert result.stderr.startswith(f"--set: {line}")


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ("demand.usrs=5", "--set: demand.usrs: is not a known field; did you mean users?"),
        ("demnd.users=5", "--set: demnd: is not a known field; did you mean demand?"),
        (
            "demand.users.max=5",
            "--set: demand.users.max: demand.users has no fields of its own; write demand.users=VALUE",
        ),
        ("demand.users", "--set: demand.users: has no value; write FIELD=VALUE, such as demand.users=5000"),
        ("=5", "--set: (nothing): has no value; write FIELD=VALUE"),
        ("demand.users=many", "--set: demand.users: 'many' is not a whole number"),
        ("demand.users=", "--set: demand.users: has no value"),
        ("demand=5", "--set: demand: 5 is not a group of fields"),
        ("nodes.sim.minNodes=99", "--set: nodes.sim.minNodes: minNodes (99) is above maxNodes (50)"),
        ("demand.users=[1", "--set: demand.users: line 1, column 3"),
    ],
)
def test_a_bad_setting_is_refused(run, setting, line):
    result = run("--set", setting)

    assert result.exit_code == 2
    assert result.stderr.startswith(line)


def test_a_group_and_a_field_in_it_cannot_both_be_set(run):
    result = run("--set", "demand=5", "--set", "demand.users=5")

    assert result.exit_code == 2
    assert "already set" in result.stderr


def test_every_problem_is_one_line_with_its_source(refused):
    lines = refused("demand: {users: -1}\nfleet: {customer: 2}\n")

    assert lines == [
        "standard input:1: demand.users: -1 is too low; write a whole number of at least 0",
        "standard input:2: fleet.customer: is not a known field; did you mean customers?",
    ]


def test_a_problem_of_the_merged_result_is_told_too(refused):
    [line] = refused("nodes: {sim: {minNodes: 60}}")

    assert line.startswith("standard input:1: nodes.sim.minNodes: minNodes (60) is above maxNodes (50)")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("demand: {users: 1}\ndemand: {users: 2}", "standard input:2:1: demand is written twice"),
        ("demand: {users: 1, users: 2}", "users is written twice"),
        ('{"demand": {"users": 1, "users": 2}}', "users is written twice"),
        ("a: &x [1]\nb: *x", "anchors and aliases are not allowed"),
        ("[" * 100_000, "nested more than 16 levels deep"),
        ('{"a": ' + "[" * 100_000, "nested more than 16 levels deep"),
        ("demand: [1", "correct the YAML there"),
        ("? [a]\n: 1", "a field's name must be text"),
        ("a: !!python/object:os.system x", "correct the YAML there"),
        ("---\na: 1\n---\nb: 1", "correct the YAML there"),
        ("a: \x00", "write plain UTF-8 YAML"),
        ("demand: {agentsPerSession: 010}", "'010' is not a whole number"),
        ("demand: {users: 1:30}", "'1:30' is not a whole number"),
        ("demand: {users: 1_000}", "'1_000' is not a whole number"),
        ("nodes: {livekit: {hourly: .nan}}", "'.nan' is not a decimal number"),
        ('{"nodes": {"livekit": {"hourly": NaN}}}', "'NaN' is not a decimal number"),
        ("nodes: {livekit: {hourly: 2026-01-01}}", "'2026-01-01' is not a decimal number"),
        ("demand: {users: " + "9" * 5000 + "}", "is not a whole number"),
        ("- 1", "is not a group of fields"),
        ("#" * (1024 * 1024 + 1), "is larger than 1 MiB"),
    ],
)
def test_text_that_could_be_misread_is_refused(refused, text, message):
    lines = refused(text)

    assert any(message in line for line in lines)
    assert all(line.startswith("standard input:") and len(line) < 250 for line in lines)


def test_a_file_of_exactly_one_mebibyte_is_read(run):
    assert run("-f", "-", text="#" * (1024 * 1024)).exit_code == 0


def test_a_file_that_is_not_there_is_named(run, tmp_path):
    result = run("-f", str(tmp_path / "none.yaml"))

    assert result.exit_code == 2
    assert result.stderr.startswith(f"{tmp_path / 'none.yaml'}: cannot be read: No such file")


def test_a_file_in_another_encoding_is_refused(run, tmp_path):
    document = tmp_path / "latin.yaml"
    document.write_bytes("region: Zürich".encode("latin-1"))

    assert "is not UTF-8 text" in run("-f", str(document)).stderr


def test_help_lists_the_commands_without_importing_them():
    result = CliRunner().invoke(main, ["--help"])

    assert result.exit_code == 0
    assert "Size and price one customer cluster." in result.stdout
    assert "operator" in result.stdout


def test_an_unknown_command_is_refused():
    assert CliRunner().invoke(main, ["estimat"]).exit_code == 2


def test_a_command_whose_packages_are_missing_says_what_to_install(monkeypatch):
    def absent(module):
        raise ModuleNotFoundError(f"No module named 'kopf' in {module}", name="kopf")

    monkeypatch.setattr("livecost.cli.import_module", absent)
    result = CliRunner().invoke(main, ["operator"])

    assert result.exit_code == 2
    assert "kopf is not installed; install livecost[operator]" in result.stderr


def test_the_version_is_told():
    assert livecost.__version__ in CliRunner().invoke(main, ["--version"]).stdout


def test_a_real_process_prices_a_document_and_never_loads_the_operator():
    program = (
        "import sys\n"
        "from livecost.cli import main\n"
        "main(['estimate', '-f', '-', '-o', 'json'], standalone_mode=False)\n"
        "foreign = {'kopf', 'kubernetes', 'structlog', 'aiohttp'} & set(sys.modules)\n"
        "print(sorted(foreign), file=sys.stderr)\n"
    )
    paths = os.pathsep.join([str(OPERATOR), str(OPERATOR.parent)])
    process = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        input="demand: {concurrency: 100}\n",
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": paths},
    )

    assert json.loads(process.stdout)["monthly"]["total"] == "1036.60"
    assert process.stderr.strip() == "[]"


@pytest.mark.parametrize(("budget", "code"), [("1036.60", 0), ("1036.59", 1), ("0", 1), ("2000", 0)])
def test_a_budget_is_breached_by_the_first_cent_above_it(run, budget, code):
    """The worked example costs 1,036.60 a month."""
    result = run("--budget", budget)

    assert result.exit_code == code
    assert result.stdout == run().stdout
    assert bool(result.stderr) == bool(code)


def test_a_breached_budget_is_told_in_the_currency_of_the_prices_and_by_how_much(run):
    result = run("--budget", "1000", "--currency", "EUR", "--rate", "1.2@2026-08-14")

    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "--budget: $1,036.60 a month is $36.60 above $1,000.00; lower users or maxNodes, or raise the budget"
    ]


SECOND_HAND = ["--set", "cloud=hetzner", "--set", "nodes.livekit.sku=CCX43"]


@pytest.mark.parametrize("form", ["table", "csv", "markdown"])
def test_a_price_known_second_hand_is_told_beside_its_line_item(form):
    result = CliRunner().invoke(main, ["estimate", *SECOND_HAND, "-o", form])
    lines = [line for line in result.stdout.splitlines() if "known second hand" in line]

    assert len(lines) == 4
    assert "1 node x 275.99 (monthly price); price known second hand, 2026-08-17" in lines[0]


def test_json_names_the_prices_known_second_hand_and_their_days():
    """The price of egress at Hetzner is known first hand; a price that the document states is the document's."""
    shown = json.loads(CliRunner().invoke(main, ["estimate", *SECOND_HAND, "-o", "json"]).stdout)
    stated = ["--set", "nodes.livekit.hourly=1", "--set", "managedServices.redis=1"]
    less = json.loads(CliRunner().invoke(main, ["estimate", *SECOND_HAND, *stated, "-o", "json"]).stdout)

    assert {"item": "livekit", "entry": "CCX43", "date": "2026-08-17"} in shown["secondHandPrices"]
    assert [each["item"] for each in shown["secondHandPrices"]] == ["controlPlane", "redis", "loadBalancer", "livekit"]
    assert [each["item"] for each in less["secondHandPrices"]] == ["controlPlane", "loadBalancer"]


@pytest.mark.parametrize("command", [["peaks"], ["pool"], ["sensitivity"], ["sweep", "--over", "demand.users=1,2"]])
def test_other_results_note_second_hand_prices_on_standard_error(command):
    result = CliRunner().invoke(main, [*command, *SECOND_HAND])

    assert "prices known second hand: " in result.stderr
    assert "livekit (CCX43, 2026-08-17)" in result.stderr
    assert "second hand" not in result.stdout

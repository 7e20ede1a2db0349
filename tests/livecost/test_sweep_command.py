"""`livecost sweep` as a person at a terminal meets it."""

import csv
import io
import json

import pytest
from click.testing import CliRunner

from livecost.cli import main

USERS = ("--over", "demand.users=500:5000:500")
NODES = ("--over", "capacity.participantsPerNode=5,100,200")


def livecost(*arguments, text=None):
    return CliRunner().invoke(main, list(arguments), input=text)


@pytest.fixture
def run():
    def start(*arguments, text=None):
        return livecost("sweep", *arguments, text=text)

    return start


@pytest.fixture
def rows(run):
    def start(*arguments, text=None):
        result = run(*arguments, "-o", "json", text=text)
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    return start


def test_every_row_is_what_estimate_says_of_that_value(rows):
    document = "network: {tiers: [{upToGB: 1000, perGB: 0.09}, {perGB: 0.05}]}\ncloud: aws\n"

    for row in rows(*USERS, "-f", "-", "--show", "monthly.total,nodes.livekit,egressGB", text=document):
        one = livecost(
            "estimate", "-f", "-", "--set", f"demand.users={row['demand.users']}", "-o", "json", text=document
        )
        expected = json.loads(one.stdout)
        assert row["monthly.total"] == expected["monthly"]["total"]
        assert row["nodes.livekit.nodes"] == expected["nodes"]["livekit"]["nodes"]
        assert row["egressGB"] == expected["egressGB"]


def test_rows_say_where_the_number_of_nodes_steps(rows):
    steps = {row["demand.users"]: row["nodeSteps"] for row in rows(*USERS) if row["nodeSteps"]}

    assert steps == {
        1500: "livekit 1 -> 2",
        2500: "sim 1 -> 2",
        3000: "livekit 2 -> 3",
        4000: "livekit 3 -> 4",
        4500: "sim 2 -> 3",
    }


def test_steps_begin_anew_with_each_value_of_the_first_assumption(rows):
    found = rows("--over", "capacity.participantsPerNode=100,200", "--over", "demand.users=1000,2000")

    assert [row["nodeSteps"] for row in found] == ["", "livekit 2 -> 4", "", "livekit 1 -> 2"]


def test_a_refused_combination_is_a_row_with_its_reason_and_without_figures(rows, run):
    first = rows(*NODES)[0]

    assert first["monthly.total"] is None
    assert "a room of 6 participants" in first["refused"]
    assert rows(*NODES)[1]["refused"] is None
    assert "a room of 6 participants" in run(*NODES).stdout


def test_csv_has_a_column_for_each_figure(run):
    found = list(csv.DictReader(io.StringIO(run(*USERS, "--show", "license.grossMarginPercent", "-o", "csv").stdout)))

    assert list(found[0]) == ["demand.users", "license.grossMarginPercent", "nodeSteps", "refused"]
    assert found[1]["license.grossMarginPercent"] == "64.46"


def test_the_table_leaves_out_what_is_empty_everywhere(run):
    assert "refused" not in run(*USERS).stdout
    assert "nodeSteps" not in run("--over", "demand.users=100,200").stdout


def test_a_matrix_has_a_column_for_each_value_of_the_second_assumption(run):
    result = run("--over", "demand.users=1000,2000", *NODES, "--matrix", "-o", "json")

    assert json.loads(result.stdout) == [
        {
            "demand.users": 1000,
            "participantsPerNode=5": "refused",
            "participantsPerNode=100": "1211.80",
            "participantsPerNode=200": "1036.60",
        },
        {
            "demand.users": 2000,
            "participantsPerNode=5": "refused",
            "participantsPerNode=100": "1999.60",
            "participantsPerNode=200": "1649.20",
        },
    ]
    assert "refused at 2 of 6 points: capacity.participantsPerNode: a room of 6" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--over", "demand.users=5:1:1"), "reversed"),
        (("--over", "demand.user=1"), "demand.users"),
        (("--over", "cloud=1"), "not a numeric field"),
        ((*USERS, "--show", "monthly.sum"), "is not a figure of an estimate"),
        ((*USERS, "--matrix"), "write --over twice"),
        ((*USERS, *NODES, "--matrix", "--show", "monthly.total,egressGB"), "shows one figure"),
        ((*USERS, *NODES, "--over", "fleet.customers=1"), "at most twice"),
        ((*USERS, *USERS), "swept twice"),
        ((*USERS, "--set", "demand.concurrency=5"), "no effect beside demand.concurrency"),
        ((*USERS, "--plot", "cost.pdf"), "neither .svg nor .png"),
        ((*USERS, "--plot", "/no/such/folder/cost.svg"), "cannot be written"),
        ((*USERS, "--plot", "x.svg", "--show", "nodes.livekit.setBy"), "is text"),
        (("--over", "capacity.participantsPerNode=1,2", "--plot", "x.svg"), "nothing can be drawn"),
        ((), "Missing option '--over'"),
    ],
)
def test_bad_input_ends_with_code_2_and_one_line(run, arguments, message):
    result = run(*arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


@pytest.mark.parametrize("arguments", [USERS, (*USERS, *NODES), ("--over", "demand.users=7")])
def test_the_same_sweep_draws_the_same_picture(run, tmp_path, arguments):
    pictures = []
    for name in ("a.svg", "b.svg"):
        assert run(*arguments, "--plot", str(tmp_path / name)).exit_code == 0
        pictures.append((tmp_path / name).read_bytes())

    assert pictures[0] == pictures[1]
    assert pictures[0].startswith(b"<?xml")


def test_a_plot_can_be_a_png(run, tmp_path):
    run(*NODES, "--plot", str(tmp_path / "nodes.png"))

    assert (tmp_path / "nodes.png").read_bytes().startswith(b"\x89PNG")


def test_without_matplotlib_only_plots_are_refused(run, monkeypatch):
    monkeypatch.setattr("livecost.plots.find_spec", lambda name: None)

    assert run(*NODES).exit_code == 0
    result = run(*NODES, "--plot", "nodes.svg")
    assert result.exit_code == 2
    assert "install livecost[analysis]" in result.stderr

"""`livecost calibrate` with a CSV file, as a person at a terminal meets it."""

import csv
import io
import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from livecost import load_test_csv
from livecost.cli import main

SAMPLE = Path(__file__).parents[2] / "docs/calibration-sample.csv"
LOADS = range(0, 260, 20)


def run(*arguments, stdin=None):
    return CliRunner().invoke(main, ["calibrate", *map(str, arguments)], input=stdin)


def written(tmp_path, text):
    path = tmp_path / "points.csv"
    path.write_text(text)
    return path


def exact(tmp_path):
    """Points on lines: CPU reaches 70 % at 200 participants, 80 % of 8 GiB are reached at 250."""
    rows = [f"{load},{10 + load * 3 / 10},{409.6 + load * 24.576:.3f},{load * 55_500},6" for load in LOADS]
    return written(tmp_path, "\n".join(["participants,cpuPercent,memoryMiB,bytesPerSecond,roomSize", *rows]))


def rows(*arguments):
    result = run(*arguments, "-o", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_each_resource_has_a_row_and_the_least_binds(tmp_path):
    cpu, memory, network = rows(exact(tmp_path), "--memory-gib", 8, "--network-mbps", 100)

    assert cpu == {
        "resource": "cpu",
        "targetPercent": "70",
        "points": 13,
        "smallestParticipants": "0",
        "largestParticipants": "240",
        "idlePercent": "10",
        "percentPerParticipant": "0.3",
        "rSquared": "1",
        "residualStdErrorPercent": "0",
        "participantsAtTarget": "200",
        "lower": "200",
        "upper": "200",
        "participantsPerNode": 200,
        "binds": "no",
        "unknownBecause": "",
    }
    assert (memory["participantsPerNode"], memory["idlePercent"], memory["binds"]) == (250, "5", "no")
    # 70 Mbps are 8,750,000 bytes/s, at 55,500 for each participant.
    assert (network["participantsAtTarget"], network["participantsPerNode"], network["binds"]) == ("157.7", 157, "yes")


def test_the_table_tells_both_forms_of_the_assumption(tmp_path):
    result = run(exact(tmp_path))

    assert result.exit_code == 0
    assert "cpu fills first: up to 200 participants on a node it stays within 70 %" in result.stdout
    assert "capacity: {participantsPerNode: 200, targetUtilizationPercent: 100}  # recommended" in result.stdout
    assert "capacity: {participantsPerNode: 285, targetUtilizationPercent: 70}  # the same plan" in result.stdout
    assert "note: memory is measured but left out; write --memory-gib to judge it too" in result.stderr


def test_the_other_forms_hold_rows_only(tmp_path):
    path = exact(tmp_path)

    [row] = rows(path)
    assert yaml.safe_load(run(path, "-o", "yaml").stdout) == [row]
    [line] = csv.DictReader(io.StringIO(run(path, "-o", "csv").stdout))
    assert line == {key: str(value) for key, value in row.items()}
    assert "| cpu" in run(path, "-o", "markdown").stdout


def test_the_assumptions_are_a_document_that_estimate_takes(tmp_path):
    path = tmp_path / "capacity.yaml"
    path.write_text(run(exact(tmp_path), "--target-cpu-percent", 40, "-o", "assumptions").stdout)

    assert yaml.safe_load(path.read_text()) == {
        "capacity": {"participantsPerNode": 100, "targetUtilizationPercent": 100}
    }
    estimate = CliRunner().invoke(main, ["estimate", "-f", str(path), "-o", "json"])
    # 150 participants; 16 whole rooms of 6 on a node of 100.
    assert json.loads(estimate.stdout)["nodes"]["livekit"]["required"] == 2


def test_sim_nodes_are_calibrated_by_sessions(tmp_path):
    path = written(tmp_path, "\n".join(["sessions,cpuPercent", *(f"{load},{load * 1.4}" for load in range(0, 60, 5))]))
    result = run("-", "--load", "sessions", "-o", "assumptions", stdin=path.read_text())

    assert yaml.safe_load(result.stdout) == {"capacity": {"sessionsPerNode": 50, "targetUtilizationPercent": 100}}


def test_the_sample_in_the_documents_works():
    cpu, memory, network = rows(SAMPLE, "--memory-gib", 8, "--network-mbps", 1000)

    assert (cpu["participantsPerNode"], cpu["lower"], cpu["upper"]) == (232, "232.3", "239")
    assert (memory["binds"], network["binds"]) == ("no", "no")


def test_a_target_far_beyond_the_data_ends_with_1_and_says_why(tmp_path):
    path = written(tmp_path, "\n".join(["participants,cpuPercent", *(f"{load},{load / 10}" for load in LOADS)]))
    shown, assumptions = run(path, "-o", "json"), run(path, "-o", "assumptions")

    [row] = json.loads(shown.stdout)
    assert (shown.exit_code, assumptions.exit_code, assumptions.stdout) == (1, 1, "")
    assert (row["participantsAtTarget"], row["participantsPerNode"], row["binds"]) == (None, None, "unknown")
    assert row["unknownBecause"].startswith("the target lies at 2.92 times the largest load measured")
    assert "participantsPerNode is unknown: cpu: the target lies at 2.92 times" in assumptions.stderr


def test_doubts_are_told_on_standard_error(tmp_path):
    bent = [f"{load},{10 + load / 10 + load * load / 1000}" for load in range(0, 260, 10)]
    result = run(written(tmp_path, "\n".join(["participants,cpuPercent", *bent])), "-o", "csv")

    assert "warning: cpu: usage grows faster and faster" in result.stderr
    assert "warning" not in result.stdout


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_a_plot_is_drawn_and_nothing_else_is_left(tmp_path, ending):
    target = tmp_path / f"fit.{ending}"
    result = run(exact(tmp_path), "--memory-gib", 8, "--plot", target)

    assert result.exit_code == 0
    assert target.read_bytes().startswith(b"\x89PNG" if ending == "png" else b"<?xml")
    assert {path.name for path in tmp_path.iterdir()} == {"points.csv", target.name}


def test_every_bad_row_is_told_with_its_row_column_and_remedy(tmp_path):
    good = [f"{load},{load / 4},{load + 300},6" for load in LOADS]
    bad = ["abc,1,1,6", "10,101,1,6", ",5,1,6", "20,5,-1,6", "30,nan,1,8"]
    path = written(tmp_path, "\n".join(["participants,cpuPercent,memoryMiB,roomSize", *good, *bad]))
    result = run(path, "-o", "assumptions", "--plot", tmp_path / "fit.png")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [
        f"{path}: row 15, participants: 'abc' is not a decimal number; write one such as 12.5, or leave the cell blank",
        f"{path}: row 16, cpuPercent: 101 is out of range; write the share of the whole node, from 0 to 100: "
        "cores in use / cores x 100",
        f"{path}: row 17, participants: is missing; write the number on the node",
        f"{path}: row 18, memoryMiB: -1 is out of range; write the memory in use, from 0",
        f"{path}: row 19, cpuPercent: 'nan' is not a decimal number; write one such as 12.5, or leave the cell blank",
        f"{path}: roomSize: rooms of different size are mixed (6, 8), which load a node differently; keep the rows "
        "of one room size, and calibrate each size by itself",
    ]
    assert not (tmp_path / "fit.png").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty; write a line with the names of the columns"),
        (
            "users,cpuPercent\n1,2",
            "participants: the header has no such column; name the column of the load participants",
        ),
        ("participants,cpu\n1,2", "header: names nothing that was measured; write at least one of cpuPercent,"),
        ("participants,memoryMiB,memoryBytes\n1,2,3", "memoryMiB: is written beside memoryBytes; keep one"),
        ("participants;cpuPercent\n1;2", "header: is delimited by semicolons; save the file with commas"),
        ("participants,cpuPercent\n1,2,3", "row 2: has 3 cells under 2 columns; put quotes around"),
    ],
)
def test_a_bad_file_is_refused_by_name(tmp_path, text, message):
    path = written(tmp_path, text)
    result = run(path)

    assert (result.exit_code, result.stdout) == (2, "")
    assert str(path) in result.stderr
    assert message in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "nothing to read; write FILE, or --participants and --cpu"),
        (("missing.csv",), "missing.csv: cannot be read: No such file or directory; name a file that exists"),
        ((SAMPLE, "--cpu", "cpu.json"), "FILE stands beside files of Prometheus; write one or the other"),
        (("--cpu", "cpu.json"), "write one of --participants and --sessions beside"),
        (("--load", "sessions", "--participants", "p.json"), "--load names a column of FILE; write --participants or"),
        (("--participants", "p.json"), "write at least one of --cpu, --memory and --network"),
        ((SAMPLE, "--target-cpu-percent", "0"), "cpu target percent: 0 is out of range; write a number above 0"),
        (
            (SAMPLE, "--confidence-percent", "100"),
            "confidence percent: 100 is out of range; write a number above 0 and",
        ),
        ((SAMPLE, "--memory-gib", "0"), "memory of a node: 0 is out of range; write one above 0"),
        ((SAMPLE, "--plot", "fit.pdf"), "neither .svg nor .png"),
        ((SAMPLE, "--load", "sessions"), "sessions: the header has no such column"),
    ],
)
def test_bad_options_are_refused_with_a_remedy(arguments, message):
    result = run(*arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert message in " ".join(result.stderr.split())


def test_a_stated_resource_must_have_been_measured(tmp_path):
    path = written(tmp_path, "\n".join(["participants,cpuPercent", *(f"{load},{load / 4}" for load in LOADS)]))
    result = run(path, "--network-mbps", 1000)

    assert result.exit_code == 2
    assert (
        "--network-mbps: network was not measured; add its column or file, or leave --network-mbps out" in result.stderr
    )


def test_too_few_different_loads_are_refused(tmp_path):
    path = written(tmp_path, "participants,cpuPercent\n" + "100,40\n" * 8)
    result = run(path)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "cpu: measured at 1 different loads; a line needs at least 5; measure at more loads" in result.stderr


def test_every_column_and_option_of_prometheus_is_documented():
    text = (SAMPLE.parent / "calibration.md").read_text()

    for name in (*load_test_csv._USAGE_COLUMNS, "participants", "sessions", "roomSize", "--join-label"):
        assert f"`{name}`" in text


@pytest.mark.parametrize("form", ["table", "markdown"])
def test_for_people_the_reason_of_an_unknown_resource_stands_below_the_table(form):
    text = run(SAMPLE, "--memory-gib", 8, "-o", form).stdout

    assert "unknownBecause" not in text
    assert "\n- memory is unknown: the target lies at 13.65 times the largest load measured" in text

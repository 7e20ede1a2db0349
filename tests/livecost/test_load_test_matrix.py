"""`livecost calibrate` with range queries of Prometheus: which samples belong together, which answers are refused."""

import json

import pytest
from click.testing import CliRunner

from livecost.cli import main

START = 1_790_000_000


def series(values, step=60, start=START, **labels):
    """A series of the answer's form; None leaves a gap."""
    samples = [[start + at * step, str(value)] for at, value in enumerate(values) if value is not None]
    return {"metric": labels, "values": samples}


def matrix(*result):
    return {"status": "success", "data": {"resultType": "matrix", "result": list(result)}}


def run(tmp_path, *arguments, load="participants", **answers):
    options = []
    for metric, answer in answers.items():
        path = tmp_path / f"{metric}.json"
        path.write_text(answer if isinstance(answer, str) else json.dumps(answer))
        options += [f"--{metric}", str(path)]
    return CliRunner().invoke(main, ["calibrate", *options, *map(str, arguments), "-o", "json"])


def fitted(tmp_path, *arguments, **answers):
    result = run(tmp_path, *arguments, **answers)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


LOADS = [0, 50, 100, 150, 200, 220]
CPU = [10 + 0.3 * load for load in LOADS]


def test_one_series_each_needs_no_label(tmp_path):
    [row] = fitted(tmp_path, participants=matrix(series(LOADS)), cpu=matrix(series(CPU)))

    assert (row["points"], row["participantsPerNode"], row["rSquared"]) == (6, 200, "1")


def test_series_are_joined_by_the_host_of_their_instance(tmp_path):
    """Two nodes on different lines of load; joined crosswise no line would fit."""
    participants = matrix(series(LOADS, instance="10.0.0.1:6789"), series(LOADS[::-1], instance="10.0.0.2:6789"))
    cpu = matrix(series(CPU[::-1], instance="10.0.0.2:9100"), series(CPU, instance="10.0.0.1:9100"),
                 series([99] * 6, instance="10.0.0.3:9100"))  # fmt: skip
    [row] = fitted(tmp_path, participants=participants, cpu=cpu)

    assert (row["points"], row["participantsPerNode"], row["rSquared"]) == (12, 200, "1")


@pytest.mark.parametrize(("label", "options"), [("node", ()), ("host", ("--join-label", "host"))])
def test_series_are_joined_by_the_label_of_the_node(tmp_path, label, options):
    participants = matrix(
        series(LOADS, **{label: "a"}, instance="1"), series(LOADS[::-1], **{label: "b"}, instance="2")
    )
    cpu = matrix(series(CPU, **{label: "a"}, instance="3"), series(CPU[::-1], **{label: "b"}, instance="4"))
    [row] = fitted(tmp_path, *options, participants=participants, cpu=cpu)

    assert (row["points"], row["participantsPerNode"]) == (12, 200)


def test_what_is_no_number_and_what_is_missing_makes_no_point(tmp_path):
    cpu = [10, "NaN", 40, None, 70, 76, "+Inf", 88]
    [row] = fitted(tmp_path, participants=matrix(series([*LOADS, 230, 260])), cpu=matrix(series(cpu)))

    assert (row["points"], row["participantsPerNode"], row["rSquared"]) == (5, 200, "1")


@pytest.mark.parametrize("coarse", ["participants", "cpu"])
def test_each_sample_of_the_coarser_series_is_taken_once(tmp_path, coarse):
    """Steps of 60 and 15 seconds, 5 seconds apart: a load that is held for a minute is one point."""
    held = {"participants": [load for load in LOADS for _ in range(4)], "cpu": [one for one in CPU for _ in range(4)]}
    answers = {
        metric: matrix(series({"participants": LOADS, "cpu": CPU}[metric], step=60, start=START + 5))
        if metric == coarse
        else matrix(series(held[metric], step=15))
        for metric in held
    }
    [row] = fitted(tmp_path, **answers)

    assert (row["points"], row["participantsPerNode"], row["rSquared"]) == (6, 200, "1")


def test_sessions_memory_and_network(tmp_path):
    memory, network = fitted(
        tmp_path,
        *("--memory-gib", 1, "--network-mbps", 1),
        sessions=matrix(series(LOADS)),
        memory=matrix(series([load * 1024**3 / 250 for load in LOADS])),
        network=matrix(series([load * 440 for load in LOADS])),
    )

    # 80 % of 1 GiB at 1/250 GiB each; 70 % of 125,000 bytes/s at 440 each.
    assert (memory["sessionsPerNode"], network["sessionsPerNode"]) == (200, 198)
    assert (memory["binds"], network["binds"]) == ("no", "yes")


GOOD = matrix(series(LOADS))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("<html>", "is not JSON; save the answer of /api/v1/query_range as it came"),
        ([], "is not an answer of Prometheus; save that of /api/v1/query_range"),
        ({"status": []}, "is not an answer of Prometheus; save that of /api/v1/query_range"),
        (
            {"status": "error", "errorType": "bad_data", "error": "parse error at char 3"},
            "Prometheus refused the query (bad_data: parse error at char 3); correct the query",
        ),
        (
            {"status": "success", "data": {"resultType": "vector", "result": []}},
            "data.resultType: is not matrix; ask /api/v1/query_range, not /api/v1/query",
        ),
        (matrix(), "data.result: is empty; check the metric's name"),
        (matrix({"values": []}), "data.result[0].metric: is missing"),
        (
            matrix({"metric": {}, "histograms": []}),
            "data.result[0].values: is missing; query plain samples, not histograms",
        ),
        (matrix({"metric": {}, "values": [[START, 1.5]]}), "data.result[0].values[0]: is not [Unix time, value]"),
        (matrix({"metric": {}, "values": [[1e300, "1"]]}), "data.result[0].values[0]: is not [Unix time, value]"),
        ("9" * 5000, "is not JSON; save the answer"),
        (matrix(series([10, 101])), "data.result[0].values[1]: 101 is out of range; write the share of the whole node"),
        (
            matrix(series(CPU, cpu="0"), series(CPU, cpu="1")),
            "data.result: has 2 series, and no label node or instance",
        ),
        (matrix(series(["NaN"] * 6)), "data.result: holds no number, only NaN or infinity"),
        (matrix(series(CPU, start=START + 9000)), "data.result: no sample of its only series is near in time"),
    ],
)
def test_an_answer_that_cannot_serve_is_refused_by_file_and_field(tmp_path, answer, message):
    result = run(tmp_path, participants=GOOD, cpu=answer)

    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{tmp_path / 'cpu.json'}: {message}" in result.stderr


def test_two_series_of_one_node_are_refused(tmp_path):
    cpu = matrix(series(CPU, instance="a:1", core="0"), series(CPU, instance="a:1", core="1"))
    result = run(tmp_path, participants=matrix(series(LOADS, instance="a:2")), cpu=cpu)

    assert result.exit_code == 2
    assert "data.result[1].metric: is a second series of a; aggregate the query by instance" in result.stderr


def test_series_without_the_label_to_join_by_are_refused(tmp_path):
    result = run(tmp_path, "--join-label", "pod", participants=GOOD, cpu=GOOD)

    assert result.exit_code == 2
    assert (
        "participants.json: data.result[0].metric: has no label pod; aggregate by it, or join by another"
        in result.stderr
    )

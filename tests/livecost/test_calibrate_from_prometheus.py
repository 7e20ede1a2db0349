"""`livecost calibrate --from-prometheus`: what it asks, how pieces and nodes are put together, and what it refuses."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from livecost.cli import main
from livecost.live_points import LivePoints
from livecost.load_test_prometheus import _chunks

SAMPLE = "docs/calibration-sample.csv"
STEP = 300


class _Prometheus(BaseHTTPRequestHandler):
    """Every node carries 0 to 190 participants in turn within 100 minutes, with 0.3 % CPU for each and 10 % at rest."""

    def do_GET(self):
        asked = {name: value[0] for name, value in parse_qs(urlsplit(self.path).query).items()}
        self.server.asked.append((asked, dict(self.headers)))
        query, moments = asked["query"], range(int(float(asked["start"])), int(float(asked["end"])) + 1, STEP)
        load = [moment // STEP % 20 * 10 for moment in moments]
        if "clamp_max" in query:
            metric = "process" if "process_cpu" in query.split("/")[0] else "cpu"
            load = [10 + 0.3 * each for each in load]
        else:
            metric = "participants"
        rows = [
            {"metric": labels, "values": [[at, str(each)] for at, each in zip(moments, load, strict=True)]}
            for labels in self.server.nodes.get(metric, ())
        ]
        body = json.dumps({"status": "success", "data": {"resultType": "matrix", "result": rows}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Questions are no news."""


@pytest.fixture
def prometheus():
    """A server that answers for the nodes in `nodes`, by what is asked."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Prometheus)
    server.asked, server.nodes = [], {}
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def run(*arguments):
    return CliRunner().invoke(main, ["calibrate", *arguments])


def test_nodes_of_equal_address_in_unlike_clusters_are_two(prometheus):
    """Both have the same line; a node whose CPU is unknown gives no points, and is named."""
    both = [{"address": "10.0.0.1", "cluster": "a"}, {"address": "10.0.0.1", "cluster": "b"}]
    lost = {"address": "10.0.0.2", "cluster": "b"}
    prometheus.nodes = {"participants": [*both, lost], "cpu": both}
    result = run("--from-prometheus", prometheus.url, "--match", "cluster=~.+", "--window", "100m", "-o", "json")

    [row] = json.loads(result.stdout)
    assert (row["participantsPerNode"], row["points"]) == (200, 40)
    assert "note: cpu of 10.0.0.2 b is unknown" in result.stderr


def test_a_window_of_more_points_than_an_answer_holds_is_put_together(prometheus):
    prometheus.nodes = {name: [{"address": "10.0.0.1"}] for name in ("participants", "cpu")}
    [row] = json.loads(run("--from-prometheus", prometheus.url, "--window", "42d", "-o", "json").stdout)

    assert row["points"] == 42 * 288
    assert all((float(asked["end"]) - float(asked["start"])) / STEP < 11_000 for asked, _ in prometheus.asked)


def test_livekits_own_cpu_stands_in_with_a_note(prometheus):
    prometheus.nodes = {name: [{"address": "10.0.0.1"}] for name in ("participants", "process")}
    result = run("--from-prometheus", prometheus.url, "--window", "2h", "--prometheus-header", "X-Scope-OrgID=all")

    assert "participantsPerNode: 200" in result.stdout
    assert "CPU of these nodes, so it is that of LiveKit's process alone" in result.stderr
    assert "note: all LiveKit nodes are taken for those of one cluster" in result.stderr
    assert all(headers["X-Scope-OrgID"] == "all" for _, headers in prometheus.asked)


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ({}, "knows no livekit_participant_total in the window; let it scrape LiveKit, or correct --match, --pool"),
        ({"participants": [{"address": "a"}]}, "tells cpu of none of the LiveKit nodes a; let it scrape node_exporter"),
        ({"participants": [{"address": "a"}], "cpu": [{"address": "b"}]}, "of none of the LiveKit nodes a (of b)"),
    ],
)
def test_what_prometheus_does_not_know_is_told_with_a_remedy(prometheus, nodes, message):
    prometheus.nodes = nodes
    result = run("--from-prometheus", prometheus.url, "--window", "2h", "-o", "assumptions")

    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_a_server_that_is_not_there_is_bad_input():
    result = run("--from-prometheus", "http://127.0.0.1:9")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "--from-prometheus: Prometheus at http://127.0.0.1:9 cannot be reached" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((SAMPLE, "--from-prometheus", "http://p"), "stands beside FILE or its options; write one"),
        (("--from-prometheus", "http://p", "--cpu", "cpu.json"), "stands beside FILE or its options; write one"),
        (
            ("--from-prometheus", "http://p", "--load", "sessions"),
            "stands beside FILE or its options; write one",
        ),
        (("--from-prometheus", "p:9090"), "is no address; write one such as http://prometheus:9090"),
        ((SAMPLE, "--match", "cluster=a"), "belong to --from-prometheus"),
        ((SAMPLE, "--step", "5m"), "belong to --from-prometheus"),
        ((SAMPLE, "--prometheus-username", "u"), "belong to --from-prometheus"),
        (("--from-prometheus", "http://p", "--match", "cluster"), "'cluster' is not NAME=VALUE"),
        (("--from-prometheus", "http://p", "--match", "a/b=c"), "'a/b' is no label of Prometheus"),
        (("--from-prometheus", "http://p", "--window", "7 days"), "'7 days' is not a duration; write one such as 30m"),
        (("--from-prometheus", "http://p", "--step", "10s"), "--step holds too few scrapes for a mean; write 1m"),
        (("--from-prometheus", "http://p", "--window", "5m"), "write a window of 5 to 50,000 steps"),
        (("--from-prometheus", "http://p", "--prometheus-token-file", "t"), "write an https:// --from-prometheus"),
        (("--from-prometheus", "https://p", "--prometheus-token-file", "/no/t"), "/no/t cannot be read"),
        (("--from-prometheus", "https://p", "--prometheus-username", "u"), "go together; write both"),
    ],
)
def test_options_that_cannot_work_are_refused_with_a_remedy(arguments, message):
    result = run(*arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert message in " ".join(result.stderr.split())


@given(steps=st.integers(1, 50_000), step=st.integers(60, 3_600))
def test_pieces_hold_each_step_once_and_no_more_than_an_answer_holds(steps, step):
    end = 1_800_000_000
    found = [moment for first, last in _chunks(end, steps, step) for moment in range(first, last + 1, step)]

    assert found == list(range(end - (steps - 1) * step, end + 1, step))
    assert all((last - first) // step < 11_000 for first, last in _chunks(end, steps, step))


def test_labels_are_quoted_and_clusters_told_apart():
    query = LivePoints({"cluster": 'a"} or up{x="'}, ("karpenter.sh/nodepool", "media"), 3_600, 300).queries()

    assert 'livekit_participant_total{node_id!="",cluster="a\\"} or up{x=\\""}' in query["participants"]
    assert 'label_karpenter_sh_nodepool="media"' in query["participants"]
    assert "sum by (address, cluster)" in query["cpu"]
    assert 'cluster=~"st-.*"' in LivePoints({"cluster": "~st-.*"}, None, 3_600, 300).queries()["memory"]

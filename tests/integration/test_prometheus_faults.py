"""A Prometheus that fails in any way makes the observed cost unknown, never 0, and holds nothing else up."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from e2e.cluster.processes import free_ports
from e2e.operator_process import OperatorProcess
from tests.integration.world import World

_RELEASE = threading.Event()


def _series(value: str) -> str:
    row = {"metric": {"label_karpenter_sh_nodepool": "media"}, "value": [0, value], "values": [[0, value]]}
    return json.dumps({"status": "success", "data": {"resultType": "vector", "result": [row]}})


# Name (the first part of the address's path) to HTTP status and body.
_ANSWERS: dict[str, tuple[int, str]] = {
    "error-500": (500, '{"status": "error", "errorType": "internal", "error": "broken"}'),
    "error-503": (503, "no healthy upstream"),
    "expired-token": (401, ""),
    "html": (200, "<html><body>Please log in</body></html>"),
    "truncated": (200, _series("1")[:40]),
    "no-data": (200, '{"status": "success"}'),
    "not-a-list": (200, '{"status": "success", "data": {"resultType": "vector", "result": "many"}}'),
    "nan": (200, _series("NaN")),
    "infinite": (200, _series("+Inf")),
    "text": (200, _series("many")),
    "negative": (200, _series("-1")),
    "clock-of-1970": (200, _series("1")),
    "nothing-known": (200, '{"status": "success", "data": {"resultType": "vector", "result": []}}'),
}
EXPECTED = {
    "slow": "PrometheusTimeout",
    "error-500": "PrometheusFailing",
    "error-503": "PrometheusFailing",
    "expired-token": "PrometheusForbidden",
    "html": "PrometheusAnswerInvalid",
    "truncated": "PrometheusAnswerInvalid",
    "no-data": "PrometheusAnswerInvalid",
    "not-a-list": "PrometheusAnswerInvalid",
    "nan": "NoTelemetry",
    "infinite": "NoTelemetry",
    "text": "NoTelemetry",
    "negative": "NoTelemetry",
    "clock-of-1970": "ClockSkew",
    "nothing-known": "NoTelemetry",
    "nobody-listens": "PrometheusUnreachable",
}


class _Faulty(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        mode = self.path.split("/")[1]
        if mode == "slow":
            _RELEASE.wait()
            return
        status, body = _ANSWERS[mode]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    do_POST = do_GET  # noqa: N815 - the library's name

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@pytest.fixture(scope="module")
def faulty() -> Iterator[str]:
    """The address of a server that answers as the path asks."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Faulty) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        _RELEASE.set()
        server.shutdown()


@pytest.fixture(scope="module")
def customers(world: World, operator: OperatorProcess, faulty: str) -> None:
    """A customer for each way to fail."""
    for name in EXPECTED:
        url = f"http://127.0.0.1:{free_ports(1)[0]}" if name == "nobody-listens" else f"{faulty}/{name}"
        world.customer(
            f"prometheus-{name}",
            world.machine_deployment(f"prometheus-{name}"),
            observation={"prometheusRef": {"url": url}},
        )


@pytest.mark.parametrize("name", EXPECTED)
def test_the_observed_cost_is_unknown_and_the_pool_is_set(world: World, customers: None, name: str) -> None:
    """CostObserved is Unknown with its reason, no figure stands in for what is unknown, and the pool is as planned."""
    customer = f"prometheus-{name}"
    world.applied(customer)
    assert world.replicas(customer) == 3
    assert world.condition_comes(customer, "CostObserved", EXPECTED[name])["status"] == "Unknown"
    status = world.status(customer)
    assert "observed" not in status["cost"]
    assert "variance" not in status["cost"]
    assert (status["summary"]["observed"], status["summary"]["variance"]) == ("unknown", "unknown")
    assert world.condition(customer, "WithinBudget")["reason"] == "NoBudget"

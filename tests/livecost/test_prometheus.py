"""Asking a server: what is sent, who is trusted, and every way to fail has its reason and is no exception."""

import contextlib
import gzip
import ipaddress
import json
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from e2e.cluster.certificates import Authority
from livecost.observed_cost import NotMeasured
from livecost.prometheus import Asker, Patience
from livecost.prometheus_server import PrometheusServer
from livecost.promql import InstantQuestion, RangeQuestion

ROW = {"metric": {"job": "a"}, "value": [0, "1"]}
PATIENCE = Patience(timeout_seconds=1, max_bytes=1 << 20)
QUESTION = {"up": InstantQuestion("up", 1_800_000_000)}


def answer(rows):
    return json.dumps({"status": "success", "data": {"resultType": "vector", "result": rows}}).encode()


# First part of the path to status, body and headers.
ANSWERS = {
    "good": (200, answer([ROW]), {}),
    "packed": (200, gzip.compress(answer([ROW])), {"Content-Encoding": "gzip"}),
    "401": (401, b"", {}),
    "403": (403, b"", {}),
    "429": (429, b"", {}),
    "503": (503, b"", {}),
    "400": (400, b'{"status": "error", "error": "parse error"}', {}),
    "moved": (302, b"", {"Location": "/good"}),
    "deep": (200, b"[" * 100_000, {}),
    "huge": (200, answer([ROW] * 40_000), {}),
    "bomb": (200, gzip.compress(b" " * (1 << 26)), {"Content-Encoding": "gzip"}),
}
SEEN = []


class _Server(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.do_GET(body)

    def do_GET(self, body=""):
        SEEN.append((f"{self.path} {body}".strip(), dict(self.headers)))
        mode = self.path.split("/")[1]
        if mode == "trickle":
            self._trickle()
            return
        status, body, headers = ANSWERS[mode]
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def _trickle(self):
        self.send_response(200)
        self.end_headers()
        with contextlib.suppress(OSError):
            for _ in range(30):
                self.wfile.write(b" ")
                time.sleep(0.2)

    def log_message(self, *_):
        """Say nothing."""


def serving(context=None):
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    server.daemon_threads = True
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture(scope="module")
def plain():
    with serving() as server:
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module")
def authority():
    return Authority()


@pytest.fixture(scope="module")
def encrypted(authority, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = authority.serving_certificate()
    (folder / "cert").write_bytes(certificate)
    (folder / "key").write_bytes(key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert", folder / "key")
    with serving(context) as server:
        yield f"https://{ipaddress.IPv4Address('127.0.0.1')}:{server.server_address[1]}"
        server.shutdown()


async def ask(server, questions=QUESTION, patience=PATIENCE):
    asker = Asker(patience)
    try:
        return await asker.ask(server, questions)
    finally:
        asker.close()


@pytest.mark.parametrize("mode", ["good", "packed"])
async def test_each_answer_comes_under_its_name(plain, mode):
    questions = {"one": QUESTION["up"], "two": RangeQuestion("up", 0, 60, 30)}
    assert await ask(PrometheusServer(f"{plain}/{mode}"), questions) == {"one": [ROW], "two": [ROW]}


async def test_who_asks_is_told_in_the_headers_and_partial_answers_are_declined(plain):
    server = PrometheusServer(f"{plain}/good", (("X-Scope-OrgID", "st-marys"),), "Bearer secret")
    SEEN.clear()
    await ask(server)

    ((path, headers),) = SEEN
    assert (headers["X-Scope-OrgID"], headers["Authorization"]) == ("st-marys", "Bearer secret")
    assert "partial_response=false" in path
    assert "time=1800000000" in path
    assert "secret" not in repr(server)


async def test_a_question_too_long_for_an_address_is_asked_by_post(plain):
    long = 'up{cluster=~"' + "|".join(f"customer-{index}" for index in range(500)) + '"}'

    found = await ask(PrometheusServer(f"{plain}/good"), {"up": InstantQuestion(long, 1_800_000_000)})

    assert found == {"up": [ROW]}
    path, _, body = SEEN[-1][0].partition(" ")
    assert path == "/good/api/v1/query"
    assert parse_qs(body) == {"query": [long], "time": ["1800000000"], "partial_response": ["false"]}


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("401", "PrometheusForbidden"),
        ("403", "PrometheusForbidden"),
        ("429", "PrometheusFailing"),
        ("503", "PrometheusFailing"),
        ("400", "PrometheusAnswerInvalid"),
        ("moved", "PrometheusAnswerInvalid"),
        ("deep", "PrometheusAnswerInvalid"),
        ("huge", "PrometheusAnswerTooLarge"),
        ("bomb", "PrometheusAnswerTooLarge"),
        ("trickle", "PrometheusTimeout"),
    ],
)
async def test_every_way_to_fail_has_its_reason(plain, mode, reason):
    found = await ask(PrometheusServer(f"{plain}/{mode}"))
    assert isinstance(found, NotMeasured)
    assert found.reason == reason
    assert plain in found.message


async def test_a_server_is_verified_by_the_given_authority(encrypted, authority):
    url = f"{encrypted}/good"
    assert await ask(PrometheusServer(url, ca_pem=authority.certificate_pem.decode())) == {"up": [ROW]}


async def test_a_server_of_another_authority_is_not_believed(encrypted):
    for ca_pem in (None, Authority().certificate_pem.decode()):
        found = await ask(PrometheusServer(f"{encrypted}/good", ca_pem=ca_pem))
        assert isinstance(found, NotMeasured)
        assert found.reason == "PrometheusUntrusted"

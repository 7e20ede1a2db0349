"""Asking a server: what is sent, who is trusted, and every way to fail has its reason and is no exception."""

import asyncio
import contextlib
import gzip
import json
import time
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs

import pytest

from e2e.cluster.certificates import Authority
from livecost.observed_cost import NotMeasured
from livecost.prometheus import Asker, Patience
from livecost.prometheus_server import PrometheusServer
from livecost.promql import InstantQuestion, RangeQuestion
from tests.livecost.serving import serving, tls_of

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


@pytest.fixture(scope="module")
def plain():
    with serving(_Server) as address:
        yield address


@pytest.fixture(scope="module")
def authority():
    return Authority()


@pytest.fixture(scope="module")
def encrypted(authority, tmp_path_factory):
    with serving(_Server, tls_of(authority, tmp_path_factory.mktemp("tls"))) as address:
        yield address


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


async def test_who_ends_does_not_wait_for_questions_that_are_not_asked_yet(plain):
    """Threads outlive the event loop: the process would wait for each of their slow answers."""
    asker = Asker(PATIENCE)
    questions = {str(number): InstantQuestion(f"up + {number}", 1_800_000_000) for number in range(50)}
    SEEN.clear()
    asking = asyncio.create_task(asker.ask(PrometheusServer(f"{plain}/good"), questions))
    while not SEEN:  # noqa: ASYNC110 - another thread sees it
        await asyncio.sleep(0.001)
    asker.close()

    assert isinstance(await asking, NotMeasured)
    assert len(SEEN) < 50

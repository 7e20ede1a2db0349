"""Whatever an API server answers is an `ApiError` or a dictionary: another cluster's may be anything."""

from http.server import BaseHTTPRequestHandler

import pytest
from kubernetes.aio.client import Configuration

from livecost.kube_api import ApiError, KubeApi
from tests.livecost.serving import serving

DEEP = b"[" * 100_000


def answering(content, status=200):
    """A handler that answers everything alike."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            """Say nothing."""

    return Handler


async def error_of(url, ask):
    """What comes of a question."""
    configuration = Configuration()
    configuration.host = url
    api = KubeApi(configuration)
    try:
        with pytest.raises(ApiError) as caught:
            await ask(api)
        return caught.value
    finally:
        await api.close()


@pytest.mark.parametrize("content", [DEEP, b"no JSON", b""])
async def test_an_answer_that_cannot_be_read_is_told(content):
    with serving(answering(content)) as url:
        assert (await error_of(url, lambda api: api.get("/api/v1"))).reason == "Garbled"


@pytest.mark.parametrize("content", [DEEP, b"[]", b"no JSON"])
async def test_a_refusal_that_cannot_be_read_keeps_its_status(content):
    with serving(answering(content, 503)) as url:
        assert (await error_of(url, lambda api: api.get("/api/v1"))).status == 503


@pytest.mark.parametrize("content", [DEEP + b"\n", b"no JSON\n"])
async def test_a_watch_that_cannot_be_read_breaks(content):
    """And is begun anew: a copy that nobody follows any more would rot."""

    async def watch(api):
        async for _ in api.watch("/api/v1/nodes", "1"):
            pass

    with serving(answering(content)) as url:
        assert "broke" in (await error_of(url, watch)).message

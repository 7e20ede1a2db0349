"""The operator's HTTP endpoints leave nothing behind that its end would have to wait for."""

import asyncio
import http.client

import pytest
from prometheus_client import CollectorRegistry

from livecost.http_server import serve


@pytest.mark.parametrize(("path", "status"), [("/healthz", 200), ("/readyz", 503), ("/metrics", 200)])
async def test_no_connection_is_kept_open(path, status):
    """Its task would be waited for when a leader ends, seconds before the Lease is given up."""

    def read(port):
        reader = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        reader.request("GET", path)
        answer = reader.getresponse()
        answer.read()
        reader.close()
        return answer.status, answer.will_close

    async with serve("127.0.0.1", 0, CollectorRegistry(), lambda: "starting") as port:
        assert await asyncio.to_thread(read, port) == (status, True)

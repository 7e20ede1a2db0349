"""The server starts and ends in words, whatever its clients leave undone."""

import logging
import socket
import threading

import pytest
from click.testing import CliRunner

from livecost.web import serving
from livecost.web.app import create_app
from livecost.web.serving import Server, bound_socket, server_settings
from livecost.web_command import web_command


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("127.0.0.1", "port {port} of 127.0.0.1 is taken; choose another --port, or 0 for a free one"),
        ("192.0.2.1", "192.0.2.1 is no address of this machine; choose another --host"),
        ("a" * 64 + ".example", "is not known as an address; choose another --host"),
    ],
)
def test_where_it_cannot_listen_is_told_with_the_option_to_change(host, told):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(web_command, ["--calculator-only", "--host", host, "--port", str(port)])

    assert result.exit_code == 2
    assert told.format(port=port) in result.stderr


def test_a_client_that_never_finishes_does_not_keep_the_server_from_ending(monkeypatch):
    monkeypatch.setattr(serving, "_LONGEST_END_SECONDS", 1)
    listens = threading.Event()
    with bound_socket("127.0.0.1", 0) as listener:
        server = Server(server_settings(create_app(), "127.0.0.1", 0), listens.set, lambda: None)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        assert listens.wait(30)
        with socket.create_connection(listener.getsockname()) as client:
            client.sendall(b"POST /calculator/update HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf")
            while not server.server_state.tasks:
                pass
            server.should_exit = True
            thread.join(30)

    assert not thread.is_alive()


async def test_a_client_that_leaves_in_the_middle_is_no_failure(caplog):
    sent = iter([{"type": "http.request", "body": b"half", "more_body": True}, {"type": "http.disconnect"}])
    headers = [(b"host", b"localhost"), (b"content-length", b"9")]
    scope = {"type": "http", "method": "POST", "path": "/calculator/update", "query_string": b"", "headers": headers}

    async def receive():
        return next(sent)

    async def send(message):
        """Nobody reads it."""

    with caplog.at_level(logging.WARNING):
        await create_app()(scope, receive, send)

    assert caplog.records == []

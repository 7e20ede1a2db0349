"""The server of the application."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Final

import uvicorn

from livecost.command_endings import Refused
from livecost.listening import why_not

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI

_LONGEST_END_SECONDS: Final = 5
"""How long answers under way may take once the server is to end: a client that never finishes holds up no more."""


def server_settings(app: FastAPI, host: str, port: int) -> uvicorn.Config:
    """How an application is served."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        h11_max_incomplete_event_size=64 * 1024,
        timeout_graceful_shutdown=_LONGEST_END_SECONDS,
    )


def bound_socket(host: str, port: int) -> socket.socket:
    """A socket for the server, bound; port 0 takes a free one.

    Raises:
        Refused: the address or the port is not to be had.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Else the end of an answer waits up to 40 ms for the browser to acknowledge its beginning.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind((host, port))
    except (OSError, UnicodeError) as error:
        listener.close()
        raise Refused(why_not(host, port, error)) from None
    return listener


class Server(uvicorn.Server):
    """A server that tells when it can be asked, and ends its streams before it waits for connections to end.

    Args:
        config: of the server.
        listening: called once, when it answers.
        end_streams: called once, when it is to end.
    """

    def __init__(self, config: uvicorn.Config, listening: Callable[[], None], end_streams: Callable[[], None]) -> None:
        super().__init__(config)
        self._listening = listening
        self._end_streams = end_streams

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen."""
        await super().startup(sockets)
        if not self.should_exit:
            self._listening()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what is under way, and listen no more."""
        self._end_streams()
        await super().shutdown(sockets)

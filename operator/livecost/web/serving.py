"""The server of the application."""

from __future__ import annotations

from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable


class Server(uvicorn.Server):
    """A server that ends its streams before it waits for connections to end.

    Args:
        config: of the server.
        end_streams: called once, when the server is to end.
    """

    def __init__(self, config: uvicorn.Config, end_streams: Callable[[], None]) -> None:
        super().__init__(config)
        self._end_streams = end_streams

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what is under way, and listen no more."""
        self._end_streams()
        await super().shutdown(sockets)

"""The server of the application."""

from __future__ import annotations

from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable


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

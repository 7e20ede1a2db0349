"""A stand-in for the metrics of one LiveKit process: what is on is set by the test."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class LiveKitExporter:
    """Serves livekit_room_total and livekit_participant_total at /metrics until stopped.

    Args:
        node_id: the name that the process gives itself.
        rooms: rooms that are on.
        participants: participants that are on.
        port: where it listens; 0 for any free one.
    """

    def __init__(self, node_id: str, rooms: int, participants: int, port: int = 0) -> None:
        self.node_id = node_id
        self.rooms = rooms
        self.participants = participants
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.server_port

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    def stop(self) -> None:
        """End it, and close its port."""
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        exporter = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                labels = f'node_id="{exporter.node_id}",node_type="SERVER"'
                body = (
                    f"livekit_room_total{{{labels}}} {exporter.rooms}\n"
                    f"livekit_participant_total{{{labels}}} {exporter.participants}\n"
                ).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
                """Say nothing."""

        return Handler

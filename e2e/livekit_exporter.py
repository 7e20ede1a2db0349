"""A LiveKit node as Prometheus sees it: the series of livekit-server and node_exporter, growing as if under load."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

# Gauges stand, counters grow by so much a second.
GAUGES: Final = {
    'livekit_room_total{node_id="ND_monitored"}': 80,
    'livekit_participant_total{node_id="ND_monitored"}': 480,
    "node_memory_MemAvailable_bytes": 8e9,
    "node_memory_MemTotal_bytes": 16e9,
}
COUNTERS: Final = {
    'livekit_packet_total{node_id="ND_monitored",direction="outgoing",transmission="initial"}': 1000,
    'livekit_packet_bytes{node_id="ND_monitored",direction="outgoing",transmission="initial"}': 184_000,
    'livekit_packet_loss_total{node_id="ND_monitored",direction="outgoing"}': 5,
    'node_cpu_seconds_total{cpu="0",mode="idle"}': 0.5,
    'node_network_transmit_bytes_total{device="eth0"}': 222_000,
}


@contextmanager
def livekit_exporter() -> Iterator[str]:
    """Serve /metrics on the loopback address until the context ends; its host and port are given."""
    began = time.monotonic()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            age = time.monotonic() - began
            values = GAUGES | {name: age * rate for name, rate in COUNTERS.items()}
            body = "".join(f"{name} {value}\n" for name, value in values.items()).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Scrapes are no news."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

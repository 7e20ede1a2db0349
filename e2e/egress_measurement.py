"""Measures one audio session's egress several ways: LiveKit's counters, livecost's query, the receivers, the wire.

It runs as a process of its own, so that it can have a network of its own: `python -m e2e.egress_measurement FOLDER`.
"""

import argparse
import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from e2e.audio_participants import Received, hold_session
from e2e.cluster.errors import ClusterError
from e2e.cluster.processes import Processes
from e2e.cluster.programs import find_program
from e2e.cluster.prometheus_process import PrometheusProcess
from e2e.livekit_server import LiveKitServer
from e2e.network_namespace import ADDRESS, set_up_network
from e2e.wire_count import Kind, Sent, WireCount
from livecost.observation_window import Window
from livecost.observed_cost import Measured, NotMeasured
from livecost.prometheus import Asker, Patience
from livecost.prometheus_server import PrometheusServer
from livecost.promql import questions
from livecost.telemetry import Answers, Customer, Telemetry

PARTICIPANTS: Final = 6
TALK_SECONDS: Final = 20
SCRAPES_PER_SECOND: Final = 10

# LiveKit adds to its counters every 5 seconds.
_QUIET_SECONDS = 6
_GIVE_UP_SECONDS = 40


@dataclass(frozen=True, slots=True)
class Gauges:
    """What livekit-server says of the room while all are in it."""

    rooms: int
    participants: int
    audio_tracks_published: int
    audio_tracks_subscribed: int


@dataclass(frozen=True, slots=True)
class EgressMeasurement:
    """One session, from before the first joined until after the last left.

    Attributes:
        gauges: at the end of the talk.
        counted_bytes: growth of livekit_packet_bytes, outgoing, read from the server.
        counted_packets: growth of livekit_packet_total, outgoing.
        queried_gb_per_hour: what livecost makes of its own query.
        queried_seconds: over how long.
        received: RTP by the receivers' count, of the talk: they miss a few packets while they are joining and leaving.
        wire_of_talk: IP packets of the same time, by what they are for; None where they cannot be counted.
        wire: all IP packets of the session.
    """

    gauges: Gauges
    counted_bytes: int
    counted_packets: int
    queried_gb_per_hour: Decimal
    queried_seconds: int
    received: Received
    wire_of_talk: dict[Kind, Sent] | None
    wire: dict[Kind, Sent] | None

    @property
    def queried_bytes(self) -> Decimal:
        """The bytes that livecost takes for sent."""
        return self.queried_gb_per_hour * 10**9 * self.queried_seconds / 3600

    def to_json(self) -> str:
        """As one line."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> "EgressMeasurement":
        """From that line."""
        row = json.loads(text)
        wires = {name: row[name] for name in ("wire_of_talk", "wire")}
        return cls(
            **row
            | {
                "gauges": Gauges(**row["gauges"]),
                "queried_gb_per_hour": Decimal(row["queried_gb_per_hour"]),
                "received": Received(**row["received"]),
            }
            | {name: wire and {kind: Sent(**sent) for kind, sent in wire.items()} for name, wire in wires.items()}
        )


class _Bench:
    """A livekit-server and a Prometheus that scrapes it."""

    def __init__(self, folder: Path, address: str) -> None:
        self._processes = Processes(folder / "logs")
        self.server = LiveKitServer(self._processes, folder, address)
        self.prometheus = PrometheusProcess(self._processes, folder, f"{1000 // SCRAPES_PER_SECOND}ms")

    def start(self) -> None:
        self.prometheus.start(find_program("prometheus"))
        self.server.start(find_program("livekit-server"))
        # As where a ServiceMonitor and a PodMonitor both select LiveKit: what it sent must still count once.
        for job in ("livekit", "livekit-again"):
            self.prometheus.add_target(job, self.server.metrics_address, {})
        self.prometheus.wait()

    def stop(self) -> None:
        self._processes.stop_all()

    def tokens(self, count: int) -> list[str]:
        return [self.server.token("room", f"participant-{number}") for number in range(count)]

    def counters(self) -> tuple[int, int]:
        outgoing = {"direction": "outgoing"}
        return self.server.metric("livekit_packet_bytes", **outgoing), self.server.metric(
            "livekit_packet_total", **outgoing
        )

    async def settled_counters(self) -> tuple[int, int]:
        """The counters once they have stood still for longer than LiveKit's interval."""
        deadline = time.monotonic() + _GIVE_UP_SECONDS
        latest, since = self.counters(), time.monotonic()
        while time.monotonic() - since < _QUIET_SECONDS:
            if time.monotonic() > deadline:
                raise TimeoutError("LiveKit's counters keep growing although nobody is there")
            await asyncio.sleep(0.2)
            now = self.counters()
            if now != latest:
                latest, since = now, time.monotonic()
        return latest

    def gauges(self) -> Gauges:
        metric = self.server.metric
        return Gauges(
            rooms=metric("livekit_room_total"),
            participants=metric("livekit_participant_total"),
            audio_tracks_published=metric("livekit_track_published_total", kind="AUDIO"),
            audio_tracks_subscribed=metric("livekit_track_subscribed_total", kind="AUDIO"),
        )


async def measure(wire: WireCount | None, bench: _Bench) -> EgressMeasurement:
    """Holds a session and measures it; nobody is on the server before and after."""
    # increase() cannot see a counter's first value, and LiveKit's appear with the first traffic.
    await hold_session(bench.server.url, bench.tokens(2), 1)
    counted_before = await bench.settled_counters()
    sent_before = wire.sent() if wire else {}
    began = int(time.time())
    gauges: list[Gauges] = []
    sent: list[dict[Kind, Sent]] = []

    def look() -> None:
        gauges.append(bench.gauges())
        if wire:
            sent.append(wire.sent())

    received = await hold_session(bench.server.url, bench.tokens(PARTICIPANTS), TALK_SECONDS, look)
    counted = await bench.settled_counters()
    ended = int(time.time()) - 1
    window = Window(end_seconds=ended, step_seconds=1, steps=ended - began)
    return EgressMeasurement(
        gauges=gauges[-1],
        counted_bytes=counted[0] - counted_before[0],
        counted_packets=counted[1] - counted_before[1],
        queried_gb_per_hour=await _queried_rate(bench.prometheus.url, window),
        queried_seconds=window.seconds,
        received=received,
        wire_of_talk=_difference(sent[1], sent[0]) if wire else None,
        wire=_difference(wire.sent(), sent_before) if wire else None,
    )


async def _queried_rate(url: str, window: Window) -> Decimal:
    asker = Asker(Patience(timeout_seconds=5, max_bytes=1 << 20))
    answers = await asker.ask(PrometheusServer(url), questions(window, []))
    asker.close()
    if isinstance(answers, NotMeasured):
        raise ClusterError(answers.message)
    # livecost measures no customer without nodes, and here is no Kubernetes that knows any.
    key = {"customer_namespace": "default", "customer": "test", "pool": "livekit"}
    nodes = [{"metric": key, "value": [window.end_seconds, str(window.steps)]}]
    telemetry = Telemetry(window, Answers(**answers | {"own_sum": nodes, "own_count": nodes}))
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    measured = telemetry.measure(Customer(("default", "test"), long_ago, {}, {}, alone=True))
    if not isinstance(measured, Measured) or measured.egress_gb_per_hour is None:
        raise ClusterError(f"livecost measured no egress: {measured}")
    return measured.egress_gb_per_hour.value


def _difference(after: dict[Kind, Sent], before: dict[Kind, Sent]) -> dict[Kind, Sent]:
    none = Sent(0, 0)
    return {
        kind: Sent(sent.packets - before.get(kind, none).packets, sent.bytes - before.get(kind, none).bytes)
        for kind, sent in after.items()
    }


def main() -> None:
    """Measures, and prints the measurement as one line of JSON."""
    parser = argparse.ArgumentParser(prog="python -m e2e.egress_measurement")
    parser.add_argument("folder", type=Path, help="for logs and data")
    parser.add_argument("--own-network", action="store_true", help="this process was started in namespaces of its own")
    options = parser.parse_args()
    address = "127.0.0.1"
    if options.own_network:
        set_up_network()
        address = ADDRESS
    bench = _Bench(options.folder, address)
    try:
        bench.start()
        if options.own_network:
            with WireCount("lo", bench.server.customer_ports) as wire:
                found = asyncio.run(measure(wire, bench))
        else:
            found = asyncio.run(measure(None, bench))
    finally:
        bench.stop()
    sys.stdout.write(found.to_json() + "\n")


if __name__ == "__main__":
    main()

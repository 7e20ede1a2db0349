"""Observed egress against a real livekit-server with real participants: what livecost reads is what was sent."""

import os
import subprocess
import sys

import pytest

from e2e.cluster.programs import ensure_programs
from e2e.cluster.pytest_progress import uncaptured
from e2e.egress_measurement import PARTICIPANTS, SCRAPES_PER_SECOND, EgressMeasurement, Gauges
from e2e.network_namespace import ENTER, why_not
from e2e.operator_process import ROOT
from e2e.wire_count import Kind, Sent
from livecost.promql import WIRE_OVERHEAD_BYTES_PER_PACKET

_LIMIT_SECONDS = 180


@pytest.fixture(scope="session")
def no_namespace() -> str | None:
    """Why the wire cannot be counted here; None when it can."""
    return why_not()


@pytest.fixture(scope="session")
def session(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory, no_namespace: str | None
) -> EgressMeasurement:
    """One measured audio session."""
    ensure_programs(["livekit-server", "prometheus"], uncaptured(pytestconfig))
    command = [sys.executable, "-m", "e2e.egress_measurement", str(tmp_path_factory.mktemp("livekit"))]
    if no_namespace is None:
        command = [*ENTER, *command, "--own-network"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "operator")))}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=_LIMIT_SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return EgressMeasurement.from_json(done.stdout)


@pytest.fixture
def wire(session: EgressMeasurement, no_namespace: str | None) -> dict[Kind, Sent]:
    """The session's IP packets."""
    if session.wire is None:
        pytest.skip(f"IP packets cannot be counted here: {no_namespace}")
    return session.wire


def test_one_server_counts_each_participant_and_each_forwarded_stream_once(session: EgressMeasurement) -> None:
    """On one node the gauges are exact: n participants publish n tracks, and each hears the n-1 others."""
    streams = PARTICIPANTS * (PARTICIPANTS - 1)
    assert session.gauges == Gauges(
        rooms=1, participants=PARTICIPANTS, audio_tracks_published=PARTICIPANTS, audio_tracks_subscribed=streams
    )


def test_livecosts_query_gives_the_counters_growth_with_the_overhead_of_each_packet(session: EgressMeasurement) -> None:
    """Its names are LiveKit's, and a server that two jobs scrape counts once.

    increase() extrapolates by at most one scrape interval.
    """
    expected = session.counted_bytes + WIRE_OVERHEAD_BYTES_PER_PACKET * session.counted_packets
    one_scrape = 1 / (SCRAPES_PER_SECOND * session.queried_seconds)
    assert float(session.queried_bytes) == pytest.approx(expected, rel=one_scrape + 0.001)


def test_livekit_counts_the_rtp_that_reached_the_participants(session: EgressMeasurement) -> None:
    """RTP headers and payload; beside it only signalling, and the packets around the talk."""
    received = session.received
    assert received.packets > PARTICIPANTS * (PARTICIPANTS - 1) * 900
    rtp_bytes = received.payload_bytes + received.header_bytes
    assert rtp_bytes <= session.counted_bytes <= rtp_bytes * 1.1
    assert received.packets <= session.counted_packets <= received.packets * 1.15


def test_an_rtp_packet_on_the_wire_is_larger_by_the_overhead(
    session: EgressMeasurement, wire: dict[Kind, Sent]
) -> None:
    """IPv4, UDP and SRTP tag: the wire without them is what the participants received."""
    assert session.wire_of_talk is not None
    media = session.wire_of_talk["media"]
    received = session.received
    assert media.packets == pytest.approx(received.packets, rel=0.005)
    without_overhead = media.bytes - WIRE_OVERHEAD_BYTES_PER_PACKET * media.packets
    assert without_overhead == pytest.approx(received.payload_bytes + received.header_bytes, rel=0.002)
    assert wire["media"].packets <= session.counted_packets <= wire["media"].packets * 1.02


def test_observed_egress_is_what_left_the_server_to_two_percent(
    session: EgressMeasurement, wire: dict[Kind, Sent]
) -> None:
    """LiveKit's bytes alone miss a fifth; with the overhead only RTCP, STUN and DTLS are missing."""
    sent_bytes = sum(sent.bytes for sent in wire.values())
    assert session.counted_bytes / sent_bytes < 0.85
    assert 0.98 < float(session.queried_bytes) / sent_bytes < 1
    media_and_signalling = wire["media"].bytes + wire["tcp"].bytes
    assert float(session.queried_bytes) == pytest.approx(media_and_signalling, rel=0.01)

"""Audio through a selective forwarding unit (SFU): streams, their size on the wire, and the data of a session.

Every participant sends one stream to the server, and the server forwards it to each of the others, so a room of n has n
streams in and n(n-1) streams out. Bitrates are kilobits (10^3) per second, data is GB (10^9 bytes); all exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Literal

from costmodel.decimals import exact
from costmodel.errors import AssumptionsError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

Counted = Literal["wire", "payload"]

PACKETS_PER_SECOND: Final = Decimal(50)
"""One packet for each Opus frame of 20 ms, the WebRTC default (RFC 7587, section 4.2)."""
SILENCE_PACKETS_PER_SECOND: Final = Decimal("2.5")
"""In discontinuous transmission (DTX) one frame is encoded every 400 ms (RFC 6716, section 2.1.9)."""
SILENCE_PAYLOAD_BYTES: Final = Decimal(10)
"""An assumption: RFC 6716 sets no length for the frames of silence. On the wire they make 1.44 kbps (IPv4)."""
MAX_REDUNDANT_BLOCKS: Final = 2
"""As many as LiveKit's server adds (livekit-server 1.13.11, pkg/sfu/redreceiver.go)."""

OVERHEAD_BYTES: Final[Mapping[str, int]] = {
    "UDP (RFC 768)": 8,
    "RTP (RFC 3550)": 12,
    "RTP header extensions: audio level, mid, transport-wide sequence (RFC 8285)": 12,
    "SRTP authentication tag, AES_CM_128_HMAC_SHA1_80 (RFC 3711)": 10,
}
"""Bytes around the payload of each packet, besides the IP header."""
IPV4_BYTES: Final = 20
IPV6_BYTES: Final = 40

AUDIO_QUALITIES: Final[Mapping[str, Decimal]] = {
    "low": Decimal(32),
    "standard": Decimal(64),
    "high": Decimal(96),
    "premium": Decimal(128),
}
"""Name to Opus bitrate in kbps: the audio sizing document's quality ladder."""

_BITS_PER_BYTE = 8
_PER_KILO = 1000
# RFC 2198: four bytes of header for each redundant block and one for the primary.
RED_BLOCK_HEADER_BYTES: Final = 4
RED_PRIMARY_HEADER_BYTES: Final = 1
_SECONDS_PER_MINUTE = 60
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class AudioStream:
    """One participant's microphone as one stream.

    Attributes:
        payload_kbps: Opus bitrate while talking.
        talk_percent: share of the time in which the stream carries speech; in the rest DTX sends frames of silence.
        ipv6: IPv6 headers instead of IPv4's.
        redundant_blocks: earlier frames repeated in each packet (RED, RFC 2198), 0 to 2.
    """

    payload_kbps: Decimal
    talk_percent: Decimal = _HUNDRED
    ipv6: bool = False
    redundant_blocks: int = 0

    def __post_init__(self) -> None:
        problems = []
        if self.payload_kbps <= 0:
            problems.append(Problem("media.kbps", f"{self.payload_kbps} is not above 0", "write a bitrate such as 64"))
        if not 0 <= self.talk_percent <= _HUNDRED:
            remedy = "write a number from 0 to 100"
            problems.append(Problem("media.talkPercent", f"{self.talk_percent} is out of range", remedy))
        if not 0 <= self.redundant_blocks <= MAX_REDUNDANT_BLOCKS:
            remedy = f"write a whole number from 0 to {MAX_REDUNDANT_BLOCKS}"
            problems.append(Problem("media.redundantBlocks", f"{self.redundant_blocks} is out of range", remedy))
        if problems:
            raise AssumptionsError(problems)

    @property
    def overhead_bytes_per_packet(self) -> int:
        """Bytes of all headers and the authentication tag of a packet, without RED."""
        return (IPV6_BYTES if self.ipv6 else IPV4_BYTES) + sum(OVERHEAD_BYTES.values())


@exact
def stream_kbps(stream: AudioStream, counted: Counted = "wire") -> Decimal:
    """Average bitrate of one stream in kbps (SPEC, Bitrate of a stream).

    Args:
        stream: the microphone.
        counted: `wire` counts what a provider bills, IP packets; `payload` only the Opus frames, without RED.
    """
    talking = _packet_kbps(_payload_bytes(stream), PACKETS_PER_SECOND, stream, counted)
    silent = _packet_kbps(SILENCE_PAYLOAD_BYTES, SILENCE_PACKETS_PER_SECOND, stream, counted)
    return (talking * stream.talk_percent + silent * (_HUNDRED - stream.talk_percent)) / _HUNDRED


def _payload_bytes(stream: AudioStream) -> Decimal:
    return stream.payload_kbps * _PER_KILO / _BITS_PER_BYTE / PACKETS_PER_SECOND


def _packet_kbps(payload_bytes: Decimal, packets_per_second: Decimal, stream: AudioStream, counted: Counted) -> Decimal:
    size = payload_bytes
    if counted == "wire":
        blocks = stream.redundant_blocks
        if blocks:
            size += blocks * (payload_bytes + RED_BLOCK_HEADER_BYTES) + RED_PRIMARY_HEADER_BYTES
        size += stream.overhead_bytes_per_packet
    return size * packets_per_second * _BITS_PER_BYTE / _PER_KILO


@dataclass(frozen=True, slots=True)
class SessionMedia:
    """Bitrates of one room at the server, in kbps (SPEC, Streams of a room).

    Attributes:
        participants: people and agents in the room; an average may be a fraction.
        sent_kbps_per_participant: what a participant sends to the server, one stream.
        received_kbps_per_participant: what the server sends to a participant, the streams of all others.
        ingress_kbps: what the server receives, n streams.
        egress_kbps: what the server sends, n(n-1) streams.
        total_kbps: ingress and egress.
    """

    participants: Decimal
    sent_kbps_per_participant: Decimal
    received_kbps_per_participant: Decimal
    ingress_kbps: Decimal
    egress_kbps: Decimal
    total_kbps: Decimal


@exact
def session_media(stream: AudioStream, participants: Decimal | int, counted: Counted = "wire") -> SessionMedia:
    """The bitrates of a room in which all hear each other.

    Raises:
        AssumptionsError: fewer than one participant.
    """
    if participants < 1:
        problem = Problem("media.participantsPerRoom", f"{participants} is below 1", "write a number of at least 1")
        raise AssumptionsError([problem])
    sent = stream_kbps(stream, counted)
    received = (participants - 1) * sent
    ingress, egress = participants * sent, participants * received
    return SessionMedia(Decimal(participants), sent, received, ingress, egress, ingress + egress)


@exact
def data_gb(kbps: Decimal, minutes: Decimal | int) -> Decimal:
    """GB (10^9 bytes) that flow in `minutes` at `kbps`: kbps x 1000 x minutes x 60 / 8 / 10^9."""
    return kbps * minutes * _SECONDS_PER_MINUTE / _BITS_PER_BYTE / 1_000_000

"""Real participants of a LiveKit room: each sends Opus audio and hears all the others."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from livekit import rtc

_SAMPLE_RATE = 48_000
_FRAME_SAMPLES = 480
_JOIN_SECONDS = 20
# Packets that are on their way when all fall silent.
_DRAIN_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Received:
    """RTP that reached participants, by their own count.

    Attributes:
        packets: RTP packets.
        payload_bytes: their payload, without RTP header and padding.
        header_bytes: their RTP headers with extensions.
    """

    packets: int
    payload_bytes: int
    header_bytes: int

    def __sub__(self, other: "Received") -> "Received":
        return Received(
            self.packets - other.packets,
            self.payload_bytes - other.payload_bytes,
            self.header_bytes - other.header_bytes,
        )


async def hold_session(
    url: str, tokens: Sequence[str], talk_seconds: float, look: Callable[[], None] = lambda: None
) -> Received:
    """Joins a room with one participant for each token, lets all talk, and leaves.

    Args:
        url: of the server.
        tokens: one for each participant, all of one room.
        talk_seconds: how long they talk, once everyone hears everyone.
        look: called in the silence before the talk, and in the silence after it, with all still in the room.

    Returns:
        What all of them received from one look to the other, together.

    Raises:
        TimeoutError: not everyone heard everyone in time.
    """
    participants = [_Participant(token, others=len(tokens) - 1) for token in tokens]
    async with asyncio.timeout(_JOIN_SECONDS):
        await asyncio.gather(*(each.join(url) for each in participants))
        await asyncio.gather(*(each.hears_all.wait() for each in participants))
    before = await _received_in_silence(participants)
    look()
    await asyncio.gather(*(each.talk(talk_seconds, 200 + 40 * number) for number, each in enumerate(participants)))
    after = await _received_in_silence(participants)
    look()
    await asyncio.gather(*(each.room.disconnect() for each in participants))
    return after - before


async def _received_in_silence(participants: Sequence["_Participant"]) -> Received:
    await asyncio.sleep(_DRAIN_SECONDS)
    each = await asyncio.gather(*(participant.received() for participant in participants))
    return Received(
        packets=sum(one.packets for one in each),
        payload_bytes=sum(one.payload_bytes for one in each),
        header_bytes=sum(one.header_bytes for one in each),
    )


class _Participant:
    def __init__(self, token: str, others: int) -> None:
        self.room = rtc.Room()
        self.hears_all = asyncio.Event()
        self._token = token
        self._others = others
        self._heard: list[rtc.RemoteTrackPublication] = []
        self._source = rtc.AudioSource(_SAMPLE_RATE, 1)
        self.room.on("track_subscribed", self._on_subscribed)

    async def join(self, url: str) -> None:
        await self.room.connect(url, self._token)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, dtx=False, red=False)
        options.audio_encoding.max_bitrate = 64_000
        track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)
        await self.room.local_participant.publish_track(track, options)

    async def talk(self, seconds: float, tone_hertz: float) -> None:
        noise = np.random.default_rng(int(tone_hertz))
        for frame in range(int(seconds * _SAMPLE_RATE / _FRAME_SAMPLES)):
            moments = (np.arange(_FRAME_SAMPLES) + frame * _FRAME_SAMPLES) / _SAMPLE_RATE
            wave = 8000 * np.sin(2 * np.pi * tone_hertz * moments) + noise.normal(0, 2000, _FRAME_SAMPLES)
            samples = wave.astype("<i2").tobytes()
            await self._source.capture_frame(rtc.AudioFrame(samples, _SAMPLE_RATE, 1, _FRAME_SAMPLES))
        await self._source.wait_for_playout()

    async def received(self) -> Received:
        stats = await self.room.get_rtc_stats()
        # One connection carries both directions, or one each: so the SDK agrees with the server.
        rows = [row for row in (*stats.publisher_stats, *stats.subscriber_stats) if row.HasField("inbound_rtp")]
        return Received(
            packets=sum(row.inbound_rtp.received.packets_received for row in rows),
            payload_bytes=sum(row.inbound_rtp.inbound.bytes_received for row in rows),
            header_bytes=sum(row.inbound_rtp.inbound.header_bytes_received for row in rows),
        )

    def _on_subscribed(
        self, _track: rtc.Track, publication: rtc.RemoteTrackPublication, _who: rtc.RemoteParticipant
    ) -> None:
        self._heard.append(publication)
        if len(self._heard) == self._others:
            self.hears_all.set()

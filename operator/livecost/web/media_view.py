"""The bitrates of one room of audio: as payload and on the wire, by stream, participant and server."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from costmodel.media import AudioStream, SessionMedia, session_media
from costmodel.sizing import participants_per_room

if TYPE_CHECKING:
    from livecost.web.evaluation import Evaluation


@dataclass(frozen=True, slots=True)
class MediaRow:
    """Bitrates counted one way; `acts` marks the one that egress is charged by."""

    counted: str
    media: SessionMedia
    acts: bool


def media_rows(evaluation: Evaluation) -> list[MediaRow]:
    """Payload and wire for the media of a scenario, or for the standard 64 kbps where it states a bitrate."""
    media, demand = evaluation.media, evaluation.assumptions.demand
    stream, room = AudioStream(Decimal(64)), participants_per_room(demand)
    if media is not None and media.kbps is not None and media.talk_percent is not None:
        stream = AudioStream(media.kbps, media.talk_percent, bool(media.ipv6), media.redundant_blocks or 0)
        room = media.participants_per_room or room
    acting = None if media is None else media.counted
    return [MediaRow(name, session_media(stream, room, name), name == acting) for name in ("payload", "wire")]

"""The media section of documents: merging it, and the bitrate per participant that follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from costmodel.document import MediaDocument
from costmodel.media import AudioStream, session_media
from costmodel.sizing import participants_per_room

if TYPE_CHECKING:
    from decimal import Decimal

    from costmodel.assumptions import Demand

_DEFAULTS: Final = MediaDocument.model_validate(
    {
        "kind": "audio",
        # The standard step of the audio sizing document's quality ladder.
        "kbps": 64,
        # The cautious ends: all talk all the time, and what providers bill is counted.
        "talkPercent": 100,
        "counted": "wire",
        # What clients use where neither network nor server is set up for more.
        "ipv6": False,
        "redundantBlocks": 0,
    }
)


def overlaid(earlier: MediaDocument | None, later: MediaDocument | None) -> MediaDocument | None:
    """`later` laid over `earlier`, field by field; None where neither states anything."""
    stated = {} if later is None else {name: value for name, value in later if value is not None}
    if not stated:
        return earlier
    return (earlier or MediaDocument()).model_copy(update=stated)


def bitrate(media: MediaDocument | None, demand: Demand) -> dict[str, Decimal]:
    """What `media` makes of the network section: media_mbps, or nothing where there is no media (SPEC, Media)."""
    values = overlaid(_DEFAULTS, media)
    if media is None or values is None:
        return {}
    assert values.kbps is not None  # noqa: S101 - the defaults state all but participants_per_room
    assert values.talk_percent is not None  # noqa: S101
    assert values.redundant_blocks is not None  # noqa: S101
    assert values.counted is not None  # noqa: S101
    stream = AudioStream(values.kbps, values.talk_percent, bool(values.ipv6), values.redundant_blocks)
    room = values.participants_per_room or participants_per_room(demand)
    return {"media_mbps": session_media(stream, room, values.counted).received_kbps_per_participant.scaleb(-3)}

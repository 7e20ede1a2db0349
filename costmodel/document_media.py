"""The media section of documents: merging it, and the bitrate per participant that follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from costmodel.document import MediaDocument
from costmodel.media import AudioStream, session_media
from costmodel.sizing import participants_per_room

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from costmodel.assumptions import Demand
    from costmodel.document import AssumptionsDocument

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


def media_in_force(documents: Iterable[AssumptionsDocument]) -> MediaDocument | None:
    """The media of `documents` with its defaults, or None where a bitrate is stated instead (SPEC, Media).

    A document that states network.mediaMbps removes the media of those before it. `participants_per_room` stays None
    where nothing states it.
    """
    media: MediaDocument | None = None
    for document in documents:
        if document.network is not None and document.network.media_mbps is not None:
            media = None
        media = _overlaid(media, document.media)
    return None if media is None else _DEFAULTS.model_copy(update=_stated(media))


def bitrate(documents: Iterable[AssumptionsDocument], demand: Demand) -> dict[str, Decimal]:
    """What the media of `documents` make of the network section: media_mbps, or nothing without media."""
    values = media_in_force(documents)
    if values is None:
        return {}
    assert values.kbps is not None  # noqa: S101 - the defaults state all but participants_per_room
    assert values.talk_percent is not None  # noqa: S101
    assert values.redundant_blocks is not None  # noqa: S101
    assert values.counted is not None  # noqa: S101
    stream = AudioStream(values.kbps, values.talk_percent, bool(values.ipv6), values.redundant_blocks)
    room = values.participants_per_room or participants_per_room(demand)
    return {"media_mbps": session_media(stream, room, values.counted).received_kbps_per_participant.scaleb(-3)}


def _overlaid(earlier: MediaDocument | None, later: MediaDocument | None) -> MediaDocument | None:
    stated = {} if later is None else _stated(later)
    return (earlier or MediaDocument()).model_copy(update=stated) if stated else earlier


def _stated(media: MediaDocument) -> dict[str, Any]:
    return {name: value for name, value in media if value is not None}

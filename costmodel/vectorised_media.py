"""The bitrate that follows from media, for arrays of inputs (SPEC, Media)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costmodel import media as streams
from costmodel.fixed_point import FixedPoint

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from costmodel.document import MediaDocument

_ONE = FixedPoint.constant(1)
_HUNDRED = FixedPoint.constant(100)
_KBPS_PER_BYTE_AND_PACKET = FixedPoint(8, 1000, 8)
_MBPS_PER_KBPS = FixedPoint(1, 1000, 1)


def media_mbps(media: MediaDocument, value_of: Callable[[str], FixedPoint | None], room: FixedPoint) -> FixedPoint:
    """Megabits (10^6) per second sent to one participant, as `costmodel.document_media.bitrate` computes them.

    Args:
        media: the media in force.
        value_of: path to the value of a numeric field, None where nothing states it.
        room: participants of a room where media state none.
    """
    kbps, talk, blocks = (value_of(f"media.{name}") for name in ("kbps", "talkPercent", "redundantBlocks"))
    assert kbps is not None  # noqa: S101 - media in force state all but participantsPerRoom
    assert talk is not None  # noqa: S101
    assert blocks is not None  # noqa: S101
    payload = kbps * FixedPoint.constant(1000) * _reciprocal(8 * streams.PACKETS_PER_SECOND)
    talking = _packet_kbps(payload, streams.PACKETS_PER_SECOND, blocks, media)
    silence = FixedPoint.constant(streams.SILENCE_PAYLOAD_BYTES)
    silent = _packet_kbps(silence, streams.SILENCE_PACKETS_PER_SECOND, blocks, media)
    stream = (talking * talk + silent * (_HUNDRED - talk)) * _reciprocal(100)
    participants = value_of("media.participantsPerRoom") or room
    return (participants - _ONE) * stream * _MBPS_PER_KBPS


def _packet_kbps(
    payload_bytes: FixedPoint, packets_per_second: Decimal, blocks: FixedPoint, media: MediaDocument
) -> FixedPoint:
    size = payload_bytes
    if media.counted == "wire":
        repeated = payload_bytes + FixedPoint.constant(streams.RED_BLOCK_HEADER_BYTES)
        # The primary block has a header of its own only where there are others.
        primary = blocks.least(_ONE) * FixedPoint.constant(streams.RED_PRIMARY_HEADER_BYTES)
        overhead = (streams.IPV6_BYTES if media.ipv6 else streams.IPV4_BYTES) + sum(streams.OVERHEAD_BYTES.values())
        size = size + blocks * repeated + primary + FixedPoint.constant(overhead)
    return size * FixedPoint.constant(packets_per_second) * _KBPS_PER_BYTE_AND_PACKET


def _reciprocal(number: Decimal | int) -> FixedPoint:
    numerator, denominator = number.as_integer_ratio()
    return FixedPoint(denominator, numerator, denominator)

"""What audio streams weigh, by hand-computed figures."""

from decimal import Decimal

import pytest

from costmodel.errors import AssumptionsError
from costmodel.media import AUDIO_QUALITIES, AudioStream, data_gb, session_media, stream_kbps


def kbps(payload, counted="wire", **options):
    return stream_kbps(AudioStream(Decimal(payload), **options), counted)


@pytest.mark.parametrize(
    ("payload", "ipv4", "ipv6"),
    [(64, "88.8", "96.8"), (48, "72.8", "80.8"), (32, "56.8", "64.8"), (24, "48.8", "56.8")],
)
def test_opus_on_the_wire(payload, ipv4, ipv6):
    """64 kbps are packets of 160 B; with 62 B around them 222 B x 50/s x 8 bit = 88.8 kbps."""
    assert kbps(payload) == Decimal(ipv4)
    assert kbps(payload, ipv6=True) == Decimal(ipv6)


@pytest.mark.parametrize(("blocks", "wire"), [(0, "88.8"), (1, "154.8"), (2, "220.4")])
def test_redundancy_repeats_the_payload_with_its_headers(blocks, wire):
    """One block: 160 + 4 B of header and 160 B, + 1 B, in 62 B: 387 B x 0.4 = 154.8 kbps."""
    assert kbps(64, redundant_blocks=blocks) == Decimal(wire)
    assert kbps(64, "payload", redundant_blocks=blocks) == 64


def test_the_overhead_is_the_same_at_every_bitrate():
    assert {kbps(rate) - rate for rate in AUDIO_QUALITIES.values()} == {Decimal("24.8")}


def test_silence_sends_a_frame_every_400_ms():
    """72 B x 2.5/s x 8 bit = 1.44 kbps; a quarter of talk is 0.25 x 88.8 + 0.75 x 1.44."""
    assert kbps(64, talk_percent=Decimal(0)) == Decimal("1.44")
    assert kbps(64, talk_percent=Decimal(25)) == Decimal("23.28")


def test_a_room_of_n_has_n_streams_in_and_n_times_n_minus_1_out():
    room = session_media(AudioStream(Decimal(64)), 6)

    assert room.received_kbps_per_participant == 5 * Decimal("88.8") == 444
    assert room.ingress_kbps == 6 * Decimal("88.8")
    assert room.egress_kbps == 30 * Decimal("88.8") == 2664
    assert room.total_kbps == 36 * Decimal("88.8")


def test_one_stream_for_one_hour():
    assert data_gb(kbps(64), 60) == Decimal("0.03996")
    assert data_gb(kbps(64, "payload"), 60) == Decimal("0.0288")


def test_six_people_who_all_talk_receive_a_fifth_of_a_gb_each_in_an_hour():
    assert data_gb(session_media(AudioStream(Decimal(64)), 6).received_kbps_per_participant, 60) == Decimal("0.1998")


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"payload_kbps": Decimal(0)}, "media.kbps"),
        ({"talk_percent": Decimal(101)}, "media.talkPercent"),
        ({"talk_percent": Decimal(-1)}, "media.talkPercent"),
        ({"redundant_blocks": 3}, "media.redundantBlocks"),
    ],
)
def test_an_impossible_stream_is_refused_by_field(options, field):
    with pytest.raises(AssumptionsError, match=field):
        AudioStream(**{"payload_kbps": Decimal(64), **options})


def test_an_empty_room_is_refused():
    with pytest.raises(AssumptionsError, match=r"media\.participantsPerRoom: 0 is below 1"):
        session_media(AudioStream(Decimal(64)), 0)

"""A document's media section instead of network.mediaMbps."""

from decimal import Decimal

import pytest

from costmodel import AssumptionsError, parse_document, resolve


def mbps(*documents):
    return resolve(*map(parse_document, documents)).network.media_mbps


def test_six_hear_each_other_at_88_8_kbps():
    """The room of the defaults has 4 users and 2 agents: 5 x 88.8 kbps reach each."""
    assert mbps({"media": {"kind": "audio", "kbps": 64}}) == Decimal("0.444")


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        ({"kbps": 64, "counted": "payload"}, "0.32"),
        ({"participantsPerRoom": 8}, "0.6216"),
        ({"participantsPerRoom": 1}, "0"),
        ({"talkPercent": 25}, "0.1164"),
        ({"ipv6": True}, "0.484"),
        ({"redundantBlocks": 1}, "0.774"),
    ],
)
def test_each_field_acts_and_the_rest_have_defaults(media, expected):
    assert mbps({"media": media}) == Decimal(expected)


def test_the_room_follows_the_demand():
    assert mbps({"media": {"kbps": 64}, "demand": {"usersPerSession": "2.5", "agentsPerSession": 0}}) == Decimal(
        "0.1332"
    )


def test_a_later_layer_changes_one_field_of_media():
    assert mbps({"media": {"kbps": 32}}, {"media": {"counted": "payload"}}) == Decimal("0.16")


def test_a_later_bitrate_replaces_media_and_later_media_replaces_a_bitrate():
    assert mbps({"media": {"kbps": 32}}, {"network": {"mediaMbps": 2}}) == 2
    assert mbps({"network": {"mediaMbps": 2}}, {"media": {"kbps": 64}}) == Decimal("0.444")
    assert mbps({"media": {"kbps": 32}}, {"network": {"mediaMbps": 2}}, {"media": {"ipv6": True}}) == Decimal("0.484")


def test_an_empty_section_states_nothing():
    assert mbps({"media": {}}) == Decimal("1.2")
    assert mbps({"media": {"kbps": None}}) == Decimal("1.2")


def test_both_ways_in_one_document_are_refused():
    with pytest.raises(AssumptionsError, match=r"network\.mediaMbps: .* both state the bitrate; write only one"):
        mbps({"media": {"kbps": 64}, "network": {"mediaMbps": 1}})


@pytest.mark.parametrize(
    ("media", "path"),
    [
        ({"kbps": 0}, r"media\.kbps"),
        ({"kbps": 10_001}, r"media\.kbps"),
        ({"kind": "video"}, r"media\.kind"),
        ({"talkPercent": 101}, r"media\.talkPercent"),
        ({"participantsPerRoom": "0.5"}, r"media\.participantsPerRoom"),
        ({"redundantBlocks": 3}, r"media\.redundantBlocks"),
        ({"counted": "bits"}, r"media\.counted"),
        ({"codec": "opus"}, r"media\.codec"),
    ],
)
def test_a_bad_value_is_refused_by_its_path(media, path):
    with pytest.raises(AssumptionsError, match=path):
        parse_document({"media": media})

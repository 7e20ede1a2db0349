"""The audio sizing document's bandwidth tables, cell by cell, from inputs."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import egress_cost_per_month, parse_document, resolve
from costmodel.audio_document import HEADROOM_PERCENT, PARTICIPANTS, SERVERS, SESSION, SESSION_GB, SESSION_MBPS
from costmodel.bandwidth import bandwidth_cost, bandwidth_prices
from costmodel.decimals import round_half_up, rounded_quotient
from costmodel.media import AUDIO_QUALITIES, AudioStream, data_gb, session_media
from costmodel.servers import SessionLoad, server_capacity

PORT = next(server for server in SERVERS if server.name == "CCX23")
PRICES = {(price.provider, price.kind): price for price in bandwidth_prices()}


def room(kbps=64, counted="payload"):
    return session_media(AudioStream(Decimal(kbps)), PARTICIPANTS, counted)


def by_network(mbps, headroom_percent):
    load = SessionLoad(SESSION.cpu_percent, SESSION.memory_mb, Decimal(mbps), SESSION.minutes)
    return server_capacity(PORT, load, Decimal(headroom_percent)).limits["network"]


def test_bandwidth_of_one_session():
    media = room()

    assert (media.sent_kbps_per_participant, media.received_kbps_per_participant) == (64, 448)
    assert media.sent_kbps_per_participant + media.received_kbps_per_participant == 512
    assert (media.ingress_kbps, media.egress_kbps, media.total_kbps) == (512, 3_584, 4_096)
    assert round_half_up(media.total_kbps / 1000, 0) == SESSION_MBPS


def test_data_of_a_session_of_ten_minutes():
    """The document's 0.262 GB of egress are its rounded 0.3 less 0.038; 3.584 Mbps are 0.2688 GB."""
    media = room()

    assert data_gb(SESSION_MBPS * 1000, 10) == SESSION_GB == Decimal("0.3")
    assert data_gb(media.ingress_kbps, 10) == Decimal("0.0384")
    assert data_gb(media.egress_kbps, 10) == Decimal("0.2688")
    assert data_gb(media.total_kbps, 10) == Decimal("0.3072")


def test_on_the_wire_a_session_weighs_39_percent_more():
    media = room(counted="wire")

    assert media.total_kbps == Decimal("5683.2")
    assert data_gb(media.total_kbps, 10) == Decimal("0.42624")
    assert rounded_quotient(media.total_kbps * 100, room().total_kbps, 0) == 139


@pytest.mark.parametrize(("counted", "sessions"), [("payload", 195), ("wire", 140)])
def test_only_egress_counts_against_a_port_that_sends_and_receives_at_once(counted, sessions):
    """700 Mbps / 3.584 Mbps, and on the wire / 4.9728 Mbps; the document adds ingress and has 175."""
    assert by_network(room(counted=counted).egress_kbps / 1000, HEADROOM_PERCENT) == sessions


def test_load_of_a_hundred_sessions_a_day():
    """30 GB a day, 900 GB a month; over 730 hours 1.23 GB an hour or 2.7 Mbps; 400 Mbps if all were at once."""
    gb = 100 * SESSION_GB

    assert (gb, gb * 30) == (30, 900)
    assert rounded_quotient(gb * 30, Decimal(730), 2) == Decimal("1.23")
    assert rounded_quotient(gb * 30 * 8000, Decimal(730 * 3600), 1) == Decimal("2.7")
    assert 100 * SESSION_MBPS == 400


SCENARIOS = [
    # sessions per day, TB per month, Hetzner EUR, AWS USD, GCP USD; as listed: Hetzner EUR, AWS USD
    (100, "0.9", 0, 82, 74, "0.00", "72.00"),
    (500, "4.5", 0, 410, 368, "0.00", "396.00"),
    (1_000, "9", 0, 820, 736, "0.00", "801.00"),
    (5_000, "45", 0, 4_100, 3_680, "25.00", "3867.70"),
    (10_000, "90", 0, 8_200, 7_360, "70.00", "7112.20"),
]


@pytest.mark.parametrize("row", SCENARIOS, ids=lambda row: str(row[0]))
def test_bandwidth_cost_scenarios(row):
    """Flat as printed, and through the real lists: AWS 10,240 x 0.09 + 34,660 x 0.085 = 3,867.70 for 44,900 GB."""
    sessions, terabytes, hetzner, aws, gcp, hetzner_listed, aws_listed = row
    gb = sessions * SESSION_GB * 30

    assert gb / 1000 == Decimal(terabytes)
    for provider, printed in {"hetzner": hetzner, "aws": aws, "gcp": gcp}.items():
        assert round_half_up(bandwidth_cost(PRICES[provider, "printed"], gb), 0) == printed
    assert str(round_half_up(bandwidth_cost(PRICES["hetzner", "listed"], gb), 2)) == hetzner_listed
    assert str(round_half_up(bandwidth_cost(PRICES["aws", "listed"], gb), 2)) == aws_listed


@pytest.mark.parametrize("cloud", ["aws", "azure", "gcp", "hetzner"])
@given(gb=st.decimals(0, 500_000, places=3), servers=st.integers(1, 9))
def test_traffic_costs_what_an_estimate_charges_for_it(cloud, gb, servers):
    """There is one list of prices, whichever command asks."""
    network = resolve(parse_document({"cloud": cloud})).network
    network = replace(network, included_tb_per_node=Decimal(20 if cloud == "hetzner" else 0))

    assert bandwidth_cost(PRICES[cloud, "listed"], gb, servers) == egress_cost_per_month(network, gb, servers)


def test_each_hetzner_server_brings_its_own_traffic():
    gb = Decimal(90_000)

    assert bandwidth_cost(PRICES["hetzner", "listed"], gb, servers=5) == 0


def test_every_price_says_where_it_stands():
    assert all(price.source for price in PRICES.values())
    assert all(price.as_of and price.region for price in PRICES.values() if price.kind == "listed")


@pytest.mark.parametrize(("mbps", "sessions"), [(4, (150, 175)), (6, (100, 116)), (2, (300, 350))])
def test_sessions_by_network(mbps, sessions):
    """600-700 Mbps of the port, over the bandwidth of a session."""
    assert (by_network(mbps, 40), by_network(mbps, 30)) == sessions


LADDER = [
    # quality, kbps, Mbps per session, sessions by network, sessions that a CCX23's CPU leaves of them
    ("low", 32, 2, (300, 350), 60),
    ("standard", 64, 4, (150, 175), 60),
    ("high", 96, 6, (100, 116), 60),
    ("premium", 128, 8, (75, 87), 60),
]


@pytest.mark.parametrize("row", LADDER, ids=lambda row: row[0])
def test_audio_quality_trade_offs(row):
    """The table's sessions are network limits, though its note says CPU, which on a CCX23 allows 60 to 80."""
    quality, kbps, mbps, sessions, by_cpu = row
    load = SessionLoad(SESSION.cpu_percent, SESSION.memory_mb, Decimal(mbps), SESSION.minutes)
    capacity = server_capacity(PORT, load, HEADROOM_PERCENT)

    assert AUDIO_QUALITIES[quality] == kbps
    assert round_half_up(room(kbps).total_kbps / 1000, 0) == mbps
    assert (by_network(mbps, 40), by_network(mbps, 30)) == sessions
    assert (capacity.sessions, capacity.set_by) == (by_cpu, "cpu")


def test_the_cloud_comparison_leaves_out_the_traffic_it_priced_before():
    """20,000 sessions a day are 180 TB: 16,400 USD at the document's own AWS price, not "400-600 in all"."""
    assert round_half_up(bandwidth_cost(PRICES["aws", "printed"], 20_000 * SESSION_GB * 30), 0) == 16_400

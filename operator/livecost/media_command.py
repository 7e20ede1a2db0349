"""`livecost media`: what an audio session weighs, as payload and on the wire."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import click

from costmodel import AssumptionsError, plain
from costmodel.media import AUDIO_QUALITIES, MAX_REDUNDANT_BLOCKS, AudioStream, data_gb, session_media
from livecost.examples import examples
from livecost.options import number, refusal, table_output_option
from livecost.table_output import TABLE_FORMS

if TYPE_CHECKING:
    from costmodel.media import Counted, SessionMedia

_LADDER = ", ".join(f"{name} {plain(kbps)}" for name, kbps in AUDIO_QUALITIES.items())


@click.command(
    name="media",
    epilog=examples(
        "livecost media --kbps 32 --participants 6",
        "livecost media --talk-percent 40 --ipv6 -o csv",
    ),
)
@click.option("--kbps", type=number, default="64", show_default=True, help=f"Opus bitrate while talking: {_LADDER}.")
@click.option("--participants", type=number, default="8", show_default=True, help="People and agents in the room.")
@click.option(
    "--talk-percent", type=number, default="100", show_default=True, help="Time in which a participant talks."
)
@click.option("--ipv6", is_flag=True, help="IPv6 headers instead of IPv4's.")
@click.option(
    "--red",
    "redundant_blocks",
    type=click.IntRange(0, MAX_REDUNDANT_BLOCKS),
    default=0,
    show_default=True,
    help="Earlier frames repeated in each packet.",
)
@click.option("--minutes", type=number, default="10", show_default=True, help="Length of a session.")
@click.option("--sessions-per-month", type=click.IntRange(0), default=3000, show_default=True, help="Sessions a month.")
@table_output_option
def media_command(
    *,
    kbps: Decimal,
    participants: Decimal,
    talk_percent: Decimal,
    ipv6: bool,
    redundant_blocks: int,
    minutes: Decimal,
    sessions_per_month: int,
    output: str,
) -> None:
    """Bitrates and data of an audio session through LiveKit, as payload and on the wire.

    The server sends each of n participants the streams of all others: n(n-1) streams. Providers bill wire bytes.
    """
    if minutes <= 0:
        raise click.BadParameter("write a number above 0", param_hint="--minutes")
    try:
        stream = AudioStream(kbps, talk_percent, ipv6, redundant_blocks)
        payload, wire = session_media(stream, participants, "payload"), session_media(stream, participants, "wire")
    except AssumptionsError as error:
        raise refusal(error) from None
    rows = [_row(counted, media, minutes, sessions_per_month) for counted, media in _both(payload, wire)]
    click.echo(TABLE_FORMS[output](rows), nl=False)


def _both(payload: SessionMedia, wire: SessionMedia) -> list[tuple[Counted, SessionMedia]]:
    return [("payload", payload), ("wire", wire)]


def _row(counted: Counted, media: SessionMedia, minutes: Decimal, sessions: int) -> dict[str, str]:
    egress = data_gb(media.egress_kbps, minutes)
    return {
        "counted": counted,
        "streamKbps": plain(media.sent_kbps_per_participant),
        "receivedKbpsPerParticipant": plain(media.received_kbps_per_participant),
        "ingressMbps": _mbps(media.ingress_kbps),
        "egressMbps": _mbps(media.egress_kbps),
        "totalMbps": _mbps(media.total_kbps),
        "ingressGBPerSession": plain(data_gb(media.ingress_kbps, minutes)),
        "egressGBPerSession": plain(egress),
        "egressGBPerMonth": plain(egress * sessions),
    }


def _mbps(kbps: Decimal) -> str:
    return plain(kbps.scaleb(-3))

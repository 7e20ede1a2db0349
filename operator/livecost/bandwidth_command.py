"""`livecost bandwidth`: a month's traffic at each provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from costmodel import cents, plain
from costmodel.audio_document import SESSION_GB
from costmodel.bandwidth import bandwidth_cost, bandwidth_prices
from costmodel.servers import DAYS_PER_MONTH
from livecost.examples import examples
from livecost.options import number, table_output_option
from livecost.table_output import TABLE_FORMS

if TYPE_CHECKING:
    from decimal import Decimal

_SCENARIOS = (100, 500, 1_000, 5_000, 10_000)


@click.command(
    name="bandwidth",
    epilog=examples(
        "livecost bandwidth --sessions-per-day 2000",
        "livecost bandwidth --sessions-per-day 500 --session-gb 0.35 --servers 2 -o json",
    ),
)
@click.option(
    "--sessions-per-day", type=click.IntRange(1, 10**9), multiple=True, help="Sessions on a day. May be repeated."
)
@click.option(
    "--session-gb",
    type=number,
    default=plain(SESSION_GB),
    show_default=True,
    help="GB (10^9 bytes) charged for a session; livecost media tells its egress on the wire.",
)
@click.option(
    "--servers",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Servers whose price includes traffic, by the type that includes the least.",
)
@table_output_option
def bandwidth_command(*, sessions_per_day: tuple[int, ...], session_gb: Decimal, servers: int, output: str) -> None:
    """Price a month of traffic: flat as the audio sizing document prints it, and as the price catalogs list it.

    The document counts both directions of the payload (0.3 GB). Providers charge egress on the wire.
    """
    if session_gb < 0:
        raise click.BadParameter("write 0 or more", param_hint="--session-gb")
    prices = bandwidth_prices()
    rows = []
    for sessions in sessions_per_day or _SCENARIOS:
        gb = sessions * session_gb * DAYS_PER_MONTH
        rows += [
            {
                "sessionsPerDay": sessions,
                "GBPerMonth": plain(gb),
                "provider": price.provider,
                "price": price.kind,
                "region": price.region,
                "monthly": str(cents(bandwidth_cost(price, gb, servers))),
                "currency": price.currency,
                "asOf": price.as_of,
            }
            for price in prices
        ]
    click.echo(TABLE_FORMS[output](rows), nl=False)

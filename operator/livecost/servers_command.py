"""`livecost servers`: what each server type carries and what a session costs on it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from costmodel import AssumptionsError, plain
from costmodel.audio_document import SERVERS
from costmodel.servers import cost_per_session, server_capacity, sessions_per_day, sessions_per_month
from livecost.examples import examples
from livecost.options import number, refusal, table_output_option
from livecost.session_options import CURRENCY, session_load, session_options
from livecost.table_output import TABLE_FORMS

if TYPE_CHECKING:
    from decimal import Decimal

    from costmodel.servers import ServerType, SessionLoad


@click.command(
    name="servers",
    epilog=examples(
        "livecost servers",
        "livecost servers --minutes 30 --utilization-percent 70 -o yaml",
    ),
)
@session_options
@click.option(
    "--utilization-percent",
    type=number,
    default="100",
    show_default=True,
    help="Average share of the planned sessions that is in use.",
)
@table_output_option
def servers_command(
    *,
    session_mbps: Decimal,
    minutes: Decimal,
    memory_mb: Decimal,
    headroom_percent: Decimal,
    utilization_percent: Decimal,
    output: str,
) -> None:
    """Sessions and cost per session of each server type of the audio sizing document.

    A session's CPU is known as a range, so there are two rows for each type, of heavy and of light sessions. With
    --session-mbps 0 the figures are those the document prints, which leaves the port out of account.
    """
    if not 0 < utilization_percent <= 100:
        raise click.BadParameter("write a number above 0, at most 100", param_hint="--utilization-percent")
    load = session_load(session_mbps, minutes, memory_mb)
    try:
        rows = [
            _row(server, sessions, replace(load, cpu_percent=cpu), headroom_percent, utilization_percent)
            for server in SERVERS
            for sessions, cpu in zip(("light", "heavy"), server.cpu_percent_per_session, strict=True)
        ]
    except AssumptionsError as error:
        raise refusal(error) from None
    click.echo(TABLE_FORMS[output](rows), nl=False)


def _row(
    server: ServerType, sessions: str, load: SessionLoad, headroom: Decimal, utilization: Decimal
) -> dict[str, str | int | None]:
    capacity = server_capacity(server, load, headroom)
    daily = sessions_per_day(capacity.sessions, load.minutes, utilization)
    monthly = sessions_per_month(daily)
    cost = cost_per_session(server.price_per_month, monthly)
    return {
        "type": server.name,
        "vCPU": server.vcpu,
        "memoryGB": plain(server.memory_gb),
        f"pricePerMonth{CURRENCY}": str(server.price_per_month),
        "sessionsAre": sessions,
        "cpuLimit": capacity.limits["cpu"],
        "memoryLimit": capacity.limits["memory"],
        "networkLimit": capacity.limits.get("network"),
        "concurrentSessions": capacity.sessions,
        "setBy": capacity.set_by,
        "sessionsPerDay": daily,
        "sessionsPerMonth": monthly,
        f"costPerSession{CURRENCY}": None if cost is None else str(cost),
    }

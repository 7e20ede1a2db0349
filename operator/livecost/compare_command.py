"""`livecost compare`: one large server against several small ones."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import click

from costmodel import AssumptionsError, plain
from costmodel.servers import sessions_per_day
from costmodel.setups import MAX_SERVERS, SetUp, setup_capacity
from livecost.examples import examples
from livecost.options import refusal, table_output_option
from livecost.session_options import server_type, session_load, session_options
from livecost.setup_rows import check_prices, setup_row, side_service_options
from livecost.table_output import TABLE_FORMS

if TYPE_CHECKING:
    from decimal import Decimal

    from costmodel.servers import ServerType, SessionLoad


_DOCUMENT: Final = ("1xCCX43", "2xCCX23", "3xCCX23", "4xCX41")
_COUNTED: Final = re.compile(r"([0-9]{1,9})x(.+)", re.IGNORECASE | re.ASCII)


def _counted_type(text: str) -> tuple[int, ServerType]:
    match = _COUNTED.fullmatch(text)
    count, name = (int(match[1]), match[2]) if match else (1, text)
    if not 1 <= count <= MAX_SERVERS:
        raise click.BadParameter(f"{text!r} has no good count; write 1 to {MAX_SERVERS} servers, such as 3xCCX23")
    return count, server_type(name)


@click.command(
    name="compare",
    epilog=examples(
        "livecost compare 1xCCX43 3xCCX23",
        "livecost compare 2xCCX33 4xCCX23 --session-mbps 8.5 -o markdown",
    ),
)
@click.argument("setups", nargs=-1, type=_counted_type, metavar="[NxTYPE]...")
@session_options
@side_service_options()
@table_output_option
def compare_command(
    *,
    setups: tuple[tuple[int, ServerType], ...],
    session_mbps: Decimal,
    minutes: Decimal,
    memory_mb: Decimal,
    headroom_percent: Decimal,
    redis_per_month: Decimal,
    load_balancer_per_month: Decimal,
    output: str,
) -> None:
    """Compare set-ups such as 1xCCX43 3xCCX23: what they cost, carry, and lose with a server.

    Without arguments it compares those of the audio sizing document. A session takes the heavier CPU figure of its
    server type. More than one server needs Redis and a load balancer.
    """
    check_prices(redis_per_month, load_balancer_per_month)
    load = session_load(session_mbps, minutes, memory_mb)
    try:
        rows = [
            _row(SetUp(server, count, redis_per_month, load_balancer_per_month), load, headroom_percent)
            for count, server in setups or map(_counted_type, _DOCUMENT)
        ]
    except AssumptionsError as error:
        raise refusal(error) from None
    click.echo(TABLE_FORMS[output](rows), nl=False)


def _row(setup: SetUp, load: SessionLoad, headroom_percent: Decimal) -> dict[str, str | int | None]:
    server, count = setup.server, setup.servers
    capacity = setup_capacity(setup, replace(load, cpu_percent=server.cpu_percent_per_session[1]), headroom_percent)
    limits = capacity.one_server.limits
    network = limits.get("network")
    return {
        **setup_row(setup, capacity, sessions_per_day(capacity.sessions, load.minutes)),
        "vCPU": server.vcpu * count,
        "memoryGB": plain(server.memory_gb * count),
        "networkMbps": None if server.network_mbps is None else plain(server.network_mbps * count),
        "cpuLimit": limits["cpu"] * count,
        "memoryLimit": limits["memory"] * count,
        "networkLimit": None if network is None else network * count,
    }

"""`livecost recommend`: the cheapest servers that carry a number of sessions a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from costmodel import AssumptionsError, cents, plain
from costmodel.media import data_gb
from costmodel.servers import DAYS_PER_MONTH
from costmodel.setups import SessionDemand, Traffic, recommend
from livecost.examples import examples
from livecost.options import number, refusal, table_output_option
from livecost.server_market import MarketOptions, market_options, read_market
from livecost.session_options import session_load, session_options
from livecost.setup_rows import check_prices, setup_row, side_service_options
from livecost.table_output import TABLE_FORMS

if TYPE_CHECKING:
    from decimal import Decimal

    from costmodel.setups import Recommendation
    from livecost.server_market import Market

_BESIDE_THE_TABLE: Final = {"sessionsPerMonth", "setBy", "cpuPercentPerSession", "egressGBPerMonth", "note", "why"}
"""Columns that would make lines of a terminal too long; reasons and notes stand below the table."""


@click.command(
    name="recommend",
    epilog=examples(
        "livecost recommend --sessions-per-day 20000 --ha",
        "livecost recommend --sessions-per-day 20000 --cloud aws --region us-east-1",
        "livecost recommend --sessions-per-day 5000 --busy-hours 10 --top 5 -o csv",
    ),
)
@click.option("--sessions-per-day", type=int, required=True, help="Sessions on a day.")
@click.option(
    "--busy-hours", type=number, default="24", show_default=True, help="Hours of the day over which they spread evenly."
)
@click.option("--ha", is_flag=True, help="The rest carries them when one server is lost.")
@click.option("--top", type=click.IntRange(1), default=3, show_default=True, help="Set-ups to show.")
@market_options
@session_options
@side_service_options(default="the document's 5, or the catalog's price")
@table_output_option
def recommend_command(  # noqa: PLR0913 - each option is one
    *,
    sessions_per_day: int,
    busy_hours: Decimal,
    ha: bool,
    top: int,
    session_mbps: Decimal,
    minutes: Decimal,
    memory_mb: Decimal,
    headroom_percent: Decimal,
    redis_per_month: Decimal | None,
    load_balancer_per_month: Decimal | None,
    output: str,
    **options: Any,
) -> None:
    """Recommend the cheapest set-ups that carry --sessions-per-day, with the reason for each.

    For each server type it takes the number of servers that does it for the least; a session takes the type's heavier
    CPU figure. Cost per session is of the set-up without traffic, at the sessions it carries, not at those asked for.

    With --cloud the servers are the machine types of a price catalog, and the traffic of the sessions asked for counts:
    in the ranking, and in the number of servers where traffic comes with each. Where the catalog does not know a
    machine's port, the network is left out and the reason says so. Without --cloud traffic is not in it; livecost
    bandwidth prices it. json, yaml and csv hold more columns than table and markdown.
    """
    market = read_market(MarketOptions(**options))
    load = session_load(session_mbps, minutes, memory_mb)
    gb_per_month = data_gb(options["egress_mbps"] * 1000, minutes) * sessions_per_day * DAYS_PER_MONTH
    try:
        found = recommend(
            SessionDemand(sessions_per_day, busy_hours, ha),
            market.servers,
            load,
            headroom_percent,
            redis_per_month=_price("redis", redis_per_month, market.redis_per_month),
            load_balancer_per_month=_price("load-balancer", load_balancer_per_month, market.load_balancer_per_month),
            traffic=None if market.traffic is None else Traffic(gb_per_month, market.traffic),
        )
    except AssumptionsError as error:
        raise refusal(error) from None
    rows = [_row(each, market, gb_per_month) for each in found[:top]]
    click.echo(_text(rows, output), nl=False)


def _text(rows: list[dict[str, str | int | None]], output: str) -> str:
    if output not in {"table", "markdown"}:
        return TABLE_FORMS[output](rows)
    figures = [{name: value for name, value in row.items() if name not in _BESIDE_THE_TABLE} for row in rows]
    reasons = "".join(
        f"- {row['setUp']}: {row['why']}" + (f". {row['note']}" if row.get("note") else "") + "\n" for row in rows
    )
    return f"{TABLE_FORMS[output](figures)}\n{reasons}"


def _price(name: str, stated: Decimal | None, usual: Decimal | None) -> Decimal:
    price = usual if stated is None else stated
    if price is None:
        raise click.UsageError(f"the price catalog has no {name}; also write --{name}, its price per month")
    check_prices(price)
    return price


def _row(found: Recommendation, market: Market, gb_per_month: Decimal) -> dict[str, str | int | None]:
    row = setup_row(found.setup, found.capacity, found.sessions_per_day, market.currency)
    if market.catalog is not None:
        server = found.setup.server
        traffic = found.traffic_per_month
        row |= {
            "vCPU": server.vcpu,
            "memoryGB": plain(server.memory_gb),
            "cpuPercentPerSession": plain(server.cpu_percent_per_session[1]),
            "egressGBPerMonth": plain(gb_per_month),
            f"trafficPerMonth{market.currency}": None if traffic is None else str(cents(traffic)),
            f"totalPerMonth{market.currency}": None if traffic is None else str(cents(found.total_per_month)),
            "note": market.notes.get(server.name, ""),
        }
    return {**row, "why": found.why}

"""`livecost recommend`: the cheapest servers that carry a number of sessions a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from costmodel import AssumptionsError
from costmodel.audio_document import SERVERS
from costmodel.setups import SessionDemand, recommend
from livecost.examples import examples
from livecost.options import number, refusal, table_output_option
from livecost.session_options import session_load, session_options
from livecost.setup_rows import check_prices, setup_row, side_service_options
from livecost.table_output import TABLE_FORMS

if TYPE_CHECKING:
    from decimal import Decimal


@click.command(
    name="recommend",
    epilog=examples(
        "livecost recommend --sessions-per-day 20000 --ha",
        "livecost recommend --sessions-per-day 5000 --busy-hours 10 --top 5 -o csv",
    ),
)
@click.option("--sessions-per-day", type=int, required=True, help="Sessions on a day.")
@click.option(
    "--busy-hours", type=number, default="24", show_default=True, help="Hours of the day over which they spread evenly."
)
@click.option("--ha", is_flag=True, help="The rest carries them when one server is lost.")
@click.option("--top", type=click.IntRange(1), default=3, show_default=True, help="Set-ups to show.")
@session_options
@side_service_options
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
    redis_per_month: Decimal,
    load_balancer_per_month: Decimal,
    output: str,
) -> None:
    """Recommend the cheapest set-ups that carry --sessions-per-day, with the reason for each.

    For each server type it takes the fewest servers that do it; a session takes the type's heavier CPU figure. Cost per
    session is at the sessions the set-up carries, not at those asked for. Traffic is not in it; livecost bandwidth
    prices it.
    """
    check_prices(redis_per_month, load_balancer_per_month)
    load = session_load(session_mbps, minutes, memory_mb)
    try:
        found = recommend(
            SessionDemand(sessions_per_day, busy_hours, ha),
            SERVERS,
            load,
            headroom_percent,
            redis_per_month=redis_per_month,
            load_balancer_per_month=load_balancer_per_month,
        )
    except AssumptionsError as error:
        raise refusal(error) from None
    rows = [{**setup_row(each.setup, each.capacity, each.sessions_per_day), "why": each.why} for each in found[:top]]
    click.echo(TABLE_FORMS[output](rows), nl=False)

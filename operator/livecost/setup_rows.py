"""One set-up of servers as a row of a table, and the options of what several servers need besides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from costmodel import cents, plain
from costmodel.audio_document import LOAD_BALANCER_PER_MONTH, REDIS_SELF_HOSTED_PER_MONTH
from costmodel.servers import cost_per_session, sessions_per_month
from livecost.options import number
from livecost.session_options import CURRENCY

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from costmodel.setups import SetUp, SetUpCapacity

F = TypeVar("F", bound="Callable[..., Any]")

_OPTIONS: Final = (
    click.option(
        "--redis",
        "redis_per_month",
        type=number,
        default=plain(REDIS_SELF_HOSTED_PER_MONTH),
        show_default=True,
        help=f"{CURRENCY} a month for Redis, from two servers on.",
    ),
    click.option(
        "--load-balancer",
        "load_balancer_per_month",
        type=number,
        default=plain(LOAD_BALANCER_PER_MONTH),
        show_default=True,
        help=f"{CURRENCY} a month for the load balancer, from two servers on.",
    ),
)


def side_service_options(command: F) -> F:
    """Give `command` the prices of Redis and the load balancer."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def check_prices(*prices: Decimal) -> None:
    """Refuse a price below 0."""
    if any(price < 0 for price in prices):
        raise click.UsageError("--redis and --load-balancer are prices; write 0 or more")


def setup_row(setup: SetUp, capacity: SetUpCapacity, daily: int) -> dict[str, str | int | None]:
    """Price and capacity of a set-up that carries `daily` sessions a day."""
    monthly = sessions_per_month(daily)
    cost = cost_per_session(setup.price_per_month, monthly)
    return {
        "setUp": setup.name,
        f"pricePerMonth{CURRENCY}": str(cents(setup.price_per_month)),
        "concurrentSessions": capacity.sessions,
        "withOneServerLost": capacity.sessions_with_one_lost,
        "setBy": capacity.one_server.set_by,
        "sessionsPerDay": daily,
        "sessionsPerMonth": monthly,
        f"costPerSession{CURRENCY}": None if cost is None else str(cost),
    }

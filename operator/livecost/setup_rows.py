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

_SERVICES: Final = {"redis": "Redis", "load-balancer": "the load balancer"}


def side_service_options(*, default: str | None = None) -> Callable[[F], F]:
    """Give a command --redis and --load-balancer, as `redis_per_month` and `load_balancer_per_month`.

    Args:
        default: what holds without the option, in words, for a command that takes None and decides itself; without it
            the command gets the audio sizing document's prices.
    """
    printed = {"redis": REDIS_SELF_HOSTED_PER_MONTH, "load-balancer": LOAD_BALANCER_PER_MONTH}

    def decorate(command: F) -> F:
        for name, words in reversed(_SERVICES.items()):
            command = click.option(
                f"--{name}",
                f"{name.replace('-', '_')}_per_month",
                type=number,
                default=plain(printed[name]) if default is None else None,
                show_default=True if default is None else default,
                help=f"Price of {words} a month, in the currency of the servers, from two servers on.",
            )(command)
        return command

    return decorate


def check_prices(*prices: Decimal) -> None:
    """Refuse a price below 0."""
    if any(price < 0 for price in prices):
        raise click.UsageError("--redis and --load-balancer are prices; write 0 or more")


def setup_row(
    setup: SetUp, capacity: SetUpCapacity, daily: int, currency: str = CURRENCY
) -> dict[str, str | int | None]:
    """Price, in `currency`, and capacity of a set-up that carries `daily` sessions a day."""
    monthly = sessions_per_month(daily)
    cost = cost_per_session(setup.price_per_month, monthly)
    return {
        "setUp": setup.name,
        f"pricePerMonth{currency}": str(cents(setup.price_per_month)),
        "concurrentSessions": capacity.sessions,
        "withOneServerLost": capacity.sessions_with_one_lost,
        "setBy": capacity.one_server.set_by,
        "sessionsPerDay": daily,
        "sessionsPerMonth": monthly,
        f"costPerSession{currency}": None if cost is None else str(cost),
    }

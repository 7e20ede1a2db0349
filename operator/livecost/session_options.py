"""What one session takes, as the options that the commands about servers share."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from costmodel import AssumptionsError, plain
from costmodel.audio_document import HEADROOM_PERCENT, SERVERS, SESSION, SESSION_MBPS
from livecost.options import number, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from costmodel.servers import ServerType, SessionLoad

F = TypeVar("F", bound="Callable[..., Any]")

CURRENCY: Final = "EUR"
"""The currency of the server types' prices."""

_OPTIONS: Final = (
    click.option(
        "--session-mbps",
        type=number,
        default=plain(SESSION_MBPS),
        show_default=True,
        help="What a session takes of a server's port (livecost media tells); 0 leaves the port out.",
    ),
    click.option(
        "--minutes", type=number, default=plain(SESSION.minutes), show_default=True, help="Length of a session."
    ),
    click.option(
        "--memory-mb", type=number, default=plain(SESSION.memory_mb), show_default=True, help="Memory of a session."
    ),
    click.option(
        "--headroom-percent",
        type=number,
        default=plain(HEADROOM_PERCENT),
        show_default=True,
        help="Share of CPU, memory and network that is kept for spikes.",
    ),
)


def session_options(command: F) -> F:
    """Give `command` the options that `session_load` takes, and --headroom-percent."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def session_load(session_mbps: Decimal, minutes: Decimal, memory_mb: Decimal) -> SessionLoad:
    """The load of one session.

    Raises:
        click.UsageError: a figure is not above 0.
    """
    try:
        return replace(SESSION, mbps=session_mbps or None, minutes=minutes, memory_mb=memory_mb)
    except AssumptionsError as error:
        raise refusal(error) from None


def server_type(name: str) -> ServerType:
    """The server type of that name, in any case.

    Raises:
        click.BadParameter: there is none.
    """
    for server in SERVERS:
        if server.name == name.upper():
            return server
    known = ", ".join(server.name for server in SERVERS)
    raise click.BadParameter(f"{name!r} is not a known server type; write one of {known}")

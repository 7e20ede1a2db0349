"""A page's changing parts, and the events that bring a browser's copy of them up to date."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from fastapi.sse import ServerSentEvent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from livecost.fleet_page.pulse import Pulse

Json = dict[str, Any]

TICK_SECONDS: Final = 15.0
"""How often an event comes at least: ages move, and a browser knows by it that the connection lives."""
PAUSE_SECONDS: Final = 0.5
"""Least time between two events, so that an operator that starts does not flood browsers."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a page shows now.

    Attributes:
        parts: id of an element to the HTML in it.
        rows: key of a row to its HTML, in order; empty on a page without such a table.
    """

    parts: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, str] = field(default_factory=dict)


def patch(before: Parts, now: Parts) -> Json:
    """What a browser that shows `before` must change to show `now`; `order` is there where rows come, go or move."""
    event: Json = {"parts": {name: html for name, html in now.parts.items() if before.parts.get(name) != html}}
    event["rows"] = {key: html for key, html in now.rows.items() if before.rows.get(key) != html}
    if list(before.rows) != list(now.rows):
        event["order"] = list(now.rows)
    return event


async def patches(look: Callable[[], Awaitable[Parts]], pulse: Pulse) -> AsyncIterator[ServerSentEvent]:
    """First everything, then every change, until the pulse is stopped.

    Args:
        look: what the page shows at the moment.
        pulse: strikes when that may have changed.
    """
    shown = Parts()
    while not pulse.stopped:
        beat = pulse.beat
        now = await look()
        yield ServerSentEvent(data=patch(shown, now))
        shown = now
        await asyncio.sleep(PAUSE_SECONDS)
        await pulse.after(beat, TICK_SECONDS)

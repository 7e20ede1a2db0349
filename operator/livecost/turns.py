"""Long work on the event loop, in turns with whatever else it has to do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

Item = TypeVar("Item")

TURN_SECONDS = 0.01


async def in_turns(items: Iterable[Item]) -> AsyncIterator[Item]:
    """The items, one by one; the event loop gets its turn whenever they have taken for a hundredth of a second."""
    began = time.monotonic()
    for item in items:
        yield item
        if time.monotonic() - began >= TURN_SECONDS:
            await asyncio.sleep(0)
            began = time.monotonic()

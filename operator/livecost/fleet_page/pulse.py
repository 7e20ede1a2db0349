"""Tells many waiters that something changed."""

from __future__ import annotations

import asyncio
from contextlib import suppress


class Pulse:
    """Counts changes; belongs to one event loop.

    Attributes:
        beat: how many changes there were.
        stopped: whether no waiter shall wait any more.
    """

    def __init__(self) -> None:
        self.beat = 0
        self.stopped = False
        self._next = asyncio.Event()

    def strike(self) -> None:
        """Something changed."""
        self.beat += 1
        self._wake()

    def stop(self) -> None:
        """Let every waiter go, now and later."""
        self.stopped = True
        self._wake()

    async def after(self, beat: int, seconds: float) -> None:
        """Wait until there was a change after `beat`, but no longer than `seconds`."""
        if self.beat == beat and not self.stopped:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._next.wait(), seconds)

    def _wake(self) -> None:
        self._next.set()
        self._next = asyncio.Event()

"""A de-duplicating work queue: each key is handled by one worker at a time, at most once per burst of changes."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

FIRST_RETRY_SECONDS = 0.5
LONGEST_RETRY_SECONDS = 120.0


class WorkQueue(Generic[Key]):
    """Keys waiting to be handled, now or at a later time.

    A key added while it waits is handled once; a key added while it is handled is handled once more afterwards, so no
    change is lost. Delays share one heap and one timer, whatever the number of keys.
    """

    def __init__(self, handle: Callable[[Key], Awaitable[None]], on_error: Callable[[Key, Exception], None]) -> None:
        self._handle = handle
        self._on_error = on_error
        self._ready: deque[Key] = deque()
        self._queued: set[Key] = set()
        self._running: set[Key] = set()
        self._again: set[Key] = set()
        self._failures: dict[Key, int] = {}
        self._delayed: list[tuple[float, int, Key]] = []
        self._due: dict[Key, float] = {}
        self._order = itertools.count()
        self._available: asyncio.Semaphore = asyncio.Semaphore(0)
        self._wake_timer = asyncio.Event()

    def __len__(self) -> int:
        """Number of keys that are ready or being handled; delayed ones are not counted."""
        return len(self._ready) + len(self._running)

    def add(self, key: Key) -> None:
        """Handle the key as soon as a worker is free."""
        self._due.pop(key, None)
        if key in self._running:
            self._again.add(key)
        elif key not in self._queued:
            self._queued.add(key)
            self._ready.append(key)
            self._available.release()

    def add_after(self, key: Key, delay_seconds: float) -> None:
        """Handle the key after a delay, unless it is due sooner already."""
        due = asyncio.get_running_loop().time() + max(0.0, delay_seconds)
        if key in self._due and self._due[key] <= due:
            return
        self._due[key] = due
        heapq.heappush(self._delayed, (due, next(self._order), key))
        self._wake_timer.set()

    def forget(self, key: Key) -> None:
        """Drop what is remembered of a key that no longer exists."""
        self._failures.pop(key, None)
        self._due.pop(key, None)

    def retry(self, key: Key) -> float:
        """Handle the key again after an exponentially growing, jittered delay; the delay in seconds is returned."""
        failures = self._failures[key] = self._failures.get(key, 0) + 1
        # The exponent is capped because 2.0 ** 1024 overflows before min() can help.
        delay = min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2.0 ** min(failures - 1, 16))
        delay *= random.uniform(0.8, 1.2)  # noqa: S311 - spreads retries, guards nothing
        self.add_after(key, delay)
        return delay

    def succeeded(self, key: Key) -> None:
        """Start the key's back-off afresh."""
        self._failures.pop(key, None)

    async def run(self, workers: int) -> None:
        """Handle keys until cancelled, at most `workers` of them at a time."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._run_timer())
            for _ in range(workers):
                tasks.create_task(self._run_worker())

    async def _run_worker(self) -> None:
        while True:
            await self._available.acquire()
            key = self._ready.popleft()
            self._queued.discard(key)
            self._running.add(key)
            try:
                await self._handle(key)
            except Exception as error:
                self._on_error(key, error)
            finally:
                self._running.discard(key)
                if key in self._again:
                    self._again.discard(key)
                    self.add(key)

    async def _run_timer(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._wake_timer.clear()
            while self._delayed and self._delayed[0][0] <= loop.time():
                due, _, key = heapq.heappop(self._delayed)
                # An entry that was overtaken by an earlier one, or forgotten, is stale.
                if self._due.get(key) == due:
                    self.add(key)
            wait = self._delayed[0][0] - loop.time() if self._delayed else None
            try:
                async with asyncio.timeout(wait):
                    await self._wake_timer.wait()
            except TimeoutError:
                continue

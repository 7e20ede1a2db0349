"""The work queue: no change is lost, none is handled twice at a time, and retries slow down."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from livecost import workqueue
from livecost.workqueue import FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS, WorkQueue

PATIENCE_SECONDS = 30


class Handler:
    """Records what is handled; holds a key until it is let go, where a gate is set for it."""

    def __init__(self):
        self.handled = []
        self.errors = []
        self.failing = set()
        self.gates = {}
        self.running = set()
        self.overlapped = False
        self._changed = asyncio.Condition()

    async def handle(self, key):
        """Handle a key, as slowly and as badly as the test wants."""
        self.overlapped |= key in self.running
        self.running.add(key)
        await self._tell()
        if key in self.gates:
            await self.gates[key].wait()
        self.running.discard(key)
        self.handled.append(key)
        await self._tell()
        if key in self.failing:
            raise ValueError(key)

    def fail(self, key, error):
        """Be told of an error."""
        self.errors.append((key, error))

    async def _tell(self):
        async with self._changed:
            self._changed.notify_all()

    async def until(self, condition):
        """Wait for a condition; a queue that loses a key never meets it."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._changed:
            await self._changed.wait_for(condition)


@pytest.fixture
def handler():
    return Handler()


@pytest.fixture
def queue(handler):
    return WorkQueue(handler.handle, handler.fail)


@asynccontextmanager
async def working(queue, workers=2):
    task = asyncio.create_task(queue.run(workers))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_keys_are_handled_in_the_order_of_their_coming(queue, handler):
    for key in "abc":
        queue.add(key)
    async with working(queue, workers=1):
        await handler.until(lambda: len(handler.handled) == 3)

    assert handler.handled == ["a", "b", "c"]


async def test_a_key_that_waits_is_handled_once(queue, handler):
    for key in "abaab":
        queue.add(key)
    assert len(queue) == 2
    queue.add("end")
    async with working(queue, workers=1):
        await handler.until(lambda: "end" in handler.handled)

    assert handler.handled == ["a", "b", "end"]


async def test_a_key_added_while_it_is_handled_is_handled_once_more_and_never_beside_itself(queue, handler):
    handler.gates["a"] = asyncio.Event()
    async with working(queue, workers=4):
        queue.add("a")
        await handler.until(lambda: "a" in handler.running)
        for _ in range(5):
            queue.add("a")
        assert len(queue) == 1
        handler.gates["a"].set()
        await handler.until(lambda: len(handler.handled) == 2)
        queue.add("end")
        await handler.until(lambda: "end" in handler.handled)

    assert handler.handled == ["a", "a", "end"]
    assert not handler.overlapped


async def test_other_keys_pass_a_key_that_takes_long(queue, handler):
    handler.gates["slow"] = asyncio.Event()
    async with working(queue):
        queue.add("slow")
        queue.add("a")
        await handler.until(lambda: "a" in handler.handled)

        assert handler.running == {"slow"}


async def test_an_error_is_told_and_stops_nothing(queue, handler):
    handler.failing.add("bad")
    async with working(queue, workers=1):
        queue.add("bad")
        queue.add("good")
        await handler.until(lambda: "good" in handler.handled)

    ((key, error),) = handler.errors
    assert (key, str(error)) == ("bad", "bad")


async def test_a_delayed_key_is_handled_once_it_is_due(queue, handler):
    async with working(queue):
        queue.add_after("later", 0.002)
        assert len(queue) == 0
        queue.add_after("past", -1)
        await handler.until(lambda: {"later", "past"} <= set(handler.handled))

    assert sorted(handler.handled) == ["later", "past"]


async def test_of_several_delays_the_earliest_counts(queue, handler):
    async with working(queue):
        queue.add_after("a", 3_600)
        queue.add_after("a", 0.001)
        queue.add_after("a", 3_600)
        await handler.until(lambda: handler.handled == ["a"])


async def test_a_key_that_comes_at_once_needs_no_delay_any_more(queue, handler):
    async with working(queue, workers=1):
        queue.add_after("a", 0.001)
        queue.add("a")
        queue.add_after("end", 0.005)
        await handler.until(lambda: "end" in handler.handled)

    assert handler.handled == ["a", "end"]


async def test_a_forgotten_key_is_not_handled(queue, handler):
    async with working(queue, workers=1):
        queue.add_after("gone", 0.001)
        queue.forget("gone")
        queue.add_after("end", 0.005)
        await handler.until(lambda: "end" in handler.handled)

    assert handler.handled == ["end"]


async def test_retries_slow_down_to_a_limit_and_start_afresh_after_success(queue, monkeypatch):
    monkeypatch.setattr(workqueue.random, "uniform", lambda low, high: (low + high) / 2)

    delays = [queue.retry("a") for _ in range(12)]

    assert delays[:4] == [FIRST_RETRY_SECONDS * factor for factor in (1, 2, 4, 8)]
    assert delays == sorted(delays)
    assert delays[-1] == LONGEST_RETRY_SECONDS
    queue.succeeded("a")
    assert queue.retry("a") == FIRST_RETRY_SECONDS


async def test_retries_never_overflow(queue, monkeypatch):
    monkeypatch.setattr(workqueue.random, "uniform", lambda low, high: high)

    assert max(queue.retry("a") for _ in range(2_000)) <= LONGEST_RETRY_SECONDS * 1.2


async def test_a_forgotten_key_starts_afresh(queue, monkeypatch):
    monkeypatch.setattr(workqueue.random, "uniform", lambda low, high: (low + high) / 2)
    queue.retry("a")
    queue.forget("a")

    assert queue.retry("a") == FIRST_RETRY_SECONDS


async def test_many_changes_of_many_keys_lose_none(queue, handler):
    """The last change of every key is handled after it was told, whatever ran meanwhile."""
    told = {}
    seen = {}

    async def handle(key):
        found = told[key]
        await asyncio.sleep(0)
        seen[key] = found
        await handler.handle(key)

    busy = WorkQueue(handle, handler.fail)
    async with working(busy, workers=8):
        for number in range(2_000):
            key = number % 37
            told[key] = number
            busy.add(key)
            if number % 11 == 0:
                await asyncio.sleep(0)
        await handler.until(lambda: seen == told)

    assert not handler.overlapped
    assert handler.errors == []

"""Nothing that livecost does on its own holds the event loop: health checks and the Lease have their turn."""

import asyncio
import gc
import json
import time
import weakref

from hypothesis import given
from hypothesis import strategies as st

from livecost.garbage import collected_at_set_times
from livecost.prometheus import decoded
from livecost.turns import TURN_SECONDS, in_turns

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


class Cycle:
    """Garbage that only a collection finds."""

    def __init__(self):
        self.itself = self


def full_collections():
    return gc.get_stats()[2]["collections"]


async def test_all_that_is_kept_is_looked_through_at_set_times_only():
    before = gc.get_threshold()
    async with collected_at_set_times(3600):
        collected = full_collections()
        # Many more objects than are kept, which would be several full collections.
        kept = [[index] for index in range(3 * len(gc.get_objects()))]
        assert full_collections() == collected
        assert kept
    assert gc.get_threshold() == before


async def test_old_garbage_goes_at_the_set_time():
    async with collected_at_set_times(0.01):
        garbage = Cycle()
        gc.collect()
        gone = asyncio.Event()
        weakref.finalize(garbage, gone.set)
        del garbage
        await asyncio.wait_for(gone.wait(), 10)


async def test_work_in_turns_lets_others_have_theirs():
    turns = 0

    async def other():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    seen = []
    async for _ in in_turns(range(4)):
        time.sleep(1.5 * TURN_SECONDS)  # noqa: ASYNC251 - stands for work
        seen.append(turns)
    task.cancel()

    assert all(had >= item for item, had in enumerate(seen))


@given(VALUES)
def test_answers_are_decoded_as_ever(value):
    text = json.dumps(value)

    assert decoded(text) == decoded(text.encode()) == json.loads(text)

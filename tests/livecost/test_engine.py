"""What keeps an engine from its work is said with the remedy."""

import asyncio

import pytest

from livecost.engine import Engine
from livecost.kube_api import ApiError
from livecost.metrics import Metrics
from livecost.settings import Settings


class Api:
    """Answers every list alike."""

    def __init__(self, answer):
        self._answer = answer

    async def get(self, path, query=None):
        """One page."""
        if isinstance(self._answer, ApiError):
            raise self._answer
        return self._answer


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"items": []}, None),
        (ApiError(404, "NotFound", "no such page"), "kubectl apply --server-side -f crds/"),
        (ApiError(403, "Forbidden", "no"), "may not list customerclusters.livecost.dev: grant it list and watch"),
        (
            ApiError(0, "Unreachable", "the API server did not answer"),
            "cannot be listed: the API server did not answer",
        ),
        ({"items": [{}]}, "the first list of CustomerClusters is being read"),
    ],
)
async def test_what_is_missing_is_said(answer, told):
    missing = await Engine(Api(answer), Settings(), Metrics(), "replica").missing()

    assert missing is None if told is None else told in missing


class Listed(Api):
    """Lists customers; all else is away."""

    def __init__(self, bodies):
        super().__init__(ApiError(0, "Unreachable", "away"))
        self._bodies = bodies

    async def list_all(self, path):
        """The customers."""
        for body in self._bodies if path.endswith("customerclusters") else ():
            yield body

    async def close(self):
        """Nothing is open."""


def customer(name):
    metadata = {"namespace": "customers", "name": name, "uid": f"uid-{name}", "resourceVersion": "5"}
    metadata["creationTimestamp"] = "2026-03-01T12:00:00Z"
    return {"metadata": metadata, "spec": {"users": 1000, "concurrency": 100}}


async def test_a_customer_that_goes_while_the_first_list_is_taken_in_stays_gone(monkeypatch):
    """Thousands are taken in by turns with the watch, which may tell of the last one's end after the first."""
    engine = Engine(Listed([customer("first"), customer("last")]), Settings(), Metrics(), "replica")
    taken = asyncio.Event()

    async def with_the_watch(bodies):
        for body in bodies:
            yield body
            if not taken.is_set():
                engine.see_customer("DELETED", customer("last"))
                taken.set()

    monkeypatch.setattr("livecost.engine.in_turns", with_the_watch)
    engine._watching.set()
    working = asyncio.create_task(engine.run())
    await asyncio.wait_for(taken.wait(), 10)
    await asyncio.sleep(0)
    found = set(engine._store.clusters)
    working.cancel()
    await asyncio.wait([working])

    assert found == {("customers", "first")}

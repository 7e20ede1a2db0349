"""The Lease behind leader election: who holds it, and what is said when nobody can."""

from datetime import UTC, datetime

import pytest
from kubernetes.aio.leaderelection.leaderelectionrecord import LeaderElectionRecord

from livecost.kube_api import ApiError
from livecost.leader import _Lock
from livecost.settings import Settings

NOW = str(datetime(2026, 1, 12, 7, 0, 0, 5, tzinfo=UTC))
RECORD = LeaderElectionRecord("me", "8", NOW, NOW)


class LeaseApi:
    """An API server with room for one Lease; or one that refuses everything."""

    def __init__(self, refusal=None):
        self.lease = None
        self.refusal = refusal

    async def get(self, path, query=None):
        """The Lease, if it is there."""
        if self.refusal:
            raise self.refusal
        if self.lease is None:
            raise ApiError(404, "NotFound", 'leases.coordination.k8s.io "livecost" not found')
        return self.lease

    async def create(self, path, body):
        """Keep the Lease."""
        if self.refusal:
            raise self.refusal
        self.lease = {**body, "metadata": {**body["metadata"], "resourceVersion": "1"}}
        return self.lease

    async def replace(self, path, body):
        """Keep the Lease, unless it changed since it was read."""
        if body["metadata"]["resourceVersion"] != self.lease["metadata"]["resourceVersion"]:
            raise ApiError(409, "Conflict", "changed")
        version = str(int(body["metadata"]["resourceVersion"]) + 1)
        self.lease = {**body, "metadata": {**body["metadata"], "resourceVersion": version}}
        return self.lease


def lock(api, identity="me", told=None):
    return _Lock(api, Settings(), identity, (told if told is not None else []).append)


async def test_a_lease_is_written_as_other_clients_read_it():
    api = LeaseApi()

    assert await lock(api).create("livecost", "default", RECORD)
    assert api.lease["spec"] == {
        "holderIdentity": "me",
        "leaseDurationSeconds": 8,
        "acquireTime": "2026-01-12T07:00:00.000005Z",
        "renewTime": "2026-01-12T07:00:00.000005Z",
        "leaseTransitions": 0,
    }


async def test_of_two_replicas_that_saw_the_same_lease_one_gets_it():
    api = LeaseApi()
    first, second = lock(api, "first"), lock(api, "second")
    await first.create("livecost", "default", RECORD)
    await first.get("livecost", "default")
    await second.get("livecost", "default")

    assert await second.update("livecost", "default", LeaderElectionRecord("second", "8", NOW, NOW))
    assert not await first.update("livecost", "default", LeaderElectionRecord("first", "8", NOW, NOW))
    assert (api.lease["spec"]["holderIdentity"], api.lease["spec"]["leaseTransitions"]) == ("second", 1)


async def test_a_released_lease_has_no_holder():
    api = LeaseApi()
    mine = lock(api)
    await mine.create("livecost", "default", RECORD)

    await mine.release()

    assert (await lock(api).get("livecost", "default"))[1].holder_identity is None


async def test_a_lease_of_another_replica_is_not_released():
    api = LeaseApi()
    await lock(api).create("livecost", "default", RECORD)

    await lock(api, "another").release()

    assert api.lease["spec"]["holderIdentity"] == "me"


@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        (ApiError(403, "Forbidden", "no"), "grant it get, create and update"),
        (ApiError(404, "NotFound", 'namespaces "default" not found'), "create it or name another"),
        (ApiError(500, "InternalError", "passes by itself"), None),
    ],
)
async def test_what_keeps_every_replica_from_leading_is_said(refusal, told):
    said = []
    mine = lock(LeaseApi(refusal), told=said)

    assert not (await mine.get("livecost", "default"))[0]
    assert not await mine.create("livecost", "default", RECORD)
    assert said[-1] is None if told is None else told in said[-1]


async def test_silence_of_the_api_server_is_said_once_it_lasts(monkeypatch):
    said = []
    silent = LeaseApi(ApiError(0, "Unreachable", "no answer"))
    mine = lock(silent, told=said)
    clock = iter([100.0, 105.9, 106.0])
    monkeypatch.setattr("livecost.leader.monotonic", lambda: next(clock))

    await mine.get("livecost", "default")
    await mine.get("livecost", "default")
    assert said == []
    await mine.get("livecost", "default")
    assert "the API server does not answer" in said[-1]

    silent.refusal = None
    await mine.create("livecost", "default", RECORD)
    assert said[-1] is None

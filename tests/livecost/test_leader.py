"""The Lease behind leader election: who holds it, and what is said when nobody can."""

import asyncio
import contextlib
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from kubernetes.aio.leaderelection.leaderelectionrecord import LeaderElectionRecord

from livecost.kube_api import ApiError
from livecost.leader import LeadershipLost, _Lock, lead
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


# Short, so that the tests are; a lease of two seconds is renewed for one.
SHORT = Settings(lease_duration_seconds=2, lease_renew_deadline_seconds=1, lease_retry_seconds=0.5)


@pytest.fixture
def quick(monkeypatch):
    """The library takes no retry below a second."""
    monkeypatch.setattr("livecost.leader.Config", lambda lock, **times: SimpleNamespace(lock=lock, **times))


async def until(happened, what):
    """Wait for a line."""
    async with asyncio.timeout(10):
        while what not in happened:  # noqa: ASYNC110 - an event for each line would be more than the test
            await asyncio.sleep(0.01)


class FarApi:
    """The way of one replica to an API server, on which answers may come late, break off, or stay away."""

    def __init__(self, api):
        self.api = api
        self.late_by = 0.0
        self.gets = []

    async def get(self, path, query=None):
        """The Lease; `gets` holds what happens to the next ones: seconds until they fail."""
        if self.gets:
            await asyncio.sleep(self.gets.pop(0))
            raise ApiError(0, "Unreachable", "no answer")
        return await self.api.get(path)

    async def create(self, path, body):
        """Create the Lease."""
        return await self.api.create(path, body)

    async def replace(self, path, body):
        """Replace the Lease at once, and answer late."""
        answer = await self.api.replace(path, body)
        await asyncio.sleep(self.late_by)
        return answer


async def leads(api, identity, happened, after=0.0):
    """A replica that writes down when its work begins and ends; ending it takes a moment."""

    async def work():
        happened.append(f"{identity} begins")
        try:
            await asyncio.sleep(3600)
        finally:
            await asyncio.sleep(0.05)
            happened.append(f"{identity} ends")

    await asyncio.sleep(after)
    await lead(api, SHORT, identity, work, lambda _: None)


async def test_a_leader_ends_before_another_may_begin_however_late_the_answer_to_its_last_renewal_came(quick):
    """The successor counts from the moment the server took the renewal, which is before the leader knows of it."""
    server, happened = LeaseApi(), []
    way = FarApi(server)
    first = asyncio.create_task(leads(way, "first", happened))
    second = asyncio.create_task(leads(server, "second", happened, after=0.1))
    await asyncio.sleep(0.2)
    way.late_by, way.gets = 0.3, []
    await asyncio.sleep(0.5)
    # From now on the server does not hear of the first any more: a failure after a while, then silence.
    way.gets = [0.3, *[60.0] * 20]

    with pytest.raises(LeadershipLost):
        await first
    await until(happened, "second begins")
    second.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await second

    assert happened == ["first begins", "first ends", "second begins", "second ends"]


async def test_a_leader_that_finds_another_in_its_lease_ends_at_once(quick):
    """So it is after a pause of the whole machine, which no clock of the process has counted."""
    server, happened = LeaseApi(), []
    replica = asyncio.create_task(leads(server, "first", happened))
    await until(happened, "first begins")
    server.lease = {**server.lease, "spec": {**server.lease["spec"], "holderIdentity": "second"}}

    with pytest.raises(LeadershipLost):
        await replica

    assert happened == ["first begins", "first ends"]
    assert server.lease["spec"]["holderIdentity"] == "second"


async def test_a_lease_is_given_up_after_the_work_has_ended_not_before(quick):
    server, happened = LeaseApi(), []
    replica = asyncio.create_task(leads(server, "first", happened))
    await until(happened, "first begins")

    replica.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await replica

    assert happened == ["first begins", "first ends"]
    assert server.lease["spec"]["holderIdentity"] == ""


async def test_the_lease_of_a_replica_that_waited_for_it_is_its_own(quick):
    """What it saw while it waited is no reason to end."""
    server, happened = LeaseApi(), []
    await lock(server, "another").create("livecost", "default", RECORD)
    server.lease["spec"]["leaseDurationSeconds"] = 2
    replica = asyncio.create_task(leads(server, "first", happened))
    await until(happened, "first begins")
    await asyncio.sleep(1.2)
    assert happened == ["first begins"]

    replica.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await replica

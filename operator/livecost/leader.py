"""Adapter: leader election by a Lease, so that of several replicas one writes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import uuid
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import structlog
from kubernetes.aio.client.exceptions import ApiException
from kubernetes.aio.leaderelection.electionconfig import Config
from kubernetes.aio.leaderelection.leaderelection import LeaderElection
from kubernetes.aio.leaderelection.leaderelectionrecord import LeaderElectionRecord
from kubernetes.aio.leaderelection.resourcelock.baselock import BaseLock

from livecost.kube_api import ApiError, Json, KubeApi, Resource
from livecost.settings import Settings

_LEASES = Resource("coordination.k8s.io", "v1", "leases", "Lease", namespaced=True)

log = structlog.get_logger()


class LeadershipLost(Exception):
    """Another replica may write now, so this process must end."""


def new_identity() -> str:
    """A name that no other replica has, also not this one's successor on the same host."""
    return f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"


class _Lock(BaseLock):  # type: ignore[misc]  # the library has no types
    """A Lease as the library's lock.

    The library's own lock passes arguments that its client refuses, does not survive an API server that is away, and
    calls local time UTC; this one ends every call within the retry period.
    """

    def __init__(self, api: KubeApi, settings: Settings, identity: str, tell: Callable[[str | None], None]) -> None:
        super().__init__(settings.lease_name, settings.lease_namespace, identity)
        self._api = api
        self._tell = tell
        self._timeout_seconds = settings.lease_retry_seconds
        self._patience_seconds = settings.lease_renew_deadline_seconds
        self._silent_since: float | None = None
        self._lease: Json = {}
        self._held_until = 0.0
        self._taken = asyncio.Event()

    async def get(self, name: str, namespace: str) -> tuple[bool, Any]:
        """The record of the lease, or the exception that the library expects in its place."""
        try:
            async with asyncio.timeout(self._timeout_seconds):
                self._lease = await self._api.get(_LEASES.path(namespace, name))
        except ApiError as error:
            self._note(error)
            absent = ApiException(status=error.status, reason=error.message)
            absent.body = json.dumps({"code": error.status})
            return False, absent
        except TimeoutError as error:
            self._note(error)
            return False, ApiException(reason="the API server did not answer in time")
        self._note(None)
        record = _record(self._lease.get("spec") or {})
        if record.holder_identity not in (None, self.identity):
            self._taken.set()
        return True, record

    async def create(self, name: str, namespace: str, election_record: LeaderElectionRecord) -> bool:
        """Create the lease; whether that worked."""
        body = {
            "apiVersion": _LEASES.api_version,
            "kind": _LEASES.kind,
            "metadata": {"name": name, "namespace": namespace},
            "spec": _spec(election_record, 0),
        }
        return await self._write(self._api.create(_LEASES.path(namespace), body))

    async def update(self, name: str, namespace: str, updated_record: LeaderElectionRecord) -> bool:
        """Write the lease unless somebody else did meanwhile; whether that worked."""
        spec = self._lease.get("spec") or {}
        changed = spec.get("holderIdentity") != updated_record.holder_identity
        transitions = (spec.get("leaseTransitions") or 0) + int(changed)
        body = {**self._lease, "spec": _spec(updated_record, transitions)}
        return await self._write(self._api.replace(_LEASES.path(namespace, name), body))

    async def lost(self) -> None:
        """Return when the lease has not been renewed for the renew deadline, or another replica holds it.

        The library counts from the answer to the last renewal, and looks at the time only between two attempts, so that
        it may notice after the lease has run out.
        """
        clock = asyncio.get_running_loop().time
        while (left := self._held_until - clock()) > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._taken.wait()
                    return

    async def release(self) -> None:
        """Give an own lease up, so that another replica takes over without waiting for it to expire."""
        found, record = await self.get(self.name, self.namespace)
        if found and record.holder_identity == self.identity:
            body = {**self._lease, "spec": {**self._lease["spec"], "holderIdentity": ""}}
            await self._write(self._api.replace(_LEASES.path(self.namespace, self.name), body))

    async def _write(self, call: Coroutine[Any, Any, Json]) -> bool:
        # The server may count from this moment on, however late its answer comes.
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(self._timeout_seconds):
                self._lease = await call
        except (ApiError, TimeoutError) as error:
            self._note(error)
            log.warning("lease not written", error=str(error) or type(error).__name__)
            return False
        self._note(None)
        self._held_until = began + self._patience_seconds
        self._taken.clear()
        return True

    def _note(self, error: ApiError | TimeoutError | None) -> None:
        """Tell what keeps every replica from leading; silence only when it lasts, since a moment of it passes."""
        if error is None or (isinstance(error, ApiError) and error.status != 0):
            self._silent_since = None
            self._tell(_remedy(self.namespace, error) if error else None)
            return
        now = monotonic()
        self._silent_since = now if self._silent_since is None else self._silent_since
        if now - self._silent_since >= self._patience_seconds:
            self._tell("the API server does not answer: see whether it runs, and whether this pod's network reaches it")


def _remedy(namespace: str, error: ApiError) -> str | None:
    """What somebody must do before any replica can lead; None for what passes by itself."""
    if error.status == 403:
        return f"livecost may not use the Lease in namespace {namespace}: grant it get, create and update"
    if error.status == 404 and "namespaces" in error.message:
        return f"the Lease's namespace {namespace} does not exist: create it or name another with --lease-namespace"
    return None


def _record(spec: Json) -> LeaderElectionRecord:
    duration = spec.get("leaseDurationSeconds")
    return LeaderElectionRecord(
        spec.get("holderIdentity") or None, duration and str(duration), spec.get("acquireTime"), spec.get("renewTime")
    )


def _spec(record: LeaderElectionRecord, transitions: int) -> Json:
    return {
        "holderIdentity": record.holder_identity,
        "leaseDurationSeconds": int(record.lease_duration),
        "acquireTime": _micro_time(record.acquire_time),
        "renewTime": _micro_time(record.renew_time),
        "leaseTransitions": transitions,
    }


def _micro_time(text: str) -> str:
    """The library's times are local and without zone; what comes from the lease has one."""
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


async def lead(
    api: KubeApi,
    settings: Settings,
    identity: str,
    work: Callable[[], Coroutine[Any, Any, None]],
    tell: Callable[[str | None], None],
) -> None:
    """Do the work while this replica is the leader; return when the work is done.

    Args:
        api: connection to the cluster that holds the Lease.
        settings: the Lease's name, namespace and times.
        identity: a name that no other replica has.
        work: what the leader does.
        tell: called with what keeps every replica from leading, or with None when nothing does.

    Raises:
        LeadershipLost: the lease could not be renewed in time; the work was cancelled.
    """
    lock = _Lock(api, settings, identity, tell)
    elected = asyncio.Event()

    async def started() -> None:
        elected.set()

    async def leading() -> None:
        await elected.wait()
        log.info("leading", identity=identity)
        working, lost = asyncio.create_task(work()), asyncio.create_task(lock.lost())
        try:
            await asyncio.wait([working, lost], return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise LeadershipLost("the lease could not be renewed in time")
            await working
        finally:
            lost.cancel()
            working.cancel()
            # The lease is not given up before nothing can be written any more.
            await asyncio.gather(working, return_exceptions=True)

    election = LeaderElection(
        Config(
            lock,
            lease_duration=settings.lease_duration_seconds,
            renew_deadline=settings.lease_renew_deadline_seconds,
            retry_period=settings.lease_retry_seconds,
            onstarted_leading=started,
            onstopped_leading=None,
        )
    )
    campaign, reign = asyncio.create_task(election.run()), asyncio.create_task(leading())
    try:
        await asyncio.wait([campaign, reign], return_when=asyncio.FIRST_COMPLETED)
        if not reign.done():
            campaign.result()
            raise LeadershipLost("the lease could not be renewed in time")
        await reign
    finally:
        campaign.cancel()
        reign.cancel()
        await asyncio.gather(campaign, reign, return_exceptions=True)
        await lock.release()

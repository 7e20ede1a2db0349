"""Ties watches, queue and reconciler together: every event becomes the key of a customer that is decided on."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from livecost.cluster_connection import KindKey
from livecost.events import EventWriter
from livecost.kube_api import ApiError, KubeApi
from livecost.metrics import Metrics
from livecost.observations import Observations
from livecost.reconcile import Reconciler
from livecost.settings import Settings
from livecost.store import ClusterKey, RemoteKey, Store
from livecost.targets import Targets
from livecost.workqueue import WorkQueue

HOUSEKEEPING_SECONDS = 60.0

Json = dict[str, Any]

log = structlog.get_logger()


class Engine:
    """The running operator of one leader."""

    def __init__(self, api: KubeApi, settings: Settings, metrics: Metrics, identity: str) -> None:
        self._settings = settings
        self._metrics = metrics
        self._store = Store()
        self._queue: WorkQueue[ClusterKey] = WorkQueue(self._handle, self._failed)
        self._events = EventWriter(api, identity)
        self._targets = Targets(api, all_namespaces=not settings.namespaces, on_change=self._targets_changed)
        self._observations = Observations(self._store, settings, self._queue.add)
        self._reconciler = Reconciler(
            api, self._store, self._targets, self._observations, self._events, metrics, settings
        )
        metrics.follow(self._store, self._queue.__len__)

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._queue.run(self._settings.workers))
                tasks.create_task(self._observations.run())
                tasks.create_task(self._events.run())
                tasks.create_task(self._keep_house())
        finally:
            await self._targets.close()

    def put_customer(self, body: Json) -> None:
        """Know a customer; nothing is decided yet."""
        self._store.put_cluster(body)

    def put_profile(self, body: Json) -> None:
        """Know a profile; nothing is decided yet."""
        self._store.put_profile(body)

    def see_customer(self, event: str | None, body: Json) -> None:
        """A customer came, changed or went."""
        key = (body["metadata"]["namespace"], body["metadata"]["name"])
        if event == "DELETED":
            # A later object of the same name may have been seen already; it stays.
            known = self._store.clusters.get(key)
            if known is None or known.uid == body["metadata"]["uid"]:
                self._add(self._store.remove_cluster(key))
        else:
            self._add(self._store.put_cluster(body))
        self._queue.add(key)

    def see_profile(self, event: str | None, body: Json) -> None:
        """A profile came, changed or went."""
        if event == "DELETED":
            self._add(self._store.remove_profile(body["metadata"]["name"]))
        else:
            self._add(self._store.put_profile(body))

    def _targets_changed(self, remote: RemoteKey, kind: KindKey | None, name: str | None) -> None:
        if kind is None:
            self._add(self._store.users_of_cluster(remote))
            return
        group = kind[0].rpartition("/")[0]
        if name is None:
            self._add(self._store.users_of_kind(remote, group, kind[1]))
        else:
            self._add(self._store.claimants((remote, group, kind[1], name)))

    def _add(self, keys: set[ClusterKey]) -> None:
        for key in keys:
            self._queue.add(key)

    async def _handle(self, key: ClusterKey) -> None:
        with self._metrics.reconcile_seconds.time():
            await self._reconciler.reconcile(key, self._queue)

    def _failed(self, key: ClusterKey, error: Exception) -> None:
        delay = self._queue.retry(key)
        customer = "/".join(key)
        if isinstance(error, ApiError):
            self._metrics.reconcile_errors.labels(error.reason).inc()
            log.warning(
                "status not written", customer=customer, status=error.status, error=error.message, retry_seconds=delay
            )
        else:
            self._metrics.reconcile_errors.labels("Bug").inc()
            log.error("decision failed", customer=customer, retry_seconds=delay, exc_info=error)

    async def _keep_house(self) -> None:
        while True:
            await asyncio.sleep(HOUSEKEEPING_SECONDS)
            self._targets.retain(self._store.kinds_in_use())

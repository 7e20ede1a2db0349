"""Ties watches, queue and reconciler together: every event becomes the key of a customer that is decided on."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from livecost.cluster_connection import KindKey
from livecost.customer_fleets import CustomerFleets
from livecost.events import EventWriter
from livecost.kube_api import ApiError, KubeApi, Resource
from livecost.metrics import Metrics
from livecost.observations import Observations
from livecost.prometheus import Asker, Patience
from livecost.prometheus_credentials import Credentials
from livecost.readiness import FIRST_LIST
from livecost.reconcile import COST_PROFILES, CUSTOMER_CLUSTERS, Reconciler
from livecost.settings import Settings
from livecost.store import ClusterKey, RemoteKey, Store
from livecost.targets import Targets
from livecost.turns import in_turns
from livecost.workqueue import WorkQueue

HOUSEKEEPING_SECONDS = 60.0
LIST_RETRY_SECONDS = 5.0

Json = dict[str, Any]

log = structlog.get_logger()


class Engine:
    """The running operator of one leader."""

    def __init__(self, api: KubeApi, settings: Settings, metrics: Metrics, identity: str) -> None:
        self._api = api
        self._settings = settings
        self._metrics = metrics
        self._watching = asyncio.Event()
        self._known = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        # Deletions seen while the lists are read: a list may still show what the watch has told to be gone.
        self._gone: set[str] | None = set()
        self._store = Store()
        self._queue: WorkQueue[ClusterKey] = WorkQueue(self._handle, self._failed)
        self._events = EventWriter(api, identity)
        self._targets = Targets(api, all_namespaces=not settings.namespaces, on_change=self._targets_changed)
        self._asker = Asker(Patience(settings.prometheus_timeout_seconds, settings.prometheus_max_response_mib << 20))
        self._observations = Observations(
            self._store, settings, Credentials(api, settings), self._asker.ask, self._queue.add
        )
        self._reconciler = Reconciler(
            api, self._store, self._targets, self._observations, self._events, metrics, settings
        )
        self._fleets = CustomerFleets(api, self._store, metrics, settings)
        metrics.follow(self._store, self._queue.__len__, self._fleets.statuses)

    async def run(self) -> None:
        """Work until stopped or cancelled."""
        self._running = asyncio.current_task()
        try:
            async with asyncio.TaskGroup() as tasks:
                await self._know_all()
                tasks.create_task(self._queue.run(self._settings.workers))
                tasks.create_task(self._observations.run())
                tasks.create_task(self._events.run())
                tasks.create_task(self._fleets.run())
                tasks.create_task(self._keep_house())
        finally:
            self._asker.close()
            await self._targets.close()

    async def stop(self) -> None:
        """End all work and wait until it has ended."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])

    async def missing(self, api: KubeApi | None = None) -> str | None:
        """What keeps the engine from its work, with the remedy; None when nothing does.

        Args:
            api: what to ask, where the engine has ended and with it its own connection.
        """
        for resource in (CUSTOMER_CLUSTERS, COST_PROFILES):
            for path in self._paths(resource):
                try:
                    page = await (api or self._api).get(path, {"limit": "1"})
                except ApiError as error:
                    return _remedy(resource, error)
                if resource is CUSTOMER_CLUSTERS and page.get("items") and not self._known.is_set():
                    return FIRST_LIST
        return None

    def see_customer(self, event: str | None, body: Json) -> None:
        """A customer came, changed or went."""
        self._watching.set()
        key = (body["metadata"]["namespace"], body["metadata"]["name"])
        if event == "DELETED":
            self._note_gone(body)
            # A later object of the same name may have been seen already; it stays.
            known = self._store.clusters.get(key)
            if known is None or known.uid == body["metadata"]["uid"]:
                self._add(self._store.remove_cluster(key))
                self._queue.add(key)
        elif (concerned := self._store.put_cluster(body)) is not None:
            self._add(concerned)
            self._queue.add(key)

    def see_profile(self, event: str | None, body: Json) -> None:
        """A profile came, changed or went."""
        if event == "DELETED":
            self._note_gone(body)
            self._add(self._store.remove_profile(body["metadata"]["name"]))
        else:
            self._add(self._store.put_profile(body))

    async def _know_all(self) -> None:
        """Know every customer and profile before the first decision: an older claimant may be listed last.

        The lists are read once the watch has begun, so that whatever goes after them is told by the watch.
        """
        await self._watching.wait()
        while True:
            try:
                profiles = [body for path in self._paths(COST_PROFILES) async for body in self._api.list_all(path)]
                customers = [body for path in self._paths(CUSTOMER_CLUSTERS) async for body in self._api.list_all(path)]
                break
            except ApiError as error:
                log.warning("objects not listed", status=error.status, error=error.message)
                await asyncio.sleep(LIST_RETRY_SECONDS)
        # What the watch tells to be gone in between is added to the same set.
        gone = self._gone if self._gone is not None else set()
        async for body in in_turns(profiles):
            if body["metadata"]["uid"] not in gone:
                self._store.put_profile(body)
        async for body in in_turns(customers):
            if body["metadata"]["uid"] not in gone:
                self._store.put_cluster(body)
        self._gone = None
        self._known.set()
        self._add(set(self._store.clusters))

    def _note_gone(self, body: Json) -> None:
        if self._gone is not None:
            self._gone.add(body["metadata"]["uid"])

    def _paths(self, resource: Resource) -> list[str]:
        namespaces = self._settings.namespaces if resource.namespaced else ()
        return [resource.path(namespace) for namespace in namespaces or (None,)]

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
        self._fleets.note(key)

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


def _remedy(resource: Resource, error: ApiError) -> str:
    name = f"{resource.plural}.{resource.group}"
    if error.status == 404:
        return f"the CRD {name} is not installed: kubectl apply --server-side -f crds/"
    if error.status == 403:
        return f"livecost may not list {name}: grant it list and watch"
    return f"{name} cannot be listed: {error.message}"

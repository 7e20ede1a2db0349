"""Keeps the statuses of all CustomerFleets: a customer's change makes its fleets add up anew, soon, not too often."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from pydantic import ValidationError

from costmodel import problems_of
from costmodel.assumptions import Assumptions
from livecost.customer_fleet_models import CustomerFleetSpec
from livecost.customer_fleet_status import fleet_status, unread_status
from livecost.fleet_member import FleetMember, read_member
from livecost.kube_api import ApiError, KubeApi, Resource
from livecost.live_fleet import add_up
from livecost.metrics import Metrics
from livecost.models import GROUP, VERSION
from livecost.reduced import resource_version
from livecost.reflector import ObjectKey, Reflector
from livecost.settings import Settings
from livecost.store import ClusterKey, CustomerCluster, Store
from livecost.workqueue import WorkQueue

CUSTOMER_FLEETS = Resource(GROUP, VERSION, "customerfleets", "CustomerFleet", namespaced=True)

# A fleet follows its customers at most so often, however many of them change.
DEBOUNCE_SECONDS = 2.0
# After a start, statuses stay as they are until every customer was decided on, but no longer than this.
SETTLING_SECONDS = 30.0
# Customers that are read without letting anything else go on: thousands take longer than an edit should wait.
READ_AT_A_TIME = 100
# Adding up takes at most one part in so many of the process's time.
REST_FACTOR = 10

Json = dict[str, Any]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class CustomerFleet:
    """A CustomerFleet as last seen: its spec, or why that cannot be read (the problem, for people)."""

    uid: str
    generation: int
    spec: CustomerFleetSpec | None
    problem: str
    status: Json


class CustomerFleets:
    """All CustomerFleets. Without their CRD, or the right to read it, customers are served all the same.

    Args:
        api: connection to the cluster.
        store: the customers.
        metrics: counts the writes.
        settings: the namespaces served.
    """

    def __init__(self, api: KubeApi, store: Store, metrics: Metrics, settings: Settings) -> None:
        self._api = api
        self._store = store
        self._metrics = metrics
        self._served = settings.namespaces
        self._queue: WorkQueue[ObjectKey] = WorkQueue(self._handle, self._failed)
        self._reflectors = {
            namespace: Reflector(
                api, CUSTOMER_FLEETS.path(namespace or None), read_fleet, self._fleet_changed, self._state_changed
            )
            for namespace in self._served or ("",)
        }
        self._members: dict[ClusterKey, FleetMember | None] = {}
        self._stale: set[ClusterKey] = set()
        self._taken: dict[ObjectKey, set[ClusterKey]] = {}
        self._terms: dict[Assumptions, Assumptions] = {}
        self._settled_at = 0.0

    async def run(self) -> None:
        """Follow the fleets until cancelled; begin once all customers are known."""
        self._settled_at = time.monotonic() + SETTLING_SECONDS
        async with asyncio.TaskGroup() as tasks:
            for reflector in self._reflectors.values():
                tasks.create_task(reflector.run())
            tasks.create_task(self._queue.run(1))

    def note(self, key: ClusterKey) -> None:
        """A customer came, went, or was decided on."""
        if not (fleets := self._fleets()):
            self._members.clear()
            return
        self._stale.add(key)
        cluster = self._store.clusters.get(key)
        for fleet_key, fleet in fleets:
            concerned = key in self._taken.get(fleet_key, ()) or (cluster and _takes(fleet, fleet_key, cluster))
            if concerned:
                self._queue.add_after(fleet_key, DEBOUNCE_SECONDS)

    def statuses(self) -> list[tuple[ObjectKey, Json]]:
        """The status of each fleet, as last seen."""
        return [(key, fleet.status) for key, fleet in self._fleets()]

    def _fleets(self) -> list[tuple[ObjectKey, CustomerFleet]]:
        return [row for reflector in self._reflectors.values() for row in list(reflector.items.items())]

    def _reflector(self, namespace: str) -> Reflector[CustomerFleet]:
        return self._reflectors[namespace if self._served else ""]

    def _fleet_changed(self, key: ObjectKey, before: CustomerFleet | None, after: CustomerFleet | None) -> None:
        if before and after and (before.uid, before.generation) == (after.uid, after.generation):
            # Most likely the way back of an own status, ahead of its answer.
            self._queue.add_after(key, DEBOUNCE_SECONDS)
        else:
            self._queue.add(key)

    def _state_changed(self) -> None:
        for reflector in self._reflectors.values():
            if reflector.problem is not None and reflector.problem.status in (403, 404):
                log.warning(
                    "customer fleets not served",
                    remedy="kubectl apply --server-side -f crds/"
                    if reflector.problem.status == 404
                    else f"grant list and watch on {CUSTOMER_FLEETS.plural}.{GROUP}",
                )
                return

    async def _handle(self, key: ObjectKey) -> None:
        fleet = self._reflector(key[0]).items.get(key)
        if fleet is None:
            self._queue.forget(key)
            self._taken.pop(key, None)
            return
        clusters = [cluster for cluster in self._store.clusters.values() if _takes(fleet, key, cluster)]
        if time.monotonic() < self._settled_at and any(cluster.figures is None for cluster in clusters):
            self._queue.add_after(key, DEBOUNCE_SECONDS)
            return
        self._taken[key] = {cluster.key for cluster in clusters}
        await self._read(clusters)
        began = time.monotonic()
        status = self._status(key, fleet)
        spent = time.monotonic() - began
        if status != fleet.status:
            await self._write(key, fleet, status)
        self._queue.succeeded(key)
        await asyncio.sleep(spent * (REST_FACTOR - 1))

    def _status(self, key: ObjectKey, fleet: CustomerFleet) -> Json:
        now = datetime.now(UTC)
        if fleet.spec is None:
            return unread_status(fleet.problem, fleet.generation, fleet.status, now)
        found = {name: self._members.get(name) for name in sorted(self._taken[key])}
        members = [member for member in found.values() if member is not None]
        figures = add_up(fleet.spec, members, [name for name, member in found.items() if member is None])
        unserved = [name for name in fleet.spec.namespaces or () if self._served and name not in self._served]
        return fleet_status(figures, fleet.generation, fleet.status, unserved, now)

    async def _read(self, clusters: list[CustomerCluster]) -> None:
        """Read customers that are new or changed."""
        for key in self._stale:
            self._members.pop(key, None)
        self._stale.clear()
        # Terms that nobody has any more, after many edits of profiles, are not kept for good.
        if len(self._terms) > len(self._store.clusters):
            self._terms.clear()
            self._members.clear()
        unread = [cluster for cluster in clusters if cluster.key not in self._members]
        for number, cluster in enumerate(unread, start=1):
            self._members[cluster.key] = read_member(cluster, self._terms)
            if not number % READ_AT_A_TIME:
                await asyncio.sleep(0)

    async def _write(self, key: ObjectKey, fleet: CustomerFleet, status: Json) -> None:
        namespace, name = key
        # The test keeps the status of a deleted object off its successor of the same name.
        patch: list[Json] = [
            {"op": "test", "path": "/metadata/uid", "value": fleet.uid},
            {"op": "add", "path": "/status", "value": status},
        ]
        path = CUSTOMER_FLEETS.path(namespace, name, "status")
        try:
            answer = await self._api.patch(path, patch, "application/json-patch+json")
        except ApiError as error:
            if error.status == 404:
                return
            raise
        self._reflector(namespace).accept(key, read_fleet(answer), resource_version(answer))
        self._metrics.fleet_status_writes.inc()

    def _failed(self, key: ObjectKey, error: Exception) -> None:
        delay = self._queue.retry(key)
        about: Mapping[str, Any] = {"fleet": "/".join(key), "retry_seconds": delay}
        if isinstance(error, ApiError):
            log.warning("fleet status not written", **about, status=error.status, error=error.message)
        else:
            log.error("fleet not added up", **about, exc_info=error)


def read_fleet(body: Json) -> CustomerFleet:
    """A CustomerFleet from the API's object; a spec that cannot be read becomes a problem, never an exception."""
    metadata = body["metadata"]
    spec, problem = None, ""
    try:
        spec = CustomerFleetSpec.model_validate(body.get("spec") or {})
    except ValidationError as error:
        problem = "spec: " + "; ".join(str(found) for found in problems_of(error, CustomerFleetSpec))
    return CustomerFleet(metadata["uid"], metadata.get("generation", 0), spec, problem, body.get("status") or {})


def _takes(fleet: CustomerFleet, key: ObjectKey, cluster: CustomerCluster) -> bool:
    return fleet.spec is not None and fleet.spec.takes(key[0], cluster.key[0], cluster.labels)

"""Adapter: follows the customers, their profiles and their fleets by one list and one watch each; writes nothing."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from livecost.command_endings import Refused
from livecost.customer_fleets import CUSTOMER_FLEETS
from livecost.customer_reading import CustomerReader, Live, credentials, refusal
from livecost.fleet_page.pulse import Pulse
from livecost.kube_api import KubeApi
from livecost.reconcile import COST_PROFILES, CUSTOMER_CLUSTERS
from livecost.reflector import Reflector
from livecost.store import CostProfile, CustomerCluster, read_cluster, read_profile

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from kubernetes.aio.client import Configuration

    from livecost.kube_api import Resource
    from livecost.reflector import Item, ObjectKey
    from livecost.store import ClusterKey

Json = dict[str, Any]

_log = logging.getLogger("livecost.web")
_RETRY_SECONDS = 15.0
_CLOSING_SECONDS = 0.05
_KEPT_SECONDS: Final = 15.0
_KEPT_CUSTOMERS: Final = 256


@dataclass(frozen=True, slots=True)
class WatchState:
    """Whether what is shown is what is.

    Attributes:
        synced: whether the customers were read at least once.
        problem: why they cannot be read now, with the remedy; empty while they can.
        stale_since: when the problem was first seen; None while there is none.
    """

    synced: bool = False
    problem: str = ""
    stale_since: datetime | None = None


class LiveSource:
    """The live objects of one cluster.

    Args:
        kubeconfig: file; None as for `livecost.customer_reading.read_live`.
        context: its context; None for the current one.
        namespaces: the only ones to follow; none for all.
    """

    def __init__(self, kubeconfig: str | None, context: str | None, namespaces: Sequence[str] = ()) -> None:
        self._kubeconfig = kubeconfig
        self._context = context
        self._namespaces: Sequence[str | None] = namespaces or (None,)
        self._api: KubeApi | None = None
        self._server = ""
        self._customers: dict[str | None, Reflector[CustomerCluster]] = {}
        self._profiles: Reflector[CostProfile] | None = None
        self._fleets: dict[str | None, Reflector[Json]] = {}
        self._kept: dict[ClusterKey, tuple[float, CostProfile | None, Live]] = {}
        self.pulse = Pulse()
        self.state = WatchState()

    @property
    def customers(self) -> Mapping[ObjectKey, CustomerCluster]:
        """Namespace and name to customer, as last seen."""
        return _together(self._customers)

    @property
    def profiles(self) -> Mapping[str, CostProfile]:
        """Name to profile, as last seen."""
        return {name: profile for (_, name), profile in (self._profiles.items if self._profiles else {}).items()}

    @property
    def fleets(self) -> Mapping[ObjectKey, Json]:
        """Namespace and name to CustomerFleet; empty where their CRD is missing."""
        return _together(self._fleets)

    @property
    def fleets_problem(self) -> str:
        """Why the fleets cannot be read; empty where they can be, or where their CRD is not installed."""
        return self._problem(CUSTOMER_FLEETS, self._fleets, but=404)

    async def live(self, customer: CustomerCluster) -> Live:
        """A customer with its profile and the zones of its targets, as `livecost cluster explain` reads them.

        Viewers look whenever anything in the cluster changes; while this customer and its profile do not, they are told
        what was read some seconds ago.

        Raises:
            Refused: its spec or its profile cannot be read.
        """
        profile = None if customer.spec is None else self.profiles.get(customer.spec.profile_ref.name)
        if self._api is None or self.state.problem:
            return Live(
                customer, profile, notes=("the API server cannot be asked; profile and zones are as last seen",)
            )
        now = time.monotonic()
        until, seen, kept = self._kept.get(customer.key, (0.0, None, None))
        if kept is not None and now < until and kept.customer is customer and seen is profile:
            return kept
        live = await CustomerReader(self._api, customer.key[0], self._server).live(customer)
        if len(self._kept) >= _KEPT_CUSTOMERS:
            self._kept.clear()
        self._kept[customer.key] = (now + _KEPT_SECONDS, profile, live)
        return live

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Follow the objects while in this context."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            self.pulse.stop()
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        while True:
            configuration = await self._configuration()
            api = KubeApi(configuration)
            try:
                await self._follow(api, str(configuration.host))
            except Exception as error:
                # A page whose watch has ended for good would look as if it were up to date.
                _log.exception("following the cluster failed")
                self._fail(f"following the cluster failed ({type(error).__name__}); it is tried again")
            finally:
                await api.close()
                # A connection whose handshake was cancelled closes later, and nothing tells when (aiohttp, asyncio).
                await asyncio.sleep(_CLOSING_SECONDS)
            await asyncio.sleep(_RETRY_SECONDS)

    async def _follow(self, api: KubeApi, server: str) -> None:
        self._api, self._server = api, server
        names = self._namespaces
        self._customers = {name: self._reflector(api, CUSTOMER_CLUSTERS, name, read_cluster) for name in names}
        self._profiles = self._reflector(api, COST_PROFILES, None, read_profile)
        self._fleets = {name: self._reflector(api, CUSTOMER_FLEETS, name, _whole) for name in names}
        async with asyncio.TaskGroup() as group:
            everything: list[Reflector[Any]] = [*self._customers.values(), self._profiles, *self._fleets.values()]
            for reflector in everything:
                group.create_task(reflector.run())

    async def _configuration(self) -> Configuration:
        while True:
            try:
                return (await credentials(self._kubeconfig, self._context))[0]
            except Refused as error:
                self._fail(error.message)
            await asyncio.sleep(_RETRY_SECONDS)

    def _reflector(self, api: KubeApi, resource: Resource, namespace: str | None, reduce: Any) -> Reflector[Any]:
        return Reflector(
            api,
            resource.path(namespace),
            reduce,
            on_change=lambda _key, _before, _after: self.pulse.strike(),
            on_state=self._tell_state,
        )

    def _tell_state(self) -> None:
        if problem := self._problem(CUSTOMER_CLUSTERS, self._customers):
            self._fail(problem)
        # Sums of some namespaces would look like those of all.
        elif all(reflector.synced for reflector in self._customers.values()):
            self.state = WatchState(synced=True)
        self.pulse.strike()

    def _problem(self, resource: Resource, parts: Mapping[str | None, Reflector[Any]], but: int = -1) -> str:
        """Why the objects of the first namespace with a problem cannot be read, unless its status is `but`."""
        for namespace, reflector in parts.items():
            error = reflector.problem
            if error is not None and error.status != but:
                return refusal(resource, error, namespace, self._server)
        return ""

    def _fail(self, problem: str) -> None:
        since = self.state.stale_since or datetime.now(UTC)
        self.state = WatchState(self.state.synced, problem, since)
        self.pulse.strike()


def _together(parts: Mapping[str | None, Reflector[Item]]) -> Mapping[ObjectKey, Item]:
    if len(parts) == 1:
        (only,) = parts.values()
        return only.items
    return {key: item for reflector in parts.values() for key, item in reflector.items.items()}


def _whole(body: Json) -> Json:
    return {name: body.get(name) or {} for name in ("metadata", "spec", "status")}

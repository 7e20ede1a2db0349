"""Adapter: follows the customers, their profiles and their fleets by one list and one watch each; writes nothing."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from livecost.command_endings import Refused
from livecost.customer_fleets import CUSTOMER_FLEETS
from livecost.customer_reading import CustomerReader, Live, credentials, refusal
from livecost.fleet_page.pulse import Pulse
from livecost.kube_api import KubeApi
from livecost.reconcile import COST_PROFILES, CUSTOMER_CLUSTERS
from livecost.reflector import Reflector
from livecost.store import CostProfile, CustomerCluster, read_cluster, read_profile

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from kubernetes.aio.client import Configuration

    from livecost.kube_api import Resource
    from livecost.reflector import ObjectKey

Json = dict[str, Any]

_log = logging.getLogger("livecost.web")
_RETRY_SECONDS = 15.0


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
        namespace: the only one to follow; None for all.
    """

    def __init__(self, kubeconfig: str | None, context: str | None, namespace: str | None) -> None:
        self._kubeconfig = kubeconfig
        self._context = context
        self._namespace = namespace
        self._api: KubeApi | None = None
        self._server = ""
        self._customers: Reflector[CustomerCluster] | None = None
        self._profiles: Reflector[CostProfile] | None = None
        self._fleets: Reflector[Json] | None = None
        self.pulse = Pulse()
        self.state = WatchState()

    @property
    def customers(self) -> Mapping[ObjectKey, CustomerCluster]:
        """Namespace and name to customer, as last seen."""
        return self._customers.items if self._customers else {}

    @property
    def profiles(self) -> Mapping[str, CostProfile]:
        """Name to profile, as last seen."""
        return {name: profile for (_, name), profile in (self._profiles.items if self._profiles else {}).items()}

    @property
    def fleets(self) -> Mapping[ObjectKey, Json]:
        """Namespace and name to CustomerFleet; empty where their CRD is missing."""
        return self._fleets.items if self._fleets else {}

    @property
    def fleets_problem(self) -> str:
        """Why the fleets cannot be read; empty where they can be, or where their CRD is not installed."""
        error = self._fleets.problem if self._fleets else None
        return "" if error is None or error.status == 404 else refusal(CUSTOMER_FLEETS, error, None, self._server)

    async def live(self, customer: CustomerCluster) -> Live:
        """A customer with its profile and the zones of its targets, as `livecost cluster explain` reads them.

        Raises:
            Refused: its spec or its profile cannot be read.
        """
        if self._api is None or self.state.problem:
            profile = None if customer.spec is None else self.profiles.get(customer.spec.profile_ref.name)
            return Live(
                customer, profile, notes=("the API server cannot be asked; profile and zones are as last seen",)
            )
        return await CustomerReader(self._api, customer.key[0], self._server).live(customer)

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
            await asyncio.sleep(_RETRY_SECONDS)

    async def _follow(self, api: KubeApi, server: str) -> None:
        self._api, self._server = api, server
        self._customers = self._reflector(api, CUSTOMER_CLUSTERS, read_cluster)
        self._profiles = self._reflector(api, COST_PROFILES, read_profile)
        self._fleets = self._reflector(api, CUSTOMER_FLEETS, _whole)
        async with asyncio.TaskGroup() as group:
            for reflector in (self._customers, self._profiles, self._fleets):
                group.create_task(reflector.run())

    async def _configuration(self) -> Configuration:
        while True:
            try:
                return (await credentials(self._kubeconfig, self._context))[0]
            except Refused as error:
                self._fail(error.message)
            await asyncio.sleep(_RETRY_SECONDS)

    def _reflector(self, api: KubeApi, resource: Resource, reduce: Any) -> Reflector[Any]:
        return Reflector(
            api,
            resource.path(self._namespace),
            reduce,
            on_change=lambda _key, _before, _after: self.pulse.strike(),
            on_state=self._tell_state,
        )

    def _tell_state(self) -> None:
        assert self._customers is not None  # noqa: S101 - a reflector tells
        error = self._customers.problem
        if error is not None:
            self._fail(refusal(CUSTOMER_CLUSTERS, error, self._namespace, self._server))
        elif self._customers.synced:
            self.state = WatchState(synced=True)
        self.pulse.strike()

    def _fail(self, problem: str) -> None:
        since = self.state.stale_since or datetime.now(UTC)
        self.state = WatchState(self.state.synced, problem, since)
        self.pulse.strike()


def _whole(body: Json) -> Json:
    return {name: body.get(name) or {} for name in ("metadata", "spec", "status")}

"""Adapter: reads live customers and what they are computed from, by a kubeconfig's credentials; writes nothing."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from kubernetes.aio.client import Configuration

from livecost.cluster_connection import discover
from livecost.cluster_credentials import (
    CredentialsUnusable,
    context_namespace,
    is_there,
    kubeconfig_location,
    load_configuration,
)
from livecost.command_endings import Refused
from livecost.kube_api import ApiError, KubeApi, Resource
from livecost.models import DEFAULT_PROFILE
from livecost.reconcile import COST_PROFILES, CUSTOMER_CLUSTERS
from livecost.store import CostProfile, CustomerCluster, read_cluster, read_profile
from livecost.target_kinds import known_kind
from livecost.target_reading import read_target
from livecost.target_state import TargetState

Json = dict[str, Any]
Result = TypeVar("Result")

_OWN_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


@dataclass(frozen=True, slots=True)
class Live:
    """A live customer with what its plan is made from.

    Attributes:
        customer: the CustomerCluster.
        profile: its CostProfile; None for the built-in defaults.
        zones: pool name to the number of zones by which its target is sized.
        notes: what could not be read, and what was taken instead.
    """

    customer: CustomerCluster
    profile: CostProfile | None
    zones: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_live(
    kubeconfig: str | None,
    context: str | None,
    namespace: str | None,
    work: Callable[[CustomerReader], Awaitable[Result]],
) -> Result:
    """Connect as kubectl does and read.

    Args:
        kubeconfig: file; None for $KUBECONFIG, ~/.kube/config, or the account of the pod.
        context: its context; None for the current one.
        namespace: of the customers; None for that of the context.
        work: what to read.

    Raises:
        Refused: there are no usable credentials, or the API server did not give what was asked for.
    """
    return asyncio.run(_read(kubeconfig, context, namespace, work))


async def _read(
    kubeconfig: str | None,
    context: str | None,
    namespace: str | None,
    work: Callable[[CustomerReader], Awaitable[Result]],
) -> Result:
    configuration, default_namespace = await credentials(kubeconfig, context)
    api = KubeApi(configuration)
    try:
        return await work(CustomerReader(api, namespace or default_namespace, str(configuration.host)))
    finally:
        await api.close()


async def credentials(kubeconfig: str | None, context: str | None) -> tuple[Configuration, str]:
    """The API server with the credentials for it, and the namespace of the context.

    Args:
        kubeconfig: as for `read_live`.
        context: likewise.

    Raises:
        Refused: there are no usable credentials.
    """
    location = kubeconfig_location(kubeconfig)
    in_pod = not (is_there(location) or kubeconfig or context) and "KUBERNETES_SERVICE_HOST" in os.environ
    try:
        configuration = await load_configuration(None if in_pod else Path(location), context)
        return configuration, _own_namespace() if in_pod else context_namespace(location, context)
    except CredentialsUnusable as error:
        raise Refused(str(error)) from None


def _own_namespace() -> str:
    return _OWN_NAMESPACE.read_text(encoding="utf-8").strip() if _OWN_NAMESPACE.exists() else "default"


class CustomerReader:
    """Reads from one API server.

    Args:
        api: connection.
        namespace: where customers are looked for by name.
        server: the API server's address, for messages.
    """

    def __init__(self, api: KubeApi, namespace: str, server: str) -> None:
        self._api = api
        self._server = server
        self._profiles: dict[str, CostProfile] = {}
        self.namespace = namespace

    async def customer(self, name: str) -> CustomerCluster:
        """A customer of the namespace.

        Raises:
            Refused: it cannot be read; where it does not exist the nearest names are offered.
        """
        try:
            return read_cluster(await self._api.get(CUSTOMER_CLUSTERS.path(self.namespace, name)))
        except ApiError as error:
            if error.status != 404:
                self._refuse(CUSTOMER_CLUSTERS, error, self.namespace)
        names = [each.key[1] for each in await self.customers(self.namespace)]
        nearest = get_close_matches(name, names, n=3)
        remedy = f"did you mean {' or '.join(nearest)}?" if nearest else "name its namespace with -n"
        raise Refused(f"there is no CustomerCluster {name} in namespace {self.namespace}; {remedy}")

    async def customers(self, namespace: str | None) -> list[CustomerCluster]:
        """The customers of a namespace, or of all of them, by namespace and name.

        Raises:
            Refused: they cannot be listed.
        """
        try:
            bodies = [body async for body in self._api.list_all(CUSTOMER_CLUSTERS.path(namespace))]
        except ApiError as error:
            self._refuse(CUSTOMER_CLUSTERS, error, namespace)
        return sorted(map(read_cluster, bodies), key=lambda customer: customer.key)

    async def profile(self, name: str, customer: CustomerCluster | None = None) -> CostProfile | None:
        """A CostProfile; None where the name means the built-in defaults.

        Args:
            name: its name.
            customer: whose profile it is; one that it was sized by and that is gone is missed, as the operator does.

        Raises:
            Refused: it does not exist, or cannot be read.
        """
        if name in self._profiles:
            return self._profiles[name]
        try:
            profile = read_profile(await self._api.get(COST_PROFILES.path(name=name)))
        except ApiError as error:
            if error.status != 404:
                self._refuse(COST_PROFILES, error, None)
        else:
            if profile.problem is not None:
                raise Refused(profile.problem.message)
            self._profiles[name] = profile
            return profile
        sized_by = None if customer is None else (customer.status.get("profile") or {}).get("name")
        if name == DEFAULT_PROFILE and sized_by != DEFAULT_PROFILE:
            return None
        raise Refused(f"CostProfile {name} does not exist; create it or name another")

    async def live(self, customer: CustomerCluster) -> Live:
        """A customer with its profile and the zones of its targets.

        Raises:
            Refused: its spec cannot be read, or its profile.
        """
        if customer.spec is None:
            problem = customer.problem.message if customer.problem else "spec cannot be read"
            raise Refused(f"{'/'.join(customer.key)}: {problem}")
        profile = await self.profile(customer.spec.profile_ref.name, customer)
        zones, notes = await self._zones(customer)
        return Live(customer, profile, zones, notes)

    async def _zones(self, customer: CustomerCluster) -> tuple[dict[str, int], tuple[str, ...]]:
        zones: dict[str, int] = {}
        notes = []
        for pool, ref in customer.targets.items():
            kind = known_kind(ref)
            if kind is None or kind.zones is None:
                continue
            found = None
            if ref.kubeconfig_secret_ref is None:
                try:
                    resource = await discover(self._api, ref.api_version, ref.kind)
                    if resource is not None:
                        body = await self._api.get(resource.path(ref.namespace or customer.key[0], ref.name))
                        found = read_target(ref, body, scalable=resource.scalable)
                except ApiError:
                    found = None
            if isinstance(found, tuple) and isinstance(found[0], TargetState):
                zones[pool] = found[0].zones
            else:
                notes.append(f"{pool}: the zones of {ref.kind} {ref.name} cannot be read; it is taken to have one")
        return zones, tuple(notes)

    def _refuse(self, resource: Resource, error: ApiError, namespace: str | None) -> NoReturn:
        raise Refused(refusal(resource, error, namespace, self._server)) from None


def refusal(resource: Resource, error: ApiError, namespace: str | None, server: str) -> str:
    """Why a kind cannot be read, and the remedy.

    Args:
        resource: the kind.
        error: what the API server said, or that it said nothing.
        namespace: where it was read; None for everywhere.
        server: the API server's address.
    """
    what = f"{resource.plural}.{resource.group}"
    match error.status:
        case 0:
            return f"{server}: {error.message}; see that the cluster runs, or name another --context"
        case 401:
            return f"{server} does not accept the credentials; log in anew, or name another --context"
        case 403:
            where = f" in namespace {namespace}" if namespace else ""
            return (
                f"you may not read {what}{where}; have get, list and watch granted: python -m livecost.rbac --viewer "
                "prints the role"
            )
        case 404:
            return f"the CRD {what} is not installed: kubectl apply --server-side -f crds/"
    return f"{what} cannot be read: {error.message}"

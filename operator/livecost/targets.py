"""Adapter: the targets of all customers, in the operator's own cluster and in those that kubeconfig Secrets lead to."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from livecost.cluster_connection import ClusterConnection, KindKey
from livecost.cluster_credentials import CredentialsUnusable, NoTemporaryFile, load_configuration_from_dict
from livecost.kube_api import ApiError, KubeApi, Resource
from livecost.kubeconfig_secret import KubeconfigRefused, read_kubeconfig
from livecost.models import TargetRef
from livecost.store import RemoteKey, remote_key
from livecost.target_state import TargetProblem, TargetState

# Cluster API renews its kubeconfigs long before they expire; reading them again this often follows that.
SECRET_REFRESH_SECONDS = 300.0
SECRET_RETRY_SECONDS = 30.0

log = structlog.get_logger()


@dataclass(slots=True)
class _Remote:
    """Another cluster: its connection, or why there is none yet."""

    task: asyncio.Task[None] | None = None
    connection: ClusterConnection | None = None
    version: str | None = None
    problem: TargetProblem | None = None


class Targets:
    """Finds and sets targets wherever they are.

    Args:
        api: connection to the operator's own cluster.
        all_namespaces: whether one watch per kind may cover all namespaces of it.
        on_change: called with the cluster, the kind and an object's name (None for all) when targets changed.
    """

    def __init__(
        self,
        api: KubeApi,
        *,
        all_namespaces: bool,
        on_change: Callable[[RemoteKey, KindKey | None, str | None], None],
    ) -> None:
        self._api = api
        self._on_change = on_change
        self._own = self._connect(api, None, all_namespaces=all_namespaces)
        self._remotes: dict[RemoteKey, _Remote] = {}
        # The event loop itself does not keep its tasks.
        self._closing: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Stop all watches and close the connections to other clusters."""
        for remote in self._remotes.values():
            if remote.task:
                remote.task.cancel()
            if remote.connection:
                await remote.connection.close()
        await asyncio.gather(*self._closing)
        await self._own.close()

    def find(self, ref: TargetRef, namespace: str) -> TargetState | TargetProblem | None:
        """The target as last seen, or why it cannot be used; None while it is not known yet.

        Args:
            ref: the reference.
            namespace: the CustomerCluster's namespace.
        """
        connection = self._connection(remote_key(ref, namespace))
        return (
            connection.find(ref, ref.namespace or namespace)
            if isinstance(connection, ClusterConnection)
            else connection
        )

    async def apply(
        self, ref: TargetRef, namespace: str, state: TargetState, count: int
    ) -> TargetState | TargetProblem:
        """Set a target that was found to a count; the target after the write, or why it was not written."""
        connection = self._connection(remote_key(ref, namespace))
        if not isinstance(connection, ClusterConnection):
            return connection or TargetProblem(
                "TargetUnreachable", "its cluster is not connected; livecost tries again", True
            )
        return await connection.apply(ref, ref.namespace or namespace, state, count)

    def is_namespaced(self, ref: TargetRef, namespace: str) -> bool:
        """Whether a found target lives in a namespace."""
        connection = self._connection(remote_key(ref, namespace))
        return isinstance(connection, ClusterConnection) and connection.is_namespaced((ref.api_version, ref.kind))

    def retain(self, kinds: defaultdict[RemoteKey, set[KindKey]]) -> None:
        """Stop watching all but the kinds in use, cluster by cluster."""
        self._own.retain(kinds[None])
        for key in list(self._remotes):
            remote = self._remotes[key]
            if key in kinds:
                if remote.connection:
                    remote.connection.retain(kinds[key])
                continue
            del self._remotes[key]
            if remote.task:
                remote.task.cancel()
            if remote.connection:
                closing = asyncio.get_running_loop().create_task(remote.connection.close())
                self._closing.add(closing)
                closing.add_done_callback(self._closing.discard)

    def _connect(self, api: KubeApi, key: RemoteKey, *, all_namespaces: bool) -> ClusterConnection:
        return ClusterConnection(
            api, all_namespaces=all_namespaces, on_change=lambda kind, name: self._on_change(key, kind, name)
        )

    def _connection(self, key: RemoteKey) -> ClusterConnection | TargetProblem | None:
        if key is None:
            return self._own
        remote = self._remotes.get(key)
        if remote is None:
            remote = self._remotes[key] = _Remote()
            remote.task = asyncio.get_running_loop().create_task(self._follow_secret(key, remote))
        return remote.problem or remote.connection

    async def _follow_secret(self, key: tuple[str, str, str], remote: _Remote) -> None:
        while True:
            problem = await self._read_secret(key, remote)
            if problem != remote.problem:
                remote.problem = problem
                self._on_change(key, None, None)
            await asyncio.sleep(SECRET_RETRY_SECONDS if problem else SECRET_REFRESH_SECONDS)

    async def _read_secret(self, key: tuple[str, str, str], remote: _Remote) -> TargetProblem | None:
        namespace, name, entry = key
        where = f"Secret {name} in namespace {namespace}"
        try:
            secret = await self._api.get(Resource("", "v1", "secrets", "Secret", namespaced=True).path(namespace, name))
            version = secret["metadata"]["resourceVersion"]
            if remote.connection is None or version != remote.version:
                configuration = await load_configuration_from_dict(read_kubeconfig(secret, entry))
                before, remote.version = remote.connection, version
                remote.connection = self._connect(KubeApi(configuration), key, all_namespaces=True)
                self._on_change(key, None, None)
                if before:
                    # Only now that nobody is led to it any more.
                    await before.close()
        except KubeconfigRefused as error:
            return TargetProblem("KubeconfigRefused", f"{where} {error}")
        except NoTemporaryFile as error:
            return TargetProblem("TargetUnreachable", f"{where} cannot be used: {error}")
        except (CredentialsUnusable, LookupError, TypeError, ValueError, AttributeError) as error:
            # The text of such errors may quote credentials, so only their kind is told.
            kind = type(error.__cause__ or error).__name__
            return TargetProblem("KubeconfigRefused", f"{where} holds an unusable kubeconfig ({kind})")
        except ApiError as error:
            if error.status == 404:
                return TargetProblem(
                    "KubeconfigMissing", f"{where} does not exist; create it or correct kubeconfigSecretRef"
                )
            if error.status == 403:
                return TargetProblem(
                    "KubeconfigForbidden", f"livecost may not read {where}; grant it get on that Secret"
                )
            return TargetProblem("TargetUnreachable", f"{where} cannot be read: {error.message}")
        return None

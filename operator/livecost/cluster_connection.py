"""Adapter: one cluster with targets: live copies of the collections in use, and writes to single targets."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

import structlog

from livecost.kube_api import ApiError, Json, KubeApi, Resource
from livecost.models import TargetRef
from livecost.reduced import SeenNode, reduce_node, reduce_target, resource_version, same_target
from livecost.reflector import ObjectKey, Reflector
from livecost.target_kinds import PoolNodes
from livecost.target_reading import read_target
from livecost.target_state import TargetProblem, TargetState, patch_for

DISCOVERY_RETRY_SECONDS = 30.0
_NODES = Resource("", "v1", "nodes", "Node", namespaced=False)

KindKey = tuple[str, str]

log = structlog.get_logger()


@dataclass(slots=True)
class _WatchedKind:
    """A kind in use: how it is served, and its live copies by namespace (empty for all namespaces)."""

    discovery: asyncio.Task[None] | None = None
    resource: Resource | None = None
    replicas_pointer: str = "/spec/replicas"
    problem: TargetProblem | None = None
    reflectors: dict[str, tuple[Reflector[Json], asyncio.Task[None]]] | None = None


class ClusterConnection:
    """The targets of one cluster, as its watches tell them.

    Args:
        api: connection to the cluster.
        all_namespaces: whether one watch per kind may cover all namespaces.
        on_change: called with a kind and a target's name when the target or its ready nodes changed, or with None for
            all targets of the kind.
    """

    def __init__(
        self,
        api: KubeApi,
        *,
        all_namespaces: bool,
        on_change: Callable[[KindKey, str | None], None],
    ) -> None:
        self._api = api
        self._all_namespaces = all_namespaces
        self._on_change = on_change
        self._kinds: dict[KindKey, _WatchedKind] = {}
        self._nodes: Reflector[SeenNode] | None = None
        self._nodes_task: asyncio.Task[None] | None = None
        self._ready_nodes: Counter[PoolNodes] = Counter()
        self._seen_nodes: Counter[PoolNodes] = Counter()
        self._counted_for: defaultdict[PoolNodes, set[tuple[KindKey, str]]] = defaultdict(set)

    async def close(self) -> None:
        """Stop all watches and close the connection."""
        for key in list(self._kinds):
            self._drop(key)
        if self._nodes_task:
            self._nodes_task.cancel()
        await self._api.close()

    def find(self, ref: TargetRef, namespace: str) -> TargetState | TargetProblem | None:
        """The target as last seen, or why it cannot be used; None while it is not known yet.

        The first question after a kind starts its watch; `on_change` is called when the answer is there.
        """
        kind_key = (ref.api_version, ref.kind)
        watched = self._kinds.get(kind_key)
        if watched is None:
            watched = self._kinds[kind_key] = _WatchedKind(reflectors={})
            watched.discovery = self._start(self._discover(kind_key, watched))
        if watched.problem or watched.resource is None:
            return watched.problem
        reflector = self._reflector(kind_key, watched, namespace)
        if reflector.problem is not None:
            return _unreadable(ref, watched.resource, reflector.problem)
        if not reflector.synced:
            return None
        body = reflector.items.get(_object_key(watched.resource, namespace, ref.name))
        if body is None:
            where = f" in namespace {namespace}" if watched.resource.namespaced else ""
            return TargetProblem("TargetNotFound", f"does not exist{where}; create it or correct targetRef")
        if "deletionTimestamp" in body["metadata"]:
            return TargetProblem("TargetBeingDeleted", "is being deleted; point targetRef at another pool")
        scalable = watched.resource.scalable
        found = read_target(ref, body, scalable=scalable, replicas_pointer=watched.replicas_pointer)
        if isinstance(found, TargetProblem):
            return found
        state, nodes = found
        return state if nodes is None else self._with_ready_nodes(ref, state, nodes)

    async def apply(
        self, ref: TargetRef, namespace: str, state: TargetState, count: int
    ) -> TargetState | TargetProblem:
        """Set a target that was found to a count.

        Returns:
            The target after the write, or why it was not written.
        """
        kind_key = (ref.api_version, ref.kind)
        watched = self._kinds.get(kind_key)
        if watched is None or (resource := watched.resource) is None:
            # The connection was made anew, or the kind dropped, after the target was found.
            return TargetProblem("TargetUnreachable", "its cluster is connected anew; livecost tries again", retry=True)
        patch = patch_for(state, count)
        path = resource.path(namespace, ref.name, patch.subresource)
        try:
            answer = await self._api.patch(path, patch.body, patch.patch_type)
        except ApiError as error:
            return _unwritable(ref, resource, patch.subresource, error)
        reflector = self._reflector(kind_key, watched, namespace)
        key = _object_key(resource, namespace, ref.name)
        try:
            if patch.subresource is None:
                reflector.accept(key, reduce_target(answer), resource_version(answer))
            elif (body := reflector.items.get(key)) is not None:
                # The scale subresource answers with the count and the object's new version, not with the object.
                body = _with_value(body, watched.replicas_pointer, answer["spec"].get("replicas", 0))
                reflector.accept(key, body, resource_version(answer))
        except (LookupError, TypeError, ValueError, AttributeError):
            # The watch tells what became of it.
            log.exception("answer garbled", path=path)
        return replace(state, count=count, writer=None)

    def is_namespaced(self, kind: KindKey) -> bool:
        """Whether objects of a discovered kind live in namespaces."""
        watched = self._kinds.get(kind)
        return watched is not None and watched.resource is not None and watched.resource.namespaced

    def retain(self, used: set[KindKey]) -> None:
        """Stop watching the kinds that no reference names any more."""
        for key in self._kinds.keys() - used:
            self._drop(key)

    def _drop(self, key: KindKey) -> None:
        watched = self._kinds.pop(key)
        for targets in self._counted_for.values():
            targets.difference_update([target for target in targets if target[0] == key])
        if watched.discovery:
            watched.discovery.cancel()
        for _, task in (watched.reflectors or {}).values():
            task.cancel()

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return asyncio.get_running_loop().create_task(work)

    async def _discover(self, key: KindKey, watched: _WatchedKind) -> None:
        api_version, kind = key
        while True:
            try:
                watched.resource = await discover(self._api, api_version, kind)
                if watched.resource and watched.resource.scalable:
                    watched.replicas_pointer = await scale_pointer(self._api, watched.resource)
                watched.problem = None if watched.resource else _unknown_kind(api_version, kind)
            except ApiError as error:
                watched.problem = (
                    _unknown_kind(api_version, kind)
                    if error.status == 404
                    else TargetProblem("TargetUnreachable", f"its API cannot be read: {error.message}")
                )
            except (LookupError, TypeError, AttributeError):
                log.exception("discovery garbled", api_version=api_version, kind=kind)
                watched.problem = TargetProblem("TargetUnreachable", "its API gave an answer that is not as expected")
            self._on_change(key, None)
            if watched.resource is not None:
                return
            await asyncio.sleep(DISCOVERY_RETRY_SECONDS)

    def _reflector(self, key: KindKey, watched: _WatchedKind, namespace: str) -> Reflector[Json]:
        resource, reflectors = watched.resource, watched.reflectors
        assert resource is not None  # noqa: S101 - discovered before
        assert reflectors is not None  # noqa: S101
        scope = "" if self._all_namespaces or not resource.namespaced else namespace
        if scope not in reflectors:
            reflector: Reflector[Json] = Reflector(
                self._api,
                resource.path(scope or None),
                reduce_target,
                on_change=lambda object_key, _before, _after: self._on_change(key, object_key[1]),
                on_state=lambda: self._on_change(key, None),
                same=same_target,
            )
            reflectors[scope] = (reflector, self._start(reflector.run()))
        return reflectors[scope][0]

    def _with_ready_nodes(self, ref: TargetRef, state: TargetState, nodes: PoolNodes) -> TargetState | None:
        if self._nodes is None:
            self._nodes = Reflector(
                self._api, _NODES.path(), reduce_node, on_change=self._count_node, on_state=self._on_nodes_state
            )
            self._nodes_task = self._start(self._nodes.run())
        self._counted_for[nodes].add(((ref.api_version, ref.kind), ref.name))
        if self._nodes.problem is not None:
            return state
        if not self._nodes.synced:
            return None
        # Karpenter's nodes join the very cluster that holds the pool. A cloud's nodes may be in another cluster, so
        # that seeing none of them proves nothing.
        if ref.group == "karpenter.sh" or self._seen_nodes[nodes]:
            return replace(state, ready=self._ready_nodes[nodes])
        return state

    def _count_node(self, _key: ObjectKey, before: SeenNode | None, after: SeenNode | None) -> None:
        for node, sign in ((before, -1), (after, 1)):
            if node is not None and node.pool is not None:
                self._seen_nodes[node.pool] += sign
                self._ready_nodes[node.pool] += sign if node.ready else 0
                self._tell(node.pool)

    def _on_nodes_state(self) -> None:
        for pool in list(self._counted_for):
            self._tell(pool)

    def _tell(self, pool: PoolNodes) -> None:
        for kind, name in self._counted_for.get(pool, ()):
            self._on_change(kind, name)


def _object_key(resource: Resource, namespace: str, name: str) -> ObjectKey:
    return (namespace if resource.namespaced else "", name)


def _with_value(body: Json, pointer: str, value: int) -> Json:
    """A copy of a body with one value replaced; only the way to it is copied."""
    token, _, rest = pointer.removeprefix("/").partition("/")
    return {**body, token: _with_value(body.get(token) or {}, rest, value) if rest else value}


async def discover(api: KubeApi, api_version: str, kind: str) -> Resource | None:
    """How a kind is served; None when its group serves no such kind.

    Raises:
        ApiError: the group could not be read; 404 when it is not served.
    """
    group, _, version = api_version.rpartition("/")
    answer = await api.get(f"/apis/{api_version}" if group else f"/api/{version}")
    rows = answer.get("resources") or []
    scalable = {row["name"].removesuffix("/scale") for row in rows if row["name"].endswith("/scale")}
    for row in rows:
        if row["kind"] == kind and "/" not in row["name"]:
            return Resource(group, version, row["name"], kind, row["namespaced"], row["name"] in scalable)
    return None


async def scale_pointer(api: KubeApi, resource: Resource) -> str:
    """JSON pointer of the count behind a custom kind's scale subresource; /spec/replicas where that cannot be read."""
    try:
        crd = await api.get(
            f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{resource.plural}.{resource.group}"
        )
    except ApiError:
        return "/spec/replicas"
    for version in crd["spec"]["versions"]:
        if version["name"] == resource.version:
            path: str = version.get("subresources", {}).get("scale", {}).get("specReplicasPath", ".spec.replicas")
            return path.replace(".", "/")
    return "/spec/replicas"


def _unknown_kind(api_version: str, kind: str) -> TargetProblem:
    return TargetProblem(
        "TargetKindUnknown", f"the API server serves no {kind} in {api_version}; install its CRD or correct targetRef"
    )


def _unreadable(ref: TargetRef, resource: Resource, error: ApiError) -> TargetProblem:
    if error.status == 403:
        return TargetProblem(
            "TargetForbidden",
            f"livecost may not watch {resource.plural}.{resource.group or 'core'}; grant it list and watch",
        )
    if error.status == 404:
        return _unknown_kind(ref.api_version, ref.kind)
    return TargetProblem("TargetUnreachable", f"cannot be read: {error.message}")


def _unwritable(ref: TargetRef, resource: Resource, subresource: str | None, error: ApiError) -> TargetProblem:
    written = "/".join(part for part in (resource.plural, subresource) if part)
    if error.status == 403:
        return TargetProblem(
            "TargetForbidden",
            f"livecost may not patch it; grant it patch on {written} in {resource.group or 'the core group'} "
            f"({error.message})",
            retry=True,
        )
    if error.status == 404:
        return TargetProblem(
            "TargetNotFound", "vanished before it could be patched; create it or correct targetRef", True
        )
    if error.status == 409:
        return TargetProblem("TargetConflict", "changed while it was patched; livecost tries again", retry=True)
    if error.status in (400, 422):
        return TargetProblem(
            "TargetRefused", f"refused the new count: {error.message}; correct the pool or its bounds", True
        )
    return TargetProblem("TargetUnreachable", f"was not patched: {error.message}; livecost tries again", retry=True)

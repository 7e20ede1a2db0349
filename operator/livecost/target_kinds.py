"""How each known kind of node pool says its size, and where its size is set."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from livecost.models import TargetRef
from livecost.target_state import TargetProblem, TargetState

Json = dict[str, Any]

_CAPI_MINIMUM = "/metadata/annotations/cluster.x-k8s.io~1cluster-api-autoscaler-node-group-min-size"
_CAPI_MAXIMUM = "/metadata/annotations/cluster.x-k8s.io~1cluster-api-autoscaler-node-group-max-size"
_REPLICAS_MANAGED_BY = "/metadata/annotations/cluster.x-k8s.io~1replicas-managed-by"
_EKS_SIZE_MANAGED_BY = "/metadata/annotations/eks.services.k8s.aws~1desired-size-managed-by"


def lookup(body: Any, pointer: str) -> Any:
    """The value at a JSON pointer, or None where there is none."""
    for token in _tokens(pointer):
        if isinstance(body, dict):
            body = body.get(token)
        elif isinstance(body, list):
            body = body[int(token)] if token.isdecimal() and int(token) < len(body) else None
        else:
            return None
    return body


def _tokens(pointer: str) -> Iterator[str]:
    for token in pointer.split("/")[1:]:
        yield token.replace("~1", "/").replace("~0", "~")


def _condition(body: Json, kind: str) -> bool | None:
    """Whether a condition is true; None when it is absent or says Unknown."""
    for condition in lookup(body, "/status/conditions") or ():
        if condition.get("type") == kind:
            return {"True": True, "False": False}.get(condition.get("status"))
    return None


@dataclass(frozen=True, slots=True)
class TargetKind:
    """Where a kind keeps what is needed; pointers are relative to the object, or to its named entry.

    Attributes:
        count: fields that take the count; empty for kinds that are set by the scale subresource.
        minimum: field of the autoscaler's minimum, set instead of the count where the autoscaler owns it.
        maximum: field of the autoscaler's maximum.
        autoscaled: whether an autoscaler owns the count.
        entries: lists in which `poolName` names the entry to size; empty when the object is one pool.
        ready: field with the number of ready nodes; None when nodes must be counted, or cannot be.
        node_label: label by which the pool's nodes can be counted in the target's own cluster.
        node_label_value: field with that label's value; the object's name when None.
        settled: the condition by which the provider says that it is done.
        zones: the number of zones for kinds sized per zone.
        refuse: finds a reason why the object must not be written at all.
    """

    count: tuple[str, ...] = ()
    minimum: str | None = None
    maximum: str | None = None
    autoscaled: Callable[[Json], bool] = field(default=lambda _: False)
    entries: tuple[str, ...] = ()
    ready: str | None = None
    node_label: str | None = None
    node_label_value: str | None = None
    settled: str | None = None
    zones: Callable[[Json], int | None] | None = None
    refuse: Callable[[Json], TargetProblem | None] = field(default=lambda _: None)


def _has(*pointers: str) -> Callable[[Json], bool]:
    return lambda body: all(lookup(body, pointer) is not None for pointer in pointers)


def _true(pointer: str) -> Callable[[Json], bool]:
    return lambda body: lookup(body, pointer) is True


def _refuse_dynamic_nodepool(body: Json) -> TargetProblem | None:
    if lookup(body, "/spec/replicas") is not None:
        return None
    return TargetProblem(
        "TargetNotScalable",
        "this Karpenter NodePool is dynamic: Karpenter sizes it by its pods and forbids a change to static; "
        "create a static NodePool (one with spec.replicas) and name that in targetRef",
    )


def _refuse_managed_machinepool(body: Json) -> TargetProblem | None:
    manager = lookup(body, _REPLICAS_MANAGED_BY)
    if manager in (None, "", "false"):
        return None
    return TargetProblem(
        "TargetManagedExternally",
        f"the annotation cluster.x-k8s.io/replicas-managed-by={manager} lets the provider overwrite spec.replicas; "
        "point targetRef at the provider's own pool with replicasPath to its minimum size, or remove the annotation",
    )


def _gke_zones(body: Json) -> int | None:
    # One instance group stands in each zone, so either list tells the number of zones.
    known = lookup(body, "/spec/nodeLocations") or lookup(body, "/status/instanceGroupUrls")
    if known:
        return len(known)
    location = lookup(body, "/spec/location") or ""
    return 1 if re.fullmatch(r"[a-z]+-[a-z]+\d+-[a-z]", location) else None


def _gke_bounds_are_totals(body: Json) -> bool:
    bounds = lookup(body, "/spec/autoscaling") or {}
    return "totalMinNodeCount" in bounds or "totalMaxNodeCount" in bounds


_CAPI = TargetKind(
    minimum=_CAPI_MINIMUM, maximum=_CAPI_MAXIMUM, autoscaled=_has(_CAPI_MINIMUM, _CAPI_MAXIMUM),
    ready="/status/readyReplicas",
)  # fmt: skip
_CAPI_POOL = TargetKind(
    minimum=_CAPI_MINIMUM, maximum=_CAPI_MAXIMUM, autoscaled=_has(_CAPI_MINIMUM, _CAPI_MAXIMUM),
    ready="/status/readyReplicas", refuse=_refuse_managed_machinepool,
)  # fmt: skip
_TOPOLOGY = TargetKind(
    entries=("/spec/topology/workers/machineDeployments", "/spec/topology/workers/machinePools"),
    count=("/replicas",), minimum=_CAPI_MINIMUM, maximum=_CAPI_MAXIMUM, autoscaled=_has(_CAPI_MINIMUM, _CAPI_MAXIMUM),
)  # fmt: skip


def _upbound_aws(block: str) -> TargetKind:
    sizes = f"/spec/forProvider/scalingConfig{block}"
    # A size that stands in initProvider alone is the provider's starting value: an autoscaler owns it from then on.
    starts = f"/spec/initProvider/scalingConfig{block}/desiredSize"
    return TargetKind(
        count=(f"{sizes}/desiredSize",), minimum=f"{sizes}/minSize", maximum=f"{sizes}/maxSize",
        autoscaled=lambda body: lookup(body, starts) is not None and lookup(body, f"{sizes}/desiredSize") is None,
        settled="Ready", node_label="eks.amazonaws.com/nodegroup",
    )  # fmt: skip


_ACK = TargetKind(
    count=("/spec/scalingConfig/desiredSize",), minimum="/spec/scalingConfig/minSize",
    maximum="/spec/scalingConfig/maxSize",
    autoscaled=lambda body: lookup(body, _EKS_SIZE_MANAGED_BY) == "external-autoscaler",
    settled="ACK.ResourceSynced", node_label="eks.amazonaws.com/nodegroup", node_label_value="/spec/name",
)  # fmt: skip
_ASO = TargetKind(
    count=("/spec/count",), minimum="/spec/minCount", maximum="/spec/maxCount",
    autoscaled=_true("/spec/enableAutoScaling"),
    settled="Ready", node_label="kubernetes.azure.com/agentpool", node_label_value="/spec/azureName",
)  # fmt: skip
_GKE = TargetKind(
    count=("/spec/nodeCount",), minimum="/spec/autoscaling/minNodeCount", maximum="/spec/autoscaling/maxNodeCount",
    autoscaled=_has("/spec/autoscaling"), zones=_gke_zones,
    settled="Ready", node_label="cloud.google.com/gke-nodepool", node_label_value="/spec/resourceID",
)  # fmt: skip
_GKE_TOTAL = TargetKind(
    minimum="/spec/autoscaling/totalMinNodeCount", maximum="/spec/autoscaling/totalMaxNodeCount",
    autoscaled=lambda _: True, settled="Ready",
    node_label="cloud.google.com/gke-nodepool", node_label_value="/spec/resourceID",
)  # fmt: skip
_UPBOUND_GCP = TargetKind(
    count=("/spec/forProvider/nodeCount",), minimum="/spec/forProvider/autoscaling/minNodeCount",
    maximum="/spec/forProvider/autoscaling/maxNodeCount", autoscaled=_has("/spec/forProvider/autoscaling"),
    settled="Ready", node_label="cloud.google.com/gke-nodepool",
    zones=lambda body: (
        len(zones) if (zones := lookup(body, "/spec/forProvider/nodeLocations"))
        else 1 if re.fullmatch(r"[a-z]+-[a-z]+\d+-[a-z]", lookup(body, "/spec/forProvider/location") or "") else None
    ),
)  # fmt: skip
_UPBOUND_AZURE = TargetKind(
    count=("/spec/forProvider/nodeCount",), minimum="/spec/forProvider/minCount",
    maximum="/spec/forProvider/maxCount", autoscaled=_true("/spec/forProvider/autoScalingEnabled"),
    settled="Ready", node_label="kubernetes.azure.com/agentpool",
)  # fmt: skip
_GARDENER = TargetKind(
    # Without an autoscaler a worker pool's size is both of its bounds at once.
    entries=("/spec/provider/workers",), count=("/minimum", "/maximum"), minimum="/minimum", maximum="/maximum",
    autoscaled=lambda entry: entry.get("minimum") != entry.get("maximum"),
    node_label="worker.gardener.cloud/pool", node_label_value="/name",
)  # fmt: skip
_RANCHER = TargetKind(
    entries=("/spec/rkeConfig/machinePools",), count=("/quantity",),
    minimum="/autoscalingMinSize", maximum="/autoscalingMaxSize",
    autoscaled=_has("/autoscalingMinSize", "/autoscalingMaxSize"),
)  # fmt: skip

_KINDS: dict[tuple[str, str], TargetKind] = {
    ("cluster.x-k8s.io", "MachineDeployment"): _CAPI,
    ("cluster.x-k8s.io", "MachineSet"): _CAPI,
    ("cluster.x-k8s.io", "MachinePool"): _CAPI_POOL,
    ("cluster.x-k8s.io", "Cluster"): _TOPOLOGY,
    ("karpenter.sh", "NodePool"): TargetKind(node_label="karpenter.sh/nodepool", refuse=_refuse_dynamic_nodepool),
    ("eks.services.k8s.aws", "Nodegroup"): _ACK,
    ("containerservice.azure.com", "ManagedClustersAgentPool"): _ASO,
    ("container.cnrm.cloud.google.com", "ContainerNodePool"): _GKE,
    ("eks.aws.upbound.io", "NodeGroup"): _upbound_aws(""),
    ("eks.aws.m.upbound.io", "NodeGroup"): _upbound_aws(""),
    ("container.gcp.upbound.io", "NodePool"): _UPBOUND_GCP,
    ("container.gcp.m.upbound.io", "NodePool"): _UPBOUND_GCP,
    ("containerservice.azure.upbound.io", "KubernetesClusterNodePool"): _UPBOUND_AZURE,
    ("containerservice.azure.m.upbound.io", "KubernetesClusterNodePool"): _UPBOUND_AZURE,
    ("core.gardener.cloud", "Shoot"): _GARDENER,
    ("provisioning.cattle.io", "Cluster"): _RANCHER,
}
_ANY_SCALABLE = TargetKind(ready="/status/readyReplicas")

# Labels by which a pool's nodes are counted; the first that a node carries names its pool.
NODE_POOL_LABELS = tuple(sorted({kind.node_label for kind in _KINDS.values() if kind.node_label}))


@dataclass(frozen=True, slots=True)
class PoolNodes:
    """How a pool's ready nodes are found: by counting nodes with this label."""

    label: str
    value: str


def known_kinds() -> Mapping[tuple[str, str], TargetKind]:
    """The whole table: API group and kind to the row."""
    return _KINDS


def known_kind(ref: TargetRef) -> TargetKind | None:
    """The table's row for a reference; None when the kind is not in it."""
    return _KINDS.get((ref.group, ref.kind))


def nodes_of(ref: TargetRef) -> PoolNodes | None:
    """How a pool's nodes are labelled, as far as its reference alone tells."""
    kind = known_kind(ref)
    if kind is None or kind.node_label is None:
        return None
    return PoolNodes(kind.node_label, ref.pool_name or ref.name)


def read_target(
    ref: TargetRef, body: Json, *, scalable: bool, replicas_pointer: str = "/spec/replicas"
) -> tuple[TargetState, PoolNodes | None] | TargetProblem:
    """What a target's object says.

    Args:
        ref: the reference that led to the object.
        body: the object as the API server gave it.
        scalable: whether the API serves the object's scale subresource.
        replicas_pointer: where that subresource keeps the count.

    Returns:
        The state, with the way to count its nodes where the object has no count of ready ones; or why it is unusable.
    """
    if ref.replicas_path:
        return _read_path(ref, body)
    kind = known_kind(ref) or (_ANY_SCALABLE if scalable else None)
    if kind is _GKE and _gke_bounds_are_totals(body):
        kind = _GKE_TOTAL
    elif kind is not None and ref.group == "eks.aws.upbound.io" and _is_wrapped(body):
        kind = _upbound_aws("/0")
    if kind is None:
        return TargetProblem(
            "TargetNotScalable",
            f"{ref.kind} serves no scale subresource and is not a kind livecost knows; set targetRef.replicasPath to "
            "the JSON pointer of its node count, such as /spec/nodeCount",
        )
    if problem := kind.refuse(body):
        return problem
    return _read_kind(ref, kind, body, replicas_pointer)


def _is_wrapped(body: Json) -> bool:
    return isinstance(lookup(body, "/spec/forProvider/scalingConfig"), list)


def _read_path(ref: TargetRef, body: Json) -> tuple[TargetState, None] | TargetProblem:
    pointer = ref.replicas_path or ""
    parent, _, _ = pointer.rpartition("/")
    value = lookup(body, pointer)
    # A write to a place in a list would insert another element there.
    if not isinstance(lookup(body, parent), dict) or isinstance(value, bool) or not isinstance(value, int | None):
        return TargetProblem(
            "TargetPathInvalid",
            f"targetRef.replicasPath {pointer} does not lead to a whole number in {ref.kind} {ref.name}; write the "
            "JSON pointer of its node count, such as /spec/nodeCount",
        )
    state = TargetState(
        count=value,
        ready=_whole(lookup(body, "/status/readyReplicas")),
        settled=_condition(body, "Ready"),
        writer=_writer(body, pointer),
        field=pointer,
        location=(pointer,),
    )
    return state, None


def _read_kind(
    ref: TargetRef, kind: TargetKind, body: Json, replicas_pointer: str
) -> tuple[TargetState, PoolNodes | None] | TargetProblem:
    prefix, entry, guard = "", body, None
    if kind.entries:
        found = _find_entry(ref, kind, body)
        if isinstance(found, TargetProblem):
            return found
        prefix, entry = found
        guard = (f"{prefix}/name", entry["name"])
    autoscaled = kind.autoscaled(entry)
    zones = 1
    if kind.zones:
        counted = kind.zones(body)
        if counted is None:
            return TargetProblem(
                "TargetZonesUnknown",
                f"{ref.kind} {ref.name} is sized per zone and does not say its zones; write its nodeLocations",
            )
        zones = counted
    fields = (kind.minimum,) if autoscaled and kind.minimum else kind.count
    read_at = fields[0] if fields else replicas_pointer
    count = _whole(lookup(entry, read_at))
    maximum = _whole(lookup(entry, kind.maximum)) if autoscaled and kind.maximum else None
    location = tuple(prefix + pointer for pointer in fields)
    state = TargetState(
        count=None if count is None else count * zones,
        ready=_whole(lookup(body, kind.ready)) if kind.ready else None,
        settled=_condition(body, kind.settled) if kind.settled else None,
        zones=zones,
        autoscaler_maximum=None if maximum is None else maximum * zones,
        autoscaled=autoscaled,
        writer=_writer(body, prefix + read_at),
        field=(prefix + read_at).removeprefix("/").replace("/", ".").replace("~1", "/"),
        location=location,
        guard=guard,
        as_text=read_at.startswith("/metadata/annotations/"),
    )
    # A status that omits its count means none are ready, once its controller has reported at all.
    if kind.ready and state.ready is None and lookup(body, "/status") is not None:
        state = replace(state, ready=0)
    nodes = None
    if kind.node_label:
        named = lookup(entry, kind.node_label_value) if kind.node_label_value else None
        nodes = PoolNodes(kind.node_label, str(named or body["metadata"]["name"]))
    return state, nodes


def _find_entry(ref: TargetRef, kind: TargetKind, body: Json) -> tuple[str, Json] | TargetProblem:
    names: list[str] = []
    for pointer in kind.entries:
        for index, entry in enumerate(lookup(body, pointer) or ()):
            names.append(entry.get("name", ""))
            if entry.get("name") == ref.pool_name:
                return f"{pointer}/{index}", entry
    known = ", ".join(names) or "none"
    return TargetProblem(
        "TargetPoolUnknown",
        f"{ref.kind} {ref.name} holds several pools (here: {known}); set targetRef.poolName to one of them",
    )


def _whole(value: Any) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _writer(body: Json, pointer: str) -> str | None:
    """The field manager that last wrote a field; None when that is not told."""
    path, value = [], body
    for token in _tokens(pointer):
        inside, value = value, lookup(value, f"/{token.replace('~', '~0').replace('/', '~1')}")
        # Managed fields know the entries of a list by their keys, which is the name in all known kinds.
        by_name = isinstance(inside, list) and isinstance(value, dict)
        path.append(f"k:{json.dumps({'name': value.get('name')}, separators=(',', ':'))}" if by_name else f"f:{token}")
    found: tuple[str, str] | None = None
    for entry in body.get("metadata", {}).get("managedFields") or ():
        owned: Any = entry.get("fieldsV1") or {}
        for step in path:
            owned = owned.get(step) if isinstance(owned, dict) else None
        if owned is not None and (found is None or (entry.get("time") or "") >= found[0]):
            found = (entry.get("time") or "", entry.get("manager") or "unknown")
    return found[1] if found else None

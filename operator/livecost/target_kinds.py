"""How each known kind of node pool says its size, and where its size is set."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from livecost.models import TargetRef
from livecost.target_state import TargetProblem

Json = dict[str, Any]

_CAPI_MINIMUM = "/metadata/annotations/cluster.x-k8s.io~1cluster-api-autoscaler-node-group-min-size"
_CAPI_MAXIMUM = "/metadata/annotations/cluster.x-k8s.io~1cluster-api-autoscaler-node-group-max-size"
_REPLICAS_MANAGED_BY = "/metadata/annotations/cluster.x-k8s.io~1replicas-managed-by"
_EXTERNAL_NAME = "/metadata/annotations/crossplane.io~1external-name"
_EKS_SIZE_MANAGED_BY = "/metadata/annotations/eks.services.k8s.aws~1desired-size-managed-by"


def lookup(body: Any, pointer: str) -> Any:
    """The value at a JSON pointer, or None where there is none."""
    for token in tokens(pointer):
        if isinstance(body, dict):
            body = body.get(token)
        elif isinstance(body, list):
            body = body[int(token)] if token.isdecimal() and int(token) < len(body) else None
        else:
            return None
    return body


def tokens(pointer: str) -> Iterator[str]:
    """The steps of a JSON pointer."""
    for token in pointer.split("/")[1:]:
        yield token.replace("~1", "/").replace("~0", "~")


def has_condition(body: Json, kind: str) -> bool | None:
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
    return len(known) if known else _one_zone(lookup(body, "/spec/location"))


def _one_zone(location: Any) -> int | None:
    """1 for the name of a zone, such as europe-west1-b; None for a region, whose zones are unknown."""
    return 1 if re.fullmatch(r"[a-z]+-[a-z]+\d+-[a-z]", str(location)) else None


def _bounds_are_totals(autoscaling: Any) -> bool:
    return isinstance(autoscaling, dict) and bool(autoscaling.keys() & {"totalMinNodeCount", "totalMaxNodeCount"})


def _wrapping(body: Json, block: str) -> str:
    """Older Crossplane versions write a block as a list of one."""
    return "/0" if isinstance(lookup(body, block), list) else ""


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


def _upbound_aws(body: Json) -> TargetKind:
    sizes = f"/spec/forProvider/scalingConfig{_wrapping(body, '/spec/forProvider/scalingConfig')}"
    initial = f"/spec/initProvider/scalingConfig{_wrapping(body, '/spec/initProvider/scalingConfig')}/desiredSize"
    # A size that stands in initProvider alone is the provider's starting value: an autoscaler owns it from then on.
    return TargetKind(
        count=(f"{sizes}/desiredSize",), minimum=f"{sizes}/minSize", maximum=f"{sizes}/maxSize",
        autoscaled=lambda body: lookup(body, initial) is not None and lookup(body, f"{sizes}/desiredSize") is None,
        settled="Ready", node_label="eks.amazonaws.com/nodegroup", node_label_value=_EXTERNAL_NAME,
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


def _gke(pool: str, autoscaling: str, zones: Callable[[Json], int | None], **more: Any) -> TargetKind:
    """A pool of GKE whose bounds are per zone."""
    return TargetKind(
        count=(f"{pool}/nodeCount",), minimum=f"{autoscaling}/minNodeCount", maximum=f"{autoscaling}/maxNodeCount",
        autoscaled=_has(autoscaling), zones=zones, settled="Ready", node_label="cloud.google.com/gke-nodepool", **more,
    )  # fmt: skip


def _gke_total(autoscaling: str, **more: Any) -> TargetKind:
    """A pool of GKE whose bounds are for all zones together."""
    return TargetKind(
        minimum=f"{autoscaling}/totalMinNodeCount", maximum=f"{autoscaling}/totalMaxNodeCount",
        autoscaled=lambda _: True, settled="Ready", node_label="cloud.google.com/gke-nodepool", **more,
    )  # fmt: skip


def _config_connector(body: Json) -> TargetKind:
    name = {"node_label_value": "/spec/resourceID"}
    if _bounds_are_totals(lookup(body, "/spec/autoscaling")):
        return _gke_total("/spec/autoscaling", **name)
    return _gke("/spec", "/spec/autoscaling", _gke_zones, **name)


def _upbound_gcp(body: Json) -> TargetKind:
    pool, name = "/spec/forProvider", {"node_label_value": _EXTERNAL_NAME}
    autoscaling = f"{pool}/autoscaling{_wrapping(body, f'{pool}/autoscaling')}"
    if _bounds_are_totals(lookup(body, autoscaling)):
        return _gke_total(autoscaling, **name)
    return _gke(pool, autoscaling, _upbound_gcp_zones, **name)


def _upbound_gcp_zones(body: Json) -> int | None:
    named = lookup(body, "/spec/forProvider/nodeLocations")
    return len(named) if named else _one_zone(lookup(body, "/spec/forProvider/location"))


_UPBOUND_AZURE = TargetKind(
    count=("/spec/forProvider/nodeCount",), minimum="/spec/forProvider/minCount",
    maximum="/spec/forProvider/maxCount", autoscaled=_true("/spec/forProvider/autoScalingEnabled"),
    settled="Ready", node_label="kubernetes.azure.com/agentpool", node_label_value=_EXTERNAL_NAME,
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
    ("container.cnrm.cloud.google.com", "ContainerNodePool"): _config_connector({}),
    ("eks.aws.upbound.io", "NodeGroup"): _upbound_aws({}),
    ("eks.aws.m.upbound.io", "NodeGroup"): _upbound_aws({}),
    ("container.gcp.upbound.io", "NodePool"): _upbound_gcp({}),
    ("container.gcp.m.upbound.io", "NodePool"): _upbound_gcp({}),
    ("containerservice.azure.upbound.io", "KubernetesClusterNodePool"): _UPBOUND_AZURE,
    ("containerservice.azure.m.upbound.io", "KubernetesClusterNodePool"): _UPBOUND_AZURE,
    ("core.gardener.cloud", "Shoot"): _GARDENER,
    ("provisioning.cattle.io", "Cluster"): _RANCHER,
}
# Kinds whose fields depend on how the object is written.
_FORMS: dict[tuple[str, str], Callable[[Json], TargetKind]] = {
    ("container.cnrm.cloud.google.com", "ContainerNodePool"): _config_connector,
    ("eks.aws.upbound.io", "NodeGroup"): _upbound_aws,
    ("eks.aws.m.upbound.io", "NodeGroup"): _upbound_aws,
    ("container.gcp.upbound.io", "NodePool"): _upbound_gcp,
    ("container.gcp.m.upbound.io", "NodePool"): _upbound_gcp,
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


def kind_of(ref: TargetRef, body: Json, *, scalable: bool) -> TargetKind | None:
    """Where an object keeps what is needed; None when its kind is neither known nor scalable."""
    form = _FORMS.get((ref.group, ref.kind))
    if form is not None:
        return form(body)
    return known_kind(ref) or (_ANY_SCALABLE if scalable else None)


def nodes_of(ref: TargetRef) -> PoolNodes | None:
    """How a pool's nodes are labelled, as far as its reference alone tells."""
    kind = known_kind(ref)
    if kind is None or kind.node_label is None:
        return None
    return PoolNodes(kind.node_label, ref.pool_name or ref.name)

"""CRDs of the node pools that livecost sizes: cut down to the fields it reads and writes.

Group, version, plural, scope, field paths and types, list keys and the scale subresource are those of the real kinds.
Unknown fields are pruned, so a write to a wrong path vanishes and a test sees it. Gardener's Shoot is an aggregated API
in reality; a CRD of the same shape stands in for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

_TEXT: Json = {"type": "string"}
_FLAG: Json = {"type": "boolean"}
_COUNT: Json = {"type": "integer", "format": "int64", "minimum": 0}
_COUNT_32: Json = {"type": "integer", "format": "int32"}
# Providers made from Terraform schemas declare every number as one.
_NUMBER: Json = {"type": "number"}
_ANY: Json = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
_TEXTS: Json = {"type": "array", "items": _TEXT}

_CAPI = ("v1beta2", "v1beta1")


def _object(required: tuple[str, ...] = (), /, **fields: Json) -> Json:
    # `class` is a name that Python keeps for itself.
    properties = {name.rstrip("_"): schema for name, schema in fields.items()}
    return {"type": "object", "properties": properties, **({"required": list(required)} if required else {})}


def _named_list(required: tuple[str, ...] = ("name",), **fields: Json) -> Json:
    item = _object(required, name=_TEXT, **fields)
    return {"type": "array", "items": item, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]}


def _scale(spec: str = ".spec.replicas", status: str = ".status.replicas", *, selector: bool = False) -> Json:
    paths = {"specReplicasPath": spec, "statusReplicasPath": status}
    return paths | {"labelSelectorPath": ".status.selector"} if selector else paths


def _crd(
    group: str,
    kind: str,
    spec: Json,
    *,
    versions: tuple[str, ...] = ("v1beta1",),
    namespaced: bool = True,
    scale: Json | None = None,
) -> Json:
    plural = f"{kind.lower()}s"
    rows = []
    for version in versions:
        subresources: Json = {"status": {}} | ({"scale": scale} if scale else {})
        rows.append(
            {
                "name": version,
                "served": True,
                "storage": version == versions[0],
                "schema": {"openAPIV3Schema": _object(spec=spec, status=_ANY)},
                "subresources": subresources,
            }
        )
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        # Groups below k8s.io are reserved; the real CRDs carry this annotation too.
        "metadata": {"name": f"{plural}.{group}", "annotations": {"api-approved.kubernetes.io": "unapproved, a test"}},
        "spec": {
            "group": group,
            "scope": "Namespaced" if namespaced else "Cluster",
            "names": {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower()},
            "versions": rows,
        },
    }


def _cluster_api() -> Iterator[Json]:
    replicas = _object(clusterName=_TEXT, replicas=_COUNT_32)
    yield _crd("cluster.x-k8s.io", "MachineDeployment", replicas, versions=_CAPI, scale=_scale(selector=True))
    yield _crd("cluster.x-k8s.io", "MachineSet", replicas, versions=_CAPI, scale=_scale(selector=True))
    yield _crd("cluster.x-k8s.io", "MachinePool", replicas, versions=_CAPI, scale=_scale())
    pools = _named_list(
        ("class", "name"),
        class_=_TEXT,
        replicas=_COUNT_32,
        metadata=_object(annotations={"type": "object", "additionalProperties": _TEXT}),
    )
    workers = _object(machineDeployments=pools, machinePools=pools)
    yield _crd("cluster.x-k8s.io", "Cluster", _object(topology=_object(workers=workers)), versions=_CAPI)


def _karpenter() -> Iterator[Json]:
    spec = _object(replicas=_COUNT, limits=_object(nodes=_COUNT)) | {
        "x-kubernetes-validations": [
            {
                "rule": "has(self.replicas) == has(oldSelf.replicas)",
                "message": "Cannot transition NodePool between static (replicas set) and dynamic (replicas unset)",
            }
        ]
    }
    yield _crd(
        "karpenter.sh", "NodePool", spec, versions=("v1",), namespaced=False, scale=_scale(status=".status.nodes")
    )


def _clouds() -> Iterator[Json]:
    sizes = _object(desiredSize=_COUNT, minSize=_COUNT, maxSize=_COUNT)
    yield _crd(
        "eks.services.k8s.aws",
        "Nodegroup",
        _object(name=_TEXT, clusterName=_TEXT, scalingConfig=sizes),
        versions=("v1alpha1",),
    )
    yield _crd(
        "containerservice.azure.com",
        "ManagedClustersAgentPool",
        _object(azureName=_TEXT, vmSize=_TEXT, count=_COUNT, minCount=_COUNT, maxCount=_COUNT, enableAutoScaling=_FLAG),
        versions=("v1api20250801",),
    )
    autoscaling = _object(minNodeCount=_COUNT, maxNodeCount=_COUNT, totalMinNodeCount=_COUNT, totalMaxNodeCount=_COUNT)
    yield _crd(
        "container.cnrm.cloud.google.com",
        "ContainerNodePool",
        _object(
            location=_TEXT,
            nodeLocations=_TEXTS,
            resourceID=_TEXT,
            initialNodeCount=_COUNT,
            nodeCount=_COUNT,
            autoscaling=autoscaling,
        ),
    )


def _crossplane() -> Iterator[Json]:
    sizes = _object(desiredSize=_NUMBER, minSize=_NUMBER, maxSize=_NUMBER)
    # v1beta1 wraps each block in a list of one, and a webhook converts; here each object is kept as it was written.
    either: Json = {"x-kubernetes-preserve-unknown-fields": True}

    def provided(**fields: Json) -> Json:
        return _object(forProvider=_object(region=_TEXT, **fields), initProvider=_object(**fields))

    legacy = provided(scalingConfig=either)
    yield _crd("eks.aws.upbound.io", "NodeGroup", legacy, versions=("v1beta2", "v1beta1"), namespaced=False)
    yield _crd("eks.aws.m.upbound.io", "NodeGroup", provided(scalingConfig=sizes))
    groups = {"container.gcp.upbound.io": False, "container.gcp.m.upbound.io": True}
    google = provided(
        location=_TEXT,
        nodeLocations=_TEXTS,
        nodeCount=_NUMBER,
        autoscaling=_object(minNodeCount=_NUMBER, maxNodeCount=_NUMBER),
    )
    for group, namespaced in groups.items():
        yield _crd(group, "NodePool", google, namespaced=namespaced)
    groups = {"containerservice.azure.upbound.io": False, "containerservice.azure.m.upbound.io": True}
    azure = provided(nodeCount=_NUMBER, minCount=_NUMBER, maxCount=_NUMBER, autoScalingEnabled=_FLAG)
    for group, namespaced in groups.items():
        yield _crd(group, "KubernetesClusterNodePool", azure, namespaced=namespaced)


def _managed_clusters() -> Iterator[Json]:
    workers = _named_list(minimum=_COUNT_32, maximum=_COUNT_32, zones=_TEXTS)
    yield _crd("core.gardener.cloud", "Shoot", _object(region=_TEXT, provider=_object(type=_TEXT, workers=workers)))
    pools = _named_list(quantity=_COUNT_32, autoscalingMinSize=_COUNT_32, autoscalingMaxSize=_COUNT_32)
    spec = _object(kubernetesVersion=_TEXT, rkeConfig=_object(machinePools=pools))
    yield _crd("provisioning.cattle.io", "Cluster", spec, versions=("v1",))
    yield _crd("machine.openshift.io", "MachineSet", _object(replicas=_COUNT_32), scale=_scale(selector=True))


def _without_a_row_of_their_own() -> Iterator[Json]:
    size = _object(size=_object(nodes=_COUNT), flavour=_TEXT)
    yield _crd("pools.example.com", "FleetPool", size, versions=("v1",), scale=_scale(".spec.size.nodes"))
    yield _crd("pools.example.com", "BarePool", _object(workers=_object(count=_COUNT), flavour=_TEXT), versions=("v1",))
    yield _crd(
        "autoscaling.x-k8s.io", "CapacityBuffer", _object(replicas=_COUNT_32, podTemplateRef=_object(name=_TEXT))
    )


def target_crds() -> list[Json]:
    """The CRDs of all kinds that the tests size."""
    return [
        *_cluster_api(),
        *_karpenter(),
        *_clouds(),
        *_crossplane(),
        *_managed_clusters(),
        *_without_a_row_of_their_own(),
    ]


def late_pool_crd() -> Json:
    """The CRD of a kind that a test installs only after something refers to it."""
    return _crd("late.example.com", "LatePool", _object(replicas=_COUNT), versions=("v1",), scale=_scale())


def guarded_pool_crd() -> Json:
    """The CRD of a kind on which nobody grants the operator anything until a test does."""
    return _crd("guarded.example.com", "GuardedPool", _object(replicas=_COUNT), versions=("v1",), scale=_scale())


def small_pool_crd() -> Json:
    """The CRD of a kind that takes two nodes at most."""
    spec = _object(replicas={**_COUNT, "maximum": 2})
    return _crd("pools.example.com", "SmallPool", spec, versions=("v1",), scale=_scale())

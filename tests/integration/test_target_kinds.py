"""Every kind of node pool: the right field is set, by livecost's field manager, and nothing else is touched."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import pytest

from e2e.operator_process import OperatorProcess
from tests.integration.world import CUSTOMERS, FIVE_NODES, NAMESPACE, World

Json = dict[str, Any]

_MINIMUM = "cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size"
_MAXIMUM = "cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size"
_BOUNDS = {_MINIMUM: "1", _MAXIMUM: "9"}
_GKE = {"location": "europe-west1", "nodeLocations": ["europe-west1-b", "europe-west1-c", "europe-west1-d"]}


@dataclass(frozen=True)
class Case:
    """A node pool before, and what five planned nodes make of it.

    Attributes:
        group_version: apiVersion.
        kind: kind.
        spec: its spec before.
        changed: the fields that change, by their path in the object, with the new value.
        reference: what the reference needs besides apiVersion, kind and name.
        annotations: its annotations before.
        namespaced: whether the kind lives in namespaces.
    """

    group_version: str
    kind: str
    spec: Json
    changed: dict[tuple[str | int, ...], Any]
    reference: Json
    annotations: dict[str, str]
    namespaced: bool = True

    @property
    def collection(self) -> str:
        """Path of the collection."""
        place = f"namespaces/{NAMESPACE}/" if self.namespaced else ""
        return f"/apis/{self.group_version}/{place}{self.kind.lower()}s"


def case(
    name: str,
    group_version: str,
    kind: str,
    spec: Json,
    changed: dict[tuple[str | int, ...], Any],
    *,
    reference: Json | None = None,
    annotations: dict[str, str] | None = None,
    namespaced: bool = True,
) -> Any:
    return pytest.param(
        name,
        Case(group_version, kind, spec, changed, reference or {}, annotations or {}, namespaced),
        id=name,
    )


def _workers(replicas: int | None = 1, annotations: dict[str, str] | None = None) -> Json:
    media: Json = {"class": "media", "name": "media", "replicas": replicas, "metadata": {"annotations": annotations}}
    media = {key: value for key, value in media.items() if value is not None and value != {"annotations": None}}
    others = [{"class": "other", "name": name, "replicas": 1} for name in ("before", "after")]
    return {"topology": {"workers": {"machineDeployments": [others[0], media, others[1]]}}}


_MEDIA = ("spec", "topology", "workers", "machineDeployments", 1)
_POOL = {"poolName": "media"}
_PROVIDED = ("spec", "forProvider")

CASES = [
    case("machinedeployment", "cluster.x-k8s.io/v1beta2", "MachineDeployment",
         {"clusterName": "c", "replicas": 1}, {("spec", "replicas"): 5}),
    case("machinedeployment-v1beta1", "cluster.x-k8s.io/v1beta1", "MachineDeployment",
         {"clusterName": "c", "replicas": 1}, {("spec", "replicas"): 5}),
    case("machinedeployment-autoscaled", "cluster.x-k8s.io/v1beta2", "MachineDeployment",
         {"clusterName": "c", "replicas": 7}, {("metadata", "annotations", _MINIMUM): "5"}, annotations=_BOUNDS),
    case("machineset", "cluster.x-k8s.io/v1beta2", "MachineSet",
         {"clusterName": "c", "replicas": 1}, {("spec", "replicas"): 5}),
    case("machinepool", "cluster.x-k8s.io/v1beta2", "MachinePool",
         {"clusterName": "c", "replicas": 1}, {("spec", "replicas"): 5}),
    case("machinepool-autoscaled", "cluster.x-k8s.io/v1beta2", "MachinePool",
         {"clusterName": "c", "replicas": 7}, {("metadata", "annotations", _MINIMUM): "5"}, annotations=_BOUNDS),
    case("cluster-topology", "cluster.x-k8s.io/v1beta2", "Cluster",
         _workers(), {(*_MEDIA, "replicas"): 5}, reference=_POOL),
    case("cluster-topology-without-a-count", "cluster.x-k8s.io/v1beta2", "Cluster",
         _workers(None), {(*_MEDIA, "replicas"): 5}, reference=_POOL),
    case("cluster-topology-autoscaled", "cluster.x-k8s.io/v1beta2", "Cluster",
         _workers(None, _BOUNDS), {(*_MEDIA, "metadata", "annotations", _MINIMUM): "5"}, reference=_POOL),
    case("cluster-topology-machinepool", "cluster.x-k8s.io/v1beta2", "Cluster",
         {"topology": {"workers": {"machinePools": [{"class": "m", "name": "media", "replicas": 1}]}}},
         {("spec", "topology", "workers", "machinePools", 0, "replicas"): 5}, reference=_POOL),
    case("karpenter-nodepool", "karpenter.sh/v1", "NodePool",
         {"replicas": 1, "limits": {"nodes": 20}}, {("spec", "replicas"): 5}, namespaced=False),
    case("eks-nodegroup", "eks.services.k8s.aws/v1alpha1", "Nodegroup",
         {"name": "media", "scalingConfig": {"desiredSize": 1, "minSize": 1, "maxSize": 9}},
         {("spec", "scalingConfig", "desiredSize"): 5}),
    case("eks-nodegroup-autoscaled", "eks.services.k8s.aws/v1alpha1", "Nodegroup",
         {"name": "media", "scalingConfig": {"desiredSize": 7, "minSize": 1, "maxSize": 9}},
         {("spec", "scalingConfig", "minSize"): 5},
         annotations={"eks.services.k8s.aws/desired-size-managed-by": "external-autoscaler"}),
    case("aks-agentpool", "containerservice.azure.com/v1api20250801", "ManagedClustersAgentPool",
         {"azureName": "media", "vmSize": "Standard_F4s_v2", "count": 1}, {("spec", "count"): 5}),
    case("aks-agentpool-autoscaled", "containerservice.azure.com/v1api20250801", "ManagedClustersAgentPool",
         {"azureName": "media", "count": 7, "minCount": 1, "maxCount": 9, "enableAutoScaling": True},
         {("spec", "minCount"): 5}),
    case("gke-nodepool-in-three-zones", "container.cnrm.cloud.google.com/v1beta1", "ContainerNodePool",
         {**_GKE, "initialNodeCount": 1, "nodeCount": 1}, {("spec", "nodeCount"): 2}),
    case("gke-nodepool-in-one-zone", "container.cnrm.cloud.google.com/v1beta1", "ContainerNodePool",
         {"location": "europe-west1-b", "initialNodeCount": 1, "nodeCount": 1}, {("spec", "nodeCount"): 5}),
    case("gke-nodepool-autoscaled", "container.cnrm.cloud.google.com/v1beta1", "ContainerNodePool",
         {**_GKE, "autoscaling": {"minNodeCount": 1, "maxNodeCount": 9}},
         {("spec", "autoscaling", "minNodeCount"): 2}),
    case("gke-nodepool-autoscaled-in-total", "container.cnrm.cloud.google.com/v1beta1", "ContainerNodePool",
         {**_GKE, "autoscaling": {"totalMinNodeCount": 1, "totalMaxNodeCount": 9}},
         {("spec", "autoscaling", "totalMinNodeCount"): 5}),
    case("crossplane-eks-legacy-wrapped", "eks.aws.upbound.io/v1beta1", "NodeGroup",
         {"forProvider": {"region": "r", "scalingConfig": [{"desiredSize": 1, "minSize": 1, "maxSize": 9}]}},
         {(*_PROVIDED, "scalingConfig", 0, "desiredSize"): 5}, namespaced=False),
    case("crossplane-eks-legacy", "eks.aws.upbound.io/v1beta2", "NodeGroup",
         {"forProvider": {"region": "r", "scalingConfig": {"desiredSize": 1, "minSize": 1, "maxSize": 9}}},
         {(*_PROVIDED, "scalingConfig", "desiredSize"): 5}, namespaced=False),
    case("crossplane-eks", "eks.aws.m.upbound.io/v1beta1", "NodeGroup",
         {"forProvider": {"region": "r", "scalingConfig": {"desiredSize": 1, "minSize": 1, "maxSize": 9}}},
         {(*_PROVIDED, "scalingConfig", "desiredSize"): 5}),
    case("crossplane-eks-autoscaled", "eks.aws.m.upbound.io/v1beta1", "NodeGroup",
         {"initProvider": {"scalingConfig": {"desiredSize": 1}},
          "forProvider": {"region": "r", "scalingConfig": {"minSize": 1, "maxSize": 9}}},
         {(*_PROVIDED, "scalingConfig", "minSize"): 5}),
    case("crossplane-gke-legacy", "container.gcp.upbound.io/v1beta1", "NodePool",
         {"forProvider": {"nodeLocations": _GKE["nodeLocations"], "nodeCount": 1}},
         {(*_PROVIDED, "nodeCount"): 2}, namespaced=False),
    case("crossplane-gke", "container.gcp.m.upbound.io/v1beta1", "NodePool",
         {"forProvider": {"location": "europe-west1-b", "nodeCount": 1}}, {(*_PROVIDED, "nodeCount"): 5}),
    case("crossplane-gke-autoscaled", "container.gcp.m.upbound.io/v1beta1", "NodePool",
         {"forProvider": {"location": "europe-west1-b", "autoscaling": {"minNodeCount": 1, "maxNodeCount": 9}}},
         {(*_PROVIDED, "autoscaling", "minNodeCount"): 5}),
    case("crossplane-aks-legacy", "containerservice.azure.upbound.io/v1beta1", "KubernetesClusterNodePool",
         {"forProvider": {"nodeCount": 1}}, {(*_PROVIDED, "nodeCount"): 5}, namespaced=False),
    case("crossplane-aks", "containerservice.azure.m.upbound.io/v1beta1", "KubernetesClusterNodePool",
         {"forProvider": {"nodeCount": 1}}, {(*_PROVIDED, "nodeCount"): 5}),
    case("crossplane-aks-autoscaled", "containerservice.azure.m.upbound.io/v1beta1", "KubernetesClusterNodePool",
         {"forProvider": {"nodeCount": 7, "minCount": 1, "maxCount": 9, "autoScalingEnabled": True}},
         {(*_PROVIDED, "minCount"): 5}),
    case("gardener-shoot", "core.gardener.cloud/v1beta1", "Shoot",
         {"provider": {"workers": [{"name": "other", "minimum": 1, "maximum": 1},
                                   {"name": "media", "minimum": 1, "maximum": 1}]}},
         {("spec", "provider", "workers", 1, "minimum"): 5, ("spec", "provider", "workers", 1, "maximum"): 5},
         reference=_POOL),
    case("gardener-shoot-autoscaled", "core.gardener.cloud/v1beta1", "Shoot",
         {"provider": {"workers": [{"name": "media", "minimum": 1, "maximum": 9}]}},
         {("spec", "provider", "workers", 0, "minimum"): 5}, reference=_POOL),
    case("rancher-cluster", "provisioning.cattle.io/v1", "Cluster",
         {"rkeConfig": {"machinePools": [{"name": "other", "quantity": 1}, {"name": "media", "quantity": 1}]}},
         {("spec", "rkeConfig", "machinePools", 1, "quantity"): 5}, reference=_POOL),
    case("rancher-cluster-autoscaled", "provisioning.cattle.io/v1", "Cluster",
         {"rkeConfig": {"machinePools": [
             {"name": "media", "quantity": 7, "autoscalingMinSize": 1, "autoscalingMaxSize": 9}]}},
         {("spec", "rkeConfig", "machinePools", 0, "autoscalingMinSize"): 5}, reference=_POOL),
    case("openshift-machineset", "machine.openshift.io/v1beta1", "MachineSet",
         {"replicas": 1}, {("spec", "replicas"): 5}),
    case("unknown-kind-with-a-scale-elsewhere", "pools.example.com/v1", "FleetPool",
         {"size": {"nodes": 1}, "flavour": "fast"}, {("spec", "size", "nodes"): 5}),
    case("unknown-kind-by-its-path", "pools.example.com/v1", "BarePool",
         {"workers": {"count": 1}, "flavour": "fast"}, {("spec", "workers", "count"): 5},
         reference={"replicasPath": "/spec/workers/count"}),
    case("capacity-buffer-by-its-path", "autoscaling.x-k8s.io/v1beta1", "CapacityBuffer",
         {"replicas": 1, "podTemplateRef": {"name": "p"}}, {("spec", "replicas"): 5},
         reference={"replicasPath": "/spec/replicas"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def pools_before(world: World, operator: OperatorProcess) -> dict[str, Json]:
    """All node pools as they were created; a customer of five LiveKit nodes is created for each."""
    before = {}
    for parameters in CASES:
        name, known = parameters.values
        metadata = {"name": name, "labels": {"own": "label"}, "annotations": {"own": "annotation", **known.annotations}}
        body = {"apiVersion": known.group_version, "kind": known.kind, "metadata": metadata, "spec": known.spec}
        before[name] = world.api.create(known.collection, body)
    for parameters in CASES:
        name, known = parameters.values
        reference = {"apiVersion": known.group_version, "kind": known.kind, "name": name, **known.reference}
        world.customer(name, reference, concurrency=FIVE_NODES)
    return before


@pytest.mark.parametrize(("name", "known"), CASES)
def test_only_the_pools_size_is_set_and_livecost_owns_it(
    world: World, pools_before: dict[str, Json], name: str, known: Case
) -> None:
    """Five planned nodes reach the pool's own field (or its autoscaler's minimum), and all else stays as it was."""
    world.applied(name)
    after = world.api.get(f"{known.collection}/{name}")
    expected = copy.deepcopy(pools_before[name])
    for path, value in known.changed.items():
        _put(expected, path, value)
    assert _compared(after) == _compared(expected)
    owned = [entry for entry in after["metadata"]["managedFields"] if entry["manager"] == "livecost"]
    assert len(owned) == 1
    assert _leaves(owned[0]["fieldsV1"]) <= {step for path in known.changed for step in path}
    writes = world.writes("livecost", name)
    assert len([write for write in writes if "customerclusters" not in write]) == 1, writes


def test_a_deployment_of_placeholder_pods_is_scaled(world: World, operator: OperatorProcess) -> None:
    """A built-in kind with a scale subresource needs no row in any table."""
    spec = {
        "replicas": 1,
        "selector": {"matchLabels": {"app": "placeholder"}},
        "template": {
            "metadata": {"labels": {"app": "placeholder"}},
            "spec": {"containers": [{"name": "pause", "image": "pause"}]},
        },
    }
    path = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"
    world.api.create(path, {"metadata": {"name": "placeholder"}, "spec": spec})
    world.customer("placeholder", {"apiVersion": "apps/v1", "kind": "Deployment", "name": "placeholder"})
    world.applied("placeholder")
    assert world.api.get(f"{path}/placeholder")["spec"]["replicas"] == 3


def test_a_pool_without_a_count_gets_one(world: World, operator: OperatorProcess) -> None:
    """A count that nobody has set yet is unknown, not 0, and is set like any other."""
    path = f"/apis/cluster.x-k8s.io/v1beta2/namespaces/{NAMESPACE}/machinedeployments"
    body = {"apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "MachineDeployment", "metadata": {"name": "unset"}}
    world.api.create(path, {**body, "spec": {"clusterName": "c"}})
    reference = {"apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "MachineDeployment", "name": "unset"}
    world.customer("unset", reference, scaling={"mode": "Recommend"})
    assert "is not set" in world.condition_comes("unset", "TargetsApplied", "RecommendOnly")["message"]
    world.api.patch(f"{CUSTOMERS}/unset", {"spec": {"scaling": {"mode": "Enforce"}}})
    world.applied("unset")
    assert world.replicas("unset") == 3


def test_an_entry_that_moved_in_its_list_is_still_the_one_that_is_set(world: World, operator: OperatorProcess) -> None:
    """A pool inside a Cluster is known by its name, wherever in the list it stands."""
    path = f"/apis/cluster.x-k8s.io/v1beta2/namespaces/{NAMESPACE}/clusters"
    world.api.create(path, {"apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "Cluster",
                            "metadata": {"name": "moving"}, "spec": _workers()})  # fmt: skip
    reference = {"apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "Cluster", "name": "moving", **_POOL}
    world.customer("moving", reference)
    world.applied("moving")
    moved = _workers(3)
    moved["topology"]["workers"]["machineDeployments"].reverse()
    del moved["topology"]["workers"]["machineDeployments"][0]
    world.api.patch(f"{path}/moving", {"spec": moved})
    world.api.patch(f"{CUSTOMERS}/moving", {"spec": {"concurrency": FIVE_NODES}})
    world.applied("moving")
    entries = world.api.get(f"{path}/moving")["spec"]["topology"]["workers"]["machineDeployments"]
    assert [(entry["name"], entry["replicas"]) for entry in entries] == [("media", 5), ("before", 1)]


def test_ready_nodes_of_a_karpenter_pool_are_counted(world: World, operator: OperatorProcess) -> None:
    """A pool that does not tell its ready nodes is Ready once enough nodes with its label are."""
    path = "/apis/karpenter.sh/v1/nodepools"
    body = {"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": {"name": "counted"}}
    world.api.create(path, {**body, "spec": {"replicas": 1}})
    world.customer("counted", {"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "name": "counted"})
    assert "0/3 nodes ready" in world.condition_comes("counted", "Ready", "NodesNotReady")["message"]
    for number in range(3):
        node = {"metadata": {"name": f"counted-{number}", "labels": {"karpenter.sh/nodepool": "counted"}}}
        world.api.create("/api/v1/nodes", node)
        ready = [{"type": "Ready", "status": "True", "reason": "KubeletReady", "message": ""}]
        world.api.patch(f"/api/v1/nodes/counted-{number}/status", {"status": {"conditions": ready}})
    assert world.condition_comes("counted", "Ready", "AsPlanned")["status"] == "True"
    assert world.status("counted")["summary"]["livekit"] == "3/3"


def _put(body: Any, path: tuple[str | int, ...], value: Any) -> None:
    *parents, last = path
    for step in parents:
        body = body[step]
    body[last] = value


def _compared(body: Json) -> Json:
    """An object without what the API server itself changes at every write."""
    changing = {"managedFields", "resourceVersion", "generation"}
    kept = {name: value for name, value in body["metadata"].items() if name not in changing}
    return {**body, "metadata": kept}


def _leaves(fields: Json) -> set[str]:
    """The names of the fields that a manager owns."""
    names: set[str] = set()
    for key, below in fields.items():
        if key == ".":
            continue
        inner = _leaves(below)
        names |= inner or {key.removeprefix("f:")}
    return names

"""A target that cannot be set is told with reason and remedy, nothing is patched, and its repair is noticed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from e2e.operator_process import OperatorProcess
from tests.integration.conftest import grant, install_crds, rule
from tests.integration.target_crds import guarded_pool_crd, late_pool_crd, small_pool_crd
from tests.integration.world import CUSTOMERS, NAMESPACE, TWO_NODES, World, machine_deployments

Json = dict[str, Any]

_CAPI = "cluster.x-k8s.io/v1beta2"
_GKE = "container.cnrm.cloud.google.com/v1beta1"


@dataclass(frozen=True)
class Problem:
    """A target that cannot be set.

    Attributes:
        reference: the reference to it, without its name.
        reason: the condition's reason.
        remedy: what the message must say.
        spec: the target's spec; None when there is no such target.
        annotations: the target's annotations.
        namespaced: whether the kind lives in namespaces.
    """

    reference: Json
    reason: str
    remedy: str
    spec: Json | None = None
    annotations: dict[str, str] | None = None
    namespaced: bool = True

    @property
    def collection(self) -> str:
        """Path of the collection."""
        place = f"namespaces/{NAMESPACE}/" if self.namespaced else ""
        return f"/apis/{self.reference['apiVersion']}/{place}{self.reference['kind'].lower()}s"


_TOPOLOGY = {"topology": {"workers": {"machineDeployments": [{"class": "m", "name": "known", "replicas": 1}]}}}

PROBLEMS = {
    "dynamic-nodepool": Problem(
        {"apiVersion": "karpenter.sh/v1", "kind": "NodePool"},
        "TargetNotScalable",
        "create a static NodePool (one with spec.replicas)",
        {"limits": {"nodes": 9}},
        namespaced=False,
    ),
    "managed-machinepool": Problem(
        {"apiVersion": _CAPI, "kind": "MachinePool"},
        "TargetManagedExternally",
        "or remove the annotation",
        {"clusterName": "c", "replicas": 1},
        {"cluster.x-k8s.io/replicas-managed-by": "external-autoscaler"},
    ),
    "zones-unknown": Problem(
        {"apiVersion": _GKE, "kind": "ContainerNodePool"},
        "TargetZonesUnknown",
        "write its nodeLocations",
        {"location": "europe-west1", "nodeCount": 1},
    ),
    "kind-unknown": Problem(
        {"apiVersion": "no.example.com/v1", "kind": "NoPool"}, "TargetKindUnknown", "install its CRD"
    ),
    "kind-unknown-in-a-known-group": Problem(
        {"apiVersion": _CAPI, "kind": "MachineHerd"}, "TargetKindUnknown", "correct targetRef"
    ),
    "target-missing": Problem(
        {"apiVersion": _CAPI, "kind": "MachineDeployment"}, "TargetNotFound", "create it or correct targetRef"
    ),
    "no-scale-and-no-path": Problem(
        {"apiVersion": "pools.example.com/v1", "kind": "BarePool"},
        "TargetNotScalable",
        "set targetRef.replicasPath",
        {"workers": {"count": 1}},
    ),
    "path-leads-nowhere": Problem(
        {"apiVersion": "pools.example.com/v1", "kind": "BarePool", "replicasPath": "/spec/servers/count"},
        "TargetPathInvalid",
        "targetRef.replicasPath /spec/servers/count does not lead to a whole number",
        {"workers": {"count": 1}},
    ),
    "path-leads-to-text": Problem(
        {"apiVersion": "pools.example.com/v1", "kind": "BarePool", "replicasPath": "/spec/flavour"},
        "TargetPathInvalid",
        "such as /spec/nodeCount",
        {"workers": {"count": 1}, "flavour": "fast"},
    ),
    "pool-entry-missing": Problem(
        {"apiVersion": _CAPI, "kind": "Cluster", "poolName": "media"},
        "TargetPoolUnknown",
        "(here: known); set targetRef.poolName to one of them",
        _TOPOLOGY,
    ),
}


@pytest.fixture(scope="module")
def versions(world: World, operator: OperatorProcess) -> dict[str, str]:
    """resourceVersions of all targets after their creation; a customer is created for each."""
    install_crds(world.api, [guarded_pool_crd(), small_pool_crd()])
    versions = {}
    world.customer("late-kind", {"apiVersion": "late.example.com/v1", "kind": "LatePool", "name": "late-kind"})
    for name, problem in PROBLEMS.items():
        reference = {**problem.reference, "name": name}
        if problem.spec is not None:
            metadata = {"name": name, "annotations": problem.annotations or {}}
            kind = {field: reference[field] for field in ("apiVersion", "kind")}
            body = world.api.create(problem.collection, {**kind, "metadata": metadata, "spec": problem.spec})
            versions[name] = body["metadata"]["resourceVersion"]
        world.customer(name, reference)
    return versions


@pytest.fixture(scope="module")
def late_kind(world: World, versions: dict[str, str]) -> None:
    """A kind of targets whose CRD is installed after a customer named it; the retry for it takes half a minute."""
    world.condition_comes("late-kind", "TargetsApplied", "TargetKindUnknown")
    install_crds(world.api, [late_pool_crd()])
    path = f"/apis/late.example.com/v1/namespaces/{NAMESPACE}/latepools"
    body = {"apiVersion": "late.example.com/v1", "kind": "LatePool", "metadata": {"name": "late-kind"}}
    world.api.create(path, {**body, "spec": {"replicas": 1}})


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_problem_is_told_with_its_remedy_and_nothing_is_patched(
    world: World, versions: dict[str, str], late_kind: None, name: str
) -> None:
    """TargetsApplied and Ready say what is wrong and what to do; the size and the price are told all the same."""
    problem = PROBLEMS[name]
    condition = world.condition_comes(name, "TargetsApplied", problem.reason)
    assert condition["status"] == "False"
    assert problem.remedy in condition["message"]
    assert condition["message"].startswith(f"livekit: {problem.reference['kind']} {name}")
    assert world.condition(name, "Ready")["reason"] == problem.reason
    status = world.status(name)
    assert status["pools"]["livekit"]["planned"] == 3
    assert "current" not in status["pools"]["livekit"]
    assert "ready" not in status["pools"]["livekit"]
    assert status["summary"]["livekit"] == "?/3"
    assert [write for write in world.writes("livecost", name) if "customerclusters" not in write] == []
    if name in versions:
        assert world.api.get(f"{problem.collection}/{name}")["metadata"]["resourceVersion"] == versions[name]


def test_a_target_that_appears_later_is_set(world: World, versions: dict[str, str]) -> None:
    """Creating the missing target is enough; the customer is not touched."""
    world.customer("appearing", {"apiVersion": _CAPI, "kind": "MachineDeployment", "name": "appearing"})
    world.condition_comes("appearing", "TargetsApplied", "TargetNotFound")
    world.machine_deployment("appearing")
    world.applied("appearing")
    assert world.replicas("appearing") == 3


def test_a_target_that_vanishes_is_told(world: World, versions: dict[str, str]) -> None:
    """A deleted target is a problem again, not a pool of 0 nodes."""
    world.customer("vanishing", world.machine_deployment("vanishing"))
    world.applied("vanishing")
    world.api.delete(f"{machine_deployments()}/vanishing")
    world.condition_comes("vanishing", "TargetsApplied", "TargetNotFound")
    assert world.status("vanishing")["summary"]["livekit"] == "?/3"


def test_a_target_made_static_is_set(world: World, versions: dict[str, str]) -> None:
    """A dynamic NodePool that is replaced by a static one of the same name is set."""
    path = "/apis/karpenter.sh/v1/nodepools"
    body = {"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": {"name": "replaced"}}
    world.api.create(path, {**body, "spec": {"limits": {"nodes": 9}}})
    world.customer("replaced", {"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "name": "replaced"})
    world.condition_comes("replaced", "TargetsApplied", "TargetNotScalable")
    world.api.delete(f"{path}/replaced")
    world.api.create(path, {**body, "spec": {"replicas": 1}})
    world.applied("replaced")
    assert world.api.get(f"{path}/replaced")["spec"]["replicas"] == 3


def test_two_customers_on_one_target_are_told_who_holds_it(world: World, versions: dict[str, str]) -> None:
    """The older customer keeps the target; the newer is refused, and gets it once the older is gone."""
    reference = world.machine_deployment("shared")
    world.customer("holder", reference)
    world.applied("holder")
    world.customer("rival", reference, concurrency=TWO_NODES, scaling={"scaleDown": {"stabilizationSeconds": 0}})
    message = world.condition_comes("rival", "TargetsApplied", "TargetConflict")["message"]
    assert f"held by the older CustomerCluster {NAMESPACE}/holder" in message
    assert world.replicas("shared") == 3
    world.api.delete(f"{CUSTOMERS}/holder")
    world.applied("rival")
    assert world.replicas("shared") == 2


def test_a_count_that_the_api_server_refuses_is_told_until_it_fits(world: World, versions: dict[str, str]) -> None:
    """A refused write leaves the pool as it is, names the API server's reason, and ends with a count that fits."""
    path = f"/apis/pools.example.com/v1/namespaces/{NAMESPACE}/smallpools"
    body = {"apiVersion": "pools.example.com/v1", "kind": "SmallPool", "metadata": {"name": "too-small"}}
    world.api.create(path, {**body, "spec": {"replicas": 1}})
    world.customer("too-small", {"apiVersion": "pools.example.com/v1", "kind": "SmallPool", "name": "too-small"})
    condition = world.condition_comes("too-small", "TargetsApplied", "TargetRefused")
    assert "should be less than or equal to 2" in condition["message"]
    assert world.status("too-small")["pools"]["livekit"]["current"] == 1
    world.api.patch(f"{CUSTOMERS}/too-small", {"spec": {"pools": {"livekit": {"maxNodes": 2}}}})
    world.applied("too-small")
    assert world.api.get(f"{path}/too-small")["spec"]["replicas"] == 2


def test_missing_rights_are_named_one_by_one_until_the_target_is_set(world: World, versions: dict[str, str]) -> None:
    """A forbidden target says which verbs on which resource to grant; once they are granted it is set."""
    group, resource = "guarded.example.com", "guardedpools"
    path = f"/apis/{group}/v1/namespaces/{NAMESPACE}/{resource}"
    body = {"apiVersion": f"{group}/v1", "kind": "GuardedPool", "metadata": {"name": "guarded"}}
    world.api.create(path, {**body, "spec": {"replicas": 1}})
    world.customer("guarded", {"apiVersion": f"{group}/v1", "kind": "GuardedPool", "name": "guarded"})
    message = world.condition_comes("guarded", "TargetsApplied", "TargetForbidden")["message"]
    assert f"may not watch {resource}.{group}; grant it list and watch" in message
    assert ("Warning", "TargetForbidden") in world.events("guarded")
    grant(world.api, "livecost", [rule(group, [resource], ["get", "list", "watch"])], role="guarded-read")

    def asks_for_patch() -> bool:
        return (
            f"grant it patch on {resource}/scale in {group}" in world.condition("guarded", "TargetsApplied")["message"]
        )

    assert world.eventually(asks_for_patch), world.condition("guarded", "TargetsApplied")
    grant(world.api, "livecost", [rule(group, [f"{resource}/scale"], ["patch"])], role="guarded-write")
    world.applied("guarded")
    assert world.api.get(f"{path}/guarded")["spec"]["replicas"] == 3


def test_a_target_whose_kind_is_installed_later_is_set(world: World, late_kind: None) -> None:
    """Installing the CRD and creating the target is enough; the customer is not touched."""
    world.applied("late-kind")
    path = f"/apis/late.example.com/v1/namespaces/{NAMESPACE}/latepools/late-kind"
    assert world.api.get(path)["spec"]["replicas"] == 3

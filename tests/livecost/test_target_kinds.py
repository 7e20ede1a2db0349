"""Every kind of target: what its object says, and what the object is after a write."""

from copy import deepcopy

import jsonpatch
import pytest

from livecost.reduced import reduce_target
from livecost.target_kinds import NODE_POOL_LABELS, PoolNodes, known_kinds, lookup, nodes_of, read_target
from livecost.target_state import TargetProblem, TargetState, patch_for
from tests.livecost.builders import target_ref

CAPI = "cluster.x-k8s.io/v1beta2"
CAPI_BOUNDS = {
    "cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size": "2",
    "cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size": "8",
}
SYNCED = [{"type": "ACK.ResourceSynced", "status": "True"}]
READY = [{"type": "Synced", "status": "True"}, {"type": "Ready", "status": "True"}]
NOT_READY = [{"type": "Ready", "status": "False"}]


def thing(spec, status=None, **metadata):
    """A target named st-marys."""
    body = {"metadata": {"name": "st-marys", "namespace": "fleet", **metadata}, "spec": spec}
    return body if status is None else {**body, "status": status}


def read(body, ref, *, scalable=False, **how):
    """What the operator reads of a target: only what it keeps of the object."""
    return read_target(ref, reduce_target(body), scalable=scalable, **how)


def state(body, ref, **how):
    found = read(body, ref, **how)
    assert not isinstance(found, TargetProblem), found
    return found[0]


def written(body, ref, count, **how):
    """The object after the write of a count, and the operations that the server gets."""
    patch = patch_for(state(body, ref, **how), count)
    assert (patch.subresource, patch.patch_type) == (None, "application/json-patch+json")
    return jsonpatch.apply_patch(body, patch.body)


def changed(body, *changes):
    """The object with other values at some pointers."""
    body = deepcopy(body)
    return jsonpatch.apply_patch(body, [{"op": "add", "path": path, "value": value} for path, value in changes])


# Name, reference, object, nodes it is set to, autoscaler's maximum, settled, and what a write of 6 changes.
IN_FIELDS = {
    "MachineDeployment of an autoscaler": (
        target_ref("MachineDeployment", api_version=CAPI),
        thing({"replicas": 4}, {"readyReplicas": 4}, annotations=dict(CAPI_BOUNDS)),
        2, 8, None,
        [("/metadata/annotations/cluster.x-k8s.io~1cluster-api-autoscaler-node-group-min-size", "6")],
    ),
    "MachinePool of an autoscaler": (
        target_ref("MachinePool", api_version=CAPI),
        thing({"replicas": 4}, {"readyReplicas": 4}, annotations=dict(CAPI_BOUNDS)),
        2, 8, None,
        [("/metadata/annotations/cluster.x-k8s.io~1cluster-api-autoscaler-node-group-min-size", "6")],
    ),
    "Cluster topology, second machine deployment": (
        target_ref("Cluster", api_version=CAPI, poolName="sim"),
        thing({"topology": {"workers": {"machineDeployments": [
            {"class": "default", "name": "livekit", "replicas": 2}, {"class": "default", "name": "sim", "replicas": 3},
        ]}}}),
        3, None, None,
        [("/spec/topology/workers/machineDeployments/1/replicas", 6)],
    ),
    "Cluster topology without a count": (
        target_ref("Cluster", api_version=CAPI, poolName="sim"),
        thing({"topology": {"workers": {"machineDeployments": [{"class": "default", "name": "sim"}]}}}),
        None, None, None,
        [("/spec/topology/workers/machineDeployments/0/replicas", 6)],
    ),
    "Cluster topology, machine pool": (
        target_ref("Cluster", api_version=CAPI, poolName="sim"),
        thing({"topology": {"workers": {
            "machineDeployments": [{"class": "default", "name": "livekit", "replicas": 2}],
            "machinePools": [{"class": "default", "name": "sim", "replicas": 5}],
        }}}),
        5, None, None,
        [("/spec/topology/workers/machinePools/0/replicas", 6)],
    ),
    "Cluster topology of an autoscaler": (
        target_ref("Cluster", api_version=CAPI, poolName="sim"),
        thing({"topology": {"workers": {"machineDeployments": [
            {"class": "default", "name": "sim", "metadata": {"annotations": dict(CAPI_BOUNDS)}},
        ]}}}),
        2, 8, None,
        [(
            "/spec/topology/workers/machineDeployments/0/metadata/annotations/"
            "cluster.x-k8s.io~1cluster-api-autoscaler-node-group-min-size",
            "6",
        )],
    ),
    "ACK": (
        target_ref("Nodegroup", api_version="eks.services.k8s.aws/v1alpha1"),
        thing({"name": "st-marys", "scalingConfig": {"desiredSize": 3, "minSize": 1, "maxSize": 9}}, {"conditions": SYNCED}),
        3, None, True,
        [("/spec/scalingConfig/desiredSize", 6)],
    ),
    "ACK that reconciles the size": (
        target_ref("Nodegroup", api_version="eks.services.k8s.aws/v1alpha1"),
        thing(
            {"name": "st-marys", "scalingConfig": {"desiredSize": 3, "minSize": 1, "maxSize": 9}},
            annotations={"eks.services.k8s.aws/desired-size-managed-by": "ack-eks-controller"},
        ),
        3, None, None,
        [("/spec/scalingConfig/desiredSize", 6)],
    ),
    "ACK of an autoscaler": (
        target_ref("Nodegroup", api_version="eks.services.k8s.aws/v1alpha1"),
        thing(
            {"name": "st-marys", "scalingConfig": {"desiredSize": 3, "minSize": 1, "maxSize": 9}}, {"conditions": SYNCED},
            annotations={"eks.services.k8s.aws/desired-size-managed-by": "external-autoscaler"},
        ),
        1, 9, True,
        [("/spec/scalingConfig/minSize", 6)],
    ),
    "ASO": (
        target_ref("ManagedClustersAgentPool", api_version="containerservice.azure.com/v1api20250801"),
        thing({"azureName": "sim", "count": 3, "enableAutoScaling": False}, {"conditions": NOT_READY}),
        3, None, False,
        [("/spec/count", 6)],
    ),
    "ASO of an autoscaler": (
        target_ref("ManagedClustersAgentPool", api_version="containerservice.azure.com/v1api20250801"),
        thing({"count": 3, "enableAutoScaling": True, "minCount": 2, "maxCount": 7}, {"conditions": READY}),
        2, 7, True,
        [("/spec/minCount", 6)],
    ),
    "Config Connector in one zone": (
        target_ref("ContainerNodePool", api_version="container.cnrm.cloud.google.com/v1beta1"),
        thing({"location": "us-central1-a", "nodeCount": 3}, {"conditions": READY}),
        3, None, True,
        [("/spec/nodeCount", 6)],
    ),
    "Config Connector in three named zones": (
        target_ref("ContainerNodePool", api_version="container.cnrm.cloud.google.com/v1beta1"),
        thing({"location": "us-central1", "nodeCount": 1, "nodeLocations": ["us-central1-a", "us-central1-b", "us-central1-c"]}),
        3, None, None,
        [("/spec/nodeCount", 2)],
    ),
    "Config Connector in two zones that its status tells": (
        target_ref("ContainerNodePool", api_version="container.cnrm.cloud.google.com/v1beta1"),
        thing(
            {"location": "us-central1", "autoscaling": {"minNodeCount": 1, "maxNodeCount": 5}},
            {"instanceGroupUrls": ["https://gke/a", "https://gke/b"], "conditions": READY},
        ),
        2, 10, True,
        [("/spec/autoscaling/minNodeCount", 3)],
    ),
    "Config Connector with a total minimum": (
        target_ref("ContainerNodePool", api_version="container.cnrm.cloud.google.com/v1beta1"),
        thing({"location": "us-central1", "autoscaling": {"totalMinNodeCount": 4, "totalMaxNodeCount": 9}}),
        4, 9, None,
        [("/spec/autoscaling/totalMinNodeCount", 6)],
    ),
    "Config Connector with a total maximum alone": (
        target_ref("ContainerNodePool", api_version="container.cnrm.cloud.google.com/v1beta1"),
        thing({"location": "us-central1", "autoscaling": {"totalMaxNodeCount": 9}}),
        None, 9, None,
        [("/spec/autoscaling/totalMinNodeCount", 6)],
    ),
    "Crossplane AWS, wrapped": (
        target_ref("NodeGroup", api_version="eks.aws.upbound.io/v1beta1"),
        thing({"forProvider": {"scalingConfig": [{"desiredSize": 3, "minSize": 1, "maxSize": 9}]}}, {"conditions": READY}),
        3, None, True,
        [("/spec/forProvider/scalingConfig/0/desiredSize", 6)],
    ),
    "Crossplane AWS, plain": (
        target_ref("NodeGroup", api_version="eks.aws.m.upbound.io/v1beta1"),
        thing({"forProvider": {"scalingConfig": {"desiredSize": 3, "minSize": 1, "maxSize": 9}}}, {"conditions": READY}),
        3, None, True,
        [("/spec/forProvider/scalingConfig/desiredSize", 6)],
    ),
    "Crossplane AWS, legacy but plain": (
        target_ref("NodeGroup", api_version="eks.aws.upbound.io/v1beta2"),
        thing({"forProvider": {"scalingConfig": {"desiredSize": 3, "minSize": 1, "maxSize": 9}}}),
        3, None, None,
        [("/spec/forProvider/scalingConfig/desiredSize", 6)],
    ),
    "Crossplane AWS of an autoscaler": (
        target_ref("NodeGroup", api_version="eks.aws.upbound.io/v1beta1"),
        thing({
            "initProvider": {"scalingConfig": [{"desiredSize": 3}]},
            "forProvider": {"scalingConfig": [{"minSize": 1, "maxSize": 9}]},
        }),
        1, 9, None,
        [("/spec/forProvider/scalingConfig/0/minSize", 6)],
    ),
    "Crossplane GCP": (
        target_ref("NodePool", api_version="container.gcp.upbound.io/v1beta1"),
        thing({"forProvider": {"nodeCount": 1, "nodeLocations": ["europe-west1-b", "europe-west1-c"]}}, {"conditions": READY}),
        2, None, True,
        [("/spec/forProvider/nodeCount", 3)],
    ),
    "Crossplane GCP of an autoscaler": (
        target_ref("NodePool", api_version="container.gcp.m.upbound.io/v1beta1"),
        thing({"forProvider": {"location": "europe-west1-b", "autoscaling": {"minNodeCount": 2, "maxNodeCount": 7}}}),
        2, 7, None,
        [("/spec/forProvider/autoscaling/minNodeCount", 6)],
    ),
    "Crossplane Azure": (
        target_ref("KubernetesClusterNodePool", api_version="containerservice.azure.upbound.io/v1beta1"),
        thing({"forProvider": {"nodeCount": 3, "autoScalingEnabled": False}}, {"conditions": READY}),
        3, None, True,
        [("/spec/forProvider/nodeCount", 6)],
    ),
    "Crossplane Azure of an autoscaler": (
        target_ref("KubernetesClusterNodePool", api_version="containerservice.azure.m.upbound.io/v1beta1"),
        thing({"forProvider": {"nodeCount": 3, "autoScalingEnabled": True, "minCount": 2, "maxCount": 7}}),
        2, 7, None,
        [("/spec/forProvider/minCount", 6)],
    ),
    "Gardener worker of a fixed size": (
        target_ref("Shoot", api_version="core.gardener.cloud/v1beta1", poolName="sim"),
        thing({"provider": {"workers": [
            {"name": "livekit", "minimum": 1, "maximum": 4}, {"name": "sim", "minimum": 3, "maximum": 3},
        ]}}),
        3, None, None,
        [("/spec/provider/workers/1/minimum", 6), ("/spec/provider/workers/1/maximum", 6)],
    ),
    "Gardener worker of an autoscaler": (
        target_ref("Shoot", api_version="core.gardener.cloud/v1beta1", poolName="sim"),
        thing({"provider": {"workers": [{"name": "sim", "minimum": 2, "maximum": 7}]}}),
        2, 7, None,
        [("/spec/provider/workers/0/minimum", 6)],
    ),
    "Rancher": (
        target_ref("Cluster", api_version="provisioning.cattle.io/v1", poolName="sim"),
        thing({"rkeConfig": {"machinePools": [{"name": "livekit", "quantity": 1}, {"name": "sim", "quantity": 3}]}}),
        3, None, None,
        [("/spec/rkeConfig/machinePools/1/quantity", 6)],
    ),
    "Rancher of an autoscaler": (
        target_ref("Cluster", api_version="provisioning.cattle.io/v1", poolName="sim"),
        thing({"rkeConfig": {"machinePools": [
            {"name": "sim", "quantity": 3, "autoscalingMinSize": 2, "autoscalingMaxSize": 7},
        ]}}),
        2, 7, None,
        [("/spec/rkeConfig/machinePools/0/autoscalingMinSize", 6)],
    ),
    "a path of one's own": (
        target_ref("CapacityBuffer", api_version="autoscaling.x-k8s.io/v1beta1", replicasPath="/spec/replicas"),
        thing({"replicas": 3}, {"conditions": READY}),
        3, None, True,
        [("/spec/replicas", 6)],
    ),
    "a path of one's own into a list, not set yet": (
        target_ref("Fleet", api_version="example.com/v1", replicasPath="/spec/pools/1/size~1nodes"),
        thing({"pools": [{}, {"size": "large"}]}),
        None, None, None,
        [("/spec/pools/1/size~1nodes", 6)],
    ),
}  # fmt: skip

in_fields = pytest.mark.parametrize(
    ("ref", "body", "count", "maximum", "settled", "changes"), IN_FIELDS.values(), ids=IN_FIELDS
)


@in_fields
def test_what_an_object_says(ref, body, count, maximum, settled, changes):
    found = state(body, ref)

    assert (found.count, found.autoscaler_maximum, found.settled) == (count, maximum, settled)
    assert found.autoscaled is (maximum is not None)


@in_fields
def test_a_write_changes_the_count_and_nothing_else(ref, body, count, maximum, settled, changes):
    assert written(body, ref, 6) == changed(body, *changes)


@in_fields
def test_a_written_count_is_read_back(ref, body, count, maximum, settled, changes):
    assert state(written(body, ref, 6), ref).count == 6


@pytest.mark.parametrize(
    "name",
    ["Cluster topology, second machine deployment", "Gardener worker of a fixed size", "Rancher"],
)
def test_a_write_is_refused_when_the_list_was_reordered_meanwhile(name):
    ref, body, *_ = IN_FIELDS[name]
    found = state(body, ref)
    moved = deepcopy(body)
    lookup(moved, found.guard[0].rpartition("/")[0].rpartition("/")[0]).reverse()

    with pytest.raises(jsonpatch.JsonPatchTestFailed):
        jsonpatch.apply_patch(moved, patch_for(found, 6).body)


STATIC_NODEPOOL = thing({"replicas": 3})
BY_SCALE = {
    "MachineDeployment": (
        target_ref("MachineDeployment", api_version=CAPI), thing({"replicas": 3}, {"readyReplicas": 2}), 3, 2,
    ),
    "MachineDeployment with a minimum only": (
        target_ref("MachineDeployment", api_version=CAPI),
        thing({"replicas": 3}, annotations={"cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size": "2"}), 3, None,
    ),
    "MachineSet": (target_ref("MachineSet", api_version=CAPI), thing({"replicas": 3}, {"readyReplicas": 3}), 3, 3),
    "MachinePool": (target_ref("MachinePool", api_version=CAPI), thing({"replicas": 3}, {"readyReplicas": 1}), 3, 1),
    "MachineDeployment with no node ready": (
        target_ref("MachineDeployment", api_version=CAPI), thing({"replicas": 3}, {"conditions": []}), 3, 0,
    ),
    "MachineDeployment that was never reconciled": (
        target_ref("MachineDeployment", api_version=CAPI), thing({}), None, None,
    ),
    "MachineSet of OpenShift": (
        target_ref("MachineSet", api_version="machine.openshift.io/v1beta1"),
        thing({"replicas": 3}, {"readyReplicas": 3}), 3, 3,
    ),
    "Deployment": (
        target_ref("Deployment", api_version="apps/v1"), thing({"replicas": 0}, {"readyReplicas": 0}), 0, 0,
    ),
    "static NodePool": (target_ref(), STATIC_NODEPOOL, 3, None),
}  # fmt: skip


@pytest.mark.parametrize(("ref", "body", "count", "ready"), BY_SCALE.values(), ids=BY_SCALE)
def test_kinds_that_are_set_by_their_scale_subresource(ref, body, count, ready):
    found = state(body, ref, scalable=True)

    assert (found.count, found.ready, found.autoscaler_maximum) == (count, ready, None)
    patch = patch_for(found, 6)
    assert (patch.subresource, patch.patch_type) == ("scale", "application/merge-patch+json")
    assert patch.body == {"spec": {"replicas": 6}}


def test_the_scale_subresource_tells_where_a_custom_kind_keeps_its_count():
    ref = target_ref("Fleet", api_version="example.com/v1")

    found = state(thing({"size": {"nodes": 4}}), ref, scalable=True, replicas_pointer="/spec/size/nodes")

    assert (found.count, found.field) == (4, "spec.size.nodes")


REFUSED = {
    "dynamic NodePool": (target_ref(), thing({"limits": {"cpu": "100"}}), "TargetNotScalable", "static NodePool"),
    "MachinePool of a provider": (
        target_ref("MachinePool", api_version=CAPI),
        thing({"replicas": 3}, annotations={"cluster.x-k8s.io/replicas-managed-by": "external-autoscaler"}),
        "TargetManagedExternally", "replicas-managed-by=external-autoscaler",
    ),
    "Config Connector in a region that does not say its zones": (
        target_ref("ContainerNodePool", api_version="container.cnrm.cloud.google.com/v1beta1"),
        thing({"location": "us-central1", "nodeCount": 1}),
        "TargetZonesUnknown", "write its nodeLocations",
    ),
    "Crossplane GCP in a region that does not say its zones": (
        target_ref("NodePool", api_version="container.gcp.m.upbound.io/v1beta1"),
        thing({"forProvider": {"nodeCount": 1, "location": "europe-west1"}}),
        "TargetZonesUnknown", "write its nodeLocations",
    ),
    "topology without the pool": (
        target_ref("Cluster", api_version=CAPI, poolName="sym"),
        IN_FIELDS["Cluster topology, machine pool"][1],
        "TargetPoolUnknown", "(here: livekit, sim)",
    ),
    "topology of no pools": (
        target_ref("Cluster", api_version=CAPI, poolName="sim"), thing({}), "TargetPoolUnknown", "(here: none)",
    ),
    "unknown kind": (
        target_ref("Fleet", api_version="example.com/v1"), thing({"nodes": 3}), "TargetNotScalable", "replicasPath",
    ),
    "path to nothing": (
        target_ref("Fleet", api_version="example.com/v1", replicasPath="/spec/pool/nodes"),
        thing({"nodes": 3}), "TargetPathInvalid", "/spec/pool/nodes",
    ),
    "path to text": (
        target_ref("Fleet", api_version="example.com/v1", replicasPath="/spec/nodes"),
        thing({"nodes": "3"}), "TargetPathInvalid", "whole number",
    ),
    "path to a switch": (
        target_ref("Fleet", api_version="example.com/v1", replicasPath="/spec/nodes"),
        thing({"nodes": True}), "TargetPathInvalid", "whole number",
    ),
    "path to a fraction": (
        target_ref("Fleet", api_version="example.com/v1", replicasPath="/spec/nodes"),
        thing({"nodes": 1.5}), "TargetPathInvalid", "whole number",
    ),
    "path to an element of a list, which a write would insert before": (
        target_ref("Fleet", api_version="example.com/v1", replicasPath="/spec/nodes/0"),
        thing({"nodes": [3, 4]}), "TargetPathInvalid", "whole number",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("ref", "body", "reason", "told"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_sized_is_refused_with_a_remedy(ref, body, reason, told):
    problem = read(body, ref)

    assert isinstance(problem, TargetProblem)
    assert problem.reason == reason
    assert told in problem.message


@pytest.mark.parametrize("switched_off", ["", "false"])
def test_a_machine_pool_that_nobody_else_manages_is_taken(switched_off):
    body = thing({"replicas": 3}, annotations={"cluster.x-k8s.io/replicas-managed-by": switched_off})

    assert state(body, target_ref("MachinePool", api_version=CAPI), scalable=True).count == 3


@pytest.mark.parametrize(
    ("name", "nodes"),
    [
        ("ACK", PoolNodes("eks.amazonaws.com/nodegroup", "st-marys")),
        ("ASO", PoolNodes("kubernetes.azure.com/agentpool", "sim")),
        ("ASO of an autoscaler", PoolNodes("kubernetes.azure.com/agentpool", "st-marys")),
        ("Config Connector in one zone", PoolNodes("cloud.google.com/gke-nodepool", "st-marys")),
        ("Crossplane Azure", PoolNodes("kubernetes.azure.com/agentpool", "st-marys")),
        ("Gardener worker of a fixed size", PoolNodes("worker.gardener.cloud/pool", "sim")),
        ("Rancher", None),
    ],
)
def test_nodes_of_kinds_without_a_ready_count_are_known_by_their_label(name, nodes):
    ref, body, *_ = IN_FIELDS[name]

    assert read(body, ref)[1] == nodes


def test_a_reference_alone_tells_the_label_of_its_nodes():
    assert nodes_of(target_ref()) == PoolNodes("karpenter.sh/nodepool", "st-marys")
    shoot = target_ref("Shoot", api_version="core.gardener.cloud/v1beta1", poolName="sim")
    assert nodes_of(shoot) == PoolNodes("worker.gardener.cloud/pool", "sim")
    assert nodes_of(target_ref("MachineDeployment", api_version=CAPI)) is None
    assert nodes_of(target_ref("Fleet", api_version="example.com/v1")) is None


def test_every_known_kind_is_read_here():
    """A row that is added to the table gets its object in these tests."""
    read_here = {(ref.group, ref.kind) for cases in (IN_FIELDS, BY_SCALE) for ref, *_ in cases.values()}

    assert known_kinds().keys() <= read_here
    assert {kind.node_label for kind in known_kinds().values()} - {None} == set(NODE_POOL_LABELS)


def managed(*entries):
    return [
        {"manager": manager, "time": time, "operation": "Update", "fieldsV1": fields, "subresource": subresource}
        for manager, time, fields, subresource in entries
    ]


def test_the_last_writer_of_the_count_is_named():
    owns = {"f:spec": {"f:replicas": {}}}
    body = thing(
        {"replicas": 3},
        managedFields=managed(
            ("cluster-autoscaler", "2026-03-01T12:02:00Z", owns, "scale"),
            ("livecost", "2026-03-01T12:01:00Z", owns, "scale"),
            ("labeller", "2026-03-01T12:03:00Z", {"f:metadata": {}}, ""),
            ("capi", "2026-03-01T12:04:00Z", owns, "status"),
        ),
    )

    assert state(body, target_ref("MachineDeployment", api_version=CAPI)).writer == "cluster-autoscaler"


def test_the_last_writer_of_a_list_entry_is_named():
    """Managed fields know the entries of such a list by their names."""
    owns = {"f:spec": {"f:topology": {"f:workers": {"f:machineDeployments": {'k:{"name":"sim"}': {"f:replicas": {}}}}}}}
    ref, body, *_ = IN_FIELDS["Cluster topology, second machine deployment"]
    body = deepcopy(body)
    body["metadata"]["managedFields"] = managed(("gitops", "2026-03-01T12:02:00Z", owns, ""))

    assert state(body, ref).writer == "gitops"


def test_an_unknown_writer_stays_unknown():
    assert state(STATIC_NODEPOOL, target_ref(), scalable=True).writer is None


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/spec/pools/1/size", 4),
        ("/spec/pools/2/size", None),
        ("/spec/pools/last/size", None),
        ("/spec/a~1b~0c", 7),
        ("/spec/pools/0/size/deeper", None),
        ("", {"spec": {"pools": [{"size": 3}, {"size": 4}], "a/b~c": 7}}),
    ],
)
def test_look_up_by_json_pointer(pointer, value):
    assert lookup({"spec": {"pools": [{"size": 3}, {"size": 4}], "a/b~c": 7}}, pointer) == value


@pytest.mark.parametrize(("zones", "count", "per_zone"), [(3, 9, 3), (2, 4, 2), (1, 0, 0)])
def test_a_count_is_written_by_zone(zones, count, per_zone):
    patch = patch_for(TargetState(count=0, zones=zones, location=("/spec/nodeCount",)), count)

    assert patch.body == [{"op": "add", "path": "/spec/nodeCount", "value": per_zone}]

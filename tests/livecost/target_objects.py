"""One realistic object for each way in which a kind of target says its size."""

from tests.livecost.builders import target_ref

CAPI = "cluster.x-k8s.io/v1beta2"
CAPI_BOUNDS = {
    "cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size": "2",
    "cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size": "8",
}
EKS_SIZES = {"desiredSize": 3, "minSize": 1, "maxSize": 9}
SYNCED = [{"type": "ACK.ResourceSynced", "status": "True"}]
READY = [{"type": "Synced", "status": "True"}, {"type": "Ready", "status": "True"}]
NOT_READY = [{"type": "Ready", "status": "False"}]


def thing(spec, status=None, **metadata):
    """A target named st-marys."""
    body = {"metadata": {"name": "st-marys", "namespace": "fleet", **metadata}, "spec": spec}
    return body if status is None else {**body, "status": status}


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
        thing({"name": "st-marys", "scalingConfig": dict(EKS_SIZES)}, {"conditions": SYNCED}),
        3, None, True,
        [("/spec/scalingConfig/desiredSize", 6)],
    ),
    "ACK that reconciles the size": (
        target_ref("Nodegroup", api_version="eks.services.k8s.aws/v1alpha1"),
        thing(
            {"name": "st-marys", "scalingConfig": dict(EKS_SIZES)},
            annotations={"eks.services.k8s.aws/desired-size-managed-by": "ack-eks-controller"},
        ),
        3, None, None,
        [("/spec/scalingConfig/desiredSize", 6)],
    ),
    "ACK of an autoscaler": (
        target_ref("Nodegroup", api_version="eks.services.k8s.aws/v1alpha1"),
        thing(
            {"name": "st-marys", "scalingConfig": dict(EKS_SIZES)}, {"conditions": SYNCED},
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
        thing({
            "location": "us-central1", "nodeCount": 1,
            "nodeLocations": ["us-central1-a", "us-central1-b", "us-central1-f"],
        }),
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
        thing({"forProvider": {"scalingConfig": [dict(EKS_SIZES)]}}, {"conditions": READY}),
        3, None, True,
        [("/spec/forProvider/scalingConfig/0/desiredSize", 6)],
    ),
    "Crossplane AWS, plain": (
        target_ref("NodeGroup", api_version="eks.aws.m.upbound.io/v1beta1"),
        thing({"forProvider": {"scalingConfig": dict(EKS_SIZES)}}, {"conditions": READY}),
        3, None, True,
        [("/spec/forProvider/scalingConfig/desiredSize", 6)],
    ),
    "Crossplane AWS, legacy but plain": (
        target_ref("NodeGroup", api_version="eks.aws.upbound.io/v1beta2"),
        thing({"forProvider": {"scalingConfig": dict(EKS_SIZES)}}),
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
        thing(
            {"forProvider": {"nodeCount": 1, "nodeLocations": ["europe-west1-b", "europe-west1-c"]}},
            {"conditions": READY},
        ),
        2, None, True,
        [("/spec/forProvider/nodeCount", 3)],
    ),
    "Crossplane GCP of an autoscaler": (
        target_ref("NodePool", api_version="container.gcp.m.upbound.io/v1beta1"),
        thing({"forProvider": {"location": "europe-west1-b", "autoscaling": {"minNodeCount": 2, "maxNodeCount": 7}}}),
        2, 7, None,
        [("/spec/forProvider/autoscaling/minNodeCount", 6)],
    ),
    "Crossplane GCP in an older version": (
        target_ref("NodePool", api_version="container.gcp.upbound.io/v1beta1"),
        thing({"forProvider": {"location": "europe-west1-b", "autoscaling": [{"minNodeCount": 2, "maxNodeCount": 7}]}}),
        2, 7, None,
        [("/spec/forProvider/autoscaling/0/minNodeCount", 6)],
    ),
    "Crossplane GCP with bounds for all zones": (
        target_ref("NodePool", api_version="container.gcp.upbound.io/v1beta2"),
        thing(
            {"forProvider": {
                "location": "europe-west1", "autoscaling": {"totalMinNodeCount": 2, "totalMaxNodeCount": 7},
            }},
            annotations={"crossplane.io/external-name": "pool-7"},
        ),
        2, 7, None,
        [("/spec/forProvider/autoscaling/totalMinNodeCount", 6)],
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

STATIC_NODEPOOL = thing({"replicas": 3})
BY_SCALE = {
    "MachineDeployment": (
        target_ref("MachineDeployment", api_version=CAPI), thing({"replicas": 3}, {"readyReplicas": 2}), 3, 2,
    ),
    "MachineDeployment with a minimum only": (
        target_ref("MachineDeployment", api_version=CAPI),
        thing({"replicas": 3}, annotations={"cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size": "2"}),
        3, None,
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

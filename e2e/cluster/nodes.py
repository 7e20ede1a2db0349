"""Node pools whose nodes become Ready: Karpenter with its kwok provider, and kwok keeping the nodes alive."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from e2e.cluster.processes import answers, free_ports
from e2e.cluster.program_list import PROGRAMS
from e2e.cluster.programs import companion_path
from e2e.cluster.static_pools import NODE_CLASS

if TYPE_CHECKING:
    from e2e.cluster.provider import Cluster

_NODE_CLASS_MANIFEST = f"""
apiVersion: karpenter.kwok.sh/v1alpha1
kind: KWOKNodeClass
metadata: {{name: {NODE_CLASS}}}
"""


def start_node_programs(cluster: "Cluster", programs: Mapping[str, Path]) -> None:
    """Installs Karpenter's CRDs and a node class, and starts Karpenter and kwok.

    Raises:
        ClusterError: the CRDs were refused, or a program did not become ready.
    """
    cluster.apply(companion_path(PROGRAMS["karpenter"]).read_text())
    cluster.kubectl("wait", "--for=condition=Established", "--timeout=30s", "crd", "--all")
    cluster.apply(_NODE_CLASS_MANIFEST)
    metrics_port, health_port, kwok_port = free_ports(3)
    cluster.processes.start(
        "karpenter",
        [programs["karpenter"]],
        {
            "KUBECONFIG": str(cluster.kubeconfig_for("karpenter", ("system:masters",))),
            "DISABLE_LEADER_ELECTION": "true",
            "FEATURE_GATES": "StaticCapacity=true",
            "METRICS_PORT": str(metrics_port),
            "HEALTH_PROBE_PORT": str(health_port),
            "SYSTEM_NAMESPACE": "kube-system",
        },
    )
    cluster.processes.start(
        "kwok",
        [
            programs["kwok"],
            f"--kubeconfig={cluster.kubeconfig_for('kwok', ('system:masters',))}",
            f"--config={companion_path(PROGRAMS['kwok'])}",
            "--manage-all-nodes=false",
            "--manage-nodes-with-label-selector=kwok-partition",
            "--node-lease-duration-seconds=40",
            f"--server-address=127.0.0.1:{kwok_port}",
        ],
    )
    cluster.processes.wait_until("kwok", lambda: answers(f"http://127.0.0.1:{kwok_port}/healthz"))
    cluster.processes.wait_until("karpenter", lambda: answers(f"http://127.0.0.1:{health_port}/readyz"))

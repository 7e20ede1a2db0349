"""kube-state-metrics and a Prometheus that scrapes it, and whatever else a test serves."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from e2e.cluster.processes import Processes, answers, free_ports
from e2e.cluster.prometheus_process import PrometheusProcess

# The node labels by which the clouds, Karpenter, Gardener and Hetzner's autoscaler name a node's pool.
_NODE_LABELS: Final = (
    "karpenter.sh/nodepool",
    "eks.amazonaws.com/nodegroup",
    "kubernetes.azure.com/agentpool",
    "cloud.google.com/gke-nodepool",
    "worker.gardener.cloud/pool",
    "hcloud/node-group",
    "node.kubernetes.io/instance-type",
)


class Metrics:
    """One kube-state-metrics and one Prometheus."""

    def __init__(self, processes: Processes, workdir: Path, scrape_seconds: int) -> None:
        self._processes = processes
        self._prometheus = PrometheusProcess(processes, workdir, f"{scrape_seconds}s")
        self._metrics_port, self._telemetry_port = free_ports(2)

    @property
    def prometheus_url(self) -> str:
        """The base address of Prometheus."""
        return self._prometheus.url

    def start(self, programs: Mapping[str, Path], kubeconfig: Path) -> None:
        """Starts both programs and waits until they are ready.

        Raises:
            ClusterError: one of them did not become ready; the message holds the end of its log.
        """
        self._processes.start(
            "kube-state-metrics",
            [
                programs["kube-state-metrics"],
                f"--kubeconfig={kubeconfig}",
                "--host=127.0.0.1",
                f"--port={self._metrics_port}",
                "--telemetry-host=127.0.0.1",
                f"--telemetry-port={self._telemetry_port}",
                f"--metric-labels-allowlist=nodes=[{','.join(_NODE_LABELS)}]",
            ],
        )
        job = {
            "job_name": "kube-state-metrics",
            "honor_labels": True,
            "static_configs": [{"targets": [f"127.0.0.1:{self._metrics_port}"]}],
        }
        self._prometheus.start(programs["prometheus"], [job])
        self._processes.wait_until(
            "kube-state-metrics", lambda: answers(f"http://127.0.0.1:{self._metrics_port}/healthz")
        )
        self._prometheus.wait()

    def add_target(self, job: str, target: str, labels: Mapping[str, str]) -> None:
        """Adds an address to those that Prometheus scrapes; it notices the new file by itself."""
        self._prometheus.add_target(job, target, labels)

    def add_rules(self, name: str, text: str) -> None:
        """Adds a file of recording and alerting rules, by which Prometheus reckons from now on."""
        self._prometheus.add_rules(name, text)

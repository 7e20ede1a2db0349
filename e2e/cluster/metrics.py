"""kube-state-metrics and a Prometheus that scrapes it, and whatever else a test serves."""

import json
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import yaml

from e2e.cluster.processes import Processes, answers, free_ports

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
        self._folder = workdir / "prometheus"
        self._scrape_seconds = scrape_seconds
        self._prometheus_port, self._metrics_port, self._telemetry_port = free_ports(3)

    @property
    def prometheus_url(self) -> str:
        """The base address of Prometheus."""
        return f"http://127.0.0.1:{self._prometheus_port}"

    def start(self, programs: Mapping[str, Path], kubeconfig: Path) -> None:
        """Starts both programs and waits until they are ready.

        Raises:
            ClusterError: one of them did not become ready; the message holds the end of its log.
        """
        for kind in ("targets", "rules"):
            (self._folder / kind).mkdir(parents=True)
        config = self._folder / "prometheus.yml"
        config.write_text(yaml.safe_dump(self._prometheus_config()))
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
        self._processes.start(
            "prometheus",
            [
                programs["prometheus"],
                f"--config.file={config}",
                f"--storage.tsdb.path={self._folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{self._prometheus_port}",
                "--storage.tsdb.retention.time=1d",
            ],
        )
        self._processes.wait_until(
            "kube-state-metrics", lambda: answers(f"http://127.0.0.1:{self._metrics_port}/healthz")
        )
        self._processes.wait_until("prometheus", lambda: answers(f"{self.prometheus_url}/-/ready"))

    def add_target(self, job: str, target: str, labels: Mapping[str, str]) -> None:
        """Adds an address to those that Prometheus scrapes; it notices the new file by itself."""
        file = self._folder / "targets" / f"{job}-{target.replace(':', '-')}.json"
        partial = file.with_suffix(".partial")
        partial.write_text(json.dumps([{"targets": [target], "labels": {**labels, "job": job}}]))
        partial.replace(file)

    def add_rules(self, name: str, text: str) -> None:
        """Adds a file of recording and alerting rules, and has Prometheus read its configuration anew."""
        (self._folder / "rules" / f"{name}.yaml").write_text(text)
        os.kill(self._processes.pids["prometheus"], signal.SIGHUP)

    def _prometheus_config(self) -> dict[str, object]:
        every = f"{self._scrape_seconds}s"
        return {
            "global": {"scrape_interval": every, "scrape_timeout": every, "evaluation_interval": every},
            "rule_files": [str(self._folder / "rules" / "*.yaml")],
            "scrape_configs": [
                {
                    "job_name": "kube-state-metrics",
                    "honor_labels": True,
                    "static_configs": [{"targets": [f"127.0.0.1:{self._metrics_port}"]}],
                },
                {
                    "job_name": "added",
                    "file_sd_configs": [
                        {"files": [str(self._folder / "targets" / "*.json")], "refresh_interval": every}
                    ],
                },
            ],
        }

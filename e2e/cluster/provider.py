"""What every provider of a cluster offers, and the programs that run beside its API server."""

import atexit
import os
import shutil
import subprocess
import tempfile
from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import yaml

from e2e.cluster.certificates import write_private
from e2e.cluster.errors import ClusterError
from e2e.cluster.metrics import Metrics
from e2e.cluster.nodes import start_node_programs
from e2e.cluster.processes import Processes
from e2e.cluster.programs import Progress, ensure_programs, say

Feature = Literal["nodes", "metrics"]

_FEATURE_PROGRAMS: Mapping[Feature, tuple[str, ...]] = {
    "nodes": ("karpenter", "kwok"),
    "metrics": ("kube-state-metrics", "prometheus"),
}


class Cluster(ABC):
    """A Kubernetes cluster for one test run, demo or benchmark. Use it as a context manager, or start() and stop() it.

    Attributes:
        features: "nodes": node pools of Karpenter whose nodes become Ready; "metrics": kube-state-metrics and
            Prometheus. With neither, provider *local* has no controller manager: objects are stored and validated,
            but nothing acts on them (no garbage collection, and a deleted namespace stays Terminating).
        workdir: a folder of this cluster's own, for logs, kubeconfigs and data; removed at stop unless kept.
        admin_kubeconfig: a kubeconfig that may do everything.
    """

    provider: str

    def __init__(
        self,
        features: frozenset[Feature] = frozenset(),
        *,
        keep: bool = False,
        scrape_seconds: int = 5,
        progress: Progress = say,
    ) -> None:
        unknown = features - _FEATURE_PROGRAMS.keys()
        if unknown:
            raise ClusterError(f"features: unknown {sorted(unknown)}; choose from {sorted(_FEATURE_PROGRAMS)}")
        self.features = features
        self.workdir = Path(tempfile.mkdtemp(prefix="livecost-cluster-"))
        self.admin_kubeconfig = self.workdir / "admin.kubeconfig"
        self.processes = Processes(self.workdir / "logs")
        self._keep = keep
        self._scrape_seconds = scrape_seconds
        self._progress = progress
        self._programs: dict[str, Path] = {}
        self._metrics: Metrics | None = None

    def start(self) -> Self:
        """Brings the cluster up; returns when its API server is ready and the features' programs run.

        Raises:
            ClusterError: a program is missing or did not start; whatever had started is stopped again.
        """
        atexit.register(self.stop)
        try:
            self._programs = ensure_programs(self.program_names(), self._progress)
            self._start_control_plane()
            if "nodes" in self.features:
                start_node_programs(self, self._programs)
            if "metrics" in self.features:
                self._metrics = Metrics(self.processes, self.workdir, self._scrape_seconds)
                self._metrics.start(self._programs, self.kubeconfig_for("kube-state-metrics", ("system:masters",)))
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stops everything that was started and removes ``workdir``, unless ``keep`` was asked for.

        Idempotent, and done at exit at the latest.
        """
        atexit.unregister(self.stop)
        self.processes.stop_all()
        try:
            self._stop_control_plane()
        finally:
            if not self._keep:
                shutil.rmtree(self.workdir, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def prometheus_url(self) -> str:
        """The base address of Prometheus.

        Raises:
            ClusterError: the cluster was created without the feature "metrics".
        """
        return self._require_metrics().prometheus_url

    def add_scrape_target(self, job: str, target: str, labels: Mapping[str, str] | None = None) -> None:
        """Lets Prometheus scrape ``http://<target>/metrics`` from now on.

        Args:
            job: the value of the label ``job``.
            target: address and port, such as 127.0.0.1:9100.
            labels: further labels of every series of this target.

        Raises:
            ClusterError: the cluster was created without the feature "metrics".
        """
        self._require_metrics().add_target(job, target, labels or {})

    def add_rules(self, name: str, text: str) -> None:
        """Lets Prometheus evaluate a rule file from now on; whether it accepts the rules, /api/v1/rules tells.

        Args:
            name: name of the file, without ending.
            text: its content.

        Raises:
            ClusterError: the cluster was created without the feature "metrics".
        """
        self._require_metrics().add_rules(name, text)

    def kubectl(self, *args: str, input: str | None = None) -> str:  # noqa: A002  subprocess's own name for it
        """Runs kubectl as the administrator and returns its standard output; ``input`` is its standard input.

        Raises:
            ClusterError: kubectl failed; the message holds what it said.
        """
        environment = os.environ | {
            "KUBECONFIG": str(self.admin_kubeconfig),
            "KUBECACHEDIR": str(self.workdir / "kubectl-cache"),
        }
        done = subprocess.run(
            [self._programs["kubectl"], *args],
            env=environment,
            input=input,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise ClusterError(f"kubectl {' '.join(args)}: {done.stderr.strip()}")
        return done.stdout

    def apply(self, manifest: str) -> None:
        """Applies a manifest of one or more YAML documents with server-side apply.

        Raises:
            ClusterError: the API server refused it; the message holds its reason.
        """
        self.kubectl("apply", "--server-side", "--force-conflicts", "--field-manager=e2e", "-f", "-", input=manifest)

    def describe(self) -> str:
        """What runs and how to reach it, in a few lines for people."""
        lines = [f"provider {self.provider}, features: {', '.join(sorted(self.features)) or 'API server only'}"]
        lines += [f"  {name}: {path}" for name, path in sorted(self._programs.items())]
        lines += [f"logs in {self.workdir / 'logs'}"]
        if self._metrics:
            lines += [f"Prometheus: {self._metrics.prometheus_url}"]
        return "\n".join([*lines, f"export KUBECONFIG={self.admin_kubeconfig}"])

    @abstractmethod
    def kubeconfig_for(self, identity: str, groups: tuple[str, ...] = ()) -> Path:
        """A kubeconfig with a client certificate for a user, who has no rights until RBAC grants some.

        Args:
            identity: the user's name, as in the subject ``kind: User`` of a RoleBinding.
            groups: the user's groups, as in the subject ``kind: Group``.
        """

    @abstractmethod
    def audit_events(self) -> Iterator[dict[str, Any]]:
        """The API server's audit events so far, oldest first, of every request but its own and health checks.

        Each is an ``audit.k8s.io/v1`` Event without bodies: ``verb``, ``user.username``, ``objectRef.resource``,
        ``objectRef.name``, ``responseStatus.code`` and so on. A watch appears when it starts and when it ends.

        Raises:
            ClusterError: the provider keeps no audit log.
        """

    def program_names(self) -> tuple[str, ...]:
        """The programs that this cluster runs."""
        extra = [name for feature in sorted(self.features) for name in _FEATURE_PROGRAMS[feature]]
        return ("kubectl", *extra)

    @abstractmethod
    def _start_control_plane(self) -> None:
        """Starts the API server and writes ``admin_kubeconfig``."""

    @abstractmethod
    def _stop_control_plane(self) -> None:
        """Stops what is not one of ``processes``. Idempotent."""

    def _write_kubeconfig(self, file_name: str, server: str, ca: bytes, certificate: bytes, key: bytes) -> Path:
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {"name": "local", "cluster": {"server": server, "certificate-authority-data": b64encode(ca).decode()}}
            ],
            "users": [
                {
                    "name": "user",
                    "user": {
                        "client-certificate-data": b64encode(certificate).decode(),
                        "client-key-data": b64encode(key).decode(),
                    },
                }
            ],
            "contexts": [{"name": "local", "context": {"cluster": "local", "user": "user"}}],
            "current-context": "local",
        }
        return write_private(self.workdir / file_name, yaml.safe_dump(content).encode())

    def _require_metrics(self) -> Metrics:
        if self._metrics is None:
            raise ClusterError('no Prometheus here: create the cluster with features={"metrics"} and start it')
        return self._metrics

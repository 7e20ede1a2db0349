"""livecost in kind: a cluster with everything that it works on, and the release that Helm made."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import yaml

from charts.generated import CHART
from e2e.cluster import ClusterError
from e2e.cluster.helm import run_helm
from e2e.cluster.kind import KindCluster
from e2e.kind.operator_pods import NAMESPACE, RELEASE, OperatorPods
from e2e.running import WINDOW_SECONDS, Livecost

Json = dict[str, Any]

HERE: Final = Path(__file__).parent
WORKER_LABEL: Final = "livecost-e2e/worker"
_PROMETHEUS_PORT: Final = 9090
_HELM_SECONDS: Final = 120
# What docs/targets.md asks for where a target's kind is not in livecost's table.
_DEPLOYMENTS: Final = [
    {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["list", "watch", "patch"]},
    {"apiGroups": ["apps"], "resources": ["deployments/scale"], "verbs": ["patch"]},
]


class KindWithPrometheus(KindCluster):
    """A cluster of kind whose Prometheus is a pod with a port of the control plane's node."""

    @property
    def prometheus_url(self) -> str:
        """Prometheus's address, as this machine reaches it."""
        return f"http://{self.address_of(self.control_plane)}:{_PROMETHEUS_PORT}"

    def address_of(self, node: str) -> str:
        """A node's address, as this machine reaches it."""
        wanted = "jsonpath={.status.addresses[?(@.type=='InternalIP')].address}"
        return self.kubectl("get", "node", node, f"--output={wanted}")

    @contextmanager
    def forwarding(self, target: str, namespace: str, port: int) -> Iterator[int]:
        """A free port of this machine that leads to a port in the cluster, as `kubectl port-forward` makes it.

        Args:
            target: such as service/livecost-web.
            namespace: of the target.
            port: of the target.

        Raises:
            ClusterError: there is no such way.
        """
        options = [f"--namespace={namespace}", f"--kubeconfig={self.admin_kubeconfig}"]
        command = [str(self._programs["kubectl"]), "port-forward", target, f":{port}", *options]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                assert process.stderr is not None
                line = process.stdout.readline()
                if (found := re.search(r":(\d+) ->", line)) is None:
                    raise ClusterError(f"kubectl port-forward: {line}{process.stderr.read()}")
                yield int(found[1])
            finally:
                process.terminate()


@dataclass
class InKind(Livecost):
    """livecost as a release of Helm.

    Attributes:
        operator: its pods.
        image: livecost's image, which the nodes hold.
        refused_on_purpose: from when to when a test had taken rights away.
    """

    cluster: KindWithPrometheus
    operator: OperatorPods
    image: str
    refused_on_purpose: list[tuple[datetime, datetime]] = field(default_factory=list)

    @classmethod
    def create(cls, cluster: KindWithPrometheus, image: str) -> "InKind":
        """What installs livecost in a started cluster; nothing is installed yet."""
        cluster.kubectl("create", "namespace", NAMESPACE)
        cluster.kubectl("label", "namespace", NAMESPACE, "pod-security.kubernetes.io/enforce=restricted")
        identity = f"system:serviceaccount:{NAMESPACE}:{RELEASE}"
        return cls(cluster, OperatorPods(cluster), identity, image)

    def values(self, **changes: object) -> Json:
        """The chart's values here: quick observation, and rights on the targets of these tests."""
        repository, _, tag = self.image.rpartition(":")
        return {
            "image": {"repository": repository, "tag": tag},
            "nodeSelector": {WORKER_LABEL: "true"},
            "targetKinds": ["cluster.x-k8s.io/MachineDeployment", "karpenter.sh/NodePool"],
            "rbac": {"extraRules": _DEPLOYMENTS},
            "web": {"enabled": True},
            "settings": {
                "prometheusUrl": f"http://prometheus.monitoring:{_PROMETHEUS_PORT}",
                "observationIntervalSeconds": 5,
                "observationStepSeconds": 5,
                "observationWindowSeconds": WINDOW_SECONDS,
            },
            **changes,
        }

    def release(self, chart: Path = CHART, *, wait: bool = True, **changes: object) -> None:
        """Install the chart, or upgrade the release to it; returns when the pods are ready, unless told otherwise.

        Args:
            chart: the chart's folder.
            wait: whether to wait for the pods.
            changes: values instead of the usual ones.

        Raises:
            ClusterError: Helm refused, or the pods were not ready in time.
        """
        values = self.cluster.workdir / "values.yaml"
        values.write_text(yaml.safe_dump(self.values(**changes)))
        waiting = ["--wait", f"--timeout={_HELM_SECONDS}s"] if wait else []
        self.helm("upgrade", RELEASE, str(chart), "--install", f"--values={values}", *waiting)

    def helm(self, *args: str) -> str:
        """Run Helm in the release's namespace.

        Raises:
            ClusterError: it failed; the message holds what it said.
        """
        done = run_helm(*args, f"--namespace={NAMESPACE}", f"--kubeconfig={self.cluster.admin_kubeconfig}")
        if done.returncode != 0:
            raise ClusterError(f"helm {args[0]}: {done.stderr.strip()}")
        return done.stdout

    def objects(self, kind: str, *options: str) -> list[Json]:
        """The objects of a kind, in the namespace default where it has one."""
        items: list[Json] = json.loads(self.cluster.kubectl("get", kind, "--output=json", *options))["items"]
        return items

    def events(self, name: str, reason: str) -> list[str]:
        """The messages of the Events about a customer that have a reason."""
        chosen = f"--field-selector=involvedObject.name={name},reason={reason}"
        return [event["message"] for event in self.objects("events", chosen)]

    def pod_events(self) -> list[str]:
        """The messages of the Events by which the operator tells of its own pods."""
        found = self.objects("events", f"--namespace={NAMESPACE}", "--field-selector=involvedObject.kind=Pod")
        return [event["message"] for event in found if event.get("reportingComponent") == RELEASE]

    def is_whole(self) -> bool:
        """Whether two pods are ready and one of them leads."""
        return len(self.operator.ready()) == 2 and self.operator.leader() is not None

    def uninstall(self) -> None:
        """Uninstall the release; its roles go while its pods still end, so that what these ask for last is refused.

        Raises:
            ClusterError: Helm failed.
        """
        with self._refusals():
            self.helm("uninstall", RELEASE, "--wait", f"--timeout={_HELM_SECONDS}s")
            self.until("the pods are gone", lambda: not self._pods())

    @contextmanager
    def rights_taken(self) -> Iterator[None]:
        """Gives the operator back what a test takes from it, and remembers when the API server refused it something."""
        with self._refusals():
            try:
                yield
            finally:
                self.release()

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        began = datetime.now(UTC)
        try:
            yield
        finally:
            self.refused_on_purpose.append((began, datetime.now(UTC)))

    def _pods(self) -> str:
        return self.cluster.kubectl("get", "pods", f"--namespace={NAMESPACE}", "--output=name")

"""The operator's replicas as pods."""

import json
from typing import Any, Final

from e2e.cluster import ClusterError
from e2e.cluster.kind import KindCluster

Json = dict[str, Any]

NAMESPACE: Final = "livecost-system"
RELEASE: Final = "livecost"
WEB: Final = f"{RELEASE}-web"
SELECTOR: Final = f"--selector=app.kubernetes.io/instance={RELEASE},app.kubernetes.io/name=livecost"
_ASK: Final = "exec 3<>/dev/tcp/{host}/8080; printf 'GET {path} HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3"
_ANSWER_SECONDS: Final = 5


class OperatorPods:
    """The pods of the release's Deployment, of which one leads."""

    def __init__(self, cluster: KindCluster) -> None:
        self._cluster = cluster

    def all(self) -> list[Json]:
        """The pods that are not on their way out."""
        listed = json.loads(self._cluster.kubectl("get", "pods", f"--namespace={NAMESPACE}", SELECTOR, "-o=json"))
        return [pod for pod in listed["items"] if "deletionTimestamp" not in pod["metadata"]]

    def ready(self) -> list[str]:
        """The names of those that the kubelet holds for ready."""
        return [name_of(pod) for pod in self.all() if is_ready(pod)]

    def restarts(self) -> dict[str, int]:
        """How often each pod's container was started anew."""
        return {name_of(pod): pod["status"]["containerStatuses"][0]["restartCount"] for pod in self.all()}

    def leader(self) -> Json | None:
        """The pod that holds the Lease; None while no pod does."""
        lease = self._cluster.kubectl(
            "get", "lease", RELEASE, f"--namespace={NAMESPACE}", "-o=jsonpath={.spec.holderIdentity}"
        )
        return next((pod for pod in self.all() if lease.startswith(f"{name_of(pod)}-")), None)

    def has_new_leader(self, before: str) -> bool:
        """Whether a pod of another name leads."""
        leader = self.leader()
        return leader is not None and name_of(leader) != before

    def kill(self, pod: Json) -> None:
        """End a pod's process with SIGKILL, which leaves it no time to hand over."""
        container = pod["status"]["containerStatuses"][0]["containerID"].rpartition("/")[2]
        command = ("ctr", "--namespace=k8s.io", "task", "kill", "--signal=SIGKILL", container)
        self._cluster.execute(pod["spec"]["nodeName"], *command)

    def answer(self, pod: Json, path: str) -> tuple[int, str]:
        """Status and text of a pod's own HTTP answer, asked from a node without the API server; 0 where none comes."""
        ask = _ASK.format(host=pod["status"]["podIP"], path=path)
        try:
            text = self._cluster.execute(
                self._cluster.control_plane, "timeout", str(_ANSWER_SECONDS), "bash", "-c", ask
            )
        except ClusterError:
            return 0, ""
        # Reading text has made each line's end a plain one.
        head, _, body = text.partition("\n\n")
        return int(head.split()[1]), body.strip()

    def usage(self) -> list[tuple[str, int, float]]:
        """Name, memory (working set in bytes) and CPU (cores) of each pod, as its kubelet measures them."""
        found = []
        for pod in self.all():
            node = pod["spec"]["nodeName"]
            summary = json.loads(self._cluster.kubectl("get", "--raw", f"/api/v1/nodes/{node}/proxy/stats/summary"))
            row = next(row for row in summary["pods"] if row["podRef"]["name"] == name_of(pod))
            cores = row["cpu"]["usageNanoCores"] / 1e9
            found.append((name_of(pod), int(row["memory"]["workingSetBytes"]), cores))
        return found

    def logs(self) -> str:
        """The logs of all pods."""
        return self._cluster.kubectl("logs", f"--namespace={NAMESPACE}", SELECTOR, "--tail=-1", "--prefix")

    def log_tail(self) -> str:
        """The ends of their logs."""
        options = ("--tail=10", "--prefix", "--request-timeout=5s")
        try:
            tail = self._cluster.kubectl("logs", f"--namespace={NAMESPACE}", SELECTOR, *options)
        except ClusterError as error:
            return f"the pods' logs cannot be had: {error}"
        return f"the ends of the pods' logs:\n{tail}"


def name_of(body: Json) -> str:
    """An object's name."""
    name: str = body["metadata"]["name"]
    return name


def is_ready(pod: Json) -> bool:
    """Whether a pod's condition Ready is True."""
    conditions = pod["status"].get("conditions", [])
    return any(row["type"] == "Ready" and row["status"] == "True" for row in conditions)

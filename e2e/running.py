"""livecost running in a cluster, as the tests of the main path see and change it."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from e2e.cluster import Cluster, ClusterError
from e2e.installation import (
    Logging,
    apply_customers,
    apply_fleet,
    condition,
    create_pools,
    customer,
    install,
    replicas,
    start_quick_operator,
    wait_for_telemetry,
    wait_until,
)
from e2e.operator_process import OperatorProcess
from e2e.operator_rights import IDENTITY

Json = dict[str, Any]
Spec = dict[str, object]

WINDOW_SECONDS = 60
POOLS = ("livekit", "sim")


@dataclass
class Livecost:
    """livecost in a cluster, however it is run.

    Attributes:
        cluster: the cluster that it works in.
        operator: whose log explains a failure.
        identity: its user's name in the audit log.
    """

    cluster: Cluster
    operator: Logging
    identity: str

    def add(self, name: str, spec: Spec, pools: Collection[str] = POOLS) -> None:
        """Create a customer of 1,000 users with NodePools of its own, and wait until its nodes are ready.

        Args:
            name: the customer's name.
            spec: further fields of its spec, beside users and targets.
            pools: the pools that get a NodePool.
        """
        create_pools(self.cluster, [name], pools)
        self.apply(name, spec, {pool: f"{name}-{pool}" for pool in pools})
        self.until(f"{name} is ready", lambda: self.condition(name, "Ready").get("status") == "True")

    def apply(self, name: str, spec: Spec, targets: Mapping[str, str]) -> None:
        """Create a customer whose pools name the given NodePools."""
        references = {
            pool: {"targetRef": {"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "name": target}}
            for pool, target in targets.items()
        }
        manifest = {
            "apiVersion": "livecost.dev/v1alpha1",
            "kind": "CustomerCluster",
            "metadata": {"name": name, "namespace": "default"},
            "spec": {"users": 1000, "pools": references, **spec},
        }
        self.cluster.apply(yaml.safe_dump(manifest))

    def edit(self, name: str, spec: Spec, kind: str = "customercluster") -> None:
        """Change fields of an object's spec."""
        self.cluster.kubectl("patch", kind, name, "--type=merge", f"--patch={json.dumps({'spec': spec})}")

    def annotate(self, name: str, annotation: str) -> None:
        """Set an annotation of a customer (`key=value`), or take it away (`key-`)."""
        self.cluster.kubectl("annotate", "customercluster", name, annotation)

    def scale(self, pool: str, count: int) -> None:
        """Set a NodePool as somebody else would."""
        self.cluster.kubectl("scale", "nodepool", pool, f"--replicas={count}")

    def replicas(self, pool: str) -> int:
        """The size that a NodePool is set to."""
        return replicas(self.cluster, pool)

    def status(self, name: str) -> Json:
        """A customer's status."""
        status: Json = customer(self.cluster, name).get("status", {})
        return status

    def condition(self, name: str, kind: str) -> Json:
        """A customer's condition."""
        return condition(customer(self.cluster, name), kind)

    def until_condition(self, name: str, kind: str, status: str, reason: str, seconds: float = 45) -> Json:
        """Wait until a customer's condition has a status and a reason; returns it."""

        def holds() -> bool:
            row = self.condition(name, kind)
            return (row.get("status"), row.get("reason")) == (status, reason)

        self.until(f"{kind} of {name} is {status} with reason {reason}", holds, seconds)
        return self.condition(name, kind)

    def until_replicas(self, pool: str, count: int) -> None:
        """Wait until a NodePool is set to a size."""
        self.until(f"NodePool {pool} is set to {count}", lambda: self.replicas(pool) == count)

    def until(self, what: str, holds: Callable[[], bool], seconds: float = 45) -> None:
        """Wait until something holds; the limit only ends a failing test."""
        wait_until(holds, what, seconds, self.operator)

    def own_requests(self) -> list[Json]:
        """The operator's requests so far, from the audit log; none of them is about a Lease.

        Raises:
            ClusterError: the cluster keeps no audit log.
        """
        return [
            event
            for event in self.cluster.audit_events()
            if event["user"].get("username") == self.identity and event.get("objectRef", {}).get("resource") != "leases"
        ]

    def own_writes(self) -> list[tuple[str, str, str]]:
        """Verb, resource and name of the operator's writes so far, Leases apart.

        Raises:
            ClusterError: the cluster keeps no audit log.
        """
        return [
            (event["verb"], event["objectRef"]["resource"], event["objectRef"].get("name", ""))
            for event in self.own_requests()
            if event["verb"] not in ("get", "list", "watch")
        ]

    def keeps_audit_log(self) -> bool:
        """Whether requests can be counted here."""
        try:
            next(iter(self.cluster.audit_events()), None)
        except ClusterError:
            return False
        return True


@dataclass
class Running(Livecost):
    """livecost as a process beside a cluster; `operator` is the replica that works in it at the moment."""

    operator: OperatorProcess
    kubeconfig: Path

    @classmethod
    def start(cls, cluster: Cluster) -> "Running":
        """Install livecost in a started cluster, run the operator, and give it the demo's customers."""
        kubeconfig = install(cluster)
        create_pools(cluster)
        running = cls(cluster, _replica(cluster, kubeconfig), IDENTITY, kubeconfig)
        wait_for_telemetry(cluster)
        apply_customers(cluster)
        apply_fleet(cluster)
        return running

    def start_replica(self) -> OperatorProcess:
        """Start another replica, which is not `operator` yet."""
        return _replica(self.cluster, self.kubeconfig)


def _replica(cluster: Cluster, kubeconfig: Path) -> OperatorProcess:
    return start_quick_operator(cluster, kubeconfig, f"--observation-window-seconds={WINDOW_SECONDS}")

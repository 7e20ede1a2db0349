"""What the tests do with an API server and an operator: write customers, read conditions, count writes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from e2e.cluster import Cluster
from tests.integration.api_client import ApiClient, eventually

Json = dict[str, Any]

NAMESPACE = "customers"
CUSTOMERS = f"/apis/livecost.dev/v1alpha1/namespaces/{NAMESPACE}/customerclusters"
PROFILES = "/apis/livecost.dev/v1alpha1/costprofiles"
_WRITES = {"create", "update", "patch", "delete", "deletecollection"}

# Peak users that take so many LiveKit nodes: a node of 200 participants holds 33 rooms of 4 users and 2 agents.
ONE_NODE, TWO_NODES, THREE_NODES, FIVE_NODES = 132, 264, 396, 660


@dataclass(frozen=True)
class World:
    """An API server with the tests' objects."""

    cluster: Cluster
    api: ApiClient

    def customer(self, name: str, livekit: Json | None = None, *, namespace: str = NAMESPACE, **spec: Any) -> Json:
        """Create a customer whose peak takes three LiveKit nodes, unless the spec says otherwise."""
        pools: Json = {"livekit": {"targetRef": livekit}} if livekit else {}
        body = {
            "apiVersion": "livecost.dev/v1alpha1",
            "kind": "CustomerCluster",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {"users": 1000, "concurrency": THREE_NODES, "pools": pools, **spec},
        }
        return self.api.create(CUSTOMERS.replace(NAMESPACE, namespace), body)

    def machine_deployment(self, name: str, replicas: int = 1, *, namespace: str = NAMESPACE) -> Json:
        """Create a MachineDeployment; the reference to it."""
        body = {
            "apiVersion": "cluster.x-k8s.io/v1beta2",
            "kind": "MachineDeployment",
            "metadata": {"name": name},
            "spec": {"clusterName": "c", "replicas": replicas},
        }
        self.api.create(machine_deployments(namespace), body)
        return {"apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "MachineDeployment", "name": name}

    def replicas(self, name: str) -> int | None:
        """What a MachineDeployment is set to."""
        count: int | None = self.api.get(f"{machine_deployments()}/{name}")["spec"].get("replicas")
        return count

    def status(self, name: str) -> Json:
        """A customer's status; empty until the operator worked on the customer's present spec."""
        body = self.api.get(f"{CUSTOMERS}/{name}")
        status: Json = body.get("status") or {}
        return status if status.get("observedGeneration") == body["metadata"]["generation"] else {}

    def condition(self, name: str, kind: str) -> Json:
        """A condition of a customer; empty until the operator worked on the customer's present spec."""
        rows: list[Json] = self.status(name).get("conditions") or []
        return next((row for row in rows if row["type"] == kind), {})

    def condition_comes(self, name: str, kind: str, reason: str) -> Json:
        """Wait for a condition's reason; the condition."""
        came = eventually(lambda: self.condition(name, kind).get("reason") == reason)
        condition = self.condition(name, kind)
        assert came, f"{name}: {kind} stays at {condition}, expected reason {reason}\n{self._log_tails()}"
        return condition

    def applied(self, name: str) -> None:
        """Wait until the targets of a customer are as planned."""
        assert self.condition_comes(name, "TargetsApplied", "AsPlanned")["status"] == "True"

    def _log_tails(self) -> str:
        files = sorted((self.cluster.workdir / "logs").glob("livecost-operator-*.log"))
        return "\n".join(file.read_text(errors="replace")[-3000:] for file in files)

    @staticmethod
    def eventually(holds: Callable[[], Any]) -> bool:
        """Whether a condition comes to hold."""
        return eventually(holds)

    def writes(self, user: str, name: str | None = None) -> list[str]:
        """The writes of a user so far, as `verb resource/name[/subresource]`, of one object or of all but events."""
        found = []
        for event in self.cluster.audit_events():
            ref = event.get("objectRef") or {}
            if event["user"]["username"] != user or event["verb"] not in _WRITES or ref.get("resource") == "events":
                continue
            if name is None or ref.get("name") == name:
                tail = f"/{ref['subresource']}" if ref.get("subresource") else ""
                found.append(f"{event['verb']} {ref['resource']}/{ref.get('name', '')}{tail}")
        return found

    def events(self, name: str) -> list[tuple[str, str]]:
        """Type and reason of the Events about a customer."""
        rows = self.api.get(f"/api/v1/namespaces/{NAMESPACE}/events")["items"]
        return [(row["type"], row["reason"]) for row in rows if row["involvedObject"]["name"] == name]


NewWorld = Callable[[], AbstractContextManager[World]]
"""Starts an API server of its own, in which nothing of livecost is yet."""


def machine_deployments(namespace: str = NAMESPACE) -> str:
    """Path of the MachineDeployments of a namespace."""
    return f"/apis/cluster.x-k8s.io/v1beta2/namespaces/{namespace}/machinedeployments"

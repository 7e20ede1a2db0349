"""The LiveKit pool shrinks when its rooms have gone, and not while nobody can tell. The tests run in order."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from e2e.cluster import Cluster, create_cluster
from e2e.cluster.pytest_progress import uncaptured
from e2e.installation import condition, customer, install, start_quick_operator, wait_until
from e2e.live_rooms_exporter import LiveKitExporter
from e2e.operator_rights import IDENTITY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from e2e.operator_process import OperatorProcess

Json = dict[str, Any]

# 600 users in 150 rooms of six take five nodes, 100 users one; the 100 rooms that are on take four.
LARGE, SMALL = 600, 100
ROOMS, PARTICIPANTS = 100, 600
MAX_AGE_SECONDS = 10

_TARGET = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: media, namespace: default}
spec:
  replicas: 5
  selector: {matchLabels: {app: media}}
  template: {metadata: {labels: {app: media}}, spec: {containers: [{name: media, image: none}]}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: deployments}
rules:
- {apiGroups: [apps], resources: [deployments], verbs: [list, watch]}
- {apiGroups: [apps], resources: [deployments/scale], verbs: [get, patch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: deployments}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: deployments}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: %s}]
"""


@dataclass
class Stage:
    """A customer `live` of five nodes, and the LiveKit processes on it."""

    cluster: Cluster
    operator: OperatorProcess
    livekit: LiveKitExporter
    other: LiveKitExporter

    def edit(self, **spec: Any) -> None:
        """Change fields of the customer's spec."""
        patch = json.dumps({"spec": spec})
        self.cluster.kubectl("patch", "customercluster", "live", "--type=merge", f"--patch={patch}")

    def telemetry(self) -> Json:
        """What the status says of the load; empty while it says nothing."""
        found: Json = customer(self.cluster, "live").get("status", {}).get("telemetry", {})
        return found

    def until(self, what: str, holds: Callable[[], bool]) -> None:
        """Wait for something to hold; the limit only ends a failing test."""
        wait_until(holds, what, 45, self.operator)

    def stands(self, nodes: int, reason: str) -> str:
        """Wait until the pool has so many nodes for a reason; the message."""

        def holds() -> bool:
            body = customer(self.cluster, "live")
            pool = body.get("status", {}).get("pools", {}).get("livekit", {})
            return (pool.get("current"), condition(body, "TargetsApplied").get("reason")) == (nodes, reason)

        self.until(f"the pool has {nodes} nodes: {reason}", holds)
        replicas = self.cluster.kubectl("get", "deployment", "media", "--output=jsonpath={.spec.replicas}")
        assert int(replicas) == nodes
        return str(condition(customer(self.cluster, "live"), "TargetsApplied")["message"])


@pytest.fixture(scope="module")
def stage(pytestconfig: pytest.Config) -> Iterator[Stage]:
    """One API server with Prometheus, one operator, two LiveKit processes."""
    livekit, other = LiveKitExporter("ND_one", ROOMS, PARTICIPANTS), LiveKitExporter("ND_two", 0, 0)
    with create_cluster({"metrics"}, scrape_seconds=1, progress=uncaptured(pytestconfig)) as cluster:
        kubeconfig = install(cluster)
        cluster.apply(_TARGET % IDENTITY)
        cluster.add_scrape_target("livekit", livekit.address)
        windows = ("--observation-window-seconds=60", "--telemetry-window-seconds=60")
        ages = (f"--live-telemetry-max-age-seconds={MAX_AGE_SECONDS}", "--telemetry-interval-seconds=5")
        operator = start_quick_operator(cluster, kubeconfig, *windows, *ages)
        target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "media"}
        spec = {
            "users": 1000,
            "concurrency": LARGE,
            "pools": {"livekit": {"targetRef": target}},
            "scaling": {"scaleDown": {"stabilizationSeconds": 0, "maxNodesPerStep": 50}},
        }
        body = {"apiVersion": "livecost.dev/v1alpha1", "kind": "CustomerCluster", "metadata": {"name": "live"}}
        cluster.apply(yaml.safe_dump({**body, "spec": spec}))
        yield Stage(cluster, operator, livekit, other)
    livekit.stop()
    other.stop()


def test_what_is_on_is_told(stage: Stage) -> None:
    """Rooms and participants as LiveKit exports them."""
    stage.until("the load is told", lambda: stage.telemetry().get("live", {}).get("rooms") == ROOMS)
    live = stage.telemetry()["live"]

    assert (live["participants"], live["reportingNodes"], live["silentNodes"]) == (PARTICIPANTS, 1, 0)


def test_the_load_stands_beside_the_assumptions(stage: Stage) -> None:
    """600 participants in rooms of six, two of them agents, are 400 users; 600 are assumed."""

    def figures() -> Json:
        return {row["assumption"]: row for row in stage.telemetry().get("figures", ())}

    stage.until("the load is measured", lambda: figures().get("demand.concurrency", {}).get("observed") == "400")
    assert figures()["demand.concurrency"]["assumed"] == "600"
    assert figures()["demand.usersPerSession"]["observed"] == "4"
    assert "observed" not in figures()["network.mediaMbps"]


def test_a_pool_with_live_rooms_shrinks_only_as_far_as_they_allow(stage: Stage) -> None:
    """The plan falls to one node; the rooms that are on need four of the five."""
    stage.edit(concurrency=SMALL)
    message = stage.stands(4, "LiveRoomsHold")

    assert "the 600 participants in 100 rooms now on it need 4 nodes" in message


def test_a_livekit_process_that_falls_silent_holds_the_pool(stage: Stage) -> None:
    """Its rooms are missing from all sums, yet they may be on."""
    stage.cluster.add_scrape_target("livekit", stage.other.address)
    stage.until("both report", lambda: stage.telemetry()["live"]["reportingNodes"] == 2)
    stage.other.stop()
    assert "1 LiveKit nodes" in stage.stands(4, "TelemetryLost")
    stage.other = LiveKitExporter("ND_two", 0, 0, stage.other.port)
    stage.stands(4, "LiveRoomsHold")


def test_a_pool_shrinks_when_its_rooms_have_gone(stage: Stage) -> None:
    """20 rooms fit on the one node that is planned."""
    stage.livekit.rooms, stage.livekit.participants = 20, 120
    stage.stands(1, "AsPlanned")


def test_without_prometheus_a_pool_stays_until_told_otherwise(stage: Stage) -> None:
    """The rooms are gone, but nobody knows: the pool holds after the last samples are too old."""
    stage.edit(concurrency=LARGE)
    stage.stands(5, "AsPlanned")
    stage.livekit.rooms, stage.livekit.participants = ROOMS, PARTICIPANTS
    stage.until("the rooms are told", lambda: stage.telemetry()["live"]["rooms"] == ROOMS)
    stage.edit(concurrency=SMALL)
    stage.stands(4, "LiveRoomsHold")

    stage.cluster.processes.stop("prometheus")
    stage.livekit.rooms, stage.livekit.participants = 0, 0
    stage.stands(4, "TelemetryLost")

    stage.edit(scaling={"scaleDown": {"withoutTelemetry": "Shrink"}})
    stage.stands(1, "AsPlanned")

"""Cluster API's own controllers make Machines of what livecost sets, and its status tells what became of it.

The controllers, their webhooks and the conversion between API versions are real; the machines and their nodes are held
in memory by Cluster API's provider for tests.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from e2e.cluster.pytest_progress import uncaptured
from e2e.kind.cluster_api import create_workload_cluster, install_cluster_api
from e2e.kind.in_kind import InKind
from e2e.running import Spec

Json = dict[str, Any]

NAME = "lakeside"
GROUP = "cluster.x-k8s.io"
MINIMUM = f"{GROUP}/cluster-api-autoscaler-node-group-min-size"
WINDOW_SECONDS = 5
# Cluster API tries again after half a minute where a new cluster did not answer at first.
PROVISIONING_SECONDS = 120
# At the defaults a LiveKit node carries 33 rooms of six and a sim node 50 sessions of four users.
SMALL: Spec = {"concurrency": 100}
LARGE: Spec = {"concurrency": 300}


@pytest.fixture(scope="module")
def lakeside(running: InKind, pytestconfig: pytest.Config) -> Iterator[InKind]:
    """A customer whose pools are MachineDeployments: one named in each API version that is served.

    It leaves again, since the tests of the demo's customers count them all.
    """
    install_cluster_api(running.cluster, uncaptured(pytestconfig))
    create_workload_cluster(running.cluster, NAME)
    pools = {"livekit": "v1beta2", "sim": "v1beta1"}
    spec: Spec = {
        **SMALL,
        "users": 1000,
        "pools": {
            pool: {"targetRef": {"apiVersion": f"{GROUP}/{version}", "kind": "MachineDeployment", "name": _name(pool)}}
            for pool, version in pools.items()
        },
        "scaling": {"scaleDown": {"stabilizationSeconds": WINDOW_SECONDS}},
    }
    metadata = {"name": NAME, "namespace": "default"}
    manifest = {"apiVersion": "livecost.dev/v1alpha1", "kind": "CustomerCluster", "metadata": metadata, "spec": spec}
    running.cluster.apply(yaml.safe_dump(manifest))
    running.until(
        "the first Machines are ready",
        lambda: _counts(running) == {"livekit": (1, 1), "sim": (1, 1)},
        PROVISIONING_SECONDS,
    )
    yield running
    running.cluster.kubectl("delete", "customercluster", NAME)


def test_more_users_make_more_machines(lakeside: InKind) -> None:
    """Three Machines run, each with its own node, and the customer's status counts as many."""
    lakeside.edit(NAME, LARGE)
    lakeside.until("three Machines run", lambda: len(_nodes(lakeside, "livekit")) == 3)
    assert len(set(_nodes(lakeside, "livekit"))) == 3
    lakeside.until("the status counts three", lambda: _counts(lakeside)["livekit"] == (3, 3))
    deployment = _deployment(lakeside, "livekit")
    assert deployment["spec"]["replicas"] == deployment["status"]["readyReplicas"] == 3


def test_an_autoscaled_pool_gets_another_minimum_and_keeps_its_count(lakeside: InKind) -> None:
    """livecost raises the bound and not the replicas; Machines come once the count is handed to the bounds."""
    lakeside.edit(NAME, LARGE)
    lakeside.until("the minimum is two", lambda: _minimum(lakeside) == "2")
    assert _deployment(lakeside, "sim")["spec"]["replicas"] == 1
    assert len(_nodes(lakeside, "sim")) == 1
    lakeside.until("the status counts one of two", lambda: _counts(lakeside)["sim"] == (2, 1))
    _hand_over(lakeside)
    lakeside.until("two Machines run", lambda: len(_nodes(lakeside, "sim")) == 2)
    lakeside.until("the status counts two", lambda: _counts(lakeside)["sim"] == (2, 2))


def test_machines_that_do_not_come_are_not_counted_as_ready(lakeside: InKind) -> None:
    """While Cluster API is paused the status says one of three; once it works again, three of three."""
    lakeside.edit(NAME, SMALL)
    lakeside.until("one Machine is left, and counted", lambda: _counts(lakeside)["livekit"] == (1, 1))
    _pause(lakeside, paused=True)
    try:
        lakeside.edit(NAME, LARGE)
        lakeside.until("the status counts one of three", lambda: _counts(lakeside)["livekit"] == (3, 1))
        assert lakeside.condition(NAME, "Ready")["status"] != "True"
        assert len(_machines(lakeside, "livekit")) == 1
    finally:
        _pause(lakeside, paused=False)
    lakeside.until("the status counts three", lambda: _counts(lakeside)["livekit"] == (3, 3))


def test_a_lost_machine_is_not_counted_until_it_is_replaced(lakeside: InKind) -> None:
    """The MachineSet makes another, and livecost, which wrote nothing, counts three again."""
    lakeside.edit(NAME, LARGE)
    lakeside.until("three Machines are ready", lambda: _counts(lakeside)["livekit"] == (3, 3))
    generation = _deployment(lakeside, "livekit")["metadata"]["generation"]
    lost = _machines(lakeside, "livekit")[0]["metadata"]["name"]
    lakeside.cluster.kubectl("delete", "machine", lost, "--timeout=60s")
    lakeside.until("three other Machines run", lambda: len(_nodes(lakeside, "livekit")) == 3)
    lakeside.until("the status counts three", lambda: _counts(lakeside)["livekit"] == (3, 3))
    assert lost not in [machine["metadata"]["name"] for machine in _machines(lakeside, "livekit")]
    assert _deployment(lakeside, "livekit")["metadata"]["generation"] == generation


def test_fewer_users_take_machines_away_one_by_one(lakeside: InKind) -> None:
    """Two steps bring three Machines to one, whose node was there before; the others' nodes are gone."""
    lakeside.edit(NAME, LARGE)
    lakeside.until("three Machines are ready", lambda: _counts(lakeside)["livekit"] == (3, 3))
    before = _nodes(lakeside, "livekit")
    generation = _deployment(lakeside, "livekit")["metadata"]["generation"]
    lakeside.edit(NAME, SMALL)
    lakeside.until("one Machine is left", lambda: len(_machines(lakeside, "livekit")) == 1)
    lakeside.until("the status counts one", lambda: _counts(lakeside)["livekit"] == (1, 1))
    assert set(_nodes(lakeside, "livekit")) < set(before)
    # A generation is a change of the spec.
    assert _deployment(lakeside, "livekit")["metadata"]["generation"] == generation + 2
    lakeside.until("the autoscaler's minimum is one again", lambda: _minimum(lakeside) == "1")


def _name(pool: str) -> str:
    return f"{NAME}-{pool}"


def _deployment(running: InKind, pool: str) -> Json:
    shown = running.cluster.kubectl("get", "machinedeployment", _name(pool), "--output=json")
    body: Json = json.loads(shown)
    return body


def _minimum(running: InKind) -> str:
    minimum: str = _deployment(running, "sim")["metadata"]["annotations"][MINIMUM]
    return minimum


def _machines(running: InKind, pool: str) -> list[Json]:
    return running.objects("machines", f"--selector={GROUP}/deployment-name={_name(pool)}")


def _nodes(running: InKind, pool: str) -> list[str]:
    """The node of each running Machine."""
    statuses = [machine.get("status", {}) for machine in _machines(running, pool)]
    return [status["nodeRef"]["name"] for status in statuses if status.get("phase") == "Running"]


def _counts(running: InKind) -> dict[str, tuple[int | None, int | None]]:
    """Each pool's desired and ready count in the customer's status."""
    pools = running.status(NAME).get("pools", {})
    return {pool: (row.get("desired"), row.get("ready")) for pool, row in pools.items()}


def _hand_over(running: InKind) -> None:
    """Leave the count to the bounds, as Cluster API documents it for autoscalers: its webhook moves it into them."""
    running.edit(_name("sim"), {"replicas": None}, kind="machinedeployment")


def _pause(running: InKind, *, paused: bool) -> None:
    running.edit(NAME, {"paused": paused}, kind="clusters.cluster.x-k8s.io")

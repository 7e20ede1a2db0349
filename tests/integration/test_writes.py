"""What the operator writes and reads, by the API server's audit log, and what an outage makes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.operator_process import OperatorProcess
from livecost.rbac import cluster_role
from tests.integration.api_client import ApiRefused
from tests.integration.conftest import grant
from tests.integration.world import CUSTOMERS, ONE_NODE, TWO_NODES, World, machine_deployments

Json = dict[str, Any]

USER = "livecost-writes"
_AT_ONCE = {"scaleDown": {"stabilizationSeconds": 0}}


@pytest.fixture(scope="module")
def start(other_world: World) -> Iterator[Callable[[], OperatorProcess]]:
    """Starts the operator of this server, after the one before ended."""
    grant(other_world.api, USER, cluster_role([("cluster.x-k8s.io", "MachineDeployment")])["rules"])
    kubeconfig = other_world.cluster.kubeconfig_for(USER)
    started: list[OperatorProcess] = []

    def start() -> OperatorProcess:
        for process in started:
            process.stop()
        started.append(OperatorProcess(other_world.cluster, kubeconfig, "--no-leader-elect").start())
        return started[-1]

    yield start
    for process in started:
        process.stop()


@pytest.fixture
def pools(other_world: World, start: Callable[[], OperatorProcess]) -> tuple[str, str]:
    """The two pools of a customer `counted` that stands as planned."""
    if not other_world.api.exists(f"{CUSTOMERS}/counted"):
        start()
        livekit, sim = (other_world.machine_deployment(f"counted-{pool}") for pool in ("livekit", "sim"))
        pools = {"livekit": {"targetRef": livekit}, "sim": {"targetRef": sim}}
        other_world.customer("counted", pools=pools, scaling=_AT_ONCE)
    other_world.applied("counted")
    return "counted-livekit", "counted-sim"


def _barrier(world: World, name: str) -> None:
    """Let another customer be served from beginning to end: whatever came before it has been worked on by then."""
    world.customer(name, world.machine_deployment(name))
    world.applied(name)


def test_an_edit_writes_each_target_once_and_the_status_once(other_world: World, pools: tuple[str, str]) -> None:
    """Three writes for an edit that changes two pools: two targets, one status."""
    _barrier(other_world, "barrier-before")
    before = len(other_world.writes(USER))
    other_world.api.patch(f"{CUSTOMERS}/counted", {"spec": {"concurrency": 660}})
    other_world.applied("counted")
    assert (other_world.replicas(pools[0]), other_world.replicas(pools[1])) == (5, 4)
    _barrier(other_world, "barrier-after")
    writes = [write for write in other_world.writes(USER)[before:] if "barrier" not in write]
    assert sorted(writes) == [
        "patch customerclusters/counted/status",
        "patch machinedeployments/counted-livekit/scale",
        "patch machinedeployments/counted-sim/scale",
    ]


def test_nothing_is_written_when_nothing_changed(other_world: World, pools: tuple[str, str]) -> None:
    """A label on the customer and one on its pool bring two events, and no write."""
    before = len(other_world.writes(USER))
    other_world.api.patch(f"{CUSTOMERS}/counted", {"metadata": {"labels": {"seen": "true"}}})
    other_world.api.patch(f"{machine_deployments()}/{pools[0]}", {"metadata": {"labels": {"seen": "true"}}})
    _barrier(other_world, "barrier-rest")
    assert [write for write in other_world.writes(USER)[before:] if "barrier" not in write] == []


def test_targets_are_listed_once_and_never_read_one_by_one(other_world: World, pools: tuple[str, str]) -> None:
    """One list and one watch serve all customers of a kind, however many there are."""
    reads = [
        (event["verb"], event["objectRef"].get("name"))
        for event in other_world.cluster.audit_events()
        if event["user"]["username"] == USER
        and event.get("objectRef", {}).get("resource") == "machinedeployments"
        and event["verb"] in {"get", "list"}
    ]
    assert reads == [("list", None)]


def test_objects_carry_no_finalizer_and_no_annotation_of_the_operators(
    other_world: World, pools: tuple[str, str]
) -> None:
    """A customer's object is the user's: the operator writes its status alone."""
    metadata = other_world.api.get(f"{CUSTOMERS}/counted")["metadata"]
    assert "finalizers" not in metadata
    assert "annotations" not in metadata
    by_operator = [entry for entry in metadata["managedFields"] if entry["manager"] == "livecost"]
    assert [entry["subresource"] for entry in by_operator] == ["status"]
    assert "annotations" not in other_world.api.get(f"{machine_deployments()}/{pools[0]}")["metadata"]


def test_a_restart_writes_nothing_when_nothing_changed(
    other_world: World, pools: tuple[str, str], start: Callable[[], OperatorProcess]
) -> None:
    """The status is all the memory there is, and it is enough."""
    before = len(other_world.writes(USER))
    start()
    _barrier(other_world, "barrier-restart")
    assert [write for write in other_world.writes(USER)[before:] if "barrier-restart" not in write] == []


def test_what_happened_while_the_operator_was_down_is_caught_up_with(
    other_world: World, pools: tuple[str, str], start: Callable[[], OperatorProcess]
) -> None:
    """A deletion returns at once without the operator; an edit is carried out when it is back."""
    running = start()
    other_world.customer("deleted", other_world.machine_deployment("deleted"))
    other_world.applied("deleted")
    running.stop()
    other_world.api.delete(f"{CUSTOMERS}/deleted")
    assert not other_world.api.exists(f"{CUSTOMERS}/deleted")
    other_world.api.patch(f"{CUSTOMERS}/counted", {"spec": {"concurrency": ONE_NODE}})
    start()
    other_world.applied("counted")
    assert other_world.replicas(pools[0]) == 1
    assert other_world.replicas("deleted") == 3


def test_an_outage_loses_nothing(
    other_world: World, pools: tuple[str, str], start: Callable[[], OperatorProcess]
) -> None:
    """A step down that falls due while the API server is away is taken after it, by the same process."""
    processes = other_world.cluster.processes
    program, name = "kube-apiserver", "outage"
    if program not in processes.pids:
        pytest.skip(f"{program} is no process of this provider's")
    running = start()
    scaling = {"scaleDown": {"stabilizationSeconds": 3, "maxNodesPerStep": 2}}
    other_world.customer(name, other_world.machine_deployment(name), scaling=scaling)
    other_world.applied(name)
    other_world.api.patch(f"{CUSTOMERS}/{name}", {"spec": {"concurrency": ONE_NODE}})
    other_world.condition_comes(name, "TargetsApplied", "ScaleDownPending")
    arguments = Path(f"/proc/{processes.pids[program]}/cmdline").read_text().split("\0")[:-1]
    processes.stop(program)

    def has_tried() -> bool:
        return any(
            record.get("event") == "target not written" and f"/{name}" in record.get("customer", "")
            for record in running.log_records()
        )

    assert other_world.eventually(has_tried), running.log_tail()
    processes.start(program, arguments)
    assert other_world.eventually(lambda: _answers(other_world))
    other_world.applied(name)
    assert other_world.replicas(name) == 1
    other_world.api.patch(f"{CUSTOMERS}/{name}", {"spec": {"concurrency": TWO_NODES}})
    assert other_world.eventually(lambda: other_world.replicas(name) == 2)
    assert running.name in processes.pids
    assert not [record for record in running.log_records() if record.get("event") == "decision failed"]


def _answers(world: World) -> bool:
    try:
        world.api.get(CUSTOMERS)
    except (ApiRefused, OSError):
        return False
    return True

"""The operator, its leader or Prometheus goes away, and nothing is lost. The last of three files that run in order."""

import os
import signal
import time
from datetime import UTC, datetime

import pytest

from e2e.cluster.processes import answers
from e2e.installation import customer, is_settled
from e2e.running import Running, Spec

# One node and three of the LiveKit pool, one and two of the sim pool.
SMALL: Spec = {"concurrency": 100}
LARGE: Spec = {"concurrency": 300}
# From the death of the leader to the work of its successor.
TAKEOVER_SECONDS = 15
# Within which a lost API server has to show.
NOTICE_SECONDS = 30


def test_a_killed_operator_keeps_the_scale_down_window(running: Running) -> None:
    """A restart neither forgets the window nor begins it anew."""
    running.add("restarted", LARGE | {"scaling": {"scaleDown": {"stabilizationSeconds": 20}}}, ["livekit"])
    running.edit("restarted", SMALL)
    running.until_condition("restarted", "TargetsApplied", "True", "ScaleDownPending")
    waiting = running.status("restarted")["pools"]["livekit"]["scaleDown"]
    running.operator.kill()
    running.operator = running.start_replica()
    running.until("the new process leads", running.operator.is_leader)
    assert running.replicas("restarted-livekit") == 3
    assert running.status("restarted")["pools"]["livekit"]["scaleDown"] == waiting
    running.until_replicas("restarted-livekit", 2)
    assert datetime.now(UTC) >= datetime.fromisoformat(waiting["notBefore"])


def test_a_customer_can_be_deleted_while_the_operator_is_down(running: Running) -> None:
    """`kubectl delete` does not wait for the operator, and the pools stay as they are."""
    running.add("leaving", LARGE)
    running.operator.stop()
    running.cluster.kubectl("delete", "customercluster", "leaving", "--wait=true", "--timeout=5s")
    assert "leaving" not in running.cluster.kubectl("get", "customerclusters", "--output=name")
    running.operator = running.start_replica()
    running.until("the new process leads", running.operator.is_leader)
    assert running.replicas("leaving-livekit") == 3
    assert running.replicas("leaving-sim") == 2


def test_a_deleted_customers_series_leave_the_metrics(running: Running) -> None:
    """The operator exports series for a customer as long as there is one."""
    running.add("measured", SMALL, ["livekit"])
    series = 'customer="measured"'
    assert series in running.operator.metrics()
    running.cluster.kubectl("delete", "customercluster", "measured")
    running.until("the series are gone", lambda: series not in running.operator.metrics())


def test_another_replica_takes_over_from_a_killed_leader(running: Running) -> None:
    """Of two replicas one leads; when it is killed the other one works within 15 seconds."""
    running.add("taken-over", SMALL, ["livekit"])
    leader, standby = running.operator, running.start_replica()
    assert (leader.is_leader(), standby.is_leader()) == (True, False)
    killed_at = time.monotonic()
    leader.kill()
    running.operator = standby
    running.edit("taken-over", LARGE)
    running.until_replicas("taken-over-livekit", 3)
    assert time.monotonic() - killed_at <= TAKEOVER_SECONDS
    assert standby.is_leader()


def test_a_hanging_api_server_shows_in_the_standbys_readiness(running: Running) -> None:
    """A standby stops being ready and says why, and leads once the API server answers again; the leader ends itself."""
    if "kube-apiserver" not in running.cluster.processes.pids:
        pytest.skip("this provider's API server is no process of this machine's: e2e/kind proves it there")
    running.add("cut-off", SMALL, ["livekit"])
    leader, standby = running.operator, running.start_replica()
    assert (leader.is_leader(), standby.is_leader()) == (True, False)
    server = running.cluster.processes.pids["kube-apiserver"]
    os.kill(server, signal.SIGSTOP)
    try:
        running.until("the standby is not ready", lambda: not standby.is_ready(), NOTICE_SECONDS)
    finally:
        os.kill(server, signal.SIGCONT)
    leader.stop()
    running.operator = standby
    running.until("the standby is ready", standby.is_ready)
    said = [record.get("waiting_for", "") for record in standby.log_records()]
    assert any("the API server does not answer" in text for text in said)
    running.edit("cut-off", LARGE)
    running.until_replicas("cut-off-livekit", 3)


def test_without_prometheus_the_cost_is_unknown_and_the_pools_stay(running: Running) -> None:
    """The last figure stays, marked as stale; pools are still sized and the operator stays ready."""
    running.until("st-marys is observed", lambda: is_settled(customer(running.cluster, "st-marys")))
    before = running.status("st-marys")["cost"]["observed"]
    running.cluster.processes.stop("prometheus")
    condition = running.until_condition("st-marys", "CostObserved", "Unknown", "PrometheusUnreachable")
    assert running.cluster.prometheus_url in condition["message"]
    status = running.status("st-marys")
    assert status["cost"]["observed"]["monthlyRunRate"] == before["monthlyRunRate"]
    assert status["summary"]["observed"] == "$1,036.60 (stale)"
    assert running.condition("st-marys", "Ready")["status"] == "True"
    for pool, count in {"st-marys-livekit": 1, "riverside-livekit": 2, "metro-general-livekit": 6}.items():
        assert running.replicas(pool) == count
    assert answers(f"{running.operator.url}/readyz")
    running.edit("st-marys", LARGE)
    running.until_replicas("st-marys-livekit", 3)


def test_the_operators_rights_sufficed(running: Running) -> None:
    """Over all these tests the API server refused the operator nothing for lack of rights."""
    if not running.keeps_audit_log():
        pytest.skip("this provider keeps no audit log: LIVECOST_CLUSTER=local does")
    requests = running.own_requests()
    assert requests
    refused = [event["requestURI"] for event in requests if event["responseStatus"]["code"] == 403]
    assert refused == []

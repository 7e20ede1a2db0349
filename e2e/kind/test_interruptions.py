"""A pod, a node, a right or the API server goes away, and nothing is lost but time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from e2e.cluster import ClusterError
from e2e.kind.in_kind import InKind
from e2e.kind.operator_pods import NAMESPACE, RELEASE, SELECTOR, name_of
from e2e.running import Spec

Json = dict[str, Any]

SMALL: Spec = {"concurrency": 100}
LARGE: Spec = {"concurrency": 300}
# From the death of the leader to the work of its successor, as docs/operator.md states it.
TAKEOVER_SECONDS = 15
# Within which trouble has to show.
NOTICE_SECONDS = 30
RECOVERY_SECONDS = 120


def test_a_killed_leaders_work_goes_on_in_the_other_pod(running: InKind) -> None:
    """The other replica takes the Lease over and sizes; the killed one comes back as a standby."""
    running.add("resumed", SMALL, ["livekit"])
    leader = _leader(running)
    before = running.operator.restarts()
    running.operator.kill(leader)
    running.edit("resumed", LARGE)
    running.until("the pool has grown", lambda: running.replicas("resumed-livekit") == 3, TAKEOVER_SECONDS)
    assert running.operator.has_new_leader(name_of(leader))
    running.until("two replicas are ready", running.is_whole, RECOVERY_SECONDS)
    killed = name_of(leader)
    assert running.operator.restarts() == {**before, killed: before[killed] + 1}


def test_a_drained_node_hands_the_lease_over(running: InKind) -> None:
    """`kubectl drain` of the leader's node leaves a replica that works, and a new one beside it."""
    running.add("drained", SMALL, ["livekit"])
    leader = _leader(running)
    node = leader["spec"]["nodeName"]
    try:
        running.cluster.kubectl(
            "drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=60s"
        )
        running.edit("drained", LARGE)
        running.until("the pool has grown", lambda: running.replicas("drained-livekit") == 3, TAKEOVER_SECONDS)
        running.until("two replicas are ready", running.is_whole, RECOVERY_SECONDS)
        assert node not in {pod["spec"]["nodeName"] for pod in running.operator.all()}
    finally:
        running.cluster.kubectl("uncordon", node)


def test_a_customer_can_be_deleted_while_no_operator_runs(running: InKind) -> None:
    """`kubectl delete` waits for nobody, and the pools stay as they are."""
    running.add("departing", LARGE)
    with _no_operator(running):
        running.cluster.kubectl("delete", "customercluster", "departing", "--wait=true", "--timeout=5s")
        assert "departing" not in running.cluster.kubectl("get", "customerclusters", "--output=name")
    assert running.replicas("departing-livekit") == 3
    assert running.replicas("departing-sim") == 2


def test_a_missing_right_on_a_target_is_told_everywhere(running: InKind) -> None:
    """Condition, Event and log say which right to grant; once it is granted the pool follows by itself."""
    running.add("forbidden", SMALL, ["livekit"])
    with running.rights_taken():
        # Karpenter's pools are still read, as by the release's role, but not set.
        running.release(targetKinds=[], rbac={"extraRules": [_READ_POOLS]})
        running.edit("forbidden", LARGE)
        condition = running.until_condition("forbidden", "TargetsApplied", "False", "TargetForbidden")
        running.until("an Event says so", lambda: bool(running.events("forbidden", "TargetForbidden")), NOTICE_SECONDS)
        assert "grant it patch on nodepools/scale in karpenter.sh" in condition["message"]
        assert "grant it patch on nodepools/scale" in running.events("forbidden", "TargetForbidden")[0]
        assert "nodepools/scale" in running.operator.logs()
        assert running.replicas("forbidden-livekit") == 1
    running.until("the pool has grown", lambda: running.replicas("forbidden-livekit") == 3, RECOVERY_SECONDS)
    running.until_condition("forbidden", "Ready", "True", "AsPlanned")


def test_missing_rights_on_its_own_kinds_show_in_readiness(running: InKind) -> None:
    """The leader stops being ready, and says there, in its log and in an Event what to grant."""
    leader = _leader(running)
    with running.rights_taken():
        running.cluster.kubectl("delete", "clusterrolebinding", f"{NAMESPACE}:{RELEASE}")
        remedy = "grant it list and watch"
        running.until(
            "/readyz says it",
            lambda: remedy in running.operator.answer(leader, "/readyz")[1],
            NOTICE_SECONDS,
        )
        assert remedy in running.operator.logs()
        running.until("an Event says it", lambda: remedy in " ".join(running.pod_events()), NOTICE_SECONDS)
    running.until("two replicas are ready", running.is_whole, RECOVERY_SECONDS)


def test_a_lost_api_server_shows_in_every_replicas_readiness(running: InKind) -> None:
    """Neither the leader nor the standby is ready while the API server hangs; both recover, and so do the pools."""
    running.add("cut-off", SMALL, ["livekit"])
    pods = running.operator.all()
    assert len(pods) == 2
    with _hanging_api_server(running):
        running.until(
            "no replica is ready",
            lambda: all(running.operator.answer(pod, "/readyz")[0] != 200 for pod in pods),
            NOTICE_SECONDS,
        )
        said = [text for _, text in (running.operator.answer(pod, "/readyz") for pod in pods)]
        assert any("the API server does not answer" in text for text in said)
    running.until("two replicas are ready", running.is_whole, RECOVERY_SECONDS)
    running.edit("cut-off", LARGE)
    running.until("the pool has grown", lambda: running.replicas("cut-off-livekit") == 3, RECOVERY_SECONDS)


_READ_POOLS = {"apiGroups": ["karpenter.sh"], "resources": ["nodepools"], "verbs": ["list", "watch"]}


def _leader(running: InKind) -> Json:
    running.until("two replicas are ready", running.is_whole, RECOVERY_SECONDS)
    leader = running.operator.leader()
    assert leader is not None
    return leader


@contextmanager
def _no_operator(running: InKind) -> Iterator[None]:
    deployment = (f"deployment/{RELEASE}", f"--namespace={NAMESPACE}")
    running.cluster.kubectl("scale", *deployment, "--replicas=0")
    running.cluster.kubectl(
        "wait",
        "pods",
        SELECTOR,
        f"--namespace={NAMESPACE}",
        "--for=delete",
        "--timeout=60s",
    )
    try:
        yield
    finally:
        running.cluster.kubectl("scale", *deployment, "--replicas=2")
        running.until("two replicas are ready", running.is_whole, RECOVERY_SECONDS)


@contextmanager
def _hanging_api_server(running: InKind) -> Iterator[None]:
    """Stops the API server's process without ending it: connections stay and nothing answers."""
    cluster = running.cluster
    cluster.execute(cluster.control_plane, "pkill", "-STOP", "-x", "kube-apiserver")
    try:
        yield
    finally:
        cluster.execute(cluster.control_plane, "pkill", "-CONT", "-x", "kube-apiserver")
        running.until("the API server answers", lambda: _answers(running), RECOVERY_SECONDS)


def _answers(running: InKind) -> bool:
    try:
        return running.cluster.kubectl("get", "--raw=/readyz", "--request-timeout=2s") == "ok"
    except ClusterError:
        return False

"""The local cluster does what the other tests rely on: RBAC, node pools that grow, metrics, nothing left behind."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from e2e.cluster import Cluster, ClusterError, create_cluster, static_node_pool
from e2e.cluster.local import LocalCluster
from e2e.cluster.pytest_progress import uncaptured

_BINDING = """
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: default}
rules: [{apiGroups: [""], resources: [configmaps], verbs: [list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader, namespace: default}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: somebody}]
"""


@pytest.fixture(scope="module")
def api_server(pytestconfig: pytest.Config) -> Iterator[LocalCluster]:
    """A local cluster without features: etcd and the API server."""
    with LocalCluster(progress=uncaptured(pytestconfig)) as cluster:
        yield cluster


def eventually(holds: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether a condition comes to hold; the limit only ends a failing test."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def test_an_identity_may_do_nothing_until_a_role_is_bound(api_server: LocalCluster) -> None:
    """RBAC is on: a new identity is forbidden, and allowed once a Role is bound to it."""
    kubeconfig = f"--kubeconfig={api_server.kubeconfig_for('somebody')}"
    with pytest.raises(ClusterError, match='User "somebody" cannot list resource "configmaps"'):
        api_server.kubectl("get", "configmaps", kubeconfig)
    api_server.apply(_BINDING)
    assert eventually(lambda: api_server.kubectl("auth", "can-i", "list", "configmaps", kubeconfig).strip() == "yes")
    assert api_server.kubectl("get", "configmaps", kubeconfig) == ""


def test_group_of_an_identity_counts_in_rbac(api_server: LocalCluster) -> None:
    """The groups given for an identity are those the API server sees."""
    kubeconfig = api_server.kubeconfig_for("a-person", ("system:masters",))
    assert "default" in api_server.kubectl("get", "namespaces", f"--kubeconfig={kubeconfig}")


def test_audit_events_name_user_verb_and_resource_of_a_write(api_server: LocalCluster) -> None:
    """A write can be counted by who made it and what it wrote."""
    api_server.kubectl("create", "configmap", "written-once")

    def writes() -> list[tuple[str, str]]:
        return [
            (event["user"]["username"], event["verb"])
            for event in api_server.audit_events()
            if event.get("objectRef", {}).get("resource") == "configmaps" and event["verb"] == "create"
        ]

    assert eventually(lambda: writes() == [("admin", "create")])


def test_a_refused_manifest_is_an_error_with_the_api_servers_reason(api_server: LocalCluster) -> None:
    """apply() raises what the API server said."""
    with pytest.raises(ClusterError, match="Invalid value"):
        api_server.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: Not_A_Name, namespace: default}}")


def test_prometheus_without_the_feature_is_refused_with_a_remedy(api_server: LocalCluster) -> None:
    """A forgotten feature is named in the error."""
    with pytest.raises(ClusterError, match='features=\\{"metrics"\\}'):
        _ = api_server.prometheus_url


def test_scaling_a_static_pool_gives_ready_nodes_that_prometheus_sees(full_cluster: Cluster) -> None:
    """``kubectl scale nodepool`` grows and shrinks real Node objects, which reach Prometheus with the pool's label."""
    selector = "--selector=karpenter.sh/nodepool=st-marys-livekit"
    condition = "jsonpath={.items[*].status.conditions[?(@.type=='Ready')].status}"

    def ready() -> int:
        return full_cluster.kubectl("get", "nodes", selector, f"--output={condition}").split().count("True")

    def observed() -> int:
        return query(full_cluster, 'kube_node_labels{label_karpenter_sh_nodepool="st-marys-livekit"}')

    full_cluster.apply(static_node_pool("st-marys-livekit", replicas=1))
    assert eventually(lambda: ready() == 1)
    full_cluster.kubectl("scale", "nodepool", "st-marys-livekit", "--replicas=3")
    assert eventually(lambda: ready() == 3)
    assert eventually(lambda: observed() == 3)
    full_cluster.kubectl("scale", "nodepool", "st-marys-livekit", "--replicas=1")
    assert eventually(lambda: ready() == 1)
    full_cluster.kubectl("delete", "nodepool", "st-marys-livekit")


def test_an_added_target_is_scraped_under_its_own_job_and_labels(full_cluster: Cluster) -> None:
    """Prometheus scrapes what a test serves, under the names the test chose."""
    own_address = urllib.parse.urlparse(full_cluster.prometheus_url).netloc
    full_cluster.add_scrape_target("itself", own_address, {"customer": "st-marys"})
    assert eventually(lambda: query(full_cluster, 'up{job="itself", customer="st-marys"} == 1') == 1)


def test_nothing_runs_and_nothing_is_left_after_stop(pytestconfig: pytest.Config) -> None:
    """stop() leaves neither a process nor a folder."""
    cluster = create_cluster(provider="local", progress=uncaptured(pytestconfig))
    with cluster:
        pids = list(cluster.processes.pids.values())
        assert len(pids) == 2
    assert [pid for pid in pids if is_running(pid)] == []
    assert not cluster.workdir.exists()


def test_programs_die_with_the_process_that_started_them_even_when_it_is_killed() -> None:
    """SIGKILL of the owner, which can clean up nothing, ends the programs too."""
    script = (
        "import signal; from e2e.cluster import create_cluster\n"
        "cluster = create_cluster(provider='local').start()\n"
        "print(cluster.workdir, *cluster.processes.pids.values(), flush=True)\n"
        "signal.pause()"
    )
    root = Path(__file__).parent.parent
    with subprocess.Popen([sys.executable, "-c", script], cwd=root, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        workdir, *pids = owner.stdout.readline().split()
        assert len(pids) == 2
        owner.send_signal(signal.SIGKILL)
    try:
        assert eventually(lambda: not any(is_running(int(pid)) for pid in pids))
    finally:
        shutil.rmtree(workdir)


def query(cluster: Cluster, expression: str) -> int:
    """How many series a PromQL expression gives."""
    url = f"{cluster.prometheus_url}/api/v1/query?{urllib.parse.urlencode({'query': expression})}"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=10) as response:
        return len(json.load(response)["data"]["result"])


def is_running(pid: int) -> bool:
    """Whether a process exists and is not a zombie that nobody has waited for yet."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")

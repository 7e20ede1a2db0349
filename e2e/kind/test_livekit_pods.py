"""LiveKit as designed: its server on its node's network, one to a node, and livecost says how many."""

import json
import urllib.request
from functools import partial
from typing import Any

import pytest
import yaml

from e2e.installation import create_pools
from e2e.kind.in_kind import InKind
from e2e.kind.operator_pods import is_ready
from e2e.running import Spec

Json = dict[str, Any]

NAME = "academy"
SIGNAL_PORT = 7880
METRICS_PORT = 6789
# At the defaults a LiveKit node carries 33 rooms of six and a sim node 50 sessions of four users.
SMALL: Spec = {"concurrency": 100}
LARGE: Spec = {"concurrency": 300}
TOO_LARGE: Spec = {"concurrency": 400}


@pytest.fixture(scope="module")
def academy(running: InKind) -> InKind:
    """A customer whose pools are Deployments: LiveKit by the scale subresource, sim workers by a path."""
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment"}
    manifest = {
        "apiVersion": "livecost.dev/v1alpha1",
        "kind": "CustomerCluster",
        "metadata": {"name": NAME, "namespace": "default"},
        "spec": {
            **SMALL,
            "users": 1000,
            "pools": {
                "livekit": {"targetRef": {**deployment, "name": f"{NAME}-livekit"}},
                "sim": {"targetRef": {**deployment, "name": f"{NAME}-sim", "replicasPath": "/spec/replicas"}},
            },
            "scaling": {"scaleDown": {"stabilizationSeconds": 0}},
        },
    }
    running.cluster.apply(yaml.safe_dump(manifest))
    return running


def test_each_livekit_server_runs_on_a_node_of_its_own(academy: InKind) -> None:
    """More users make it three servers on three nodes, each serving on its node's own address."""
    academy.until("one server runs", lambda: len(_nodes_of(academy, "livekit")) == 1)
    academy.edit(NAME, LARGE)
    academy.until("three servers are ready", lambda: len(_nodes_of(academy, "livekit")) == 3)
    nodes = _nodes_of(academy, "livekit")
    assert sorted(nodes) == sorted(academy.cluster.workers)
    for node in nodes:
        address = academy.cluster.address_of(node)
        assert _read(f"http://{address}:{SIGNAL_PORT}/") == "OK"
        academy.until(f"{node} shows LiveKit's metrics", partial(_shows_metrics, address))
    academy.until("the status counts them", lambda: _counts(academy, "livekit") == (3, 3))


def test_sim_workers_are_set_by_a_path(academy: InKind) -> None:
    """The Deployment at replicasPath has the planned replicas, several of which may share a node."""
    academy.edit(NAME, LARGE)
    academy.until("two sim workers are ready", lambda: len(_nodes_of(academy, "sim")) == 2)
    academy.until("the status counts them", lambda: _counts(academy, "sim") == (2, 2))


def test_a_server_without_a_node_is_not_counted_as_ready(academy: InKind) -> None:
    """Where a fourth server finds no node, the status tells three of four and says that it waits."""
    academy.edit(NAME, TOO_LARGE)
    academy.until("four servers are wanted, three ready", lambda: _counts(academy, "livekit") == (4, 3))
    assert academy.status(NAME)["summary"]["livekit"] == "3/4"
    assert len(_nodes_of(academy, "livekit")) == 3
    (waiting,) = [pod for pod in _pods(academy, "livekit") if not is_ready(pod)]
    assert "nodeName" not in waiting["spec"]


def test_fewer_users_take_servers_off_their_nodes(academy: InKind) -> None:
    """The pods go one by one, and their nodes no longer serve."""
    academy.edit(NAME, LARGE)
    academy.until("three servers are ready", lambda: _counts(academy, "livekit") == (3, 3))
    before = _nodes_of(academy, "livekit")
    academy.edit(NAME, SMALL)
    academy.until("one server is left", lambda: len(_pods(academy, "livekit")) == 1)
    (left,) = _nodes_of(academy, "livekit")
    for node in set(before) - {left}:
        with pytest.raises(OSError, match="refused"):
            _read(f"http://{academy.cluster.address_of(node)}:{SIGNAL_PORT}/")


def test_a_daemonset_of_livekit_follows_the_node_pool(running: InKind) -> None:
    """On a Karpenter pool, each node that livecost adds gets its server, and takes it along when it goes."""
    name = "clinic"
    create_pools(running.cluster, [name], ["livekit"])
    running.cluster.apply(_daemonset(f"{name}-livekit"))
    running.apply(
        name, {**SMALL, "scaling": {"scaleDown": {"stabilizationSeconds": 0}}}, {"livekit": f"{name}-livekit"}
    )

    def servers() -> int:
        status = running.cluster.kubectl("get", "daemonset", f"{name}-livekit", "--output=jsonpath={.status}")
        return int(json.loads(status).get("numberReady", 0))

    for spec, count in ((SMALL, 1), (LARGE, 3), (SMALL, 1)):
        running.edit(name, spec)
        running.until_replicas(f"{name}-livekit", count)
        running.until(f"{count} nodes have a server", partial(lambda wanted: servers() == wanted, count))


def _daemonset(pool: str) -> str:
    container = {
        "name": "livekit",
        "image": "livecost-e2e/livekit:e2e",
        "ports": [{"containerPort": SIGNAL_PORT, "hostPort": SIGNAL_PORT}],
    }
    pod = {
        "metadata": {"labels": {"app": pool}},
        "spec": {"hostNetwork": True, "nodeSelector": {"karpenter.sh/nodepool": pool}, "containers": [container]},
    }
    spec = {"selector": {"matchLabels": {"app": pool}}, "template": pod}
    metadata = {"name": pool, "namespace": "default"}
    return yaml.safe_dump({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": metadata, "spec": spec})


def _pods(running: InKind, pool: str) -> list[Json]:
    return running.objects("pods", f"--selector=app={NAME}-{pool}")


def _nodes_of(running: InKind, pool: str) -> list[str]:
    """The node of each ready pod."""
    return [pod["spec"]["nodeName"] for pod in _pods(running, pool) if is_ready(pod)]


def _counts(running: InKind, pool: str) -> tuple[int | None, int | None]:
    """The pool's desired and ready count in the status."""
    row = running.status(NAME).get("pools", {}).get(pool, {})
    return row.get("desired"), row.get("ready")


def _shows_metrics(address: str) -> bool:
    # A server counts its node's traffic some seconds after it has started to serve.
    return "livekit_node_" in _read(f"http://{address}:{METRICS_PORT}/metrics")


def _read(url: str) -> str:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=5) as response:
        text: str = response.read().decode()
    return text

"""What the demo and the end-to-end tests do alike: install livecost, give it customers, and wait for the result."""

import json
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Collection, Iterable
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

from e2e.cluster import Cluster, ClusterError, static_node_pool
from e2e.operator_process import ROOT, OperatorProcess, start_operator
from e2e.operator_rights import grant_rights
from livecost.rbac import OWN_PLURALS

Json = dict[str, Any]

CUSTOMERS: Final = ("riverside", "st-marys", "metro-general")
FLEET: Final = "everybody"
TARGET_KINDS: Final = (("karpenter.sh", "NodePool"),)


class Logging(Protocol):
    """What has a log that can explain a failure."""

    def log_tail(self) -> str:
        """The end of its log."""


def install(cluster: Cluster) -> Path:
    """Install the CRDs and the rights that the operator needs, and no others; returns its kubeconfig.

    Raises:
        ClusterError: the API server refused something.
    """
    for crd in sorted((ROOT / "crds").glob("*.yaml")):
        cluster.apply(crd.read_text())
    # A group's kinds are served some time after its CRDs are established, so both are waited for.
    cluster.kubectl("wait", "--for=condition=Established", "--timeout=30s", "crd", "--all")
    wait_until(lambda: _is_served(cluster), "livecost's kinds are served", 30)
    return grant_rights(cluster, TARGET_KINDS)


def start_quick_operator(cluster: Cluster, kubeconfig: Path, *flags: str) -> OperatorProcess:
    """Start a replica that observes often, as a demo or a test needs it.

    Raises:
        ClusterError: it did not become ready; the message holds the end of its log.
    """
    quick = ("--observation-step-seconds=5", "--observation-interval-seconds=5")
    prometheus = f"--prometheus-url={cluster.prometheus_url}"
    return start_operator(cluster, prometheus, *quick, *flags, kubeconfig=kubeconfig)


def create_pools(
    cluster: Cluster, customers: Iterable[str] = CUSTOMERS, pools: Collection[str] = ("livekit", "sim")
) -> None:
    """Create static NodePools `<customer>-<pool>` of one node each, and wait for the nodes."""
    names = [f"{name}-{pool}" for name in customers for pool in pools]
    cluster.apply("---\n".join(static_node_pool(name, replicas=1) for name in names))
    for name in names:
        wait_until(partial(_has_a_node, cluster, name), f"NodePool {name} has a Ready node", 60)


def wait_for_telemetry(cluster: Cluster) -> None:
    """Wait until Prometheus knows nodes: its first scrape comes seconds after it has started."""
    wait_until(
        lambda: bool(ask_prometheus(cluster, "query", query="count(kube_node_labels)")), "Prometheus knows nodes", 60
    )


def ask_prometheus(cluster: Cluster, kind: str, **parameters: str) -> list[Json]:
    """The series that a query gives; its kind is `query` or `query_range`."""
    url = f"{cluster.prometheus_url}/api/v1/{kind}?{urllib.parse.urlencode(parameters)}"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=10) as response:
        series: list[Json] = json.load(response)["data"]["result"]
    return series


def apply_customers(cluster: Cluster, names: Iterable[str] = CUSTOMERS) -> None:
    """Apply the customers with their profiles, as they stand beside this file."""
    for name in names:
        cluster.apply((Path(__file__).parent / "customers" / f"{name}.yaml").read_text())


def apply_fleet(cluster: Cluster) -> None:
    """Apply the fleet that adds the customers up."""
    cluster.apply((Path(__file__).parent / "customers" / "everybody.yaml").read_text())


def fleet(cluster: Cluster) -> Json:
    """The CustomerFleet of all customers."""
    body: Json = json.loads(cluster.kubectl("get", "customerfleet", FLEET, "--output=json"))
    return body


def customer(cluster: Cluster, name: str) -> Json:
    """A CustomerCluster of the namespace default."""
    body: Json = json.loads(cluster.kubectl("get", "customercluster", name, "--output=json"))
    return body


def condition(body: Json, kind: str) -> Json:
    """A condition of an object; an empty one while it has none of that type."""
    rows = body.get("status", {}).get("conditions", [])
    return next((row for row in rows if row["type"] == kind), {})


def is_settled(body: Json) -> bool:
    """Whether a customer's status speaks of its spec, its nodes are ready and its cost is observed."""
    generation = body["metadata"]["generation"]
    rows = [condition(body, kind) for kind in ("Ready", "CostObserved")]
    return all(row.get("status") == "True" and row["observedGeneration"] == generation for row in rows)


def replicas(cluster: Cluster, pool: str) -> int:
    """The size that a NodePool is set to."""
    return int(cluster.kubectl("get", "nodepool", pool, "--output=jsonpath={.spec.replicas}"))


def ready_nodes(cluster: Cluster, pool: str) -> int:
    """How many Ready nodes a NodePool has."""
    ready = "jsonpath={.items[*].status.conditions[?(@.type=='Ready')].status}"
    statuses = cluster.kubectl("get", "nodes", f"--selector=karpenter.sh/nodepool={pool}", f"--output={ready}")
    return statuses.split().count("True")


def wait_until(holds: Callable[[], bool], what: str, seconds: float, operator: Logging | None = None) -> float:
    """Wait for something to hold; returns the seconds it took.

    Args:
        holds: asked again and again.
        what: the claim that is waited for, for the error message.
        seconds: when to give up.
        operator: whose log explains a failure.

    Raises:
        ClusterError: it did not hold in time; the message holds the end of the operator's log.
    """
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > seconds:
            tail = f"; {operator.log_tail()}" if operator else ""
            raise ClusterError(f"not after {seconds:.0f} s: {what}{tail}")
        time.sleep(0.1)
    return time.monotonic() - began


def _has_a_node(cluster: Cluster, pool: str) -> bool:
    return ready_nodes(cluster, pool) == 1


def _is_served(cluster: Cluster) -> bool:
    served = cluster.kubectl("api-resources", "--api-group=livecost.dev", "--output=name", "--cached=false").split()
    return {f"{plural}.livecost.dev" for plural in OWN_PLURALS} <= set(served)

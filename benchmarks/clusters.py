"""How fast the operator is at many customers: `python -m benchmarks.clusters [--customers 1000]`.

A real API server with audit log, CustomerClusters with two targets each, the operator as a process of its own. Targets
are MachineDeployments without their controllers, so that nothing but the operator is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp

from benchmarks.goals import Goal, report
from e2e.cluster import Cluster, create_cluster
from e2e.operator_process import OperatorProcess, start_operator
from livecost.cluster_credentials import load_configuration
from livecost.kube_api import KubeApi, Resource
from livecost.reconcile import CUSTOMER_CLUSTERS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable

NAMESPACE = "bench"
MACHINE_DEPLOYMENTS = Resource(
    "cluster.x-k8s.io", "v1beta2", "machinedeployments", "MachineDeployment", namespaced=True
)
REST_SECONDS = 30
SINGLE_CHANGES = 200
WRITERS = 8

Json = dict[str, Any]

_TARGET_CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: machinedeployments.cluster.x-k8s.io
  annotations: {api-approved.kubernetes.io: "unapproved, a minimal copy for measurements"}
spec:
  group: cluster.x-k8s.io
  scope: Namespaced
  names: {kind: MachineDeployment, plural: machinedeployments, singular: machinedeployment}
  versions:
  - name: v1beta2
    served: true
    storage: true
    subresources:
      status: {}
      scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, properties: {replicas: {type: integer}}}
          status: {type: object, x-kubernetes-preserve-unknown-fields: true}
"""


def _target(customer: str, pool: str) -> Json:
    return {
        "apiVersion": MACHINE_DEPLOYMENTS.api_version,
        "kind": MACHINE_DEPLOYMENTS.kind,
        "metadata": {"name": f"{customer}-{pool}", "namespace": NAMESPACE},
        "spec": {"replicas": 0},
    }


def _customer(name: str) -> Json:
    def pool(kind: str) -> Json:
        ref = {
            "apiVersion": MACHINE_DEPLOYMENTS.api_version,
            "kind": MACHINE_DEPLOYMENTS.kind,
            "name": f"{name}-{kind}",
        }
        return {"targetRef": ref}

    return {
        "apiVersion": CUSTOMER_CLUSTERS.api_version,
        "kind": CUSTOMER_CLUSTERS.kind,
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {
            "users": 1000,
            "peakConcurrencyPercent": 10,
            "pools": {"livekit": pool("livekit"), "sim": pool("sim")},
        },
    }


async def _all(work: Iterable[Awaitable[object]]) -> None:
    slots = asyncio.Semaphore(WRITERS)

    async def one(item: Awaitable[object]) -> None:
        async with slots:
            await item

    await asyncio.gather(*(one(item) for item in work))


async def _status_writes(operator: OperatorProcess, session: aiohttp.ClientSession) -> int:
    try:
        async with session.get(f"{operator.url}/metrics", params={"name[]": "livecost_status_writes_total"}) as answer:
            lines = (await answer.text()).splitlines()
    except aiohttp.ClientError:
        return 0
    return int(sum(float(line.split()[-1]) for line in lines if line.startswith("livecost_status_writes_total")))


async def _until_written(operator: OperatorProcess, session: aiohttp.ClientSession, count: int) -> None:
    async with asyncio.timeout(300):
        while await _status_writes(operator, session) < count:  # noqa: ASYNC110 - another process is waited for
            await asyncio.sleep(0.1)


async def _set_users(api: KubeApi, name: str, users: int) -> None:
    path = CUSTOMER_CLUSTERS.path(NAMESPACE, name)
    await api.patch(path, {"spec": {"users": users}}, "application/merge-patch+json")


async def _check_converged(api: KubeApi, livekit: int, sim: int) -> None:
    """Fail unless every target and every status shows the plan."""
    wanted = {"livekit": livekit, "sim": sim}
    async for body in api.list_all(MACHINE_DEPLOYMENTS.path(NAMESPACE)):
        pool = body["metadata"]["name"].rpartition("-")[2]
        if body["spec"]["replicas"] != wanted[pool]:
            raise SystemExit(f"{body['metadata']['name']} has {body['spec']['replicas']}, not {wanted[pool]}")
    async for body in api.list_all(CUSTOMER_CLUSTERS.path(NAMESPACE)):
        if body["status"]["observedGeneration"] != body["metadata"]["generation"]:
            raise SystemExit(f"{body['metadata']['name']} has an old status")


async def _single_changes(api: KubeApi, names: list[str], users: tuple[int, int]) -> list[float]:
    """Seconds from each edit until its target is seen patched, one edit at a time."""
    listed = await api.get(MACHINE_DEPLOYMENTS.path(NAMESPACE), {"limit": "1"})
    changed: asyncio.Queue[tuple[str, float]] = asyncio.Queue()

    async def follow() -> None:
        async for event in api.watch(MACHINE_DEPLOYMENTS.path(NAMESPACE), listed["metadata"]["resourceVersion"]):
            if event["type"] == "MODIFIED":
                changed.put_nowait((event["object"]["metadata"]["name"], time.perf_counter()))

    follower = asyncio.create_task(follow())
    seconds = []
    for index in range(SINGLE_CHANGES):
        name = names[index % len(names)]
        started = time.perf_counter()
        await _set_users(api, name, users[index // len(names) % 2])
        async with asyncio.timeout(30):
            seen, at = await changed.get()
            while seen != f"{name}-livekit":
                seen, at = await changed.get()
        seconds.append(at - started)
    follower.cancel()
    return seconds


def _requests(cluster: Cluster, since: float) -> Counter[tuple[str, str]]:
    """The operator's requests since a moment by verb and resource, Leases and the readiness check apart."""
    counts: Counter[tuple[str, str]] = Counter()
    for event in cluster.audit_events():
        reference = event.get("objectRef") or {}
        if event["user"]["username"] != "livecost" or reference.get("resource") in (None, "leases"):
            continue
        if event["stage"] != "ResponseComplete" or _seconds(event["requestReceivedTimestamp"]) < since:
            continue
        resource = "/".join(part for part in (reference["resource"], reference.get("subresource")) if part)
        # The readiness check asks for one object of a kind, from time to time.
        if not (event["verb"] == "list" and "limit=1" in event["requestURI"].partition("?")[2].split("&")):
            counts[event["verb"], resource] += 1
    return counts


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()


def _memory_mb(pid: int, field: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) // 1024
    raise LookupError(field)


async def measure(cluster: Cluster, customers: int) -> list[Goal]:
    """Run the whole measurement on a started cluster without features."""
    cluster.apply(_TARGET_CRD)
    cluster.kubectl("create", "namespace", NAMESPACE)
    api = KubeApi(await load_configuration(cluster.admin_kubeconfig, None))
    names = [f"customer-{index:04}" for index in range(customers)]
    print(f"creating {customers} customers with two targets each …")
    targets = (_target(name, pool) for name in names for pool in ("livekit", "sim"))
    await _all(api.create(MACHINE_DEPLOYMENTS.path(NAMESPACE), body) for body in targets)
    await _all(api.create(CUSTOMER_CLUSTERS.path(NAMESPACE), _customer(name)) for name in names)

    goals: list[Goal] = []
    scale = customers / 1000
    async with aiohttp.ClientSession() as session:
        started = time.perf_counter()
        with start_operator(cluster) as operator:
            await _until_written(operator, session, customers)
            goals.append(Goal("cold start to all converged", time.perf_counter() - started, 25 * scale, "s"))
            await _check_converged(api, 1, 1)

            edited_at, started = time.time(), time.perf_counter()
            await _all(_set_users(api, name, 10_000) for name in names)
            await _until_written(operator, session, 2 * customers)
            goals.append(Goal("edit of all to all converged", time.perf_counter() - started, 35 * scale, "s"))
            await _check_converged(api, 8, 5)
            requests = _requests(cluster, edited_at)
            writes = sum(count for (verb, _), count in requests.items() if verb in ("patch", "update", "create"))
            reads = sum(count for (verb, _), count in requests.items() if verb in ("get", "list"))
            print(
                "requests for the edit of all:", json.dumps({" ".join(key): count for key, count in requests.items()})
            )
            goals.append(Goal("writes for each changed customer", writes / customers, 3, ""))
            goals.append(Goal("reads in the edit of all", reads, 0, ""))

            await asyncio.sleep(5)
            resting_at = time.time()
            await asyncio.sleep(REST_SECONDS)
            writes = sum(count for (verb, _), count in _requests(cluster, resting_at).items() if verb != "watch")
            goals.append(Goal(f"requests in {REST_SECONDS} s at rest", writes, 0, ""))

            seconds = await _single_changes(api, names, (20_000, 30_000))
            cuts = statistics.quantiles(seconds, n=100)
            goals.append(Goal("change to patched target, p50", cuts[49] * 1000, 250, "ms"))
            goals.append(Goal("change to patched target, p99", cuts[98] * 1000, 250, "ms"))
            goals.append(Goal("memory", _memory_mb(operator.pid, "VmRSS"), 260, "MB"))
            goals.append(Goal("memory, peak", _memory_mb(operator.pid, "VmHWM"), 260, "MB"))
    await api.close()
    return goals


def main() -> None:
    """Run the measurement and print its figures against their goals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1000)
    arguments = parser.parse_args()
    with create_cluster(provider="local") as cluster:
        for manifest in sorted(Path("crds").glob("*.yaml")):
            cluster.apply(manifest.read_text())
        goals = asyncio.run(measure(cluster, arguments.customers))
    report(goals)


if __name__ == "__main__":
    main()

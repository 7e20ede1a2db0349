"""livecost at work on this machine: ``python -m e2e.demo``.

A real cluster, three customers of different size, the operator under its least privileges, and what it says of them.
"""

import argparse
import signal
import subprocess
import sys
import time
from functools import partial
from typing import get_args

from e2e.cluster import Cluster, ClusterError, create_cluster
from e2e.cluster.choose import Provider
from e2e.cluster.exit_status import exit_status
from e2e.cluster.programs import Progress, find_program
from e2e.installation import (
    CUSTOMERS,
    apply_customers,
    apply_fleet,
    create_pools,
    customer,
    fleet,
    install,
    is_settled,
    ready_nodes,
    replicas,
    start_quick_operator,
    wait_for_telemetry,
    wait_until,
)
from e2e.operator_process import OperatorProcess
from e2e.operator_rights import IDENTITY

_SECONDS = 45

_TO_TRY = """
To try next, in another terminal:

  export KUBECONFIG={kubeconfig}
  alias kubectl={kubectl}

  kubectl get customerclusters --watch
  kubectl patch cc st-marys --type=merge -p '{{"spec":{{"users":9000,"concurrency":900}}}}'   # nodes appear at once
  kubectl get nodepools,nodes -L karpenter.sh/nodepool
  kubectl patch cc st-marys --type=merge -p '{{"spec":{{"users":1000,"concurrency":100}}}}'   # one node every 15 s goes
  kubectl edit cp worked-example                                   # every customer on the profile follows
  kubectl annotate cc st-marys livecost.dev/paused=true            # computed, not patched; livecost.dev/paused- ends it
  kubectl scale nodepool st-marys-sim --replicas=3                 # another writer: put right once, then reported
  kubectl explain customercluster.spec.pools.livekit
  kubectl get customerfleet everybody -o yaml                      # sums by cloud, shared clusters, top lists
  kubectl describe cc st-marys

  Prometheus: {prometheus}/graph?g0.expr=livecost_projected_cost_per_month&g0.tab=0
  the operator's metrics: {operator}/metrics
  the operator's log: {log}
"""


def main() -> int:
    """Runs the command line and returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m e2e.demo", description="livecost at work on this machine.")
    parser.add_argument("--once", action="store_true", help="end after showing the result, instead of at Ctrl-C")
    parser.add_argument("--provider", choices=get_args(Provider), help="default: kind where it is ready, else local")
    options = parser.parse_args()
    return exit_status(lambda: _run(options.provider, once=options.once))


def _run(provider: Provider | None, *, once: bool) -> None:
    began = time.monotonic()

    def tell(text: str) -> None:
        print(f"[{time.monotonic() - began:5.1f} s] {text}", flush=True)

    tell("starting etcd, API server, controller manager, Karpenter with simulated nodes, Prometheus …")
    with create_cluster({"nodes", "metrics"}, provider, scrape_seconds=1, progress=tell) as cluster:
        kubeconfig = install(cluster)
        tell(f"installed livecost's CRDs, and a role with its least privileges for the user {IDENTITY}")
        create_pools(cluster)
        tell("created six static Karpenter NodePools, a livekit and a sim one per customer, of one node each")
        with start_quick_operator(cluster, kubeconfig, "--observation-window-seconds=300") as replica:
            tell(f"started the operator as {IDENTITY}")
            wait_for_telemetry(cluster)
            tell("Prometheus sees the nodes")
            apply_customers(cluster)
            apply_fleet(cluster)
            tell(
                f"applied the customers {', '.join(CUSTOMERS)} with their CostProfiles, and a CustomerFleet of them all"
            )
            _follow(cluster, replica, tell)
            wait_until(
                partial(_is_added_up, cluster), "the fleet counts and observes every customer", _SECONDS, replica
            )
            _show(cluster)
            if once:
                return
            print(_to_try(cluster, replica))
            print("The cluster stays up until Ctrl-C.", flush=True)
            signal.pause()


def _follow(cluster: Cluster, replica: OperatorProcess, tell: Progress) -> None:
    for name in CUSTOMERS:
        try:
            wait_until(
                partial(_is_done, cluster, name), f"nodes of {name} ready and its cost observed", _SECONDS, replica
            )
        except ClusterError as error:
            raise ClusterError(f"{error}\n{name}:\n{_conditions(cluster, name)}") from None
        sizes = [
            f"{pool} {replicas(cluster, f'{name}-{pool}')} ({ready_nodes(cluster, f'{name}-{pool}')} ready)"
            for pool in ("livekit", "sim")
        ]
        tell(f"{name}: sized, its NodePools set, its nodes ready, its cost observed: {', '.join(sizes)}")


def _conditions(cluster: Cluster, name: str) -> str:
    rows = customer(cluster, name).get("status", {}).get("conditions", [])
    return "\n".join(f"{row['type']} {row['status']} {row['reason']}: {row['message']}" for row in rows)


def _is_done(cluster: Cluster, name: str) -> bool:
    return is_settled(customer(cluster, name))


def _is_added_up(cluster: Cluster) -> bool:
    cost = fleet(cluster).get("status", {}).get("cost", {})
    return bool(cost.get("observedCustomers") == len(CUSTOMERS))


def _show(cluster: Cluster) -> None:
    kinds = ("customerclusters", "customerfleets")
    for command in [["get", kind, *wide] for kind in kinds for wide in ([], ["--output=wide"])]:
        print(f"\n$ kubectl {' '.join(command)}\n{cluster.kubectl(*command)}", end="")
    print("\nPools that have just grown are observed below their projection until their first seconds are outweighed.")
    print("No two customers have equal prices, so that none could share a cluster: POOLED is PROJECTED here.")
    print("\n$ kubectl livecost explain st-marys", flush=True)
    explain = ("cluster", "explain", "st-marys", f"--kubeconfig={cluster.admin_kubeconfig}")
    subprocess.run([sys.executable, "-m", "livecost", *explain], check=True)


def _to_try(cluster: Cluster, replica: OperatorProcess) -> str:
    return _TO_TRY.format(
        kubeconfig=cluster.admin_kubeconfig,
        kubectl=find_program("kubectl"),
        prometheus=cluster.prometheus_url,
        operator=replica.url,
        log=replica.log_file,
    )


if __name__ == "__main__":
    sys.exit(main())

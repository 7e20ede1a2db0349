"""Who holds a target that several CustomerClusters name."""

from __future__ import annotations

from collections.abc import Iterable

from livecost.models import TargetRef
from livecost.store import ClusterKey, CustomerCluster
from livecost.target_state import TargetProblem


def contender(
    cluster: CustomerCluster, pool: str, ref: TargetRef, claimants: Iterable[CustomerCluster], *, namespaced: bool
) -> TargetProblem | None:
    """Why a customer may not have a target: an older CustomerCluster, or its own other pool, names it too.

    Args:
        cluster: the customer.
        pool: the pool whose target it is.
        ref: the target.
        claimants: all customers that name a target of this cluster, kind and name, the customer itself among them.
        namespaced: whether the target's kind lives in namespaces.
    """
    wanted = _identity(ref, cluster.key, namespaced=namespaced)
    rivals = [
        (other.precedence, other_pool != "livekit", other.key, other_pool)
        for other in claimants
        for other_pool, other_ref in other.targets.items()
        if (other_ref.group, other_ref.kind, other_ref.name) == (ref.group, ref.kind, ref.name)
        and _identity(other_ref, other.key, namespaced=namespaced) == wanted
    ]
    *_, holder, holder_pool = min(rivals)
    if (holder, holder_pool) == (cluster.key, pool):
        return None
    who = f"pool {holder_pool}" if holder == cluster.key else f"the older CustomerCluster {'/'.join(holder)}"
    return TargetProblem(
        "TargetConflict",
        f"is held by {who}, which keeps it; nothing is patched here: name another target, or delete that one",
    )


def _identity(ref: TargetRef, key: ClusterKey, *, namespaced: bool) -> tuple[str | None, ...]:
    secret = ref.kubeconfig_secret_ref
    where = None if secret is None else f"{key[0]}/{secret.name}/{secret.key}"
    namespace = ref.namespace or key[0] if namespaced else None
    return where, namespace, ref.pool_name, ref.replicas_path

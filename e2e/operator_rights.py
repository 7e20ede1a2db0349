"""The operator's identity in a cluster, with the rights that livecost.rbac makes for it and no others."""

from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import yaml

from e2e.cluster import Cluster
from livecost.rbac import cluster_role, lease_role

Json = dict[str, Any]

IDENTITY: Final = "livecost"
LEASE_NAMESPACE: Final = "livecost-system"


def grant_rights(cluster: Cluster, kinds: Collection[tuple[str, str]] | None = None) -> Path:
    """Create the operator's roles and bind them to its user; returns that user's kubeconfig.

    Args:
        cluster: a started cluster.
        kinds: API group and kind of the targets; all that livecost knows when left out.

    Raises:
        ClusterError: the API server refused something.
    """
    roles = [cluster_role(kinds), lease_role(LEASE_NAMESPACE)]
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": LEASE_NAMESPACE}}
    cluster.apply(yaml.safe_dump_all([namespace, *roles, *map(_binding, roles)]))
    return cluster.kubeconfig_for(IDENTITY)


def _binding(role: Json) -> Json:
    kind, metadata = role["kind"], role["metadata"]
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": f"{kind}Binding",
        "metadata": metadata,
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": metadata["name"]},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": IDENTITY}],
    }

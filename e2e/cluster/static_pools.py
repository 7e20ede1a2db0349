"""Karpenter node pools of a fixed size."""

from collections.abc import Mapping

import yaml

NODE_CLASS = "default"


def static_node_pool(
    name: str,
    replicas: int,
    instance_type: str = "c-4x-amd64-linux",
    labels: Mapping[str, str] | None = None,
) -> str:
    """The manifest of a static NodePool: as many nodes as ``replicas``, changed with ``kubectl scale nodepool``.

    Its nodes carry ``karpenter.sh/nodepool: <name>``. A pool is static only if ``replicas`` is there when it is
    created, and kwok's provider makes nodes only for a pool that names an instance type. Nodes never expire: the
    default would delete them, rooms and all, after 30 days.

    Args:
        name: the pool's name.
        replicas: its size at first.
        instance_type: one of the types built into Karpenter's kwok provider.
        labels: further labels of its nodes.
    """
    node_metadata = {"metadata": {"labels": dict(labels)}} if labels else {}
    pool = {
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "template": {
                **node_metadata,
                "spec": {
                    "nodeClassRef": {"group": "karpenter.kwok.sh", "kind": "KWOKNodeClass", "name": NODE_CLASS},
                    "expireAfter": "Never",
                    "requirements": [
                        {"key": "node.kubernetes.io/instance-type", "operator": "In", "values": [instance_type]}
                    ],
                },
            },
        },
    }
    return yaml.safe_dump(pool, sort_keys=False)

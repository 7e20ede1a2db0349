"""A real cluster with operator, customers and Prometheus, and `livecost web` that follows it as a viewer."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import yaml

from e2e.cluster import create_cluster
from e2e.running import Running
from e2e.web.relay import Relay
from e2e.web.serving import serving
from livecost.rbac import viewer_role

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from e2e.cluster import Cluster

VIEWER: Final = "viewer"


@dataclass(frozen=True, slots=True)
class LiveFleet:
    """livecost at work, and the pages that show it.

    Attributes:
        running: the cluster and its operator.
        address: of the pages.
        way: from the pages' server to the API server.
    """

    running: Running
    address: str
    way: Relay


@contextmanager
def live_fleet() -> Iterator[LiveFleet]:
    """Start all of it."""
    with create_cluster({"nodes", "metrics"}, scrape_seconds=1) as cluster:
        running = Running.start(cluster)
        kubeconfig = yaml.safe_load(grant_viewer(cluster).read_text())
        entry = kubeconfig["clusters"][0]["cluster"]
        with Relay(urlsplit(entry["server"]).port or 443) as way:
            entry["server"] = f"https://127.0.0.1:{way.port}"
            file = cluster.workdir / "viewer-by-relay.yaml"
            file.write_text(yaml.safe_dump(kubeconfig))
            options = ("--kubeconfig", str(file), "--prometheus-url", cluster.prometheus_url)
            with serving(*options) as address:
                yield LiveFleet(running, address, way)


def grant_viewer(cluster: Cluster) -> Path:
    """The kubeconfig of a user with the viewer's role and no other."""
    role = viewer_role()
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": VIEWER},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role["metadata"]["name"],
        },
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": VIEWER}],
    }  # fmt: skip
    cluster.apply(yaml.safe_dump_all([role, binding]))
    return cluster.kubeconfig_for(VIEWER)

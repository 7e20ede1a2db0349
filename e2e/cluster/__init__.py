"""A real Kubernetes cluster on one machine, for tests, the demo and the benchmarks."""

from e2e.cluster.choose import choose_provider, create_cluster
from e2e.cluster.errors import ClusterError
from e2e.cluster.provider import Cluster, Feature
from e2e.cluster.static_pools import static_node_pool

__all__ = ["Cluster", "ClusterError", "Feature", "choose_provider", "create_cluster", "static_node_pool"]

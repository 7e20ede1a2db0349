"""What the end-to-end tests share: one cluster with everything in it, and one in which livecost runs."""

from collections.abc import Iterator

import pytest

from e2e.cluster import Cluster, create_cluster
from e2e.cluster.pytest_progress import uncaptured
from e2e.running import Running


@pytest.fixture(scope="session")
def full_cluster(pytestconfig: pytest.Config) -> Iterator[Cluster]:
    """A running cluster with node pools and Prometheus, which scrapes every second."""
    progress = uncaptured(pytestconfig)
    with create_cluster({"nodes", "metrics"}, scrape_seconds=1, progress=progress) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def running(pytestconfig: pytest.Config) -> Iterator[Running]:
    """The operator with the demo's customers, in a cluster of its own: its tests end programs of the cluster."""
    progress = uncaptured(pytestconfig)
    with create_cluster({"nodes", "metrics"}, scrape_seconds=1, progress=progress) as cluster:
        yield Running.start(cluster)

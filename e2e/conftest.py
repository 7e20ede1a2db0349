"""What the end-to-end tests share: one cluster with everything in it."""

from collections.abc import Iterator

import pytest

from e2e.cluster import Cluster, create_cluster
from e2e.cluster.pytest_progress import uncaptured


@pytest.fixture(scope="session")
def full_cluster(pytestconfig: pytest.Config) -> Iterator[Cluster]:
    """A running cluster with node pools and Prometheus, which scrapes every second."""
    progress = uncaptured(pytestconfig)
    with create_cluster({"nodes", "metrics"}, scrape_seconds=1, progress=progress) as cluster:
        yield cluster

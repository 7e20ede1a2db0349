"""The cluster that all tests of this folder share, and why they are skipped where there can be none."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.cluster.kind import what_is_missing
from e2e.cluster.pytest_progress import uncaptured
from e2e.installation import apply_customers, apply_fleet, create_pools, wait_for_telemetry
from e2e.kind.images import LIVEKIT, MONITORING, livecost_image, program_image
from e2e.kind.in_kind import HERE, WORKER_LABEL, InKind, KindWithPrometheus


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip this folder's tests where kind cannot run, and say for each what then proves its claim."""
    own = [item for item in items if HERE in item.path.parents]
    if not own or (missing := what_is_missing()) is None:
        return
    for item in own:
        shared = isinstance(item, pytest.Function) and item.function.__module__.startswith("e2e.test_")
        elsewhere = "runs on the local control plane" if shared else "only kind proves it"
        item.add_marker(pytest.mark.skip(reason=f"no kind here: {missing}; {elsewhere}"))


@pytest.fixture(scope="session")
def running(pytestconfig: pytest.Config) -> Iterator[InKind]:
    """livecost with the demo's customers in a kind cluster of four nodes, installed by its chart from its image."""
    progress = uncaptured(pytestconfig)
    image = livecost_image(progress)
    # Debian's Prometheus needs a C library, which livecost's image has.
    program_image(MONITORING, ("prometheus", "kube-state-metrics"), image, progress)
    program_image(LIVEKIT, ("livekit-server",), "scratch", progress)
    with KindWithPrometheus(frozenset({"nodes"}), workers=3, progress=progress) as cluster:
        progress("loading the images into the nodes …")
        cluster.load_image(MONITORING)
        for loaded in (image, LIVEKIT):
            cluster.load_image(loaded, cluster.workers)
        cluster.kubectl("label", "nodes", *cluster.workers, f"{WORKER_LABEL}=true")
        for manifest in ("monitoring.yaml", "livekit.yaml"):
            cluster.apply(Path(HERE, manifest).read_text())
        running = InKind.create(cluster, image)
        progress("installing the chart …")
        running.release()
        running.until("two replicas are ready", running.is_whole)
        cluster.kubectl("rollout", "status", "deployment/prometheus", "--namespace=monitoring", "--timeout=60s")
        create_pools(cluster)
        wait_for_telemetry(cluster)
        apply_customers(cluster)
        apply_fleet(cluster)
        progress("livecost is installed, and has its first customers")
        yield running

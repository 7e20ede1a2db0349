"""What a pod takes, as its kubelet measures it."""

import pytest

from e2e.cluster.pytest_progress import uncaptured
from e2e.kind.in_kind import InKind
from e2e.kind.operator_pods import NAMESPACE, RELEASE

_MIB = 2**20


def test_a_pod_takes_no_more_memory_than_it_requests(running: InKind, pytestconfig: pytest.Config) -> None:
    """Leader and standby stay below the chart's request, and so far below its limit; the figures are told."""
    requested = running.cluster.kubectl(
        "get",
        "deployment",
        RELEASE,
        f"--namespace={NAMESPACE}",
        "--output=jsonpath={.spec.template.spec.containers[0].resources.requests.memory}",
    )
    usage = running.operator.usage()
    for name, memory_bytes, cores in usage:
        uncaptured(pytestconfig)(f"{name}: {memory_bytes / _MIB:.0f} MiB, {cores * 1000:.0f} m of CPU")
    assert requested.endswith("Mi")
    assert all(memory_bytes <= int(requested[:-2]) * _MIB for _, memory_bytes, _ in usage)

"""What is kept of nodes and targets."""

import pytest

from livecost.reduced import SeenNode, reduce_node, reduce_target
from livecost.target_kinds import PoolNodes

IN_POOL = {"karpenter.sh/nodepool": "st-marys"}


def node(labels=None, ready="True", **metadata):
    body = {"metadata": {"name": "n", **metadata}, "status": {"conditions": [{"type": "Ready", "status": ready}]}}
    if labels is not None:
        body["metadata"]["labels"] = labels
    return body


@pytest.mark.parametrize(
    ("body", "ready"),
    [
        (node(IN_POOL), True),
        (node(IN_POOL, "False"), False),
        (node(IN_POOL, "Unknown"), False),
        (node(IN_POOL, deletionTimestamp="2026-03-01T12:00:00Z"), False),
        ({"metadata": {"labels": IN_POOL}}, False),
    ],
)
def test_a_node_counts_while_it_is_ready_and_stays(body, ready):
    assert reduce_node(body) == SeenNode(PoolNodes("karpenter.sh/nodepool", "st-marys"), ready)


@pytest.mark.parametrize("labels", [None, {}, {"kubernetes.io/arch": "arm64"}])
def test_a_node_outside_all_pools(labels):
    assert reduce_node(node(labels)).pool is None


def test_reports_of_other_writers_change_nothing():
    """A target whose status moved in fields that nothing reads is the same target."""

    def target(seconds):
        return {
            "metadata": {
                "name": "a",
                "resourceVersion": str(seconds),
                "managedFields": [{"manager": "capi", "time": f"12:00:{seconds}Z", "subresource": "status"}],
            },
            "spec": {"replicas": 3},
            "status": {
                "readyReplicas": 2,
                "updatedReplicas": seconds,
                "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": seconds, "message": seconds}],
            },
        }

    assert reduce_target(target(10)) == reduce_target(target(20))
    assert reduce_target(target(10))["status"]["readyReplicas"] == 2


def test_a_target_without_status_is_told_from_one_whose_controller_reported_nothing():
    assert "status" not in reduce_target({"metadata": {"name": "a"}})
    assert reduce_target({"metadata": {"name": "a"}, "status": {}})["status"] == {"conditions": []}

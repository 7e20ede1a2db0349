"""What keeps the operator from its work is an Event about its pod, written with the rights on its Lease alone."""

from __future__ import annotations

import pytest

from e2e.operator_process import OperatorProcess
from livecost.crds import cost_profile_crd, customer_cluster_crd
from livecost.rbac import cluster_role, lease_role
from tests.integration.api_client import ApiClient, eventually
from tests.integration.conftest import CRDS, RBAC, grant
from tests.integration.world import NewWorld

NAMESPACE = "livecost-system"
USER = "livecost"
POD = "livecost-7d4f"


def test_missing_rights_and_kinds_are_told_of_the_pod_with_the_remedy(
    new_world: NewWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First the right on its own kinds goes, and then a CRD; what is over is told too."""
    for name, value in {"POD_NAME": POD, "POD_NAMESPACE": NAMESPACE, "POD_UID": "uid-of-the-pod"}.items():
        monkeypatch.setenv(name, value)
    with new_world() as world:
        for crd in (customer_cluster_crd(), cost_profile_crd()):
            world.api.create(CRDS, crd)
        world.api.create("/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
        grant(world.api, USER, lease_role(NAMESPACE)["rules"], namespace=NAMESPACE)
        grant(world.api, USER, cluster_role()["rules"])
        kubeconfig = world.cluster.kubeconfig_for(USER)
        with OperatorProcess(world.cluster, kubeconfig, f"--lease-namespace={NAMESPACE}"):
            world.api.delete(f"{RBAC}/clusterrolebindings/{USER}")
            forbidden = "livecost may not list customerclusters.livecost.dev: grant it list and watch"
            assert eventually(lambda: ("Warning", "NotReady", forbidden) in told(world.api))
            grant(world.api, USER, cluster_role()["rules"], role="again")
            assert eventually(lambda: ("Normal", "Recovered", f"recovered from: {forbidden}") in told(world.api))
            world.api.delete(f"{CRDS}/costprofiles.livecost.dev")
            missing = "the CRD costprofiles.livecost.dev is not installed: kubectl apply --server-side -f crds/"
            assert eventually(lambda: ("Warning", "NotReady", missing) in told(world.api))


def told(api: ApiClient) -> list[tuple[str, str, str]]:
    """Type, reason and message of the Events about the pod."""
    rows = api.get(f"/api/v1/namespaces/{NAMESPACE}/events")["items"]
    own = [row for row in rows if row["involvedObject"].get("name") == POD]
    assert {row["involvedObject"]["uid"] for row in own} <= {"uid-of-the-pod"}
    return [(row["type"], row["reason"], row["message"]) for row in own]

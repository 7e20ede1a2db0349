"""An operator for some namespaces needs rights in them alone, beside reading the cluster-wide profiles."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from e2e.operator_process import OperatorProcess
from livecost.crds import cost_profile_crd, customer_cluster_crd
from tests.integration.api_client import eventually
from tests.integration.conftest import CRDS, grant, rule
from tests.integration.world import CUSTOMERS, NAMESPACE, PROFILES, NewWorld, World, machine_deployments

USER = "livecost-namespaced"
SERVED, UNSERVED = "served", "unserved"
_READ = ["list", "watch"]


@pytest.fixture(scope="module")
def namespaced(other_world: World) -> Iterator[OperatorProcess]:
    """An operator that serves one namespace: a Role there, and a ClusterRole that reads profiles and no more."""
    for name in (SERVED, UNSERVED):
        other_world.api.create("/api/v1/namespaces", {"metadata": {"name": name}})
    own = [
        rule("livecost.dev", ["customerclusters"], _READ),
        rule("livecost.dev", ["customerclusters/status"], ["patch"]),
        rule("", ["events"], ["create"]),
        rule("cluster.x-k8s.io", ["machinedeployments"], _READ),
        rule("cluster.x-k8s.io", ["machinedeployments/scale"], ["patch"]),
    ]
    grant(other_world.api, USER, own, namespace=SERVED)
    grant(other_world.api, USER, [rule("livecost.dev", ["costprofiles"], _READ)])
    kubeconfig = other_world.cluster.kubeconfig_for(USER)
    with OperatorProcess(other_world.cluster, kubeconfig, "--no-leader-elect", f"--namespace={SERVED}") as process:
        yield process


def test_only_the_named_namespace_is_served_with_rights_in_it_alone(
    other_world: World, namespaced: OperatorProcess
) -> None:
    """A customer there is sized by its profile and its pool is set; an older one elsewhere is left alone."""
    kind = {"apiVersion": "livecost.dev/v1alpha1", "kind": "CostProfile"}
    capacity = {"capacity": {"participantsPerNode": 100}}
    other_world.api.create(PROFILES, {**kind, "metadata": {"name": "everywhere"}, "spec": capacity})
    for namespace in (UNSERVED, SERVED):
        target = other_world.machine_deployment("pool", namespace=namespace)
        other_world.customer("customer", target, namespace=namespace, profileRef={"name": "everywhere"})

    def replicas(namespace: str) -> int:
        count: int = other_world.api.get(f"{machine_deployments(namespace)}/pool")["spec"]["replicas"]
        return count

    assert other_world.eventually(lambda: replicas(SERVED) == 7), namespaced.log_tail()
    collection = CUSTOMERS.replace(NAMESPACE, SERVED)
    assert other_world.eventually(lambda: "status" in other_world.api.get(f"{collection}/customer"))
    assert replicas(UNSERVED) == 1
    assert "status" not in other_world.api.get(f"{CUSTOMERS.replace(NAMESPACE, UNSERVED)}/customer")


def test_kinds_that_come_later_are_served_by_an_operator_that_waits_for_them(new_world: NewWorld) -> None:
    """It says that they are missing, and how to install them; when they go later, it ends and says so."""
    missing = "customerclusters.livecost.dev is not installed: kubectl apply --server-side -f crds/"
    with new_world() as world, ThreadPoolExecutor(1) as apart:
        world.api.create("/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
        flags = ("--no-leader-elect", f"--namespace={NAMESPACE}")
        process = OperatorProcess(world.cluster, world.cluster.admin_kubeconfig, *flags)
        starting = apart.submit(process.start)
        assert eventually(lambda: process.log_file.is_file() and missing in process.log_file.read_text())
        for crd in (customer_cluster_crd(), cost_profile_crd()):
            world.api.create(CRDS, crd)
        starting.result()
        assert eventually(lambda: world.api.exists(CUSTOMERS))
        world.customer("customer")
        assert eventually(lambda: world.condition("customer", "Sized")), process.log_tail()
        world.api.delete(f"{CRDS}/customerclusters.livecost.dev")
        ended = f"Error: the CRD {missing}; the process ends, and waits for it when it is started again"
        assert eventually(lambda: process.log_file.read_text().rstrip().endswith(ended)), process.log_tail()


def test_an_edit_is_followed_in_the_named_namespace(other_world: World, namespaced: OperatorProcess) -> None:
    """The watches work with rights in the namespace alone, for customers as well as for profiles."""
    target = other_world.machine_deployment("edited", namespace=SERVED)
    collection = CUSTOMERS.replace(NAMESPACE, SERVED)
    other_world.customer("edited", target, namespace=SERVED)
    path = f"{machine_deployments(SERVED)}/edited"
    assert other_world.eventually(lambda: other_world.api.get(path)["spec"]["replicas"] == 3)
    other_world.api.patch(f"{collection}/edited", {"spec": {"concurrency": 660}})
    assert other_world.eventually(lambda: other_world.api.get(path)["spec"]["replicas"] == 5)

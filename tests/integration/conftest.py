"""What the tests against a real API server share: one API server with all CRDs, and one operator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from e2e.cluster import create_cluster
from e2e.cluster.pytest_progress import uncaptured
from e2e.operator_process import OperatorProcess
from livecost.crds import cost_profile_crd, customer_cluster_crd
from livecost.rbac import cluster_role
from tests.integration.api_client import ApiClient, eventually
from tests.integration.target_crds import target_crds
from tests.integration.world import NAMESPACE, NewWorld, World

Json = dict[str, Any]

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
RBAC = "/apis/rbac.authorization.k8s.io/v1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs an API server."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.cluster)


@pytest.fixture(scope="session")
def new_world(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> NewWorld:
    """Starts an etcd and an API server, with the administrator's connection and nothing of livecost yet."""

    @contextmanager
    def start() -> Iterator[World]:
        with (
            create_cluster(progress=uncaptured(pytestconfig)) as cluster,
            closing(ApiClient(cluster.admin_kubeconfig, tmp_path_factory.mktemp("admin"))) as client,
        ):
            yield World(cluster, client)

    return start


@pytest.fixture(scope="session")
def world(new_world: NewWorld) -> Iterator[World]:
    """An API server with all CRDs and the customers' namespace, and no operator."""
    with new_world() as world:
        _take_customers(world, target_crds())
        yield world


@pytest.fixture(scope="session")
def operator(world: World) -> Iterator[OperatorProcess]:
    """The operator under its generated ClusterRole; the kinds outside its table are granted beside that."""
    grant(world.api, "livecost", cluster_role()["rules"])
    grant(world.api, "livecost", OTHER_KINDS, role="livecost-other-kinds")
    grant(world.api, "livecost", [rule("", ["secrets"], ["get"])], role="livecost-secrets")
    observing = (
        "--observation-interval-seconds=5",
        "--observation-step-seconds=5",
        "--observation-window-seconds=60",
        "--prometheus-timeout-seconds=1",
    )
    kubeconfig = world.cluster.kubeconfig_for("livecost")
    with OperatorProcess(world.cluster, kubeconfig, "--no-leader-elect", *observing) as process:
        yield process


@pytest.fixture(scope="session")
def other_world(new_world: NewWorld) -> Iterator[World]:
    """A second API server with the same CRDs, for targets in another cluster and for tests that disturb a server."""
    with new_world() as world:
        _take_customers(world, [crd for crd in target_crds() if crd["spec"]["group"] == "cluster.x-k8s.io"])
        yield world


def _take_customers(world: World, targets: list[Json]) -> None:
    install_crds(world.api, [customer_cluster_crd(), cost_profile_crd(), *targets])
    world.api.create("/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})


def install_crds(api: ApiClient, crds: list[Json]) -> None:
    """Install CRDs; return when they are served."""
    for crd in crds:
        api.create(CRDS, crd)
    for crd in crds:
        path = f"{CRDS}/{crd['metadata']['name']}"

        def established(path: str = path) -> bool:
            rows = api.get(path).get("status", {}).get("conditions") or ()
            return any(row["type"] == "Established" and row["status"] == "True" for row in rows)

        assert eventually(established), path
    for crd in crds:
        for version in crd["spec"]["versions"]:
            path = f"/apis/{crd['spec']['group']}/{version['name']}/{crd['spec']['names']['plural']}"
            assert eventually(partial(api.exists, path)), path


def grant(api: ApiClient, user: str, rules: list[Json], *, role: str | None = None, namespace: str = "") -> None:
    """Bind rules to a user by a role of its own."""
    name = role or user
    scope = f"{RBAC}/namespaces/{namespace}" if namespace else RBAC
    kind = "Role" if namespace else "ClusterRole"
    api.create(f"{scope}/{kind.lower()}s", {"metadata": {"name": name}, "rules": rules})
    binding = {
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}],
    }
    api.create(f"{scope}/{kind.lower()}bindings", binding)


def rule(group: str, resources: list[str], verbs: list[str]) -> Json:
    """A rule of a Role."""
    return {"apiGroups": [group], "resources": resources, "verbs": verbs}


# The kinds that the tests size and livecost's table does not know.
OTHER_KINDS = [
    rule(group, resources, ["list", "watch", "patch"])
    for group, resources in (
        ("apps", ["deployments", "deployments/scale"]),
        ("autoscaling.x-k8s.io", ["capacitybuffers"]),
        ("late.example.com", ["latepools", "latepools/scale"]),
        ("machine.openshift.io", ["machinesets", "machinesets/scale"]),
        ("pools.example.com", ["barepools", "fleetpools", "fleetpools/scale", "smallpools", "smallpools/scale"]),
    )
]

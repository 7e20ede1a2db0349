"""CustomerFleets on a real API server: who is counted, what changes it, what is refused, and a CRD that comes late."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from e2e.operator_process import OperatorProcess
from livecost.crds import customer_fleet_crd
from livecost.rbac import cluster_role
from tests.integration.api_client import ApiRefused
from tests.integration.conftest import grant, install_crds
from tests.integration.world import CUSTOMERS, NAMESPACE, ONE_NODE, PROFILES, TWO_NODES, World

Json = dict[str, Any]

USER = "livecost-fleets"
FLEETS = CUSTOMERS.replace("customerclusters", "customerfleets")
SELECTOR = {"matchLabels": {"fleet": "counted"}}


@pytest.fixture(scope="module")
def process(other_world: World) -> Iterator[OperatorProcess]:
    """An operator that starts where CustomerFleet's CRD is not installed yet."""
    grant(other_world.api, USER, cluster_role([("cluster.x-k8s.io", "MachineDeployment")])["rules"])
    kubeconfig = other_world.cluster.kubeconfig_for(USER)
    with OperatorProcess(other_world.cluster, kubeconfig, "--no-leader-elect") as process:
        yield process


@pytest.fixture(scope="module")
def fleets(other_world: World, process: OperatorProcess) -> Iterator[World]:
    """The same server after the CRD came, with a fleet of two customers."""
    other_world.customer("before-the-crd", other_world.machine_deployment("before-the-crd"))
    other_world.applied("before-the-crd")
    assert process.is_ready()
    assert any(record.get("event") == "customer fleets not served" for record in process.log_records())
    install_crds(other_world.api, [customer_fleet_crd()])
    _labelled(other_world, "small", concurrency=ONE_NODE)
    _labelled(other_world, "large", concurrency=TWO_NODES)
    _fleet(other_world, "counted", selector=SELECTOR)
    yield other_world
    for name in ("small", "large"):
        other_world.api.delete(f"{CUSTOMERS}/{name}")


def _labelled(world: World, name: str, *, namespace: str = NAMESPACE, fleet: str = "counted", **spec: Any) -> None:
    world.api.create(
        CUSTOMERS.replace(NAMESPACE, namespace),
        {
            "apiVersion": "livecost.dev/v1alpha1",
            "kind": "CustomerCluster",
            "metadata": {"name": name, "labels": {"fleet": fleet}},
            "spec": {"users": 1000, **spec},
        },
    )


def _fleet(world: World, name: str, **spec: Any) -> Json:
    kind = {"apiVersion": "livecost.dev/v1alpha1", "kind": "CustomerFleet"}
    return world.api.create(FLEETS, {**kind, "metadata": {"name": name}, "spec": spec})


def _status(world: World, name: str) -> Json:
    body = world.api.get(f"{FLEETS}/{name}")
    status: Json = body.get("status") or {}
    return status if status.get("observedGeneration") == body["metadata"]["generation"] else {}


def _comes(world: World, process: OperatorProcess, name: str, holds: Callable[[Json], Any]) -> Json:
    def has_come() -> bool:
        status = _status(world, name)
        return bool(status and holds(status))

    assert world.eventually(has_come), f"{_status(world, name)}\n{process.log_tail()}"
    return _status(world, name)


def _counts(*names: str) -> Callable[[Json], bool]:
    def holds(status: Json) -> bool:
        return {row["name"] for row in status["top"]["highestCost"]} == set(names)

    return holds


def test_a_fleet_adds_up_its_customers_whose_crd_came_after_the_operator(
    fleets: World, process: OperatorProcess
) -> None:
    """Customers were served before; the fleet's figures are the sum of what its customers' statuses say."""
    status = _comes(fleets, process, "counted", lambda status: status["customers"]["counted"] == 2)
    annual = [fleets.status(name)["cost"]["projected"]["annual"] for name in ("small", "large")]
    assert status["customers"] == {"total": 2, "counted": 2, "unknown": 0}
    # 3 LiveKit and 3 sim nodes: 963.60; twice 278 fixed; 198 + 396 participants x 32.4 GB x 0.09: 1,732.104 a month.
    assert status["cost"]["projectedAnnual"] == "39020.45"
    assert sum(map(Decimal, annual)) == Decimal("39020.45")
    assert (status["cost"]["revenueAnnual"], status["cost"]["observedAnnual"]) == ("70000.00", None)
    assert status["nodes"]["livekit"] == {"desired": 3, "ready": None, "unknown": 2}
    (row,) = status["conditions"]
    assert (row["type"], row["status"], row["reason"]) == ("Ready", "True", "AllCounted")


def test_an_edit_of_a_customer_and_of_its_profile_is_followed(fleets: World, process: OperatorProcess) -> None:
    """The demand of one customer, then the license of all by the profile `default`."""
    _comes(fleets, process, "counted", _counts("small", "large"))
    fleets.api.patch(f"{CUSTOMERS}/small", {"spec": {"concurrency": TWO_NODES}})
    _comes(fleets, process, "counted", lambda status: status["nodes"]["livekit"]["desired"] == 4)
    kind = {"apiVersion": "livecost.dev/v1alpha1", "kind": "CostProfile"}
    fleets.api.create(PROFILES, {**kind, "metadata": {"name": "plan"}, "spec": {"license": {"annual": 50000}}})
    for name in ("small", "large"):
        fleets.api.patch(f"{CUSTOMERS}/{name}", {"spec": {"profileRef": {"name": "plan"}}})
    _comes(fleets, process, "counted", lambda status: status["cost"]["revenueAnnual"] == "100000.00")
    fleets.api.patch(f"{PROFILES}/plan", {"spec": {"license": {"annual": 60000}}})
    _comes(fleets, process, "counted", lambda status: status["cost"]["revenueAnnual"] == "120000.00")


def test_a_label_moves_a_customer_in_and_out_and_a_deletion_takes_it_away(
    fleets: World, process: OperatorProcess
) -> None:
    """No spec changes, and still the fleet does."""
    _labelled(fleets, "moving", fleet="elsewhere", concurrency=10)
    _comes(fleets, process, "counted", _counts("small", "large"))
    for label, names in (("counted", ["small", "large", "moving"]), ("elsewhere", ["small", "large"])):
        fleets.api.patch(f"{CUSTOMERS}/moving", {"metadata": {"labels": {"fleet": label}}})
        _comes(fleets, process, "counted", _counts(*names))
    fleets.api.patch(f"{CUSTOMERS}/moving", {"metadata": {"labels": {"fleet": "counted"}}})
    _comes(fleets, process, "counted", _counts("small", "large", "moving"))
    fleets.api.delete(f"{CUSTOMERS}/moving")
    _comes(fleets, process, "counted", _counts("small", "large"))


def test_a_customer_that_cannot_be_sized_is_named_and_in_no_figure(fleets: World, process: OperatorProcess) -> None:
    """Its cost is unknown, not 0; when it goes, all are counted."""
    before = _comes(fleets, process, "counted", _counts("small", "large"))["cost"]
    _labelled(fleets, "unsized", concurrency=10, profileRef={"name": "missing"})
    status = _comes(fleets, process, "counted", lambda status: status["customers"]["unknown"] == 1)
    (row,) = status["conditions"]
    assert (row["status"], row["reason"]) == ("False", "CustomersNotSized")
    assert f"{NAMESPACE}/unsized" in row["message"]
    assert status["cost"] == before
    fleets.api.delete(f"{CUSTOMERS}/unsized")
    _comes(fleets, process, "counted", lambda status: status["conditions"][0]["reason"] == "AllCounted")


def test_other_namespaces_are_taken_when_named_or_all(fleets: World, process: OperatorProcess) -> None:
    """By default a fleet looks in its own namespace."""
    fleets.api.create("/api/v1/namespaces", {"metadata": {"name": "branch"}})
    _labelled(fleets, "abroad", namespace="branch", fleet="abroad", concurrency=10)
    selector = {"matchExpressions": [{"key": "fleet", "operator": "In", "values": ["abroad"]}]}
    _fleet(fleets, "at-home", selector=selector)
    assert _comes(fleets, process, "at-home", lambda status: status)["conditions"][0]["reason"] == "NoCustomers"
    for name, where in (("named", {"namespaces": ["branch"]}), ("everywhere", {"allNamespaces": True})):
        _fleet(fleets, name, selector=selector, **where)
        _comes(fleets, process, name, _counts("abroad"))
    fleets.api.patch(f"{FLEETS}/at-home", {"spec": {"allNamespaces": True}})
    _comes(fleets, process, "at-home", _counts("abroad"))


def test_the_columns_are_the_agreed_ones(fleets: World, process: OperatorProcess) -> None:
    """`kubectl get customerfleets` and its short name answer for all customers at once."""
    _comes(fleets, process, "counted", _counts("small", "large"))
    columns = "NAME CUSTOMERS LIVEKIT SIM PROJECTED OBSERVED REVENUE MARGIN READY AGE"
    table = fleets.cluster.kubectl("get", "customerfleets", f"--namespace={NAMESPACE}").splitlines()
    assert table[0].split() == columns.split()
    row = next(line.split() for line in table if line.startswith("counted "))
    assert row[1:4] == ["2", "?/4", "?/4"]
    assert row[5] == "unknown"
    assert row[8] == "True"
    wide = fleets.cluster.kubectl("get", "cf", f"--namespace={NAMESPACE}", "--output=wide").splitlines()
    assert wide[0].split() == [*columns.split(), "POOLED", "SAVING", "UNKNOWN"]


def test_nothing_is_written_when_nothing_changed(fleets: World, process: OperatorProcess) -> None:
    """A customer elsewhere, and an annotation on a member, concern no figure; and a fleet's object is the user's."""
    _comes(fleets, process, "counted", _counts("small", "large"))
    _fleet(fleets, "barrier", selector={"matchLabels": {"fleet": "barrier"}})
    _comes(fleets, process, "barrier", lambda status: status)
    before = fleets.writes(USER, "counted")
    fleets.api.patch(f"{CUSTOMERS}/small", {"metadata": {"annotations": {"seen": "true"}}})
    _labelled(fleets, "barrier", fleet="barrier", concurrency=10)
    _comes(fleets, process, "barrier", _counts("barrier"))
    assert fleets.writes(USER, "counted") == before
    metadata = fleets.api.get(f"{FLEETS}/counted")["metadata"]
    assert "finalizers" not in metadata
    assert "annotations" not in metadata


def test_a_restart_writes_nothing_when_nothing_changed(fleets: World, process: OperatorProcess) -> None:
    """A new process waits until every customer was decided on, and then finds what its predecessor wrote."""
    _comes(fleets, process, "counted", _counts("small", "large"))
    before = fleets.writes(USER, "counted")
    process.stop()
    process.start()
    # Fleets are added up one after the other, so that one made now comes after those that are there.
    _fleet(fleets, "after-the-restart", selector=SELECTOR)
    _comes(fleets, process, "after-the-restart", _counts("small", "large"))
    fleets.api.patch(f"{FLEETS}/after-the-restart", {"spec": {"pooling": {"diversityPercent": 50}}})
    _comes(fleets, process, "after-the-restart", lambda status: status)
    assert fleets.writes(USER, "counted") == before


def test_metrics_tell_of_a_fleet_and_leave_with_it(fleets: World, process: OperatorProcess) -> None:
    """The series has the fleet's labels."""
    _fleet(fleets, "measured", selector=SELECTOR)
    _comes(fleets, process, "measured", _counts("small", "large"))
    series = f'livecost_fleet_customers{{fleet="measured",fleet_namespace="{NAMESPACE}",state="counted"}} 2.0'
    assert series in process.metrics().splitlines()
    fleets.api.delete(f"{FLEETS}/measured")
    assert fleets.eventually(lambda: 'fleet="measured"' not in process.metrics())


FLEET_RULES: list[tuple[Json, str, str]] = [
    ({"selector": {"matchExpressions": [{"key": "a", "operator": "In"}]}}, "matchExpressions[0]", "In and NotIn take"),
    ({"selector": {"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["b"]}]}}, "[0]", "take none"),
    ({"selector": {"matchExpressions": [{"key": "a", "operator": "Is"}]}}, "operator", "Unsupported value"),
    ({"selector": {"matchLabels": {"-a": "b"}}}, "spec.selector.matchLabels", "as Kubernetes takes them"),
    ({"selector": {"matchLabels": {"a": "b c"}}}, "spec.selector.matchLabels", "such as plan: gold"),
    ({"namespaces": ["a"], "allNamespaces": True}, "spec", "both say where to look"),
    ({"namespaces": []}, "spec.namespaces", "at least 1"),
    ({"rates": [{"currency": "EUR", "rate": 1, "date": "2026-03-01"}]}, "spec", "also write currency"),
    (
        {"currency": "EUR", "rates": [{"currency": "EUR", "rate": 1, "date": "2026-03-01"}]},
        "spec",
        "leave it out, it is 1",
    ),
    ({"currency": "EUR", "rates": [{"currency": "USD", "rate": 0, "date": "2026-03-01"}]}, "rate", "write a number"),
    ({"currency": "EUR", "rates": [{"currency": "USD", "rate": 1, "date": "today"}]}, "date", "must be of type date"),
    (
        {"currency": "EUR", "rates": [{"currency": "USD", "rate": 1, "date": "2026-03-01"}] * 2},
        "spec.rates[1]",
        "Duplicate value",
    ),
    ({"currency": "eur"}, "spec.currency", "should match"),
    ({"pooling": {"diversityPercent": 0}}, "spec.pooling.diversityPercent", "above 0 and at most 100"),
]


@pytest.mark.parametrize(("spec", "field", "words"), FLEET_RULES)
def test_a_bad_fleet_is_refused_with_field_and_remedy(fleets: World, spec: Json, field: str, words: str) -> None:
    """The API server itself says what to write."""
    kind = {"apiVersion": "livecost.dev/v1alpha1", "kind": "CustomerFleet"}
    with pytest.raises(ApiRefused) as refused:
        fleets.api.create(f"{FLEETS}?dryRun=All", {**kind, "metadata": {"name": "bad"}, "spec": spec})
    assert field in refused.value.message
    assert words in refused.value.message

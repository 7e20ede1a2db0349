"""The operator's metrics: unknown has no series, and series leave with their object."""

import pytest
from prometheus_client import exposition

from livecost import metric_names
from livecost.metrics import Metrics
from livecost.store import Store
from tests.livecost.builders import cluster_body, plan_of, spec_of

OBSERVED = {
    "monthlyRunRate": "991.20",
    "coveragePercent": "99.8",
    "asOf": "2026-03-01T12:00:00Z",
}
STATUS = {
    "pools": {
        "livekit": {"required": 1, "planned": 1, "desired": 1},
        "sim": {"required": 3, "planned": 4, "desired": 5, "ready": 2, "maxNodes": 50},
    },
    "cost": {"currency": "EUR", "projected": {"monthly": "1036.60"}, "observed": OBSERVED},
    "conditions": [
        {"type": "Ready", "status": "False", "reason": "NodesNotReady"},
        {"type": "CostObserved", "status": "Unknown", "reason": "NoPrometheus"},
    ],
}
CUSTOMER = {"customer_namespace": "customers", "customer": "st-marys"}


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def value(store):
    metrics = Metrics()
    metrics.follow(store, lambda: 7)
    return lambda name, **labels: metrics.registry.get_sample_value(name, labels)


def test_a_customers_figures_are_exported(store, value):
    store.put_cluster(cluster_body(status=STATUS))

    nodes = [
        value(name, **CUSTOMER, pool="sim")
        for name in (
            metric_names.REQUIRED_NODES,
            metric_names.PLANNED_NODES,
            metric_names.DESIRED_NODES,
            metric_names.READY_NODES,
            metric_names.MAX_NODES,
        )
    ]
    assert nodes == [3, 4, 5, 2, 50]
    assert value(metric_names.PROJECTED_COST, **CUSTOMER, currency="EUR") == 1036.60
    assert value(metric_names.OBSERVED_COST, **CUSTOMER, currency="EUR") == 991.20
    assert value(metric_names.COVERAGE, **CUSTOMER) == pytest.approx(0.998)
    assert value(metric_names.OBSERVED_AT, **CUSTOMER) == 1_772_366_400
    assert value(metric_names.CONDITION, **CUSTOMER, type="Ready", status="False", reason="NodesNotReady") == 1
    assert value(metric_names.CONDITION, **CUSTOMER, type="Ready", status="True", reason="AsPlanned") is None
    assert value(metric_names.QUEUE_LENGTH) == 7


def test_the_capacity_is_that_of_full_desired_nodes(store, value):
    """A full node carries 33 rooms of 6 in 200 participants, whatever utilization it is planned for."""
    store.put_cluster(cluster_body(status=STATUS))
    assert value(metric_names.CAPACITY_SESSIONS, **CUSTOMER, pool="livekit") is None

    spec = spec_of(overrides={"capacity": {"targetUtilizationPercent": 70}})
    store.clusters["customers", "st-marys"].plan = ("made from", plan_of(spec))

    assert value(metric_names.CAPACITY_PARTICIPANTS, **CUSTOMER, pool="livekit") == 200
    assert value(metric_names.CAPACITY_SESSIONS, **CUSTOMER, pool="livekit") == 33
    assert value(metric_names.CAPACITY_SESSIONS, **CUSTOMER, pool="sim") == 250


def test_budget_and_match_labels_are_exported_from_the_spec(store, value):
    observation = {"matchLabels": {"cluster": "st-marys-prod"}}
    store.put_cluster(cluster_body(status=STATUS, budget={"monthly": 1200}, observation=observation))

    assert value(metric_names.BUDGET, **CUSTOMER, currency="EUR") == 1200
    assert value(metric_names.CUSTOMER_MATCH, **CUSTOMER, match_name="cluster", match_value="st-marys-prod") == 1


def test_unknown_has_no_series(store, value):
    store.put_cluster(cluster_body(status=STATUS))
    assert value(metric_names.READY_NODES, **CUSTOMER, pool="livekit") is None

    store.put_cluster(cluster_body(version="11"))
    assert value(metric_names.PROJECTED_COST, **CUSTOMER, currency="EUR") is None
    assert value(metric_names.COVERAGE, **CUSTOMER) is None


def test_series_leave_with_their_object(store, value):
    store.put_cluster(cluster_body(status=STATUS))
    store.put_cluster(cluster_body("st-johns", status=STATUS))

    store.remove_cluster(("customers", "st-marys"))

    assert value(metric_names.DESIRED_NODES, **CUSTOMER, pool="sim") is None
    assert value(metric_names.CONDITION, **CUSTOMER, type="Ready", status="False", reason="NodesNotReady") is None
    assert value(metric_names.DESIRED_NODES, **{**CUSTOMER, "customer": "st-johns"}, pool="sim") == 5


def test_every_named_metric_is_exported(store):
    """Dashboards and alerts rely on the names, also while there is no customer yet."""
    metrics = Metrics()
    metrics.follow(store, lambda: 0)
    metrics.target_writes.labels("up").inc()
    metrics.reconcile_errors.labels("Bug").inc()

    text = exposition.generate_latest(metrics.registry).decode()

    names = {value for name, value in vars(metric_names).items() if name.isupper() and not name.endswith("_LABEL")}
    helped = {line.split()[2] for line in text.splitlines() if line.startswith("# HELP")}
    assert names <= helped

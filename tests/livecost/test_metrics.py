"""The operator's metrics: unknown has no series, and series leave with their object."""

import pytest
from prometheus_client import exposition

from livecost import metric_names
from livecost.metrics import Metrics
from livecost.store import Store
from tests.livecost.builders import cluster_body, plan_of, spec_of
from tests.livecost.fleets import customer, status_of

OBSERVED = {
    "monthlyRunRate": "991.20",
    "coveragePercent": "99.8",
    "asOf": "2026-03-01T12:00:00Z",
}
STATUS = {
    "pools": {
        "livekit": {"required": 1, "planned": 1, "desired": 1},
        "sim": {"required": 3, "planned": 4, "desired": 5, "ready": 2, "limitedBy": "maxNodes", "heldByBudget": 3},
    },
    "cost": {
        "currency": "EUR",
        "projected": {"monthly": "1036.60"},
        "observed": OBSERVED,
        "variance": {"percent": "-4.4"},
    },
    "conditions": [
        {"type": "Ready", "status": "False", "reason": "NodesNotReady"},
        {"type": "CostObserved", "status": "Unknown", "reason": "NoPrometheus"},
    ],
}
FLEETS = [
    (("customers", "all"), status_of(customer("a", observed=1000), customer("b"))),
    (("customers", "mixed"), status_of(customer("a"), customer("b", profile={"currency": "EUR"}))),
    (("customers", "new"), {}),
]
CUSTOMER = {"customer_namespace": "customers", "customer": "st-marys"}


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def value(store):
    metrics = Metrics()
    metrics.follow(store, lambda: 7, lambda: FLEETS)
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
            metric_names.BUDGET_HELD_NODES,
        )
    ]
    assert nodes == [3, 4, 5, 2, 3]
    assert value(metric_names.LIMITED, **CUSTOMER, pool="sim", limited_by="maxNodes") == 1
    assert value(metric_names.VARIANCE, **CUSTOMER) == pytest.approx(-0.044)
    assert value(metric_names.PROJECTED_COST, **CUSTOMER, currency="EUR") == 1036.60
    assert value(metric_names.OBSERVED_COST, **CUSTOMER, currency="EUR") == 991.20
    assert value(metric_names.COVERAGE, **CUSTOMER) == pytest.approx(0.998)
    assert value(metric_names.OBSERVED_AT, **CUSTOMER) == 1_772_366_400
    assert value(metric_names.CONDITION, **CUSTOMER, type="Ready", status="False", reason="NodesNotReady") == 1
    assert value(metric_names.CONDITION, **CUSTOMER, type="Ready", status="True", reason="AsPlanned") is None
    assert value(metric_names.QUEUE_LENGTH) == 7


def test_a_fleets_figures_are_exported(value):
    everybody = {"fleet_namespace": "customers", "fleet": "all"}

    assert value(metric_names.FLEET_CUSTOMERS, **everybody, state="counted") == 2
    assert value(metric_names.FLEET_CUSTOMERS, **everybody, state="unknown") == 0
    assert value(metric_names.FLEET_NODES, **everybody, pool="sim") == 2
    names = (
        metric_names.FLEET_PROJECTED_COST,
        metric_names.FLEET_OBSERVED_COST,
        metric_names.FLEET_OBSERVED_CUSTOMERS,
        metric_names.FLEET_REVENUE,
        metric_names.FLEET_POOLED_COST,
    )
    assert [value(name, **everybody, currency="USD") for name in names] == [24878.40, 12000, 1, 70000, 19790.40]


def test_a_fleet_of_unlike_currencies_has_a_series_for_each():
    """Nothing unknown has one: no observed cost, no shared cluster, nothing of a fleet not yet added up."""
    metrics = Metrics()
    metrics.follow(Store(), lambda: 0, lambda: FLEETS)
    mixed = {"fleet_namespace": "customers", "fleet": "mixed"}

    def value(name, **labels):
        return metrics.registry.get_sample_value(name, labels)

    for currency in ("USD", "EUR"):
        assert value(metric_names.FLEET_PROJECTED_COST, **mixed, currency=currency) == 12439.20
        assert value(metric_names.FLEET_OBSERVED_COST, **mixed, currency=currency) is None
        assert value(metric_names.FLEET_POOLED_COST, **mixed, currency=currency) is None
    assert value(metric_names.FLEET_CUSTOMERS, fleet_namespace="customers", fleet="new", state="counted") is None


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
    assert value(metric_names.BUDGET_HELD_NODES, **CUSTOMER, pool="livekit") is None

    store.put_cluster(cluster_body(version="11"))
    assert value(metric_names.PROJECTED_COST, **CUSTOMER, currency="EUR") is None
    assert value(metric_names.COVERAGE, **CUSTOMER) is None
    assert value(metric_names.VARIANCE, **CUSTOMER) is None


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
    metrics.follow(store, lambda: 0, list)
    metrics.target_writes.labels("up").inc()
    metrics.reconcile_errors.labels("Bug").inc()

    text = exposition.generate_latest(metrics.registry).decode()

    names = {value for name, value in vars(metric_names).items() if name.isupper() and not name.endswith("_LABEL")}
    helped = {line.split()[2] for line in text.splitlines() if line.startswith("# HELP")}
    assert names <= helped

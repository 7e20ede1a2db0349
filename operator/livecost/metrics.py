"""The operator's own metrics; a customer's series are made from what is known of it, so they leave with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from costmodel import livekit_sessions_when_full
from livecost import metric_names as names
from livecost.customer_fleet_metrics import FleetCollector, Fleets
from livecost.decide import POOL_NAMES
from livecost.plan import Plan
from livecost.store import ClusterKey, CustomerCluster, Store

Json = dict[str, Any]

_CUSTOMER = [names.CUSTOMER_NAMESPACE_LABEL, names.CUSTOMER_LABEL]
_POOL_GAUGES = {
    names.REQUIRED_NODES: ("required", "Nodes that the demand requires."),
    names.PLANNED_NODES: ("planned", "Required nodes inside the bounds."),
    names.DESIRED_NODES: ("desired", "Nodes the target should have now."),
    names.READY_NODES: ("ready", "Nodes that are ready; absent while unknown."),
    names.BUDGET_HELD_NODES: ("heldByBudget", "Planned nodes that the budget holds back; absent when there are none."),
}


class CustomerCollector(Collector):
    """Series of all customers, read from their statuses when asked."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """All series; what is unknown has none."""
        # Scrapes run in a thread of their own, so the customers are taken over in one step.
        clusters = list(self._store.clusters.values())
        customers = [(cluster.key, cluster.status) for cluster in clusters]
        for metric, (field, text) in _POOL_GAUGES.items():
            family = GaugeMetricFamily(metric, text, labels=[*_CUSTOMER, names.POOL_LABEL])
            for key, status in customers:
                for pool in POOL_NAMES:
                    _add(family, [*key, pool], _at(status, "pools", pool, field))
            yield family
        limited = GaugeMetricFamily(
            names.LIMITED,
            "1 for the bound that changed the required nodes.",
            labels=[*_CUSTOMER, names.POOL_LABEL, "limited_by"],
        )
        for key, status in customers:
            for pool in POOL_NAMES:
                if bound := _at(status, "pools", pool, "limitedBy"):
                    limited.add_metric([*key, pool, bound], 1)
        yield limited
        yield from _capacities(clusters)
        yield from _costs(customers)
        yield from _from_specs(clusters)
        condition = GaugeMetricFamily(
            names.CONDITION,
            "1 for the status and reason that a condition has now.",
            labels=[*_CUSTOMER, "type", "status", "reason"],
        )
        for key, status in customers:
            for row in status.get("conditions") or ():
                condition.add_metric([*key, row["type"], row["status"], row["reason"]], 1)
        yield condition


def _capacities(clusters: list[CustomerCluster]) -> Iterator[GaugeMetricFamily]:
    """What the desired nodes carry when full; absent for a customer without a plan."""
    labels = [*_CUSTOMER, names.POOL_LABEL]
    sessions = GaugeMetricFamily(names.CAPACITY_SESSIONS, "Sessions that the desired nodes carry.", labels=labels)
    participants = GaugeMetricFamily(
        names.CAPACITY_PARTICIPANTS, "Participants that the desired nodes carry.", labels=labels
    )
    for cluster in clusters:
        plan = cluster.plan[1] if cluster.plan else None
        if not isinstance(plan, Plan):
            continue
        demand, capacity = plan.assumptions.demand, plan.assumptions.capacity
        livekit, sim = (_at(cluster.status, "pools", pool, "desired") for pool in POOL_NAMES)
        if livekit is not None:
            key = [*cluster.key, "livekit"]
            sessions.add_metric(key, livekit_sessions_when_full(livekit, demand, capacity))
            participants.add_metric(key, livekit * capacity.participants_per_node)
        if sim is not None:
            sessions.add_metric([*cluster.key, "sim"], sim * capacity.sessions_per_node)
    yield from (sessions, participants)


def _from_specs(clusters: list[CustomerCluster]) -> Iterator[GaugeMetricFamily]:
    """What the specs say that alerts and dashboards need beside the status."""
    budget = GaugeMetricFamily(names.BUDGET, "Budget per month.", labels=[*_CUSTOMER, "currency"])
    match = GaugeMetricFamily(
        names.CUSTOMER_MATCH,
        "1 for each label that tells the customer's series apart.",
        labels=[*_CUSTOMER, names.MATCH_NAME_LABEL, names.MATCH_VALUE_LABEL],
    )
    for cluster in clusters:
        if cluster.spec is None:
            continue
        currency = _at(cluster.status, "cost", "currency")
        if cluster.spec.budget is not None and currency is not None:
            budget.add_metric([*cluster.key, currency], float(cluster.spec.budget.monthly))
        for name, value in cluster.spec.observation.match_labels.items():
            match.add_metric([*cluster.key, name, value], 1)
    yield from (budget, match)


def _costs(customers: list[tuple[ClusterKey, Json]]) -> Iterator[GaugeMetricFamily]:
    labels = [*_CUSTOMER, "currency"]
    projected = GaugeMetricFamily(names.PROJECTED_COST, "Projected cost per month of 730 hours.", labels=labels)
    observed = GaugeMetricFamily(names.OBSERVED_COST, "Observed run rate per month of 730 hours.", labels=labels)
    variance = GaugeMetricFamily(
        names.VARIANCE, "Observed less projected cost, by the projected: 0.1 is 10 % more.", labels=_CUSTOMER
    )
    coverage = GaugeMetricFamily(names.COVERAGE, "Share of the window with telemetry, 0 to 1.", labels=_CUSTOMER)
    as_of = GaugeMetricFamily(names.OBSERVED_AT, "End of the window of the figures shown.", labels=_CUSTOMER)
    for key, status in customers:
        currency = _at(status, "cost", "currency")
        _add(projected, [*key, currency or ""], _at(status, "cost", "projected", "monthly"))
        percent = _at(status, "cost", "variance", "percent")
        _add(variance, list(key), None if percent is None else float(percent) / 100)
        shown = _at(status, "cost", "observed")
        if shown:
            _add(observed, [*key, currency or ""], shown.get("monthlyRunRate"))
            coverage.add_metric(list(key), float(shown["coveragePercent"]) / 100)
            as_of.add_metric(list(key), datetime.fromisoformat(shown["asOf"]).timestamp())
    yield from (projected, observed, variance, coverage, as_of)


def _at(status: Json, *path: str) -> Any:
    value: Any = status
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _add(family: GaugeMetricFamily, labels: list[str], value: Any) -> None:
    if value is not None:
        family.add_metric(labels, float(value))


class Metrics:
    """All metrics of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        for collector in (GCCollector, PlatformCollector, ProcessCollector):
            collector(registry=self.registry)
        self.reconcile_seconds = Histogram(
            names.RECONCILE_SECONDS, "Time from taking a customer up to done.", registry=self.registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
        )  # fmt: skip
        self.reconcile_errors = Counter(
            names.RECONCILE_ERRORS, "Decisions that failed and are tried again.", ["reason"], registry=self.registry
        )
        self.target_writes = Counter(
            names.TARGET_WRITES, "Counts written to targets.", ["direction"], registry=self.registry
        )
        self.status_writes = Counter(names.STATUS_WRITES, "Statuses written.", registry=self.registry)
        self.fleet_status_writes = Counter(
            names.FLEET_STATUS_WRITES, "Statuses of CustomerFleets written.", registry=self.registry
        )
        self.leader = Gauge(names.LEADER, "1 while this replica decides and writes.", registry=self.registry)

    def follow(self, store: Store, queue_length: Callable[[], int], fleets: Fleets) -> None:
        """Export the customers of a store, the length of a queue, and the fleets that a call tells."""
        self.registry.register(CustomerCollector(store))
        self.registry.register(FleetCollector(fleets))
        queue = Gauge(
            names.QUEUE_LENGTH, "Customers that wait for a decision or are being decided on.", registry=self.registry
        )
        queue.set_function(queue_length)

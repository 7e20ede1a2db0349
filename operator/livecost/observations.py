"""Measures all customers again and again, one cycle of few queries for each Prometheus."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog

from livecost.observed_cost import NOT_YET, Measured, NotMeasured
from livecost.prometheus import ask
from livecost.promql import Customer, Telemetry, Window, queries, window_before
from livecost.settings import Settings
from livecost.store import ClusterKey, CustomerCluster, Store
from livecost.target_kinds import PoolNodes, nodes_of

NO_PROMETHEUS = NotMeasured(
    "NoPrometheus",
    "no Prometheus is named: set spec.observation.prometheusRef.url, or start livecost with --prometheus-url",
)

GARBLED = NotMeasured(
    "PrometheusAnswerInvalid", "Prometheus gave series that are not as expected; check that the address is right"
)

# Several slow Prometheus servers must not use up the threads that all share.
_SERVERS_AT_A_TIME = 4

_NO_TIME = datetime.fromtimestamp(0, UTC)

log = structlog.get_logger()


class Observations:
    """The latest measurement of every customer.

    Args:
        store: the customers.
        settings: window, step and interval.
        on_change: called with a customer whose measurement changed.
    """

    def __init__(self, store: Store, settings: Settings, on_change: Callable[[ClusterKey], None]) -> None:
        self._store = store
        self._settings = settings
        self._on_change = on_change
        self._measured: dict[ClusterKey, Measured | NotMeasured] = {}
        self._told_at: dict[ClusterKey, datetime] = {}
        self._slots = asyncio.Semaphore(_SERVERS_AT_A_TIME)

    def latest(self, cluster: CustomerCluster) -> Measured | NotMeasured:
        """What was measured last, or why nothing was."""
        if self._url(cluster) is None:
            return NO_PROMETHEUS
        return self._measured.get(cluster.key, NOT_YET)

    async def run(self) -> None:
        """Measure until cancelled."""
        while True:
            await self.measure_all(datetime.now(UTC))
            await asyncio.sleep(self._settings.observation_interval_seconds)

    async def measure_all(self, now: datetime) -> None:
        """Measure every customer once."""
        by_url: defaultdict[str, list[CustomerCluster]] = defaultdict(list)
        for cluster in self._store.clusters.values():
            if url := self._url(cluster):
                by_url[url].append(cluster)
        for key in self._measured.keys() - self._store.clusters.keys():
            del self._measured[key]
            self._told_at.pop(key, None)
        async with asyncio.TaskGroup() as tasks:
            for url, clusters in by_url.items():
                tasks.create_task(self._measure(url, clusters, now))

    async def _measure(self, url: str, clusters: list[CustomerCluster], now: datetime) -> None:
        settings = self._settings
        longest = window_before(now, settings.observation_window_seconds, settings.observation_step_seconds)
        names = sorted({name for cluster in clusters for name in _match_labels(cluster)})
        # Pools may be older than the customer that names them, so nobody is measured over a time before its creation.
        by_window: defaultdict[Window, list[CustomerCluster]] = defaultdict(list)
        for cluster in clusters:
            by_window[longest.within(cluster.created_at)].append(cluster)
        alone = len(clusters) == 1
        async with self._slots:
            for window, members in by_window.items():
                answers = await ask(url, queries(window, names), window, settings.prometheus_timeout_seconds)
                if isinstance(answers, NotMeasured):
                    log.warning("observation failed", url=url, reason=answers.reason, message=answers.message)
                    for cluster in clusters:
                        self._take(cluster.key, answers, now)
                    return
                try:
                    telemetry = Telemetry(window, answers)
                    measured = {cluster.key: telemetry.measure(_customer(cluster, alone=alone)) for cluster in members}
                except (LookupError, TypeError, ValueError, ArithmeticError):
                    log.exception("observation garbled", url=url)
                    measured = {cluster.key: GARBLED for cluster in members}
                for key, found in measured.items():
                    self._take(key, found, now)

    def _take(self, key: ClusterKey, measured: Measured | NotMeasured, now: datetime) -> None:
        before = self._measured.get(key)
        self._measured[key] = measured
        told_at = self._told_at.get(key)
        refresh = timedelta(seconds=self._settings.observation_refresh_seconds)
        overdue = told_at is None or bool(refresh and now - told_at >= refresh)
        if overdue or _without_time(before) != _without_time(measured):
            self._told_at[key] = now
            self._on_change(key)

    def _url(self, cluster: CustomerCluster) -> str | None:
        reference = cluster.spec.observation.prometheus_ref if cluster.spec else None
        return reference.url if reference else self._settings.prometheus_url


def _without_time(measured: Measured | NotMeasured | None) -> Measured | NotMeasured | None:
    return replace(measured, as_of=_NO_TIME, window_seconds=0) if isinstance(measured, Measured) else measured


def _match_labels(cluster: CustomerCluster) -> Mapping[str, str]:
    return cluster.spec.observation.match_labels if cluster.spec else {}


def _customer(cluster: CustomerCluster, *, alone: bool) -> Customer:
    nodes: dict[str, PoolNodes] = {}
    for pool, ref in cluster.references().items():
        if found := nodes_of(ref):
            nodes[pool] = found
    return Customer(cluster.key, cluster.created_at, _match_labels(cluster), nodes, alone)

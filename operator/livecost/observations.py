"""Measures all customers again and again, one cycle of few questions for each Prometheus."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog

from livecost.clock_skew import clock_problem
from livecost.live_load import LiveLoad, LiveTelemetry, live_questions
from livecost.live_view import nodes_needed
from livecost.loads import LoadFollower
from livecost.models import PrometheusRef
from livecost.month_ledger import Months
from livecost.months import Ask, MonthFollower, ask_answers
from livecost.observation_window import Window, window_before
from livecost.observed_cost import NOT_YET, Measured, NotMeasured
from livecost.plan import Plan
from livecost.prometheus_credentials import NO_PROMETHEUS, Credentials
from livecost.prometheus_server import PrometheusServer
from livecost.promql import clock_question
from livecost.settings import Settings
from livecost.store import ClusterKey, CustomerCluster, Store
from livecost.target_kinds import PoolNodes, nodes_of
from livecost.telemetry import Customer, Telemetry
from livecost.telemetry_questions import ObservedLoad
from livecost.turns import in_turns

Due = list[tuple[PrometheusServer, list[CustomerCluster]]]
_Subject = tuple[str, PrometheusRef | None, Mapping[str, str]]

GARBLED = NotMeasured(
    "PrometheusAnswerInvalid", "Prometheus gave series that are not as expected; check that the address is right"
)

# A server that keeps failing is left alone for longer and longer, up to this.
LONGEST_PAUSE_SECONDS = 600

_NO_TIME = datetime.fromtimestamp(0, UTC)

log = structlog.get_logger()


class Observations:
    """The latest measurement of every customer.

    Args:
        store: the customers.
        settings: window, step and interval.
        credentials: how each customer's Prometheus is reached.
        ask: asks a Prometheus.
        on_change: called with a customer whose measurement changed.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        credentials: Credentials,
        ask: Ask,
        on_change: Callable[[ClusterKey], None],
    ) -> None:
        self._store = store
        self._settings = settings
        self._credentials = credentials
        self._ask = ask
        self._on_change = on_change
        # Of whom all that is kept under a key is known.
        self._subjects: dict[ClusterKey, _Subject] = {}
        self._measured: dict[ClusterKey, Measured | NotMeasured] = {}
        self._told_at: dict[ClusterKey, datetime] = {}
        self._follower = MonthFollower(ask, settings)
        self._months: dict[ClusterKey, Months] = {}
        self._loads = LoadFollower(ask, settings)
        self._live: dict[ClusterKey, LiveLoad | NotMeasured] = {}
        self._asked: set[PrometheusServer] = set()
        # Server to the failures in a row and the time before which it is not asked again.
        self._failing: dict[PrometheusServer, tuple[int, datetime]] = {}

    def latest(self, cluster: CustomerCluster) -> Measured | NotMeasured:
        """What was measured last, or why nothing was."""
        if self._settings.prometheus_url is None and _reference(cluster) is None:
            return NO_PROMETHEUS
        return self._measured.get(cluster.key, NOT_YET) if self._is_known(cluster) else NOT_YET

    def live(self, cluster: CustomerCluster) -> LiveLoad | NotMeasured:
        """What was on when that was known last, or why it is not known."""
        if self._settings.prometheus_url is None and _reference(cluster) is None:
            return NO_PROMETHEUS
        return self._live.get(cluster.key, NOT_YET) if self._is_known(cluster) else NOT_YET

    def load(self, cluster: CustomerCluster) -> ObservedLoad | None:
        """What ran over the last weeks; None when that is not known."""
        return self._loads.of(cluster.key, _match_labels(cluster)) if self._is_known(cluster) else None

    def months(self, cluster: CustomerCluster) -> Months:
        """What is known of the calendar months."""
        return self._months.get(cluster.key, Months()) if self._is_known(cluster) else Months()

    async def run(self) -> None:
        """Measure until cancelled; a server that answers slowly holds up nobody but its own customers."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                now = datetime.now(UTC)
                for server, clusters in await self._due(now):
                    tasks.create_task(self._measure(server, clusters, now))
                await asyncio.sleep(self._settings.observation_interval_seconds)

    async def measure_all(self, now: datetime) -> None:
        """Measure every customer once whose server is neither being asked nor left alone after failures."""
        async with asyncio.TaskGroup() as tasks:
            for server, clusters in await self._due(now):
                tasks.create_task(self._measure(server, clusters, now))

    async def _due(self, now: datetime) -> Due:
        by_server: defaultdict[PrometheusServer, list[CustomerCluster]] = defaultdict(list)
        async for cluster in in_turns(list(self._store.clusters.values())):
            if not self._is_known(cluster):
                self._forget(cluster.key)
                self._subjects[cluster.key] = _subject(cluster)
            found = await self._credentials.server(_reference(cluster), cluster.key[0])
            if isinstance(found, NotMeasured):
                self._fail(cluster, found, now)
            else:
                by_server[found].append(cluster)
        for key in self._subjects.keys() - self._store.clusters.keys():
            self._forget(key)
        for server in self._failing.keys() - by_server.keys():
            del self._failing[server]
        self._follower.retain(by_server)
        self._loads.retain(by_server, self._store.clusters)
        return [
            (server, clusters)
            for server, clusters in by_server.items()
            if server not in self._asked and self._failing.get(server, (0, _NO_TIME))[1] <= now
        ]

    async def _measure(self, server: PrometheusServer, clusters: list[CustomerCluster], now: datetime) -> None:
        self._asked.add(server)
        try:
            problem = await self._measure_windows(server, clusters, now)
        finally:
            self._asked.discard(server)
        if problem is None:
            self._failing.pop(server, None)
            return
        log.warning("observation failed", url=server.url, reason=problem.reason, message=problem.message)
        if problem.reason == "PrometheusForbidden":
            self._credentials.forget()
        failures = self._failing.get(server, (0, _NO_TIME))[0] + 1
        interval = self._settings.observation_interval_seconds
        # The first time it is asked again as ever, then after twice, four times … the interval.
        pause = min(interval * ((1 << min(failures, 16)) // 2 - 1), max(LONGEST_PAUSE_SECONDS, interval))
        self._failing[server] = (failures, now + timedelta(seconds=pause))
        for cluster in clusters:
            self._fail(cluster, problem, now)

    def _is_known(self, cluster: CustomerCluster) -> bool:
        """Whether what is kept under the customer's key is its own."""
        return self._subjects.get(cluster.key) == _subject(cluster)

    def _forget(self, key: ClusterKey) -> None:
        for kept in (self._subjects, self._measured, self._told_at, self._months, self._live):
            kept.pop(key, None)

    def _fail(self, cluster: CustomerCluster, problem: NotMeasured, now: datetime) -> None:
        # A load that was known gets too old by itself.
        if self._is_known(cluster) and not isinstance(self._live.get(cluster.key), LiveLoad):
            self._live[cluster.key] = problem
        self._take(cluster, problem, now)

    async def _measure_windows(
        self, server: PrometheusServer, clusters: list[CustomerCluster], now: datetime
    ) -> NotMeasured | None:
        settings = self._settings
        longest = window_before(now, settings.observation_window_seconds, settings.observation_step_seconds)
        names = sorted({name for cluster in clusters for name in _match_labels(cluster)})
        # Pools may be older than the customer that names them, so nobody is measured over a time before its creation.
        by_window: defaultdict[Window, list[CustomerCluster]] = defaultdict(list)
        alone = len(clusters) == 1
        customers: dict[ClusterKey, Customer] = {}
        async for cluster in in_turns(clusters):
            by_window[longest.within(cluster.created_at)].append(cluster)
            customers[cluster.key] = _customer(cluster, alone=alone)
        # By the same names each customer is one series, which then needs no telling apart by its steps.
        by_step = len({frozenset(customer.match_labels) for customer in customers.values()}) > 1
        labels = {pool.label for customer in customers.values() for pool in customer.nodes.values()}
        try:
            if (problem := await self._measure_live(server, clusters, customers, names, now)) is not None:
                return problem
            for window, members in by_window.items():
                answers = await ask_answers(self._ask, server, window, names, labels, by_step=by_step)
                if isinstance(answers, NotMeasured):
                    return answers
                # Thousands of series take longer than the event loop may be held.
                telemetry = await asyncio.to_thread(Telemetry, window, answers)
                async for cluster in in_turns(members):
                    self._take(cluster, telemetry.measure(customers[cluster.key]), now)
            oldest = min(cluster.created_at for cluster in clusters)
            if await self._follower.follow(server, names, labels, oldest, now):
                async for cluster in in_turns(clusters):
                    self._take_months(cluster, self._follower.of(server, customers[cluster.key], now))
            for key in await self._loads.follow(server, names, list(customers.values()), now):
                self._on_change(key)
        except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError):
            log.exception("observation garbled", url=server.url)
            return GARBLED
        return None

    async def _measure_live(
        self,
        server: PrometheusServer,
        clusters: list[CustomerCluster],
        customers: Mapping[ClusterKey, Customer],
        names: list[str],
        now: datetime,
    ) -> NotMeasured | None:
        asked_at = datetime.now(UTC)
        answers = await self._ask(server, {**live_questions(now, names), **clock_question()})
        if isinstance(answers, NotMeasured):
            return answers
        if (problem := clock_problem(server.url, answers.pop("clock", []), asked_at, datetime.now(UTC))) is not None:
            return problem
        live = await asyncio.to_thread(LiveTelemetry, answers)
        async for cluster in in_turns(clusters):
            self._take_live(cluster, live.load(customers[cluster.key]))
        return None

    def _take_live(self, cluster: CustomerCluster, load: LiveLoad | NotMeasured) -> None:
        if not self._is_known(cluster):
            return
        before = self._live.get(cluster.key)
        self._live[cluster.key] = load
        # By the plan that is in force now, which may not be that of when the question was asked.
        latest = self._store.clusters.get(cluster.key, cluster)
        if _bearing(latest, before) != _bearing(latest, load):
            self._on_change(cluster.key)

    def _take_months(self, cluster: CustomerCluster, months: Months) -> None:
        if not self._is_known(cluster):
            return
        key = cluster.key
        before = self._months.get(key, Months())
        self._months[key] = months
        # What goes on is told from time to time with the rest; that a month is known, or is over, at once.
        if (before.current is None, before.last) != (months.current is None, months.last):
            self._on_change(key)

    def _take(self, cluster: CustomerCluster, measured: Measured | NotMeasured, now: datetime) -> None:
        # An answer may come after the customer was edited to name another server or other labels, or was replaced.
        if not self._is_known(cluster):
            return
        key = cluster.key
        before = self._measured.get(key)
        self._measured[key] = measured
        told_at = self._told_at.get(key)
        refresh = timedelta(seconds=self._settings.observation_refresh_seconds)
        overdue = told_at is None or bool(refresh and now - told_at >= refresh)
        if overdue or _without_time(before) != _without_time(measured):
            self._told_at[key] = now
            self._on_change(key)


def _subject(cluster: CustomerCluster) -> _Subject:
    """Who is observed, and where: whatever is known of another object, or by other labels, is not the customer's."""
    return cluster.uid, _reference(cluster), _match_labels(cluster)


def _bearing(cluster: CustomerCluster, load: LiveLoad | NotMeasured | None) -> object:
    """What of a load bears on decisions: its figures move all the time."""
    if not isinstance(load, LiveLoad) or cluster.plan is None or not isinstance(cluster.plan[1], Plan):
        return load
    return nodes_needed(load, cluster.plan[1]), load.silent


def _without_time(measured: Measured | NotMeasured | None) -> Measured | NotMeasured | None:
    return replace(measured, as_of=_NO_TIME, window_seconds=0) if isinstance(measured, Measured) else measured


def _reference(cluster: CustomerCluster) -> PrometheusRef | None:
    return cluster.spec.observation.prometheus_ref if cluster.spec else None


def _match_labels(cluster: CustomerCluster) -> Mapping[str, str]:
    return cluster.spec.observation.match_labels if cluster.spec else {}


def _customer(cluster: CustomerCluster, *, alone: bool) -> Customer:
    nodes: dict[str, PoolNodes] = {}
    for pool, ref in cluster.targets.items():
        if found := nodes_of(ref):
            nodes[pool] = found
    return Customer(cluster.key, cluster.created_at, _match_labels(cluster), nodes, alone)

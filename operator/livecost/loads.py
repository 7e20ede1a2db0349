"""Follows the load of the last weeks of all customers, at a slower pace than their cost."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from livecost.cpu_questions import CpuTelemetry, cpu_questions
from livecost.customer_batches import Batch, batches
from livecost.months import Ask
from livecost.observation_window import Window, window_before
from livecost.observed_cost import NotMeasured
from livecost.prometheus_server import PrometheusServer
from livecost.settings import Settings
from livecost.store import ClusterKey
from livecost.telemetry import Customer
from livecost.telemetry_questions import LoadTelemetry, ObservedLoad, load_questions
from livecost.turns import in_turns

STEP_SECONDS = 300
# A short window is looked at in finer steps, so that it has a course.
LEAST_STEPS = 12
# A question over weeks that a Prometheus could not answer is asked again after this long at the latest.
RETRY_SECONDS = 600
# Parts of the customers asked about in one cycle, so that thousands do not delay what their nodes cost now.
BATCHES_PER_CYCLE = 8

log = structlog.get_logger()


class LoadFollower:
    """The loads of all servers.

    Args:
        ask: asks a Prometheus.
        settings: window and interval.
    """

    def __init__(self, ask: Ask, settings: Settings) -> None:
        self._ask = ask
        self._settings = settings
        self._due_at: dict[PrometheusServer, datetime] = {}
        # What is to be asked in this interval and has not been.
        self._pending: dict[PrometheusServer, list[tuple[Window, Batch]]] = {}
        self._loads: dict[ClusterKey, ObservedLoad] = {}

    def of(self, key: ClusterKey) -> ObservedLoad | None:
        """What is known of one customer."""
        return self._loads.get(key)

    def retain(self, servers: Collection[PrometheusServer], keys: Collection[ClusterKey]) -> None:
        """Forget all but these."""
        for server in self._pending.keys() - set(servers):
            del self._pending[server]
            self._due_at.pop(server, None)
        for key in self._loads.keys() - set(keys):
            del self._loads[key]

    async def follow(
        self, server: PrometheusServer, match_names: Sequence[str], customers: Collection[Customer], now: datetime
    ) -> list[ClusterKey]:
        """Ask for some of the loads that are due; the customers of whom anything new is known.

        Args:
            server: whom to ask.
            match_names: names of all labels by which any customer's series are told apart.
            customers: all customers of this server.
            now: the time, with zone.
        """
        pending = self._pending.setdefault(server, [])
        if not pending and (server not in self._due_at or now >= self._due_at[server]):
            self._due_at[server] = now + timedelta(seconds=self._settings.telemetry_interval_seconds)
            pending += self._parts(customers, now)
        changed: list[ClusterKey] = []
        for _ in range(min(len(pending), BATCHES_PER_CYCLE)):
            window, batch = pending.pop()
            answers = await self._ask(server, load_questions(window, match_names, batch.selector))
            if isinstance(answers, NotMeasured):
                pending.clear()
                self._due_at[server] = min(self._due_at[server], now + timedelta(seconds=RETRY_SECONDS))
                log.warning("load not read", url=server.url, reason=answers.reason, message=answers.message)
                break
            # Thousands of series take longer than the event loop may be held.
            loads = await asyncio.to_thread(LoadTelemetry, window, answers)
            cpus = await self._cpus(server, window, match_names, batch.selector)
            async for customer in in_turns(batch.customers):
                if (load := loads.load(customer)) is not None:
                    before = self._loads.get(customer.key)
                    known = None if before is None else before.cpu
                    cpu = known if cpus is None else cpus.cpu(customer)
                    self._loads[customer.key] = replace(load, cpu=cpu)
                    changed.append(customer.key)
        return changed

    def _parts(self, customers: Collection[Customer], now: datetime) -> list[tuple[Window, Batch]]:
        """What to ask about, each part over the window that its customers share."""
        seconds = self._settings.telemetry_window_seconds
        longest = window_before(now, seconds, min(STEP_SECONDS, max(1, seconds // LEAST_STEPS)))
        by_window: defaultdict[Window, list[Customer]] = defaultdict(list)
        for customer in customers:
            by_window[longest.within(customer.created_at)].append(customer)
        return [
            (window, batch) for window, members in by_window.items() for batch in batches(members, among=len(customers))
        ]

    async def _cpus(
        self, server: PrometheusServer, window: Window, match_names: Sequence[str], selector: str
    ) -> CpuTelemetry | None:
        # Asked apart: these are the heaviest questions, and the others' answers do not wait for them.
        answers = await self._ask(server, cpu_questions(window, match_names, selector))
        if isinstance(answers, NotMeasured):
            log.warning("CPU not read", url=server.url, reason=answers.reason, message=answers.message)
            return None
        return await asyncio.to_thread(CpuTelemetry, window, answers)

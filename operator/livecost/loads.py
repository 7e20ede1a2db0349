"""Follows the load of the last weeks of all customers, at a slower pace than their cost."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
# After a question over weeks that a Prometheus could not answer it is left alone for this long.
RETRY_SECONDS = 600
# Parts of the customers asked about in one cycle, so that thousands do not delay what their nodes cost now.
BATCHES_PER_CYCLE = 8

log = structlog.get_logger()


@dataclass(slots=True)
class _Round:
    """What is asked of one Prometheus in one interval.

    Attributes:
        due_at: when the next interval begins; None before the first.
        rest_until: nothing is asked before.
        pending: what has not been asked yet.
        failed: what could not be answered; it is asked again after all others.
    """

    due_at: datetime | None = None
    rest_until: datetime | None = None
    pending: list[tuple[Window, Batch]] = field(default_factory=list)
    failed: list[tuple[Window, Batch]] = field(default_factory=list)


class LoadFollower:
    """The loads of all servers.

    Args:
        ask: asks a Prometheus.
        settings: window and interval.
    """

    def __init__(self, ask: Ask, settings: Settings) -> None:
        self._ask = ask
        self._settings = settings
        self._rounds: dict[PrometheusServer, _Round] = {}
        # With the labels that it was found by.
        self._loads: dict[ClusterKey, tuple[Mapping[str, str], ObservedLoad]] = {}

    def of(self, key: ClusterKey, match_labels: Mapping[str, str]) -> ObservedLoad | None:
        """What is known of one customer by the labels that its series have."""
        labels, load = self._loads.get(key, ({}, None))
        return load if labels == match_labels else None

    def retain(self, servers: Collection[PrometheusServer], keys: Collection[ClusterKey]) -> None:
        """Forget all but these."""
        for server in self._rounds.keys() - set(servers):
            del self._rounds[server]
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
        this = self._rounds.setdefault(server, _Round())
        if this.rest_until is not None and now < this.rest_until:
            return []
        if not this.pending and (this.due_at is None or now >= this.due_at):
            this.due_at = now + timedelta(seconds=self._settings.telemetry_interval_seconds)
            this.pending, this.failed = self._parts(customers, now), []
        elif not this.pending:
            this.pending, this.failed = this.failed, []
        changed: list[ClusterKey] = []
        for _ in range(min(len(this.pending), BATCHES_PER_CYCLE)):
            window, batch = this.pending.pop()
            answers = await self._ask(server, load_questions(window, match_names, batch.selector))
            if isinstance(answers, NotMeasured):
                # It may be too much for this part alone, so the others have their turn before it.
                this.failed.append((window, batch))
                this.rest_until = now + timedelta(seconds=RETRY_SECONDS)
                log.warning("load not read", url=server.url, reason=answers.reason, message=answers.message)
                break
            # Thousands of series take longer than the event loop may be held.
            loads = await asyncio.to_thread(LoadTelemetry, window, answers)
            cpus = await self._cpus(server, window, match_names, batch.selector)
            async for customer in in_turns(batch.customers):
                if (load := loads.load(customer)) is not None:
                    before = self.of(customer.key, customer.match_labels)
                    known = None if before is None else before.cpu
                    cpu = known if cpus is None else cpus.cpu(customer)
                    self._loads[customer.key] = customer.match_labels, replace(load, cpu=cpu)
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

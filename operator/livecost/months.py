"""Follows this and the last calendar month of each Prometheus, day by day."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import structlog

from livecost.month_ledger import MonthLedger, Months, MonthUse
from livecost.observation_window import DAY_SECONDS, Window, day_step_seconds, day_window, days_between, month_start
from livecost.observed_cost import NotMeasured
from livecost.prometheus_server import PrometheusServer
from livecost.promql import Question, price_questions, price_source_question, questions
from livecost.settings import Settings
from livecost.telemetry import Answers, Customer

Rows = dict[str, list[dict[str, Any]]]
Ask = Callable[[PrometheusServer, Mapping[str, Question]], Awaitable[Rows | NotMeasured]]

# What is known of today is asked for again this often.
TODAY_SECONDS = 300
# A day is over once what was measured on it has surely arrived.
LATE_SECONDS = 600
# Days asked for in one cycle, so that a start does not burden a Prometheus with two months at once.
DAYS_PER_CYCLE = 8

log = structlog.get_logger()


@dataclass(slots=True)
class _Known:
    match_names: tuple[str, ...]
    ledgers: dict[datetime, MonthLedger] = field(default_factory=dict)
    asked: set[date] = field(default_factory=set)
    over: set[date] = field(default_factory=set)
    today_asked_at: datetime | None = None


class MonthFollower:
    """The months of all servers.

    Args:
        ask: asks a Prometheus.
        settings: the step of observation.
    """

    def __init__(self, ask: Ask, settings: Settings) -> None:
        self._ask = ask
        self._step = day_step_seconds(settings.observation_step_seconds)
        self._known: dict[PrometheusServer, _Known] = {}

    def retain(self, servers: Collection[PrometheusServer]) -> None:
        """Forget all but these."""
        for server in self._known.keys() - set(servers):
            del self._known[server]

    async def follow(
        self,
        server: PrometheusServer,
        match_names: Sequence[str],
        node_labels: Collection[str],
        since: datetime,
        now: datetime,
    ) -> bool:
        """Ask for some of the days that are not known yet; whether anything new is known.

        Args:
            server: whom to ask.
            match_names: names of all labels by which any customer's series are told apart.
            node_labels: the labels of nodes by which any customer's pools are known.
            since: when its oldest customer was created.
            now: the time, with zone.
        """
        known = self._known.get(server)
        if known is None or known.match_names != tuple(match_names):
            known = self._known[server] = _Known(tuple(match_names))
        this, last = _months(now)
        known.ledgers = {start: ledger for start, ledger in known.ledgers.items() if start in (this, last)}
        changed = False
        for day in self._due(known, max(since, last), now):
            window = day_window(day, now, self._step)
            if window is None:
                continue
            found = await ask_answers(self._ask, server, window, match_names, node_labels, by_node=True)
            if isinstance(found, NotMeasured):
                log.warning("day not read", url=server.url, day=str(day), reason=found.reason, message=found.message)
                break
            start = month_start(datetime.combine(day, time(), UTC))
            ledger = known.ledgers.setdefault(start, MonthLedger(start, self._step))
            # A day of thousands of nodes takes longer than the event loop may be held.
            await asyncio.to_thread(ledger.put_day, day, window, found)
            known.asked.add(day)
            changed = True
            if day == now.astimezone(UTC).date():
                known.today_asked_at = now
            elif now >= _end_of(day) + timedelta(seconds=LATE_SECONDS):
                known.over.add(day)
        return changed

    def of(self, server: PrometheusServer, customer: Customer, now: datetime) -> Months:
        """What is known of one customer."""
        known = self._known.get(server)
        if known is None:
            return Months()
        this, last = _months(now)
        return Months(self._use(known, this, now, customer), self._use(known, last, this, customer))

    def _use(self, known: _Known, start: datetime, end: datetime, customer: Customer) -> MonthUse | None:
        ledger = known.ledgers.get(start)
        if ledger is None or customer.created_at >= end:
            return None
        days = set(days_between(max(start, customer.created_at), end))
        # The day that has just begun has no step to ask for yet.
        newest = max(days)
        if not days - {newest} <= known.asked:
            return None
        return ledger.use(customer)

    def _due(self, known: _Known, since: datetime, now: datetime) -> list[date]:
        today = now.astimezone(UTC).date()
        due = [day for day in days_between(since, now) if day not in known.over]
        if known.today_asked_at is not None and now - known.today_asked_at < timedelta(seconds=TODAY_SECONDS):
            # Yesterday, while it may still be written to, is asked for along with today.
            due = [day for day in due if day not in known.asked and day != today]
        # The latest first: what is spent now matters before what last month came to.
        return due[::-1][:DAYS_PER_CYCLE]


async def ask_answers(
    ask: Ask,
    server: PrometheusServer,
    window: Window,
    match_names: Sequence[str],
    node_labels: Collection[str],
    *,
    by_node: bool = False,
    by_step: bool = True,
) -> Answers | NotMeasured:
    """All answers about a window, with OpenCost's prices where it tells any, or why there are none."""
    rows = await ask(server, questions(window, match_names, by_node=by_node, by_step=by_step))
    if isinstance(rows, NotMeasured):
        return rows
    priced: Rows = {}
    if node_labels:
        # An OpenCost that answers badly is no reason to know nothing: the price sheet takes its place.
        spoke = await ask(server, price_source_question(window))
        if not isinstance(spoke, NotMeasured) and spoke.get("spoke"):
            told = await ask(server, price_questions(window, match_names, node_labels))
            if isinstance(told, NotMeasured):
                log.warning("prices of OpenCost not read", url=server.url, reason=told.reason, message=told.message)
            else:
                priced = told
    return Answers(**rows, **priced)


def _months(now: datetime) -> tuple[datetime, datetime]:
    this = month_start(now)
    return this, month_start(this - timedelta(days=1))


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC) + timedelta(seconds=DAY_SECONDS)

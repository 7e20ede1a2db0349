"""What is known of all customers of one Prometheus in a calendar month, day by day.

A whole month in one question would be more samples than a Prometheus gives for thousands of nodes, and would be asked
for again and again. A day that is over stays as it is, so each is asked for once.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from costmodel.decimals import rounded_quotient
from livecost.observation_window import DAY_SECONDS, Window, next_month
from livecost.target_kinds import PoolNodes
from livecost.telemetry import (
    EGRESS_SOURCE,
    NODE_EGRESS_SOURCE,
    NODE_SOURCE,
    OWN_SOURCE,
    Answers,
    Customer,
    LabelRows,
    OwnKey,
    find_pool,
    is_priced,
    own_key,
    pools_of,
    rest,
    samples,
    timestamps,
)

Value = TypeVar("Value")

_SECONDS_PER_HOUR = Decimal(3600)
_DAYS = 31
_NONE = Decimal(0)
_HOUR = timedelta(hours=1)


# Measured quantities are rounded once, to this many decimals; their prices are exact from there on.
_PLACES = 9


def quotient(dividend: Decimal, divisor: Decimal) -> Decimal:
    """A measured ratio at nine decimals, half up.

    Raises:
        ZeroDivisionError: there is nothing to divide by.
    """
    found = rounded_quotient(dividend, divisor, _PLACES)
    if found is None:
        raise ZeroDivisionError
    return found


@dataclass(frozen=True, slots=True)
class PoolUse:
    """A pool's time in a month.

    Attributes:
        node_hours: hours of each node that was seen; one figure for all of them where nodes are not told apart.
        told_apart: whether each figure is one node's.
        covered_hours: hours of the month that telemetry covers.
        cost: what OpenCost says that this time cost; None when it does not say.
        source: where the hours come from.
    """

    node_hours: tuple[Decimal, ...]
    told_apart: bool
    covered_hours: Decimal
    cost: Decimal | None
    source: str


@dataclass(frozen=True, slots=True)
class MonthUse:
    """What telemetry says of one customer in a calendar month, as far as that is over.

    Attributes:
        start: begin of the month, UTC.
        end: begin of the next one.
        hours: hours that are looked at: from the month's begin, or the customer's if later, up to the last step.
        as_of: the last step.
        pools: pool name to its time; absent when unknown.
        egress_gb: GB (10^9 bytes) sent; None when unknown.
        egress_source: where that comes from; None when unknown.
        coverage_percent: share of the hours for which telemetry is there, 0 to 100.
    """

    start: datetime
    end: datetime
    hours: Decimal
    as_of: datetime
    pools: Mapping[str, PoolUse]
    egress_gb: Decimal | None
    egress_source: str | None
    coverage_percent: Decimal

    @property
    def month_hours(self) -> Decimal:
        """Hours of the whole month."""
        return Decimal((self.end - self.start) // _HOUR)


@dataclass(frozen=True, slots=True)
class Months:
    """What is known of one customer's calendar months; None where not all of their days are known yet.

    Attributes:
        current: the month that goes on.
        last: the month before; None also where the customer is younger.
    """

    current: MonthUse | None = None
    last: MonthUse | None = None


class MonthLedger:
    """One month of one Prometheus.

    Args:
        start: begin of the month, UTC.
        step_seconds: distance of the steps; it divides a day.
    """

    def __init__(self, start: datetime, step_seconds: int) -> None:
        self.start = start
        self._step = step_seconds
        self._steps_of_day: dict[int, int] = {}
        # Steps of each node by day. Nodes live in one pool for long, so that a month is little more than a day.
        self._nodes: defaultdict[PoolNodes, LabelRows[array[int]]] = defaultdict(lambda: LabelRows(_no_steps))
        self._sums: dict[str, defaultdict[PoolNodes, LabelRows[list[Decimal]]]] = {
            name: defaultdict(lambda: LabelRows(lambda: [_NONE] * _DAYS)) for name in ("node_cost", "cost_steps")
        }
        # For each day a number whose bits are the steps at which a source spoke.
        self._up: LabelRows[list[int]] = LabelRows(lambda: [0] * _DAYS)
        self._own: dict[OwnKey, list[tuple[Decimal, int]]] = {}
        self._egress: dict[str, LabelRows[list[Decimal | None]]] = {
            source: LabelRows(lambda: [None] * _DAYS) for source in (EGRESS_SOURCE, NODE_EGRESS_SOURCE)
        }

    def put_day(self, day: date, window: Window, answers: Answers) -> None:
        """Take over what the answers say of a day, in place of what was known of it."""
        at = day.day - 1
        first = window.end_seconds - (window.steps - 1) * window.step_seconds
        self._steps_of_day[at] = window.steps
        for labels, value in samples(answers.node_steps):
            for pool in pools_of(labels):
                self._nodes[pool][rest(labels)][at] = min(int(value), window.steps)
        for name, rows in (("node_cost", answers.node_cost), ("cost_steps", answers.cost_steps)):
            for labels, value in samples(rows):
                for pool in pools_of(labels):
                    self._sums[name][pool][rest(labels)][at] = value
        for row in answers.source_up:
            self._up[rest(row["metric"])][at] |= _bits(timestamps(row), first, self._step)
        self._put_own(at, answers)
        for source, rows in (
            (EGRESS_SOURCE, answers.egress_bytes),
            (NODE_EGRESS_SOURCE, answers.node_egress_bytes),
        ):
            for labels, value in samples(rows):
                self._egress[source][rest(labels)][at] = value

    def _put_own(self, at: int, answers: Answers) -> None:
        counts = {own_key(labels): value for labels, value in samples(answers.own_count)}
        for labels, value in samples(answers.own_sum):
            key = own_key(labels)
            if count := counts.get(key):
                self._own.setdefault(key, [(Decimal(0), 0)] * _DAYS)[at] = value, int(count)

    def use(self, customer: Customer) -> MonthUse | None:
        """What is known of one customer; None before the first step of its month is over."""
        expected = [self._expected(at, customer.created_at) for at in range(_DAYS)]
        total = sum(expected)
        if total == 0:
            return None
        pools: dict[str, PoolUse] = {}
        for pool in ("livekit", "sim"):
            if (found := self._pool(customer, pool, expected)) is not None:
                pools[pool] = found
        hours = self._hours(total)
        covered = min((pool.covered_hours for pool in pools.values()), default=Decimal(0))
        egress, source = self._egress_gb(customer, expected)
        last = max(self._steps_of_day)
        end_seconds = int(self.start.timestamp()) + last * DAY_SECONDS + self._steps_of_day[last] * self._step
        return MonthUse(
            start=self.start,
            end=next_month(self.start),
            hours=hours,
            as_of=datetime.fromtimestamp(end_seconds, UTC),
            pools=pools,
            egress_gb=egress,
            egress_source=source,
            coverage_percent=(100 * covered / hours).quantize(Decimal("0.1")),
        )

    def _expected(self, at: int, created_at: datetime) -> int:
        """Steps of a day that are the customer's: on the day it came, those since then."""
        steps = self._steps_of_day.get(at, 0)
        since = created_at.timestamp() - self.start.timestamp() - at * DAY_SECONDS
        return steps if since <= 0 else max(0, steps - max(0, -int(-since // self._step) - 1))

    def _pool(self, customer: Customer, pool: str, expected: list[int]) -> PoolUse | None:
        found = find_pool(self._nodes, customer, pool)
        if found:
            covered = self._covered(customer, expected)
            if covered:
                steps = [sum(map(min, row, expected)) for row in found]
                return PoolUse(
                    tuple(sorted((self._hours(count) for count in steps if count), reverse=True)),
                    True,
                    self._hours(covered),
                    self._cost(customer, pool, expected, sum(steps)),
                    NODE_SOURCE,
                )
        days = self._own.get((*customer.key, pool))
        if days is None:
            return None
        counted = [(value, count) for at, (value, count) in enumerate(days) if expected[at]]
        covered = sum(min(count, expected[at]) for at, (_, count) in enumerate(days))
        total = quotient(sum((value for value, _ in counted), _NONE) * self._step, _SECONDS_PER_HOUR)
        return PoolUse((total,), False, self._hours(covered), None, OWN_SOURCE) if covered else None

    def _covered(self, customer: Customer, expected: list[int]) -> int:
        rows = self._up.find(customer.wanted)
        covered = 0
        for at, steps in enumerate(expected):
            bits = 0
            for row in rows:
                bits |= row[at]
            # The customer's steps are the day's last ones.
            covered += (bits >> (self._steps_of_day.get(at, 0) - steps)).bit_count() if steps else 0
        return covered

    def _cost(self, customer: Customer, pool: str, expected: list[int], node_steps: int) -> Decimal | None:
        cost, steps = (
            sum((sum(_of_days(row, expected), _NONE) for row in find_pool(self._sums[name], customer, pool)), _NONE)
            for name in ("node_cost", "cost_steps")
        )
        if not is_priced(steps, Decimal(node_steps)):
            return None
        # Prices told for more steps than are the customer's, on the day it came, count by their share.
        own = min(steps, Decimal(node_steps))
        return quotient(cost * own * self._step, steps * _SECONDS_PER_HOUR)

    def _egress_gb(self, customer: Customer, expected: list[int]) -> tuple[Decimal | None, str | None]:
        if not customer.told_apart:
            return None, None
        for source, index in self._egress.items():
            rows = [_of_days(row, expected) for row in index.find(customer.wanted)]
            sent = [value for row in rows for value in row if value is not None]
            if sent:
                return sum(sent, _NONE).scaleb(-9), source
        return None, None

    def _hours(self, steps: int) -> Decimal:
        return quotient(Decimal(steps * self._step), _SECONDS_PER_HOUR)


def _no_steps() -> array[int]:
    return array("H", [0] * _DAYS)


def _bits(moments: Iterable[int], first: int, step_seconds: int) -> int:
    bits = 0
    for moment in moments:
        # What no server should say of another day would be a negative shift.
        if moment >= first:
            bits |= 1 << ((moment - first) // step_seconds)
    return bits


def _of_days(row: Sequence[Value], expected: Sequence[int]) -> list[Value]:
    """A row's values of the days that are the customer's."""
    return [value for value, steps in zip(row, expected, strict=True) if steps]

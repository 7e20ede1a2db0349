"""The queries that measure all customers of one Prometheus at once, and what their answers say of one customer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from livecost.metric_names import CUSTOMER_LABEL, CUSTOMER_NAMESPACE_LABEL, POOL_LABEL, READY_NODES
from livecost.observed_cost import Measured, NotMeasured, Quantity
from livecost.target_kinds import NODE_POOL_LABELS, PoolNodes

Json = dict[str, Any]
Labels = frozenset[tuple[str, str]]

NODE_SOURCE = "kube-state-metrics"
OWN_SOURCE = "livecost"
EGRESS_SOURCE = "livekit"

# livekit_packet_bytes counts RTP header, payload and padding. On the wire each IPv4 packet also carries
# 20 B of IP, 8 B of UDP and 10 B of SRTP tag.
WIRE_OVERHEAD_BYTES_PER_PACKET = 38

_PLACES = Decimal("0.000001")
LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*", re.ASCII)


def metric_label(node_label: str) -> str:
    """The name under which kube-state-metrics shows a node's label."""
    return "label_" + re.sub(r"[^a-zA-Z0-9_]", "_", node_label)


_METRIC_LABELS = {metric_label(label): label for label in NODE_POOL_LABELS}


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch of time that is looked at, in steps that lie on whole multiples of the step since the epoch.

    Attributes:
        end_seconds: the last step, in seconds since the epoch.
        step_seconds: length of a step.
        steps: number of steps.
    """

    end_seconds: int
    step_seconds: int
    steps: int

    @property
    def evaluated_at(self) -> int:
        """Time of evaluation.

        A second after the last step, as Prometheus 2 counts a step at the very start of a range and 3 does not.
        """
        return self.end_seconds + 1

    @property
    def seconds(self) -> int:
        """Length of the window."""
        return self.step_seconds * self.steps

    def steps_since(self, moment: datetime) -> int:
        """Number of the window's steps at or after a moment."""
        since = max(moment.timestamp(), self.end_seconds - self.seconds + 1)
        return max(0, int((self.end_seconds - since) // self.step_seconds) + 1)

    def within(self, moment: datetime) -> Window:
        """The part of this window that lies after a moment, to the last power of two of its steps.

        So the customers of all ages share few windows, and none of them is measured over a time before it was there.
        """
        steps = max(1, self.steps_since(moment))
        return self if steps == self.steps else replace(self, steps=1 << (steps.bit_length() - 1))


def window_before(now: datetime, window_seconds: int, step_seconds: int) -> Window:
    """The last whole steps before a moment."""
    end = int(now.timestamp() - 1) // step_seconds * step_seconds
    return Window(end, step_seconds, max(1, window_seconds // step_seconds))


@dataclass(frozen=True, slots=True)
class InstantQuestion:
    """What a query says at one moment, in seconds since the epoch."""

    query: str
    at_seconds: int


@dataclass(frozen=True, slots=True)
class RangeQuestion:
    """What a query says at each step from start to end, both included, in seconds since the epoch."""

    query: str
    start_seconds: int
    end_seconds: int
    step_seconds: int


Question = InstantQuestion | RangeQuestion


def questions(window: Window, match_names: Sequence[str]) -> dict[str, Question]:
    """The questions of a cycle by the names of `Answers`; their number does not depend on the number of customers.

    Args:
        window: the stretch of time.
        match_names: names of all labels by which any customer's series are told apart.
    """
    matched = sorted(name for name in match_names if LABEL_NAME.fullmatch(name))
    over = f"[{window.seconds}s:{window.step_seconds}s]"
    pools = ", ".join([*_METRIC_LABELS, *matched])
    groups = ", ".join(matched)
    own = f"{CUSTOMER_NAMESPACE_LABEL}, {CUSTOMER_LABEL}, {POOL_LABEL}"
    # Two exporters may speak of one node, and of one pool after a change of leader: max by counts each once.
    own_series = f"(max by ({own}) ({READY_NODES})){over}"
    sent = f'{{direction="outgoing"}}[{window.seconds}s]'
    end, step = window.end_seconds, window.step_seconds

    def at_end(query: str) -> InstantQuestion:
        return InstantQuestion(query, window.evaluated_at)

    return {
        "node_steps": at_end(f"sum by ({pools}) (sum_over_time((max by (node, {pools}) (kube_node_labels)){over}))"),
        "source_up": RangeQuestion(
            f"count by ({groups}) (kube_node_labels)", end - (window.steps - 1) * step, end, step
        ),
        "own_sum": at_end(f"sum_over_time({own_series})"),
        "own_count": at_end(f"count_over_time({own_series})"),
        "egress_bytes": at_end(
            f"sum by ({groups}) (increase(livekit_packet_bytes{sent}))"
            f" + {WIRE_OVERHEAD_BYTES_PER_PACKET} * sum by ({groups}) (increase(livekit_packet_total{sent}))"
        ),
    }


@dataclass(frozen=True, slots=True)
class Answers:
    """The results of the questions, as the Prometheus HTTP API gives them.

    Attributes:
        node_steps: per pool, the sum over the window's steps of its number of nodes.
        source_up: per cluster, the steps at which kube-state-metrics spoke.
        own_sum: per customer and pool, the sum over the steps of the ready nodes that livecost itself exports.
        own_count: the steps for which livecost exported them.
        egress_bytes: per set of matched labels, the bytes that LiveKit sent in the window, as on the wire.
    """

    node_steps: Sequence[Json]
    source_up: Sequence[Json]
    own_sum: Sequence[Json]
    own_count: Sequence[Json]
    egress_bytes: Sequence[Json]


@dataclass(frozen=True, slots=True)
class Customer:
    """What is needed to find one customer in the answers.

    Attributes:
        key: namespace and name of the CustomerCluster.
        created_at: nothing before this is the customer's.
        match_labels: labels that pick the customer's series.
        nodes: pool name to the label of its nodes, for pools whose nodes carry one.
        alone: whether no other customer shares the Prometheus.
    """

    key: tuple[str, str]
    created_at: datetime
    match_labels: Mapping[str, str]
    nodes: Mapping[str, PoolNodes]
    alone: bool


class Telemetry:
    """The answers of one cycle, indexed for look-ups by customer."""

    def __init__(self, window: Window, answers: Answers) -> None:
        self._window = window
        self._nodes: dict[PoolNodes, list[tuple[Labels, Decimal]]] = {}
        for labels, value in _samples(answers.node_steps):
            for name, node_label in _METRIC_LABELS.items():
                if labels.get(name):
                    pool = PoolNodes(node_label, labels[name])
                    self._nodes.setdefault(pool, []).append((_rest(labels), value))
        self._up = [(_rest(row["metric"]), _timestamps(row)) for row in answers.source_up]
        self._own_sum = {_own_key(labels): value for labels, value in _samples(answers.own_sum)}
        self._own_count = {_own_key(labels): value for labels, value in _samples(answers.own_count)}
        self._egress = [(_rest(labels), value) for labels, value in _samples(answers.egress_bytes)]

    def measure(self, customer: Customer) -> Measured | NotMeasured:
        """What the answers say of one customer."""
        window = self._window
        expected = window.steps_since(customer.created_at)
        if expected == 0:
            return NotMeasured("TooYoung", "the customer is younger than one step of observation; livecost looks again")
        wanted = frozenset(customer.match_labels.items())
        nodes: dict[str, Quantity] = {}
        covered: list[int] = []
        for pool in ("livekit", "sim"):
            quantity, steps = self._pool(customer, pool, wanted, expected)
            if quantity is not None:
                nodes[pool] = quantity
                covered.append(min(steps, expected))
        if not nodes:
            return NotMeasured(
                "NoTelemetry",
                "Prometheus knows no nodes of this customer: let it scrape kube-state-metrics with "
                "--metric-labels-allowlist=nodes=[…] naming the pool's node label, or livecost's own metrics",
            )
        hours = Decimal(expected * window.step_seconds) / 3600
        return Measured(
            nodes=nodes,
            egress_gb_per_hour=self._egress_rate(customer, wanted, hours),
            coverage_percent=(Decimal(100 * min(covered)) / expected).quantize(Decimal("0.1")),
            window_seconds=expected * window.step_seconds,
            as_of=datetime.fromtimestamp(window.end_seconds, UTC),
        )

    def _pool(self, customer: Customer, pool: str, wanted: Labels, expected: int) -> tuple[Quantity | None, int]:
        found = self._nodes.get(customer.nodes[pool], []) if pool in customer.nodes else []
        sums = [value for labels, value in found if wanted <= labels]
        if sums:
            since = self._window.end_seconds - (expected - 1) * self._window.step_seconds
            up = len(
                {moment for labels, moments in self._up if wanted <= labels for moment in moments if moment >= since}
            )
            if up:
                return Quantity((sum(sums, Decimal(0)) / up).quantize(_PLACES), NODE_SOURCE), up
        own = (*customer.key, pool)
        total, count = self._own_sum.get(own), self._own_count.get(own)
        if total is None or not count:
            return None, 0
        return Quantity((total / count).quantize(_PLACES), OWN_SOURCE), int(count)

    def _egress_rate(self, customer: Customer, wanted: Labels, hours: Decimal) -> Quantity | None:
        if not wanted and not customer.alone:
            return None
        sent = [value for labels, value in self._egress if wanted <= labels]
        if not sent:
            return None
        return Quantity((sum(sent, Decimal(0)) / 10**9 / hours).quantize(_PLACES), EGRESS_SOURCE)


def _samples(rows: Sequence[Json]) -> list[tuple[dict[str, str], Decimal]]:
    """Labels and value of each series; what is no finite, non-negative number is no measurement."""
    samples = []
    for row in rows:
        try:
            value = Decimal(row["value"][1])
        except (InvalidOperation, LookupError, TypeError):
            continue
        if value.is_finite() and value >= 0:
            samples.append((row["metric"], value))
    return samples


def _timestamps(row: Json) -> frozenset[int]:
    return frozenset(int(float(moment)) for moment, _ in row["values"])


def _rest(labels: Mapping[str, str]) -> Labels:
    return frozenset((name, value) for name, value in labels.items() if name not in _METRIC_LABELS)


def _own_key(labels: Mapping[str, str]) -> tuple[str, str, str]:
    return labels.get(CUSTOMER_NAMESPACE_LABEL, ""), labels.get(CUSTOMER_LABEL, ""), labels.get(POOL_LABEL, "")

"""What the answers of a Prometheus say of single customers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Generic, TypeVar

from livecost.metric_names import CUSTOMER_LABEL, CUSTOMER_NAMESPACE_LABEL, POOL_LABEL
from livecost.observation_window import Window
from livecost.observed_cost import LEAST_COVERAGE_PERCENT, Measured, NotMeasured, Quantity
from livecost.promql import METRIC_LABELS
from livecost.target_kinds import PoolNodes

Json = dict[str, Any]
Labels = frozenset[tuple[str, str]]
OwnKey = tuple[str, str, str]
Item = TypeVar("Item")

NODE_SOURCE = "kube-state-metrics"
OWN_SOURCE = "livecost"
EGRESS_SOURCE = "livekit"
NODE_EGRESS_SOURCE = "node-exporter"

# OpenCost that misses nodes, as it does some spot nodes, is no source for their pool.
LEAST_PRICED_PERCENT = Decimal(99)

# One step of fewer is more than what may lack, and a new customer's first ones often do.
LEAST_STEPS = 10

_PLACES = Decimal("0.000001")

# No customer has more nodes, participants or bytes, nor any rate below; beyond them figures would not stay exact.
_LEAST = Decimal("1e-18")
_MOST = Decimal("1e18")

NO_NODES = NotMeasured(
    "NoTelemetry",
    "Prometheus knows no nodes of this customer: let it scrape kube-state-metrics with "
    "--metric-labels-allowlist=nodes=[…] naming the pool's node label, or livecost's own metrics; where tenants share "
    "it, see that prometheusRef.headers name the right one",
)
TOO_YOUNG = NotMeasured("TooYoung", "the customer is too new to say what is observed of it; livecost looks again")


@dataclass(frozen=True, slots=True)
class Answers:
    """The results of the questions, as the Prometheus HTTP API gives them.

    Attributes:
        node_steps: per pool, or per node, the sum over the window's steps of its number of nodes.
        source_up: per cluster, the steps at which kube-state-metrics spoke, or their number.
        own_sum: per customer and pool, the sum over the steps of the ready nodes that livecost itself exports.
        own_count: the steps for which livecost exported them.
        egress_bytes: per set of matched labels, the bytes that LiveKit sent in the window, as on the wire.
        node_egress_bytes: the bytes that all nodes sent, also to each other.
        node_cost: per pool, the sum over the steps of its nodes' price per hour, as OpenCost tells it.
        cost_steps: per pool, the steps of its nodes for which OpenCost told a price.
    """

    node_steps: Sequence[Json]
    source_up: Sequence[Json]
    own_sum: Sequence[Json]
    own_count: Sequence[Json]
    egress_bytes: Sequence[Json]
    node_egress_bytes: Sequence[Json] = ()
    node_cost: Sequence[Json] = ()
    cost_steps: Sequence[Json] = ()


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

    @property
    def wanted(self) -> Labels:
        """The labels that a series of the customer has."""
        return frozenset(self.match_labels.items())

    @property
    def told_apart(self) -> bool:
        """Whether series without a pool can be known to be the customer's."""
        return bool(self.match_labels) or self.alone


class LabelIndex(Generic[Item]):
    """Items by their labels, found without looking at those of other customers."""

    def __init__(self, items: Iterable[tuple[Labels, Item]] = ()) -> None:
        self._all: list[tuple[Labels, Item]] = []
        self._by_pair: dict[tuple[str, str], list[tuple[Labels, Item]]] = {}
        for labels, item in items:
            self.add(labels, item)

    def add(self, labels: Labels, item: Item) -> None:
        """Take an item in."""
        self._all.append((labels, item))
        for pair in labels:
            self._by_pair.setdefault(pair, []).append((labels, item))

    def find(self, wanted: Labels) -> list[Item]:
        """The items that have all wanted labels."""
        rows = min((self._by_pair.get(pair, []) for pair in wanted), key=len, default=self._all)
        return [item for labels, item in rows if wanted <= labels]


class LabelRows(LabelIndex[Item]):
    """One item for each set of labels, made when it is first asked for.

    Args:
        make: makes a new item.
    """

    def __init__(self, make: Callable[[], Item]) -> None:
        super().__init__()
        self._make = make
        self._by_labels: dict[Labels, Item] = {}

    def __getitem__(self, labels: Labels) -> Item:
        if labels not in self._by_labels:
            self._by_labels[labels] = self._make()
            self.add(labels, self._by_labels[labels])
        return self._by_labels[labels]


class Telemetry:
    """The answers of one cycle, indexed for look-ups by customer."""

    def __init__(self, window: Window, answers: Answers) -> None:
        self._window = window
        self._nodes = by_pool(answers.node_steps)
        self._cost = by_pool(answers.node_cost)
        self._cost_steps = by_pool(answers.cost_steps)
        self._up = LabelIndex((rest(row["metric"]), timestamps(row)) for row in answers.source_up if "values" in row)
        self._up_count = LabelIndex((rest(labels), int(value)) for labels, value in samples(answers.source_up))
        self._own_sum = {own_key(labels): value for labels, value in samples(answers.own_sum)}
        self._own_count = {own_key(labels): value for labels, value in samples(answers.own_count)}
        self._egress = {
            EGRESS_SOURCE: by_labels(answers.egress_bytes),
            NODE_EGRESS_SOURCE: by_labels(answers.node_egress_bytes),
        }

    def measure(self, customer: Customer) -> Measured | NotMeasured:
        """What the answers say of one customer."""
        window = self._window
        expected = window.steps_since(customer.created_at)
        if expected == 0:
            return TOO_YOUNG
        nodes: dict[str, Quantity] = {}
        prices: dict[str, Decimal] = {}
        covered: list[int] = []
        for pool in ("livekit", "sim"):
            quantity, steps = self._pool(customer, pool, expected)
            if quantity is not None:
                nodes[pool] = quantity
                covered.append(min(steps, expected))
                if quantity.source == NODE_SOURCE and (price := self._price(customer, pool, steps)) is not None:
                    prices[pool] = price
        if not nodes:
            return NO_NODES
        coverage = (Decimal(100 * min(covered)) / expected).quantize(Decimal("0.1"))
        if coverage < LEAST_COVERAGE_PERCENT and _is_young(window, expected, customer):
            return TOO_YOUNG
        hours = Decimal(expected * window.step_seconds) / 3600
        return Measured(
            nodes=nodes,
            egress_gb_per_hour=self._egress_rate(customer, hours),
            coverage_percent=coverage,
            window_seconds=expected * window.step_seconds,
            as_of=datetime.fromtimestamp(window.end_seconds, UTC),
            cost_per_hour=prices,
        )

    def _pool(self, customer: Customer, pool: str, expected: int) -> tuple[Quantity | None, int]:
        sums = find_pool(self._nodes, customer, pool)
        if sums:
            since = self._window.end_seconds - (expected - 1) * self._window.step_seconds
            up = len({moment for moments in self._up.find(customer.wanted) for moment in moments if moment >= since})
            up = up or max(self._up_count.find(customer.wanted), default=0)
            if up:
                return Quantity((sum(sums, Decimal(0)) / up).quantize(_PLACES), NODE_SOURCE), up
        own = (*customer.key, pool)
        total, count = self._own_sum.get(own), self._own_count.get(own)
        if total is None or not count:
            return None, 0
        return Quantity((total / count).quantize(_PLACES), OWN_SOURCE), int(count)

    def _price(self, customer: Customer, pool: str, up: int) -> Decimal | None:
        """What OpenCost says the pool's nodes cost per hour, all together."""
        steps = sum(find_pool(self._cost_steps, customer, pool), Decimal(0))
        if not is_priced(steps, sum(find_pool(self._nodes, customer, pool), Decimal(0))):
            return None
        return (sum(find_pool(self._cost, customer, pool), Decimal(0)) / up).quantize(_PLACES)

    def _egress_rate(self, customer: Customer, hours: Decimal) -> Quantity | None:
        if not customer.told_apart:
            return None
        for source, index in self._egress.items():
            if sent := index.find(customer.wanted):
                return Quantity((sum(sent, Decimal(0)) / 10**9 / hours).quantize(_PLACES), source)
        return None


def _is_young(window: Window, expected: int, customer: Customer) -> bool:
    """Whether it is for the customer's age that few steps are expected, and not for a short window."""
    age_seconds = window.end_seconds - customer.created_at.timestamp()
    # A window holds more than half of the steps of a customer that is younger than the whole of it.
    return expected < LEAST_STEPS and age_seconds < 2 * LEAST_STEPS * window.step_seconds


def is_priced(priced_steps: Decimal, node_steps: Decimal) -> bool:
    """Whether prices were told for so much of the nodes' time that they speak for all of it."""
    return priced_steps > 0 and priced_steps * 100 >= node_steps * LEAST_PRICED_PERCENT


def by_labels(rows: Sequence[Json]) -> LabelIndex[Decimal]:
    """Values of series by their labels, without those that name pools."""
    return LabelIndex((rest(labels), value) for labels, value in samples(rows))


def by_pool(rows: Sequence[Json]) -> dict[PoolNodes, LabelIndex[Decimal]]:
    """Values of series by the pools that their labels name."""
    pools: dict[PoolNodes, LabelIndex[Decimal]] = {}
    for labels, value in samples(rows):
        for pool in pools_of(labels):
            pools.setdefault(pool, LabelIndex()).add(rest(labels), value)
    return pools


def find_pool(pools: Mapping[PoolNodes, LabelIndex[Item]], customer: Customer, pool: str) -> list[Item]:
    """What is known of one pool of a customer."""
    index = pools.get(customer.nodes[pool]) if pool in customer.nodes else None
    return [] if index is None else index.find(customer.wanted)


def pools_of(labels: Mapping[str, str]) -> list[PoolNodes]:
    """The pools that a node's labels name."""
    return [PoolNodes(label, labels[name]) for name, label in METRIC_LABELS.items() if labels.get(name)]


def samples(rows: Sequence[Json]) -> list[tuple[dict[str, str], Decimal]]:
    """Labels and value of each series; what is no finite, non-negative number of a usual size is no measurement."""
    return [(row["metric"], value) for row in rows if (value := measurement(row)) is not None]


def measurement(row: Json) -> Decimal | None:
    """The value of a series; None where it is no measurement."""
    try:
        value = Decimal(row["value"][1])
    except (InvalidOperation, LookupError, TypeError):
        return None
    return value if value.is_finite() and (not value or _LEAST <= value <= _MOST) else None


def timestamps(row: Json) -> frozenset[int]:
    """The moments at which a series has a value, in seconds since the epoch."""
    return frozenset(int(float(moment)) for moment, _ in row["values"])


def rest(labels: Mapping[str, str]) -> Labels:
    """Labels without those that name pools."""
    return frozenset((name, value) for name, value in labels.items() if name not in METRIC_LABELS)


def own_key(labels: Mapping[str, str]) -> OwnKey:
    """Customer and pool of a series that livecost exports."""
    return labels.get(CUSTOMER_NAMESPACE_LABEL, ""), labels.get(CUSTOMER_LABEL, ""), labels.get(POOL_LABEL, "")

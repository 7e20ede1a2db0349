"""The questions that measure all customers of one Prometheus at once."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from livecost.metric_names import CUSTOMER_LABEL, CUSTOMER_NAMESPACE_LABEL, POOL_LABEL, READY_NODES
from livecost.observation_window import Window
from livecost.target_kinds import NODE_POOL_LABELS

# livekit_packet_bytes counts RTP header, payload and padding, and the messages of signalling. On the wire each IPv4
# packet also carries 20 B of IP, 8 B of UDP and 10 B of SRTP tag; IPv6 would be 20 B more, which no counter tells.
WIRE_OVERHEAD_BYTES_PER_PACKET = 38

_LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*", re.ASCII)
# Interfaces that carry no traffic of their own to the outside.
INNER_DEVICES = "lo|veth.*|cali.*|cni.*|docker.*|flannel.*|lxc.*|br-.*|virbr.*|tunl.*"


def metric_label(node_label: str) -> str:
    """The name under which kube-state-metrics shows a node's label."""
    return "label_" + re.sub(r"[^a-zA-Z0-9_]", "_", node_label)


METRIC_LABELS = {metric_label(label): label for label in NODE_POOL_LABELS}
"""Name of a pool's label in kube-state-metrics to the node's label."""


@dataclass(frozen=True, slots=True)
class InstantQuestion:
    """What a query says at one moment, in seconds since the epoch; None for the server's own now."""

    query: str
    at_seconds: int | None


@dataclass(frozen=True, slots=True)
class RangeQuestion:
    """What a query says at each step from start to end, both included, in seconds since the epoch."""

    query: str
    start_seconds: int
    end_seconds: int
    step_seconds: int


Question = InstantQuestion | RangeQuestion


def questions(
    window: Window, match_names: Sequence[str], *, by_node: bool = False, by_step: bool = True
) -> dict[str, Question]:
    """The questions of a cycle by the names of `Answers`; their number does not depend on the number of customers.

    Args:
        window: the stretch of time.
        match_names: names of all labels by which any customer's series are told apart.
        by_node: whether to tell each node's time, and not only the pool's sum.
        by_step: whether to tell each step at which kube-state-metrics spoke, and not only their number. That is much to
            read, and needed only where several series may speak of one customer, or one came in the window.
    """
    matched = label_names(match_names)
    over = f"[{window.seconds}s:{window.step_seconds}s]"
    pools = ", ".join([*METRIC_LABELS, *matched])
    groups = ", ".join(matched)
    own = f"{CUSTOMER_NAMESPACE_LABEL}, {CUSTOMER_LABEL}, {POOL_LABEL}"
    # Two exporters may speak of one node, and of one pool after a change of leader: max by counts each once.
    nodes = f"sum_over_time((max by (node, {pools}) (kube_node_labels)){over})"
    own_series = f"(max by ({own}) ({READY_NODES})){over}"
    up, end, step = f"count by ({groups}) (kube_node_labels)", window.end_seconds, window.step_seconds
    spoke = RangeQuestion(up, end - (window.steps - 1) * step, end, step)
    return {
        "node_steps": _at_end(window, nodes if by_node else f"sum by ({pools}) ({nodes})"),
        "source_up": spoke if by_step else _at_end(window, f"count_over_time(({up}){over})"),
        "own_sum": _at_end(window, f"sum_over_time({own_series})"),
        "own_count": _at_end(window, f"count_over_time({own_series})"),
        "egress_bytes": _at_end(window, sent_bytes(groups, f"[{window.seconds}s]")),
        "node_egress_bytes": _at_end(
            window,
            f"sum by ({groups}) (max by ({', '.join(['instance', 'device', *matched])}) (increase("
            f'node_network_transmit_bytes_total{{device!~"{INNER_DEVICES}"}}[{window.seconds}s])))',
        ),
    }


def sent_bytes(groups: str, over: str, selector: str = "") -> str:
    """The query for the bytes that LiveKit sent, as on the wire.

    Args:
        groups: names of labels to sum by, comma-separated.
        over: the range, such as [3600s] or [3600s:60s].
        selector: further matchers of the series; all series when empty.
    """
    bytes_sent, packets_sent = (_sent(f"livekit_packet_{each}", groups, over, selector) for each in ("bytes", "total"))
    return f"{bytes_sent} + {WIRE_OVERHEAD_BYTES_PER_PACKET} * {packets_sent}"


def _sent(metric: str, groups: str, over: str, selector: str) -> str:
    # node_id is a LiveKit process's own name, so that a process which two jobs scrape counts once.
    series = ", ".join(filter(None, ["node_id", "transmission", "country", groups]))
    matchers = ", ".join(filter(None, ['direction="outgoing"', 'node_id!=""', selector]))
    selected = f"{metric}{{{matchers}}}{over}"
    return f"sum by ({groups}) (max by ({series}) (increase({selected})))"


def price_questions(window: Window, match_names: Sequence[str], node_labels: Collection[str]) -> dict[str, Question]:
    """OpenCost's prices of each pool's nodes: `node_cost`, their sum over the steps, and `cost_steps`, their number.

    Args:
        window: the stretch of time.
        match_names: as for `questions`.
        node_labels: the labels of nodes by which any customer's pools are known; not empty.
    """
    matched = label_names(match_names)
    on = ", ".join(["node", *matched])
    over = f"[{window.seconds}s:{window.step_seconds}s]"
    sums, counts = [], []
    for label in sorted(metric_label(label) for label in node_labels):
        # Joined label by label: exporters that show a node with and without a label would make one join ambiguous.
        labelled = f'max by ({on}, {label}) (kube_node_labels{{{label}!=""}})'
        cost = f"(max by ({on}) (node_total_hourly_cost) * on ({on}) group_left({label}) {labelled}){over}"
        by = ", ".join([label, *matched])
        sums.append(f"sum by ({by}) (sum_over_time({cost}))")
        counts.append(f"sum by ({by}) (count_over_time({cost}))")
    return {"node_cost": _at_end(window, " or ".join(sums)), "cost_steps": _at_end(window, " or ".join(counts))}


def clock_question() -> dict[str, Question]:
    """What time the server has, in seconds since the epoch: one row."""
    return {"clock": InstantQuestion("vector(time())", None)}


def price_source_question(window: Window) -> dict[str, Question]:
    """Whether OpenCost spoke at all: one row if it did."""
    return {"spoke": _at_end(window, f"count(count_over_time(node_total_hourly_cost[{window.seconds}s]))")}


def label_names(names: Sequence[str]) -> list[str]:
    """Those that can be a label of Prometheus, in order."""
    return sorted(name for name in names if _LABEL_NAME.fullmatch(name))


def quoted(text: str) -> str:
    """A text as a string of PromQL."""
    return json.dumps(text, ensure_ascii=False)


def _at_end(window: Window, query: str) -> InstantQuestion:
    return InstantQuestion(query, window.evaluated_at)

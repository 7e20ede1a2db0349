"""Recording rules: what alerts and dashboard ask of LiveKit, node_exporter and livecost, by customer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from livecost import metric_names as names
from livecost.node_promql import with_address
from livecost.promql import INNER_DEVICES, WIRE_OVERHEAD_BYTES_PER_PACKET

Rules = list[dict[str, object]]

# The port of a server in the audio sizing document, for nodes that do not tell the speed of theirs.
ASSUMED_NODE_NETWORK_MBPS: Final = 1000

CUSTOMER: Final = f"{names.CUSTOMER_NAMESPACE_LABEL}, {names.CUSTOMER_LABEL}"
POOL: Final = f"{CUSTOMER}, {names.POOL_LABEL}"

LIVEKIT_CUSTOMER: Final = "livecost:livekit_customer:info"
LIVEKIT_NODE: Final = "livecost:livekit_node:info"
NODE_CPU: Final = "livecost:livekit_node_cpu:ratio"
NODE_MEMORY: Final = "livecost:livekit_node_memory:ratio"
NODE_NETWORK: Final = "livecost:livekit_node_network_sent:ratio"
PACKET_LOSS: Final = "livecost:livekit_packet_loss:ratio"
ROOMS: Final = "livecost:livekit_rooms:sum"
PARTICIPANTS: Final = "livecost:livekit_participants:sum"
SENT_BITS: Final = "livecost:livekit_sent:bits_per_second"
SESSIONS_OF_CAPACITY: Final = "livecost:sessions_of_capacity:ratio"
COST_VARIANCE: Final = "livecost:cost_variance:ratio"
BUDGET_SHARE: Final = "livecost:budget_share:ratio"


@dataclass(frozen=True, slots=True)
class Telemetry:
    """How the scraped series look.

    Attributes:
        match_label: label that tells the clusters' LiveKit and node_exporter series apart, and that
            observation.matchLabels of the customers names.
        node_network_mbps: what a LiveKit node may send, in Mbit/s; None for what the node itself tells, else
            `ASSUMED_NODE_NETWORK_MBPS`.
    """

    match_label: str = "cluster"
    node_network_mbps: int | None = None


def recording_rules(telemetry: Telemetry) -> Rules:
    """All recording rules, each after those it rests on.

    LiveKit's series get customer_namespace and customer by the match label. The series of a cluster for which no
    customer, or more than one, is found stay without these two labels.
    """
    match = telemetry.match_label
    node = f"{match}, address"
    participants = _once("livekit_participant_total", match)
    rows = {
        LIVEKIT_CUSTOMER: _livekit_customer(match),
        LIVEKIT_NODE: _by_customer(f"group by ({node}) ({with_address('livekit_room_total')})", match),
        NODE_CPU: _of_livekit_nodes(
            f'1 - avg by ({node}) ({with_address("""rate(node_cpu_seconds_total{mode="idle"}[5m])""")})', node
        ),
        NODE_MEMORY: _of_livekit_nodes(
            f"1 - min by ({node}) ({with_address('node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes')})",
            node,
        ),
        NODE_NETWORK: _of_livekit_nodes(
            f"max by ({node}) ({with_address(_share_sent(telemetry.node_network_mbps))})", node
        ),
        PACKET_LOSS: _by_customer(
            f"sum by ({match}, direction) ({_packets('livekit_packet_loss_total', match)})"
            f" / sum by ({match}, direction) ({_packets('livekit_packet_total', match)})",
            match,
        ),
        ROOMS: _by_customer(f"sum by ({match}) ({_once('livekit_room_total', match)})", match),
        # A participant whose signalling and room are on different nodes is counted by both: over N nodes that
        # livekit-server is reached at random, 2 - 1/N times.
        PARTICIPANTS: _by_customer(
            f"sum by ({match}) ({participants}) / (2 - 1 / count by ({match}) ({participants}))",
            match,
        ),
        SENT_BITS: _by_customer(
            f"8 * ({_sent('livekit_packet_bytes', match)}"
            f" + {WIRE_OVERHEAD_BYTES_PER_PACKET} * {_sent('livekit_packet_total', match)})",
            match,
        ),
        SESSIONS_OF_CAPACITY: (
            f'sum by ({CUSTOMER}) ({ROOMS}{{{names.CUSTOMER_LABEL}!=""}})\n'
            f"/ on ({CUSTOMER}) group_right () max by ({POOL}) ({names.CAPACITY_SESSIONS})"
        ),
        COST_VARIANCE: (
            f"{_each(names.OBSERVED_COST)} / ({_each(names.PROJECTED_COST)} > 0) - 1\n"
            f'and on ({CUSTOMER}) {names.CONDITION}{{type="CostObserved",status="True"}} == 1'
        ),
        # As the condition WithinBudget has it: the larger of both costs, the observed one while it is not stale.
        BUDGET_SHARE: (
            f"(\n  ({_each(names.OBSERVED_COST)} unless on ({CUSTOMER}) {not_observed()})"
            f" > {_each(names.PROJECTED_COST)}\n  or {_each(names.PROJECTED_COST)}\n) / {_each(names.BUDGET)}"
        ),
    }
    return [{"record": record, "expr": expr} for record, expr in rows.items()]


def not_observed() -> str:
    """Customers whose telemetry is missing now, so that figures shown are old."""
    return f'{names.CONDITION}{{type="CostObserved",status="Unknown"}} == 1'


def _each(metric: str) -> str:
    # For a moment after a change of leader two replicas may speak of one customer.
    return f"max by ({CUSTOMER}) ({metric})"


def _once(expr: str, match: str, *labels: str) -> str:
    # node_id is a LiveKit process's own name, so that a process which two jobs scrape counts once.
    return f"max by ({', '.join([match, 'node_id', *labels])}) ({expr})"


def _packets(metric: str, match: str) -> str:
    return _once(f"rate({metric}[5m])", match, "direction", "transmission", "source", "type", "country")


def _sent(metric: str, match: str) -> str:
    outgoing = f'{metric}{{direction="outgoing"}}'
    return f"sum by ({match}) ({_packets(outgoing, match)})"


def _livekit_customer(match: str) -> str:
    named = (
        f"max by ({CUSTOMER}, {match}) (label_replace(\n"
        f'  {names.CUSTOMER_MATCH}{{{names.MATCH_NAME_LABEL}="{match}"}},'
        f' "{match}", "$1", "{names.MATCH_VALUE_LABEL}", "(.+)"\n))'
    )
    return (
        f"{named}\nand on ({match}) count by ({match}) ({named}) == 1\n"
        f"or on ({match}) group by ({match}) (livekit_room_total)"
    )


def _by_customer(expr: str, match: str) -> str:
    return f"({expr})\n* on ({match}) group_left ({CUSTOMER}) {LIVEKIT_CUSTOMER}"


def _of_livekit_nodes(expr: str, node: str) -> str:
    return f"({expr})\n* on ({node}) group_left ({CUSTOMER}) {LIVEKIT_NODE}"


def _share_sent(node_network_mbps: int | None) -> str:
    sent = f'rate(node_network_transmit_bytes_total{{device!~"{INNER_DEVICES}"}}[5m])'
    bytes_per_second = (node_network_mbps or ASSUMED_NODE_NETWORK_MBPS) * 1_000_000 // 8
    if node_network_mbps is not None:
        return f"{sent} / {bytes_per_second}"
    return f"{sent} / ((node_network_speed_bytes > 0) or {sent} * 0 + {bytes_per_second})"

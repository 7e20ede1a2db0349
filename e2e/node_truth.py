"""A made-up week of LiveKit nodes whose cores for each participant are known, in the database of a real Prometheus.

One cluster has two nodes with node_exporter, which two jobs scrape on one of them, and a sim node beside. The other has
one node of the same address, on which only LiveKit's own CPU and kube-state-metrics are there.
"""

from __future__ import annotations

import math
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Loads = Mapping["NodeLife", Sequence[int]]
    Metrics = dict[str, list[tuple[str, Sequence[float]]]]
    """Metric to the labels and values of its series."""

SCRAPE_SECONDS: Final = 120
WEEK_SECONDS: Final = 7 * 86_400
MEMORY_BYTES: Final = 8 * 1024**3
MEMORY_AT_REST_BYTES: Final = 10**9
MEMORY_EACH_BYTES: Final = 28_000_000
SENT_EACH_BYTES_PER_SECOND: Final = 180_000
# People stay for so long at least.
_BLOCK_SECONDS: Final = 1_800


@dataclass(frozen=True)
class NodeLife:
    """One LiveKit node.

    Attributes:
        cluster: value of the label cluster.
        address: of the node.
        cores: that it has.
        cores_at_rest: used with nobody on it.
        cores_each: used for each participant.
        most: participants at the busiest time of the day, about.
        counted_times: how often LiveKit counts a participant.
        exporters: jobs that scrape node_exporter; without any, LiveKit's process and kube-state-metrics are seen.
    """

    cluster: str
    address: str
    cores: int
    cores_at_rest: float
    cores_each: float
    most: int
    counted_times: float
    exporters: tuple[str, ...]

    def at_percent(self, percent: float) -> float:
        """Participants at which the CPU is busy by so much."""
        return (self.cores * percent / 100 - self.cores_at_rest) / self.cores_each


NODES: Final = (
    NodeLife("st-marys", "10.0.0.1", 8, 0.1, 0.022, 230, 1.5, ("node", "node-again")),
    NodeLife("st-marys", "10.0.0.2", 8, 0.1, 0.022, 230, 1.5, ("node",)),
    NodeLife("riverside", "10.0.0.1", 4, 0.02, 0.02, 130, 1, ()),
)
_SIM: Final = NodeLife("st-marys", "10.0.0.9", 16, 12, 0, 0, 0, ("node",))


def end_of_week() -> int:
    """The last scrape: just now, as `livecost calibrate` looks back from now."""
    return int(time.time()) // SCRAPE_SECONDS * SCRAPE_SECONDS


def exposition(end: int) -> Iterator[str]:
    """The week as its exporters tell it, in the OpenMetrics text form."""
    moments = range(end - WEEK_SECONDS, end + 1, SCRAPE_SECONDS)
    loads = {node: _participants(node, moments) for node in (*NODES, _SIM)}
    for metric, series in {**_livekit(loads), **_node_exporter(loads), **_kube(moments)}.items():
        yield f"# TYPE {metric} unknown\n"
        for labels, values in series:
            for moment, value in zip(moments, values, strict=True):
                yield f"{metric}{{{labels}}} {value} {moment}\n"
    yield "# EOF\n"


def _livekit(loads: Loads) -> Metrics:
    found: Metrics = {"livekit_participant_total": [], "livekit_room_total": [], "process_cpu_seconds_total": []}
    for number, node in enumerate(NODES):
        target = f'cluster="{node.cluster}",instance="{node.address}:6789"'
        labels = f'{target},node_id="ND_{number}"'
        found["livekit_participant_total"].append((labels, [x * node.counted_times for x in loads[node]]))
        # Rooms of two, which are counted once.
        found["livekit_room_total"].append((labels, [x // 2 for x in loads[node]]))
        if not node.exporters:
            found["process_cpu_seconds_total"] += [
                (target, _counter([_used(node, x) for x in loads[node]])),
                # Another exporter on the node, whose CPU is not LiveKit's.
                (target.replace("6789", "9400"), _counter([1.5 for _ in loads[node]])),
            ]
    return found


def _node_exporter(loads: Loads) -> Metrics:
    found: Metrics = {
        "node_cpu_seconds_total": [],
        "node_memory_MemTotal_bytes": [],
        "node_memory_MemAvailable_bytes": [],
        "node_network_transmit_bytes_total": [],
    }
    for node, load in loads.items():
        idle = _counter([1 - _used(node, x) / node.cores for x in load])
        for job in node.exporters:
            target = f'cluster="{node.cluster}",instance="{node.address}:9100",job="{job}"'
            for cpu in range(node.cores):
                found["node_cpu_seconds_total"].append((f'{target},mode="idle",cpu="{cpu}"', idle))
            found["node_memory_MemTotal_bytes"].append((target, [MEMORY_BYTES for _ in load]))
            free = [MEMORY_BYTES - MEMORY_AT_REST_BYTES - MEMORY_EACH_BYTES * x for x in load]
            found["node_memory_MemAvailable_bytes"].append((target, free))
            sent = _counter([SENT_EACH_BYTES_PER_SECOND * x for x in load])
            found["node_network_transmit_bytes_total"].append((f'{target},device="eth0"', sent))
    return found


def _kube(moments: range) -> Metrics:
    found: Metrics = {"kube_node_info": [], "kube_node_status_capacity": [], "kube_node_labels": []}
    for node in NODES:
        for exporter in ("ksm-a", "ksm-b"):
            name = f'cluster="{node.cluster}",node="n-{node.address}",instance="{exporter}"'
            pool = "media" if node is NODES[0] else "other"
            found["kube_node_info"].append((f'{name},internal_ip="{node.address}"', [1 for _ in moments]))
            capacity = f'{name},resource="cpu",unit="core"'
            found["kube_node_status_capacity"].append((capacity, [node.cores for _ in moments]))
            found["kube_node_labels"].append((f'{name},label_karpenter_sh_nodepool="{pool}"', [1 for _ in moments]))
    return found


def _participants(node: NodeLife, moments: range) -> list[int]:
    """Nobody at night, the most at noon, and another number every half hour by the clock."""
    chance = random.Random(f"{node.cluster} {node.address}")  # noqa: S311 - a repeatable world
    first, last = moments[0] // _BLOCK_SECONDS, moments[-1] // _BLOCK_SECONDS
    found = []
    for block in range(last - first + 1):
        sun = -math.cos(2 * math.pi * (block * _BLOCK_SECONDS % 86_400) / 86_400)
        # Even numbers, so that half as many more are whole.
        found.append(2 * int(node.most * max(0.0, sun) * chance.uniform(0.85, 1.05) / 2))
    return [found[moment // _BLOCK_SECONDS - first] for moment in moments]


def _used(node: NodeLife, participants: int) -> float:
    return node.cores_at_rest + node.cores_each * participants


def _counter(per_second: list[float]) -> list[float]:
    total, found = 0.0, []
    for rate in per_second:
        found.append(round(total, 6))
        total += rate * SCRAPE_SECONDS
    return found

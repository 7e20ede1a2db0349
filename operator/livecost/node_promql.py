"""What Prometheus knows of each LiveKit node: participants, CPU, memory and traffic, joined by the node's address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from livecost.promql import INNER_DEVICES, label_names

# Prometheus' rate needs two scrapes at least, also of those that come once a minute or two.
LEAST_AVERAGED_SECONDS = 300
_SAMPLES_PER_MEAN = 6


def with_address(expr: str) -> str:
    """An expression with the label `address`: that of `instance` without its port.

    LiveKit and node_exporter both run in the node's network, so that their addresses are equal but for the port.
    """
    return f'label_replace({expr}, "address", "$1", "instance", "(.+?)(:[0-9]+)?")'


@dataclass(frozen=True, slots=True)
class NodeSeries:
    """Expressions with one series for each node, labelled `address` and by the groups; exporters may speak twice.

    Attributes:
        groups: names of the labels that tell clusters apart.
        seconds: each value is the mean over so long, in which there are at least two scrapes.
        selector: further matchers of every series, such as `cluster="st-marys"`; all series when empty.
    """

    groups: Sequence[str]
    seconds: int
    selector: str = ""

    @property
    def by(self) -> str:
        """The labels by which clusters are told apart, comma-separated."""
        return ", ".join(label_names(self.groups))

    @property
    def by_node(self) -> str:
        """The labels of a node, comma-separated."""
        return self._labels("address")

    def processes(self) -> str:
        """Participants as each LiveKit process counts them now."""
        # node_id is a LiveKit process's own name, so that a process which two jobs scrape counts once.
        series = with_address(self._metric("livekit_participant_total", 'node_id!=""'))
        return f"max by ({self._labels('address', 'node_id')}) ({series})"

    def participants(self) -> str:
        """Participants. Over N nodes LiveKit counts one 2 - 1 / N times on average, which is divided out."""
        processes = self.processes()
        counted_times = f"2 - 1 / count by ({self.by}) ({processes})"
        now = f"sum by ({self.by_node}) ({processes}) / on ({self.by}) group_left () ({counted_times})"
        return f"avg_over_time(({now})[{self.seconds}s:{max(1, self.seconds // _SAMPLES_PER_MEAN)}s])"

    def busy_cores(self) -> str:
        """Cores in use on the whole node, as node_exporter tells."""
        idle = self._rate("node_cpu_seconds_total", 'mode="idle"')
        return f"sum by ({self.by_node}) (1 - max by ({self._labels('address', 'cpu')}) ({with_address(idle)}))"

    def process_cores(self) -> str:
        """Cores that LiveKit itself uses; what the kernel does for its packets is left out."""
        livekit = self._metric("livekit_participant_total", 'node_id!=""')
        used = f"{self._rate('process_cpu_seconds_total')} and on ({self._labels('instance')}) {livekit}"
        each = f"max by ({self._labels('address', 'instance')}) ({with_address(used)})"
        return f"sum by ({self.by_node}) ({each})"

    def cores(self) -> str:
        """Cores that a node has: by node_exporter, else by kube-state-metrics, else by the kubelet."""
        idle = with_address(self._metric("node_cpu_seconds_total", 'mode="idle"'))
        on = self._labels("node")
        capacity = self._metric("kube_node_status_capacity", 'resource="cpu"')
        by_kube = f"{self._named()} * on ({on}) group_left () max by ({on}) ({capacity})"
        return (
            f"count by ({self.by_node}) (max by ({self._labels('address', 'cpu')}) ({idle}))"
            f" or max by ({self.by_node}) ({by_kube})"
            f" or max by ({self.by_node}) ({with_address(self._metric('machine_cpu_cores'))})"
        )

    def memory_bytes(self) -> str:
        """Memory in use on the whole node."""
        total, free = (self._mean(f"node_memory_{each}_bytes") for each in ("MemTotal", "MemAvailable"))
        return f"max by ({self.by_node}) ({with_address(f'{total} - {free}')})"

    def sent_bytes_per_second(self) -> str:
        """Traffic sent by the node's ports to the outside."""
        sent = self._rate("node_network_transmit_bytes_total", f'device!~"{INNER_DEVICES}"')
        return f"sum by ({self.by_node}) (max by ({self._labels('address', 'device')}) ({with_address(sent)}))"

    def of_pool(self, metric_label: str, quoted: str) -> str:
        """Nodes whose label in kube-state-metrics, such as `label_karpenter_sh_nodepool`, has that quoted value."""
        labels = self._metric("kube_node_labels", f"{metric_label}={quoted}")
        return f"group by ({self.by_node}) ({self._named()} and on ({self._labels('node')}) {labels})"

    def _named(self) -> str:
        """1 for each node, labelled `address` and `node`."""
        found = f'label_replace({self._metric("kube_node_info")}, "address", "$1", "internal_ip", "(.+)")'
        return f"max by ({self._labels('address', 'node')}) ({found})"

    def _labels(self, *own: str) -> str:
        return ", ".join([*own, *label_names(self.groups)])

    def _metric(self, name: str, *matchers: str) -> str:
        return f"{name}{{{','.join(filter(None, [*matchers, self.selector]))}}}"

    def _rate(self, name: str, *matchers: str) -> str:
        return f"rate({self._metric(name, *matchers)}[{self.seconds}s])"

    def _mean(self, name: str) -> str:
        return f"avg_over_time({self._metric(name)}[{self.seconds}s])"

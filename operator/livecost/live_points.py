"""What a calibration asks of a Prometheus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from livecost.node_promql import NodeSeries
from livecost.promql import metric_label, quoted

LOAD_ANSWER: Final = "participants"
PROCESS_CPU: Final = "process_cpu"


@dataclass(frozen=True, slots=True)
class LivePoints:
    """Which nodes are looked at, and when.

    Attributes:
        match: label to value, or to a regular expression that begins with ~, of every series.
        pool: a label of nodes and its value, to look at these only; None for all LiveKit nodes.
        window_seconds: how far back.
        step_seconds: the mean over each step is a point.
    """

    match: Mapping[str, str]
    pool: tuple[str, str] | None
    window_seconds: int
    step_seconds: int

    def queries(self) -> dict[str, str]:
        """An expression for each of participants, cpu, process_cpu, memory and network, in the units of a load test."""
        nodes = self._nodes()
        participants = nodes.participants()
        if self.pool is not None:
            label, value = self.pool
            participants = f"{participants} and {nodes.of_pool(metric_label(label), quoted(value))}"
        # The scrapes of a rate may lie so that a little more, or less, than all seems to be used.
        percent = "clamp_max(clamp_min(100 * {} / ({}), 0), 100)"
        return {
            # A hundredth of a participant is finer than any clock of a scrape, and shorter to read.
            LOAD_ANSWER: f"round({participants}, 0.01)",
            "cpu": percent.format(nodes.busy_cores(), nodes.cores()),
            PROCESS_CPU: percent.format(nodes.process_cores(), nodes.cores()),
            "memory": nodes.memory_bytes(),
            "network": nodes.sent_bytes_per_second(),
        }

    def _nodes(self) -> NodeSeries:
        matchers = [
            f"{name}=~{quoted(value[1:])}" if value.startswith("~") else f"{name}={quoted(value)}"
            for name, value in self.match.items()
        ]
        return NodeSeries(list(self.match), self.step_seconds, ",".join(matchers))

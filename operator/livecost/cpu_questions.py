"""The CPU of the last weeks on LiveKit nodes of all customers of one Prometheus: the questions, and what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from livecost.node_promql import LEAST_AVERAGED_SECONDS, NodeSeries
from livecost.observation_window import Window
from livecost.promql import InstantQuestion, Question
from livecost.telemetry import Customer, by_labels

Json = dict[str, Any]

# Coarser than the load: each core is a series, and Prometheus holds 50 million samples at once by default.
MOST_STEPS = 672


@dataclass(frozen=True, slots=True)
class ObservedCpu:
    """Participants and CPU on a customer's LiveKit nodes over a window, at the steps where both are known.

    Participants are those of one node in the mean over a step, agents included.

    Attributes:
        squares: sum of squares of participants over nodes and steps.
        products: sum of participants x cores in use.
        participants: sum of participants.
        participants_by_node_exporter: the part of it where the CPU is the whole node's, as node_exporter tells; in the
            rest it is LiveKit's process alone.
        participant_hours: `participants` as hours.
        most_participants: the most on one node.
        cores: fewest and most cores of a node; None when unknown.
    """

    squares: Decimal
    products: Decimal
    participants: Decimal
    participants_by_node_exporter: Decimal
    participant_hours: Decimal
    most_participants: Decimal
    cores: tuple[Decimal, Decimal] | None


def cpu_questions(window: Window, match_names: Sequence[str], selector: str = "") -> dict[str, Question]:
    """The questions about a window; their number does not depend on the number of customers.

    Args:
        window: the stretch of time.
        match_names: names of all labels by which any customer's series are told apart.
        selector: further matchers of every series; all series when empty.
    """
    step = _step_seconds(window)
    nodes = NodeSeries(match_names, max(step, LEAST_AVERAGED_SECONDS), selector)
    participants, whole_node = nodes.participants(), nodes.busy_cores()
    busy = f"{whole_node} or {nodes.process_cores()}"
    cores = f"({nodes.cores()}) and {participants}"
    # The first mean reaches back as far as the window does.
    over = f"[{max(step, window.seconds - nodes.seconds)}s:{step}s]"
    by = nodes.by
    queries = {
        "squares": f"sum_over_time((sum by ({by}) ({participants} ^ 2 and ({busy}))){over})",
        "products": f"sum_over_time((sum by ({by}) ({participants} * ({busy}))){over})",
        "participants": f"sum_over_time((sum by ({by}) ({participants} and ({busy}))){over})",
        "by_node_exporter": f"sum_over_time((sum by ({by}) ({participants} and {whole_node})){over})",
        "most_participants": f"max_over_time((max by ({by}) ({participants} and ({busy}))){over})",
        "fewest_cores": f"min_over_time((min by ({by}) ({cores})){over})",
        "most_cores": f"max_over_time((max by ({by}) ({cores})){over})",
    }
    return {name: InstantQuestion(query, window.evaluated_at) for name, query in queries.items()}


class CpuTelemetry:
    """The answers about a window, indexed for look-ups by customer.

    Args:
        window: the window of the questions.
        answers: name of a question of `cpu_questions` to its series, as the Prometheus HTTP API gives them.
    """

    def __init__(self, window: Window, answers: Mapping[str, Sequence[Json]]) -> None:
        self._step_hours = Decimal(_step_seconds(window)) / 3600
        self._found = {name: by_labels(rows) for name, rows in answers.items()}

    def cpu(self, customer: Customer) -> ObservedCpu | None:
        """The CPU of one customer's LiveKit nodes; None when it is not known."""
        found = {name: index.find(customer.wanted) for name, index in self._found.items()}
        if not (customer.told_apart and found["products"] and found["participants"]):
            return None
        total = {name: sum(values, Decimal(0)) for name, values in found.items()}
        fewest, most = found["fewest_cores"], found["most_cores"]
        return ObservedCpu(
            squares=total["squares"],
            products=total["products"],
            participants=total["participants"],
            participants_by_node_exporter=total["by_node_exporter"],
            participant_hours=total["participants"] * self._step_hours,
            most_participants=max(found["most_participants"], default=Decimal(0)),
            cores=(min(fewest), max(most)) if fewest and most else None,
        )


def _step_seconds(window: Window) -> int:
    steps = -(-window.seconds // (MOST_STEPS * window.step_seconds))
    return steps * window.step_seconds

"""The load of the last weeks of all customers of one Prometheus: the questions, and what the answers say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from livecost.cpu_questions import ObservedCpu
from livecost.observation_window import Window
from livecost.promql import InstantQuestion, Question, label_names, sent_bytes
from livecost.telemetry import Customer, by_labels

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ObservedLoad:
    """What ran on a customer's LiveKit nodes over a window. Participants include agents.

    Attributes:
        peak_participants: the most at one step.
        p95_participants: as many or fewer at 95 % of the steps that telemetry covers.
        participant_hours: their sum over these steps, as hours.
        peak_rooms: the most rooms at one step.
        p95_rooms: as for participants.
        room_hours: as for participants.
        sent_bytes: bytes that LiveKit sent, as on the wire; None when unknown.
        most_nodes: the most LiveKit processes at one step. Where there were several, participants are LiveKit's count
            over 2 - 1 / processes, as it counts those twice whose connection comes in on another one than the room's.
        covered_hours: hours for which telemetry is there.
        window_seconds: length of the window.
        as_of: its end.
        cpu: participants and CPU by node; None when unknown.
    """

    peak_participants: Decimal
    p95_participants: Decimal
    participant_hours: Decimal
    peak_rooms: int
    p95_rooms: Decimal
    room_hours: Decimal
    sent_bytes: Decimal | None
    most_nodes: int
    covered_hours: Decimal
    window_seconds: int
    as_of: datetime
    cpu: ObservedCpu | None = None

    @property
    def coverage_percent(self) -> Decimal:
        """Share of the window for which telemetry is there, 0 to 100."""
        share = 100 * 3600 * self.covered_hours / self.window_seconds
        return min(Decimal(100), share).quantize(Decimal("0.1"))


def load_questions(window: Window, match_names: Sequence[str], selector: str = "") -> dict[str, Question]:
    """The questions about a window; their number does not depend on the number of customers.

    Args:
        window: the stretch of time.
        match_names: names of all labels by which any customer's series are told apart.
        selector: further matchers of the series; all series when empty.
    """
    matched = label_names(match_names)
    groups = ", ".join(matched)
    matchers = ", ".join(filter(None, ['node_id!=""', selector]))
    # node_id is a LiveKit process's own name, so that a process which two jobs scrape counts once.
    rooms, participants = (
        f"max by ({', '.join(['node_id', *matched])}) ({metric}{{{matchers}}})"
        for metric in ("livekit_room_total", "livekit_participant_total")
    )
    over = f"[{window.seconds}s:{window.step_seconds}s]"
    all_rooms = f"(sum by ({groups}) ({rooms})){over}"
    nodes = f"count by ({groups}) ({participants})"
    all_participants = f"(sum by ({groups}) ({participants}) / (2 - 1 / {nodes})){over}"
    queries = {
        "peak_participants": f"max_over_time({all_participants})",
        "p95_participants": f"quantile_over_time(0.95, {all_participants})",
        "participant_steps": f"sum_over_time({all_participants})",
        "covered_steps": f"count_over_time({all_participants})",
        "peak_rooms": f"max_over_time({all_rooms})",
        "p95_rooms": f"quantile_over_time(0.95, {all_rooms})",
        "room_steps": f"sum_over_time({all_rooms})",
        "most_nodes": f"max_over_time(({nodes}){over})",
        "sent_bytes": sent_bytes(groups, over, selector),
    }
    return {name: InstantQuestion(query, window.evaluated_at) for name, query in queries.items()}


class LoadTelemetry:
    """The answers about a window, indexed for look-ups by customer.

    Args:
        window: the window of the questions.
        answers: name of a question of `load_questions` to its series, as the Prometheus HTTP API gives them.
    """

    def __init__(self, window: Window, answers: Mapping[str, Sequence[Json]]) -> None:
        self._window = window
        self._found = {name: by_labels(rows) for name, rows in answers.items()}

    def load(self, customer: Customer) -> ObservedLoad | None:
        """What ran on one customer's LiveKit nodes; None when that is not known."""
        window, values = self._window, {name: index.find(customer.wanted) for name, index in self._found.items()}
        steps = window.steps_since(customer.created_at)
        sent = values.pop("sent_bytes")
        if not (customer.told_apart and steps and all(values.values())):
            return None
        total = {name: sum(found, Decimal(0)) for name, found in values.items()}
        # Series with other labels of the customer beside the wanted ones may cover the same steps.
        covered = min(max(values["covered_steps"]), Decimal(steps))
        hours = Decimal(window.step_seconds) / 3600
        return ObservedLoad(
            peak_participants=total["peak_participants"],
            p95_participants=total["p95_participants"],
            participant_hours=total["participant_steps"] * hours,
            peak_rooms=int(total["peak_rooms"]),
            p95_rooms=total["p95_rooms"],
            room_hours=total["room_steps"] * hours,
            sent_bytes=sum(sent, Decimal(0)) if sent else None,
            most_nodes=int(total["most_nodes"]),
            covered_hours=covered * hours,
            window_seconds=steps * window.step_seconds,
            as_of=datetime.fromtimestamp(window.end_seconds, UTC),
        )

"""What runs on the LiveKit nodes of all customers of one Prometheus now: the questions, and what the answers say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from livecost.observed_cost import NotMeasured
from livecost.promql import InstantQuestion, Question, label_names
from livecost.telemetry import Customer, LabelIndex, measurement, rest

Json = dict[str, Any]

# A process that has exported rooms within this time, and is down now, may still carry them.
SILENCE_SECONDS = 3_600

NO_LIVEKIT = NotMeasured(
    "NoTelemetry",
    "Prometheus knows no livekit_room_total of this customer: let it scrape LiveKit's metrics, and tell customers that "
    "share it apart by observation.matchLabels",
)
UNREADABLE = NotMeasured(
    "PrometheusAnswerInvalid",
    "Prometheus gave a figure of this customer's LiveKit that is no number of rooms, participants or nodes; see what "
    "writes its series",
)


@dataclass(frozen=True, slots=True)
class LiveLoad:
    """What runs on a customer's LiveKit nodes at a moment.

    Attributes:
        rooms: rooms that are on.
        participants: the most participants that can be on; exact where one node reports. Of several nodes, LiveKit
            counts a participant whose connection comes in on another node than the room's on both.
        nodes: LiveKit processes that report.
        fullest: participants of the fullest one, with the same fault.
        silent: processes that carried rooms within the last hour and do not answer Prometheus.
        as_of: time of the oldest sample of these.
    """

    rooms: int
    participants: int
    nodes: int
    fullest: int
    silent: int
    as_of: datetime

    @property
    def fewest_participants(self) -> int:
        """The participants that are on for sure: each is counted twice at most."""
        return self.participants if self.nodes <= 1 else -(-self.participants // 2)


def live_questions(now: datetime, match_names: Sequence[str]) -> dict[str, Question]:
    """The questions about this moment; their number does not depend on the number of customers.

    Args:
        now: the time, with zone.
        match_names: names of all labels by which any customer's series are told apart.
    """
    matched = label_names(match_names)
    groups = ", ".join(matched)
    # node_id is a LiveKit process's own name, so that a process which two jobs scrape counts once.
    rooms, participants = (
        f'max by ({", ".join(["node_id", *matched])}) ({metric}{{node_id!=""}})'
        for metric in ("livekit_room_total", "livekit_participant_total")
    )
    target = ", ".join(["instance", "job", *matched])
    queries = {
        "live_rooms": f"sum by ({groups}) ({rooms})",
        "live_participants": f"sum by ({groups}) ({participants})",
        "live_nodes": f"count by ({groups}) ({rooms})",
        "live_fullest": f"max by ({groups}) ({participants})",
        "live_oldest": f'min by ({groups}) (timestamp(livekit_room_total{{node_id!=""}}))',
        "live_silent": f"count by ({groups}) (up == 0 and on ({target}) "
        f"last_over_time(livekit_room_total[{SILENCE_SECONDS}s]))",
    }
    return {name: InstantQuestion(query, int(now.timestamp())) for name, query in queries.items()}


class LiveTelemetry:
    """The answers of one cycle, indexed for look-ups by customer.

    Args:
        answers: name of a question of `live_questions` to its series, as the Prometheus HTTP API gives them.
    """

    def __init__(self, answers: Mapping[str, Sequence[Json]]) -> None:
        self._found = {
            name: LabelIndex((rest(row["metric"]), measurement(row)) for row in rows) for name, rows in answers.items()
        }

    def load(self, customer: Customer) -> LiveLoad | NotMeasured:
        """What runs on one customer's LiveKit nodes."""
        if not customer.told_apart:
            return NO_LIVEKIT
        found = {name: index.find(customer.wanted) for name, index in self._found.items()}
        known = {name: [value for value in values if value is not None] for name, values in found.items()}
        rooms, participants, oldest = known["live_rooms"], known["live_participants"], known["live_oldest"]
        if not (rooms and participants and oldest):
            return NO_LIVEKIT
        # Without the part that cannot be read, the rest would be too few rooms to keep nodes for.
        if any(None in values for values in found.values()):
            return UNREADABLE
        return LiveLoad(
            rooms=int(sum(rooms)),
            participants=int(sum(participants)),
            nodes=int(sum(known["live_nodes"])),
            fullest=int(max(known["live_fullest"], default=Decimal(0))),
            silent=int(sum(known["live_silent"])),
            as_of=datetime.fromtimestamp(int(min(oldest)), UTC),
        )

"""How many participants a LiveKit node carries at its CPU target, by the CPU of the last weeks."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from costmodel import plain
from costmodel.decimals import rounded_quotient
from livecost.cpu_questions import ObservedCpu

# What nodes carry says little of their capacity below this share of what is planned for them.
LEAST_LOAD_PERCENT = Decimal(20)
LEAST_CPU_COVERAGE_PERCENT = Decimal(50)
# As for load tests: what a node carries is told up to this many times the most that one carried.
MAX_EXTRAPOLATION = Decimal("1.25")

NODE_SOURCE = "node-exporter, livekit"
PROCESS_SOURCE = "livekit's process: without the kernel's part of the network's work"

_NO_CPU = (
    "the CPU of the LiveKit nodes is unknown; let Prometheus scrape node_exporter on them, with LiveKit's address and "
    "the labels of observation.matchLabels"
)
_NO_CORES = "the cores of the LiveKit nodes are unknown; let Prometheus scrape node_exporter or kube-state-metrics"


@dataclass(frozen=True, slots=True)
class CpuCapacity:
    """What a node carries at the CPU target.

    Attributes:
        participants: participants, the target included; None when unknown.
        unknown_because: why, and what would help; None when known.
        source: where the CPU comes from.
    """

    participants: Decimal | None
    unknown_because: str | None
    source: str


def cpu_capacity(
    cpu: ObservedCpu | None, participant_hours: Decimal, planned: Decimal, target_percent: Decimal
) -> CpuCapacity:
    """Participants for each core in use, times the cores of a node, times the target.

    Participants for each core are sum(p x p) / sum(p x c) over nodes and steps with p participants and c cores in use:
    least squares of c over p through the origin, in which each step counts by its participants. What an idle node uses
    is counted as the participants', so that the figure is rather too low.

    Args:
        cpu: what was observed; None when that is not known.
        participant_hours: hours of participants in the same window, as LiveKit tells them.
        planned: participants that a node is planned to carry, the target utilization included.
        target_percent: how busy the CPU may get, above 0 to 100.
    """
    if cpu is None or cpu.products <= 0 or cpu.squares <= 0:
        return CpuCapacity(None, _NO_CPU, NODE_SOURCE)
    whole = cpu.participants_by_node_exporter >= cpu.participants
    source = NODE_SOURCE if whole else PROCESS_SOURCE
    if cpu.cores is None:
        return CpuCapacity(None, _NO_CORES, source)
    _, cores = cpu.cores
    if (reason := _doubt(cpu, participant_hours, planned)) is not None:
        return CpuCapacity(None, reason, source)
    carried = cpu.squares / cpu.products * cores * target_percent / 100
    bound = MAX_EXTRAPOLATION * cpu.most_participants
    if carried <= bound:
        return CpuCapacity(carried, None, source)
    if bound < planned:
        seen = _shown(cpu.most_participants)
        reason = f"CPU would allow more than {_shown(bound)}, 1.25 times the most that a node carried ({seen})"
        return CpuCapacity(None, f"{reason}; beyond that it is not told", source)
    return CpuCapacity(bound, None, f"{source}; cut to 1.25 times the most that a node carried")


def _doubt(cpu: ObservedCpu, participant_hours: Decimal, planned: Decimal) -> str | None:
    assert cpu.cores is not None  # noqa: S101 - the caller has looked
    fewest, most = cpu.cores
    if fewest != most:
        return (
            f"LiveKit nodes of {plain(fewest)} and of {plain(most)} cores ran; "
            "it is told once all of the window have the same"
        )
    if cpu.participant_hours * 100 < participant_hours * LEAST_CPU_COVERAGE_PERCENT:
        percent = _shown(100 * cpu.participant_hours / participant_hours)
        return (
            f"CPU is known for {percent} % of the participants' hours, and {plain(LEAST_CPU_COVERAGE_PERCENT)} % are "
            "needed; let Prometheus scrape node_exporter on all LiveKit nodes"
        )
    mean = cpu.squares / cpu.participants
    if mean * 100 < planned * LEAST_LOAD_PERCENT:
        return (
            f"a participant's node held {_shown(mean)} on average, and {plain(LEAST_LOAD_PERCENT)} % of the planned "
            f"{_shown(planned)} are needed; it is told once nodes are fuller"
        )
    return None


def _shown(number: Decimal) -> str:
    return plain(rounded_quotient(number, Decimal(1), 1) or Decimal(0))

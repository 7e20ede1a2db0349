"""What telemetry says of the assumptions behind a plan, and what the plan would cost by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from costmodel import Estimate, format_money, plain
from costmodel.decimals import ceil_div, rounded_quotient
from costmodel.fields import HOURS_PER_MONTH
from costmodel.sizing import livekit_participants_per_node
from livecost.cpu_capacity import cpu_capacity
from livecost.plan import Plan
from livecost.telemetry_questions import ObservedLoad

# Less telemetry than this, or a difference below these, is no reason to change an assumption.
LEAST_COVERAGE_PERCENT = Decimal(50)
LEAST_DIFFERENCE_PERCENT = Decimal(10)
LEAST_BILL_PERCENT = Decimal(1)

EXACT_SOURCE = "livekit"
SEVERAL_NODES_SOURCE = "livekit, several nodes: its count of participants over 2 - 1 / nodes"

_BITS_PER_MEGABIT = 10**6
_SECONDS_PER_HOUR = 3600

# What is too low where LiveKit counts participants once and their count was divided.
_COUNTED = ("demand.concurrency", "capacity.participantsPerNode")

Reprice = Callable[[Mapping[str, Decimal]], Estimate | None]


@dataclass(frozen=True, slots=True)
class Figure:
    """One assumption beside what was observed.

    Attributes:
        assumption: dotted path of the field in an assumptions document, or `sessions`, which follow from such fields.
        assumed: the value that the plan is made by.
        observed: the value that telemetry tells; None when it tells none.
        p95: the same by the 95th percentile instead of the peak; None where it is no peak.
        unit: what it counts.
        estimate_if: the estimate with this one assumption replaced; None when nothing is observed, no plan follows, or
            it is no field of its own.
        source: where the observed value comes from.
        unknown_because: why nothing is observed, and what would help; None where that is not told.
    """

    assumption: str
    assumed: Decimal
    observed: Decimal | None
    p95: Decimal | None
    unit: str
    estimate_if: Estimate | None
    source: str
    unknown_because: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """All assumptions that telemetry speaks of.

    Attributes:
        load: what was observed.
        figures: assumption by assumption.
        all_together: the estimate with all of them replaced; None when no plan follows.
        recommendations: texts: first what costs more than is planned, then what costs less.
    """

    load: ObservedLoad
    figures: Sequence[Figure]
    all_together: Estimate | None
    recommendations: Sequence[str]


def check_assumptions(load: ObservedLoad, plan: Plan, reprice: Reprice, target_cpu_percent: Decimal) -> Check:
    """Set what was observed beside what is assumed.

    Args:
        load: what was observed.
        plan: the assumptions in force.
        reprice: the estimate with some assumptions (path to value) replaced; None where these make no plan.
        target_cpu_percent: how busy the CPU of a LiveKit node may get, above 0 to 100.
    """
    demand, network = plan.assumptions.demand, plan.assumptions.network
    source = SEVERAL_NODES_SOURCE if load.most_nodes > 1 else EXACT_SOURCE
    in_room = rounded_quotient(load.participant_hours, load.room_hours, 6)
    agents = demand.agents_per_session
    users_in_room = None if in_room is None or in_room <= agents else in_room - agents
    media = None
    if load.sent_bytes is not None:
        seconds = load.participant_hours * _SECONDS_PER_HOUR
        media = rounded_quotient(8 * load.sent_bytes, seconds * _BITS_PER_MEGABIT, 4)
    usage = rounded_quotient(load.participant_hours * HOURS_PER_MONTH, load.peak_participants * load.covered_hours, 2)
    rows = [
        (
            "demand.concurrency",
            Decimal(plan.estimate.demand.peak_users),
            _users(load.peak_participants, in_room, users_in_room),
            _users(load.p95_participants, in_room, users_in_room),
            "users",
        ),
        (
            "demand.usersPerSession",
            demand.users_per_session,
            None if users_in_room is None else _rounded(users_in_room, 2),
            None,
            "users per room",
        ),
        ("network.mediaMbps", network.media_mbps, media, None, "Mbit/s per participant"),
        ("network.usageHoursPerMonth", network.usage_hours_per_month, usage, None, "hours a month at the peak"),
    ]
    figures = [
        Figure(path, assumed, observed, p95, unit, None if observed is None else reprice({path: observed}), source)
        for path, assumed, observed, p95, unit in rows
    ]
    figures.append(_capacity(load, plan, reprice, target_cpu_percent))
    found = {each.assumption: each.observed for each in figures if each.observed is not None}
    sessions = Decimal(plan.estimate.demand.sessions)
    figures.append(
        Figure("sessions", sessions, Decimal(load.peak_rooms), load.p95_rooms, "rooms at once", None, EXACT_SOURCE)
    )
    return Check(load, figures, reprice(found) if found else None, _recommendations(load, plan, figures))


def _users(participants: Decimal, in_room: Decimal | None, users_in_room: Decimal | None) -> Decimal | None:
    """Users among participants: LiveKit counts agents like users, so they are taken out by their share of a room."""
    if in_room is None or users_in_room is None:
        return None
    # Six decimals of a measured ratio would make 100.000001 users of 100.
    share = _rounded(participants * users_in_room / in_room, 3)
    return Decimal(ceil_div(share, Decimal(1)))


def _capacity(load: ObservedLoad, plan: Plan, reprice: Reprice, target_cpu_percent: Decimal) -> Figure:
    capacity = plan.assumptions.capacity
    planned = livekit_participants_per_node(capacity)
    carried = cpu_capacity(load.cpu, load.participant_hours, planned, target_cpu_percent)
    observed = None
    if carried.participants is not None:
        # The plan multiplies the two again.
        observed = Decimal(int(carried.participants * 100 / capacity.target_utilization_percent))
    path = "capacity.participantsPerNode"
    return Figure(
        assumption=path,
        assumed=Decimal(capacity.participants_per_node),
        observed=observed,
        p95=None,
        unit=f"participants on a node at {plain(target_cpu_percent)} % CPU",
        estimate_if=None if observed is None else reprice({path: observed}),
        source=carried.source,
        unknown_because=carried.unknown_because,
    )


def _recommendations(load: ObservedLoad, plan: Plan, figures: Sequence[Figure]) -> list[str]:
    if load.coverage_percent < LEAST_COVERAGE_PERCENT:
        return []
    days = max(1, round(load.window_seconds / 86_400))
    over = f"over {days} days" if days > 1 else "over a day"
    up: list[tuple[Decimal, str]] = []
    down: list[tuple[Decimal, str]] = []
    for figure in figures:
        if figure.observed is None or figure.estimate_if is None or not _is_material(figure, figure.estimate_if, plan):
            continue
        if figure.assumption in _COUNTED and figure.assumed > figure.observed and load.most_nodes > 1:
            # Where connections come in on the room's own node, LiveKit's count is right as it is: is it lower, too?
            most = figure.observed * (2 * load.most_nodes - 1)
            if most * 100 > figure.assumed * load.most_nodes * (100 - LEAST_DIFFERENCE_PERCENT):
                continue
        nodes, amount = _difference(figure.estimate_if, plan)
        costs_more = amount > 0 or (amount == 0 and nodes > 0)
        verb = "raise" if figure.observed > figure.assumed else "lower"
        money = format_money(abs(amount), plan.estimate.currency)
        text = (
            f"{verb} {figure.assumption} from {plain(figure.assumed)} to {plain(figure.observed)}, as observed {over}: "
            f"{money} a month {'more' if costs_more else 'less'} than projected"
        )
        if nodes:
            text += f", {abs(nodes)} {'node' if abs(nodes) == 1 else 'nodes'} {'more' if nodes > 0 else 'less'}"
        (up if costs_more else down).append((abs(amount), text))
    return [text for rows in (up, down) for _, text in sorted(rows, reverse=True)]


def _is_material(figure: Figure, estimate_if: Estimate, plan: Plan) -> bool:
    assert figure.observed is not None  # noqa: S101 - the caller has looked
    if abs(figure.observed - figure.assumed) * 100 < figure.assumed * LEAST_DIFFERENCE_PERCENT:
        return False
    nodes, amount = _difference(estimate_if, plan)
    return nodes != 0 or abs(amount) * 100 >= plan.estimate.monthly_total * LEAST_BILL_PERCENT > 0


def _difference(estimate_if: Estimate, plan: Plan) -> tuple[int, Decimal]:
    """Nodes and money per month that another estimate is above the plan's."""
    now = plan.estimate
    nodes = estimate_if.livekit.nodes + estimate_if.sim.nodes - now.livekit.nodes - now.sim.nodes
    return nodes, estimate_if.monthly_total - now.monthly_total


def _rounded(number: Decimal, places: int) -> Decimal:
    found = rounded_quotient(number, Decimal(1), places)
    assert found is not None  # noqa: S101 - the divisor is 1
    return found

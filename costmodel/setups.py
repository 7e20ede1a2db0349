"""Servers together with the Redis and the load balancer that more than one of them need, and which set-up to choose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from costmodel.decimals import ceil_div, exact, plain
from costmodel.errors import AssumptionsError, Problem
from costmodel.servers import server_capacity, sessions_per_day

if TYPE_CHECKING:
    from collections.abc import Iterable

    from costmodel.servers import ServerCapacity, ServerType, SessionLoad

MAX_SERVERS: Final = 1_000
"""Most servers of a recommended set-up; a demand beyond it is taken for a slip."""

_MINUTES_PER_HOUR = 60


@dataclass(frozen=True, slots=True)
class SetUp:
    """Servers of one type. Redis and load balancer are prices per month, paid where there is more than one server."""

    server: ServerType
    servers: int
    redis_per_month: Decimal = Decimal(0)
    load_balancer_per_month: Decimal = Decimal(0)

    @property
    def side_services_per_month(self) -> Decimal:
        """Redis holds which room lives where, and something has to spread the rooms; one server needs neither."""
        return self.redis_per_month + self.load_balancer_per_month if self.servers > 1 else Decimal(0)

    @property
    def price_per_month(self) -> Decimal:
        """The whole set-up's price per month."""
        return self.servers * self.server.price_per_month + self.side_services_per_month

    @property
    def name(self) -> str:
        """Such as "3x CCX23"."""
        return f"{self.servers}x {self.server.name}"


@dataclass(frozen=True, slots=True)
class SetUpCapacity:
    """Concurrent sessions of a set-up.

    Attributes:
        one_server: of one server.
        sessions: of all servers; each holds its own whole rooms.
        sessions_with_one_lost: of the rest when one server is lost.
    """

    one_server: ServerCapacity
    sessions: int
    sessions_with_one_lost: int


def setup_capacity(setup: SetUp, load: SessionLoad, headroom_percent: Decimal) -> SetUpCapacity:
    """What a set-up carries (SPEC, Set-ups of several servers).

    Raises:
        AssumptionsError: the headroom is out of range.
    """
    one = server_capacity(setup.server, load, headroom_percent)
    return SetUpCapacity(one, one.sessions * setup.servers, one.sessions * (setup.servers - 1))


@dataclass(frozen=True, slots=True)
class SessionDemand:
    """Sessions to carry.

    Attributes:
        sessions_per_day: whole sessions on a day.
        busy_hours_per_day: hours over which they spread evenly, above 0 to 24.
        survives_one_loss: whether the rest carries them when one server is lost.
    """

    sessions_per_day: int
    busy_hours_per_day: Decimal = Decimal(24)
    survives_one_loss: bool = False

    def __post_init__(self) -> None:
        problems = []
        if self.sessions_per_day < 1:
            problems.append(Problem("sessionsPerDay", f"{self.sessions_per_day} is below 1", "write at least 1"))
        if not 0 < self.busy_hours_per_day <= 24:
            remedy = "write hours above 0 to 24"
            problems.append(Problem("busyHoursPerDay", f"{self.busy_hours_per_day} is out of range", remedy))
        if problems:
            raise AssumptionsError(problems)

    @exact
    def concurrent_sessions(self, minutes: Decimal) -> int:
        """Sessions at once when each lasts `minutes`: ceil(sessions/day x minutes / (busyHoursPerDay x 60))."""
        return ceil_div(self.sessions_per_day * minutes, self.busy_hours_per_day * _MINUTES_PER_HOUR)


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A set-up that carries a demand, with `why` in words."""

    setup: SetUp
    capacity: SetUpCapacity
    sessions_per_day: int
    why: str


def recommend(
    demand: SessionDemand,
    servers: Iterable[ServerType],
    load: SessionLoad,
    headroom_percent: Decimal,
    *,
    redis_per_month: Decimal,
    load_balancer_per_month: Decimal,
) -> list[Recommendation]:
    """For each server type the fewest servers that carry the demand, the cheapest set-up first.

    The CPU of a session is each server type's heavier figure; `load` says the rest.

    Raises:
        AssumptionsError: no type carries the demand with `MAX_SERVERS` servers, or the headroom is out of range.
    """
    needed = demand.concurrent_sessions(load.minutes)
    found = []
    for server in servers:
        heavy = replace(load, cpu_percent=server.cpu_percent_per_session[1])
        one = server_capacity(server, heavy, headroom_percent)
        if not one.sessions:
            continue
        count = -(-needed // one.sessions) + demand.survives_one_loss
        if count > MAX_SERVERS:
            continue
        setup = SetUp(server, count, redis_per_month, load_balancer_per_month)
        capacity = setup_capacity(setup, heavy, headroom_percent)
        carried = capacity.sessions_with_one_lost if demand.survives_one_loss else capacity.sessions
        daily = sessions_per_day(carried, load.minutes, busy_hours_per_day=demand.busy_hours_per_day)
        found.append(
            Recommendation(setup, capacity, daily, _why(needed, setup, one, survives=demand.survives_one_loss))
        )
    if not found:
        remedy = "lower sessionsPerDay or headroomPercent, or make sessions lighter"
        raise AssumptionsError(
            [Problem("sessionsPerDay", f"no server type carries it with {MAX_SERVERS} servers", remedy)]
        )
    return sorted(found, key=lambda each: (each.setup.price_per_month, each.setup.servers))


def _why(needed: int, setup: SetUp, one: ServerCapacity, *, survives: bool) -> str:
    carrying = setup.servers - survives
    words = f"{needed} at once; a server carries {one.sessions} ({one.set_by} binds), so {carrying} do it"
    if survives:
        words += " and one may be lost"
    if setup.side_services_per_month:
        words += f"; {plain(setup.side_services_per_month)} for Redis and load balancer"
    return words

"""Servers together with the Redis and the load balancer that more than one of them need, and which set-up to choose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from costmodel.bandwidth import bandwidth_cost
from costmodel.decimals import ceil_div, cents, exact
from costmodel.errors import AssumptionsError, Problem
from costmodel.servers import server_capacity, sessions_per_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from costmodel.bandwidth import BandwidthPrice
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
class Traffic:
    """Egress of a demand: `gb_per_month` GB (10^9 bytes), charged by `price` less what each server type includes."""

    gb_per_month: Decimal
    price: BandwidthPrice


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A set-up that carries a demand.

    Attributes:
        setup: the servers.
        capacity: what they carry at once.
        sessions_per_day: what they carry in a day, with one lost where that is demanded.
        traffic_per_month: price of the demand's egress; None where it is left out or its price is unknown.
        why: what binds, how many servers it takes, what high availability costs, and how far the next set-up is.
    """

    setup: SetUp
    capacity: SetUpCapacity
    sessions_per_day: int
    traffic_per_month: Decimal | None
    why: str

    @property
    def total_per_month(self) -> Decimal:
        """Price per month of the set-up, with its traffic where the price of that is known."""
        return self.setup.price_per_month + (self.traffic_per_month or 0)


@exact
def recommend(
    demand: SessionDemand,
    servers: Iterable[ServerType],
    load: SessionLoad,
    headroom_percent: Decimal,
    *,
    redis_per_month: Decimal,
    load_balancer_per_month: Decimal,
    traffic: Traffic | None = None,
) -> list[Recommendation]:
    """For each server type the number of servers that carries the demand at the least total, the cheapest set-up first.

    The CPU of a session is each server type's heavier figure; `load` says the rest. The price of `traffic` counts too,
    so that more servers than needed are taken where the traffic that comes with them is worth more than they cost.

    Raises:
        AssumptionsError: no type carries the demand with `MAX_SERVERS` servers, or the headroom is out of range.
    """
    found = []
    for server in servers:
        heavy = replace(load, cpu_percent=server.cpu_percent_per_session[1])
        one = server_capacity(server, heavy, headroom_percent)
        if not one.sessions:
            continue
        needed = -(-demand.concurrent_sessions(load.minutes) // one.sessions)
        fewest = SetUp(server, needed + demand.survives_one_loss, redis_per_month, load_balancer_per_month)
        if fewest.servers <= MAX_SERVERS:
            setup = fewest if traffic is None else _cheapest(fewest, traffic)
            capacity = setup_capacity(setup, heavy, headroom_percent)
            carrying = (setup.servers - demand.survives_one_loss) * one.sessions
            daily = sessions_per_day(carrying, load.minutes, busy_hours_per_day=demand.busy_hours_per_day)
            price = None if traffic is None else _traffic_per_month(setup, traffic)
            why = _why(demand, heavy, fewest, one) + _more_than_needed(setup, fewest, traffic) + _services(setup)
            found.append(Recommendation(setup, capacity, daily, price, why))
    if not found:
        remedy = "lower sessionsPerDay or headroomPercent, or make sessions lighter"
        raise AssumptionsError(
            [Problem("sessionsPerDay", f"no server type carries it with {MAX_SERVERS} servers", remedy)]
        )
    ranked = sorted(found, key=lambda each: (each.total_per_month, each.setup.servers))
    return [replace(each, why=each.why + _distance(each, ranked)) for each in ranked]


def _traffic_per_month(setup: SetUp, traffic: Traffic) -> Decimal:
    price = replace(traffic.price, included_tb_per_server=setup.server.included_tb)
    return bandwidth_cost(price, traffic.gb_per_month, setup.servers)


def _total_per_month(setup: SetUp, traffic: Traffic) -> Decimal:
    return setup.price_per_month + _traffic_per_month(setup, traffic)


def _cheapest(fewest: SetUp, traffic: Traffic) -> SetUp:
    best, least = fewest, _total_per_month(fewest, traffic)
    if not fewest.server.included_tb:
        return best
    # Every number is tried: through tiers the saving need not shrink from one server to the next.
    for servers in range(fewest.servers + 1, MAX_SERVERS + 1):
        more = replace(fewest, servers=servers)
        traffic_per_month = _traffic_per_month(more, traffic)
        if more.price_per_month + traffic_per_month < least:
            best, least = more, more.price_per_month + traffic_per_month
        if not traffic_per_month or more.price_per_month >= least:
            break
    return best


def _more_than_needed(setup: SetUp, fewest: SetUp, traffic: Traffic | None) -> str:
    if traffic is None or setup == fewest:
        return ""
    saving = _total_per_month(fewest, traffic) - _total_per_month(setup, traffic)
    return f"; {setup.servers - fewest.servers} more for the traffic they include, which saves {cents(saving)}"


def _why(demand: SessionDemand, load: SessionLoad, setup: SetUp, one: ServerCapacity) -> str:
    binds = f"{one.set_by} binds"
    if load.mbps is not None and setup.server.network_mbps is None:
        binds += ", network unknown"
    carrying = setup.servers - demand.survives_one_loss
    words = f"{demand.concurrent_sessions(load.minutes)} at once; a server carries {one.sessions} ({binds}), so "
    words += f"{carrying} do{'es' if carrying == 1 else ''} it"
    if demand.survives_one_loss:
        extra = setup.price_per_month - replace(setup, servers=carrying).price_per_month
        words += f" and one more may be lost, for {cents(extra)}"
    return words


def _services(setup: SetUp) -> str:
    per_month = setup.side_services_per_month
    return f"; {cents(per_month)} is for Redis and load balancer" if per_month else ""


def _distance(one: Recommendation, ranked: Sequence[Recommendation]) -> str:
    best, *others = ranked
    if one is not best:
        return f"; {cents(one.total_per_month - best.total_per_month)} more than {best.setup.name}"
    if not others:
        return ""
    return f"; {cents(others[0].total_per_month - best.total_per_month)} less than {others[0].setup.name}"

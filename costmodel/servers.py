"""How many sessions a server carries, and what a session costs on it.

A session is one room, and a room lives on one server ("each room must fit within a single node": docs.livekit.io,
self-hosting, distributed multi-region). So whole sessions of each server count, never those of servers taken together.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Literal

from costmodel.decimals import exact, rounded_quotient
from costmodel.errors import AssumptionsError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

Resource = Literal["cpu", "memory", "network"]

DAYS_PER_MONTH: Final = 30
"""Days in a month of sessions, as the audio sizing document counts them; prices are per month as billed."""
_HOURS_PER_DAY: Final = Decimal(24)
_MINUTES_PER_HOUR: Final = 60
_MB_PER_GB: Final = 1000
_HUNDRED: Final = Decimal(100)


@dataclass(frozen=True, slots=True)
class ServerType:
    """A kind of server.

    Attributes:
        name: the provider's name.
        vcpu: virtual CPUs, a count.
        memory_gb: memory in GB (10^9 bytes).
        network_mbps: speed of the port in megabits (10^6) per second; None where it is unknown.
        price_per_month: price of one server per month.
        cpu_percent_per_session: what a session takes of one vCPU here, in percent: from light to heavy sessions.
        included_tb: TB (10^12 bytes) of egress a month that come with each server.
    """

    name: str
    vcpu: int
    memory_gb: Decimal
    network_mbps: Decimal | None
    price_per_month: Decimal
    cpu_percent_per_session: tuple[Decimal, Decimal]
    included_tb: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class SessionLoad:
    """What one session takes of a server.

    Attributes:
        cpu_percent: of one vCPU, in percent.
        memory_mb: in MB (10^6 bytes).
        mbps: of the server's port, in megabits (10^6) per second. None where the port is left out of the reckoning.
        minutes: how long a session lasts.
    """

    cpu_percent: Decimal
    memory_mb: Decimal
    mbps: Decimal | None
    minutes: Decimal

    def __post_init__(self) -> None:
        figures = {
            "session.cpuPercent": self.cpu_percent,
            "session.memoryMB": self.memory_mb,
            "session.mbps": self.mbps,
            "session.minutes": self.minutes,
        }
        problems = [
            Problem(field, f"{figure} is not above 0", "write a number above 0")
            for field, figure in figures.items()
            if figure is not None and figure <= 0
        ]
        if problems:
            raise AssumptionsError(problems)


@dataclass(frozen=True, slots=True)
class ServerCapacity:
    """Concurrent sessions of one server.

    Attributes:
        limits: what each resource carries, in whole sessions; a resource that is unknown or left out of the reckoning
            is not in it.
        sessions: the least of them.
        set_by: the resource that binds; the first of cpu, memory and network where several do.
    """

    limits: Mapping[Resource, int]
    sessions: int
    set_by: Resource


@exact
def server_capacity(server: ServerType, load: SessionLoad, headroom_percent: Decimal) -> ServerCapacity:
    """Whole sessions at once by CPU, memory and network, the least of which counts (SPEC, Capacity of a server).

    limit = floor(resource x (100 - headroomPercent) / 100 / what a session takes of it)

    Args:
        server: the machine.
        load: one session.
        headroom_percent: share of every resource that is kept for spikes, from 0 to below 100.

    Raises:
        AssumptionsError: the headroom is out of range.
    """
    if not 0 <= headroom_percent < _HUNDRED:
        problem = Problem(
            "headroomPercent", f"{headroom_percent} is out of range", "write a number from 0 to below 100"
        )
        raise AssumptionsError([problem])
    planned = (_HUNDRED - headroom_percent) / _HUNDRED
    limits: dict[Resource, int] = {
        "cpu": int(server.vcpu * _HUNDRED * planned // load.cpu_percent),
        "memory": int(server.memory_gb * _MB_PER_GB * planned // load.memory_mb),
    }
    if load.mbps is not None and server.network_mbps is not None:
        limits["network"] = int(server.network_mbps * planned // load.mbps)
    set_by = min(limits, key=lambda resource: limits[resource])
    return ServerCapacity(limits, limits[set_by], set_by)


@exact
def sessions_per_day(
    concurrent_sessions: int,
    minutes: Decimal,
    utilization_percent: Decimal = _HUNDRED,
    busy_hours_per_day: Decimal = _HOURS_PER_DAY,
) -> int:
    """Whole sessions that follow each other in a day (SPEC, Sessions per day).

    floor(concurrent x busyHoursPerDay x 60 / minutes x utilizationPercent / 100)

    Args:
        concurrent_sessions: sessions at once.
        minutes: how long one lasts.
        utilization_percent: average share of `concurrent_sessions` that is in use during the busy hours.
        busy_hours_per_day: hours over which the day's sessions spread.
    """
    session_minutes = concurrent_sessions * busy_hours_per_day * _MINUTES_PER_HOUR * utilization_percent / _HUNDRED
    return int(session_minutes // minutes)


def sessions_per_month(daily_sessions: int) -> int:
    """Sessions in a month of 30 days."""
    return daily_sessions * DAYS_PER_MONTH


def cost_per_session(price_per_month: Decimal, monthly_sessions: int, places: int = 6) -> Decimal | None:
    """Price of one session at `places` decimals, half up; None, unknown, where no session takes place."""
    return rounded_quotient(price_per_month, Decimal(monthly_sessions), places)

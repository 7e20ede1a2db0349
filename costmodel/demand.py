"""Users to sessions to participants."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from costmodel.decimals import ceil_div, exact

if TYPE_CHECKING:
    from costmodel.assumptions import Demand

_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class PeakDemand:
    """What the cluster carries at its peak, as counts."""

    peak_users: int
    sessions: int
    participants: int


@exact
def peak_demand(demand: Demand) -> PeakDemand:
    """The concurrent load at the peak (SPEC, Demand).

    peakUsers = concurrency, else ceil(users x peakConcurrencyPercent / 100); sessions = ceil(peakUsers /
    usersPerSession); participants = peakUsers + sessions x agentsPerSession.
    """
    if demand.concurrency is not None:
        peak_users = demand.concurrency
    else:
        assert demand.peak_concurrency_percent is not None  # noqa: S101 - one of the two is always stated
        peak_users = ceil_div(demand.users * demand.peak_concurrency_percent, _HUNDRED)
    sessions = ceil_div(Decimal(peak_users), demand.users_per_session)
    return PeakDemand(peak_users, sessions, peak_users + sessions * demand.agents_per_session)

"""The rows of the fleet's table added up, each currency by itself."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from costmodel import percent_of
from costmodel.decimals import exact

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from livecost.fleet_page.customer_row import CustomerRow, PoolCount


@dataclass(frozen=True, slots=True)
class CurrencyTotal:
    """The priced customers of one currency: amounts per month, added up as the rows show them, to the cent.

    Attributes:
        currency: ISO 4217 code.
        customers: how many they are.
        projected: projected cost.
        observed: observed run rate of the observed customers; None when there are none.
        observed_customers: how many are observed now.
        observed_projected: projected cost of these.
    """

    currency: str
    customers: int
    projected: Decimal
    observed: Decimal | None
    observed_customers: int
    observed_projected: Decimal

    @property
    def variance_percent(self) -> Decimal | None:
        """Observed against projected cost of the observed customers; None when unknown."""
        if self.observed is None:
            return None
        return percent_of(self.observed - self.observed_projected, self.observed_projected, places=1)


@dataclass(frozen=True, slots=True)
class NodeTotal:
    """Nodes of one pool: ready ones of the pools that tell, desired ones, and how many pools do not tell."""

    ready: int
    desired: int
    silent_pools: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Rows added up; `unpriced` have no cost yet, `users` and `peak` are of the rows that tell them."""

    customers: int
    ready: int
    unpriced: int
    users: int
    peak: int
    livekit: NodeTotal
    sim: NodeTotal
    currencies: Sequence[CurrencyTotal]


@exact
def add_up(rows: Sequence[CustomerRow]) -> Totals:
    """Add rows up."""
    currencies = sorted({row.currency for row in rows if row.currency and row.projected is not None})
    return Totals(
        customers=len(rows),
        ready=sum(row.ready == "True" for row in rows),
        unpriced=sum(row.projected is None for row in rows),
        users=sum(row.users or 0 for row in rows),
        peak=sum(row.peak or 0 for row in rows),
        livekit=_nodes(row.livekit for row in rows),
        sim=_nodes(row.sim for row in rows),
        currencies=[_of_currency(currency, rows) for currency in currencies],
    )


def _of_currency(currency: str, rows: Iterable[CustomerRow]) -> CurrencyTotal:
    priced = [(row, row.projected) for row in rows if row.currency == currency and row.projected is not None]
    observed = [(row.observed, projected) for row, projected in priced if row.is_observed and row.observed is not None]
    return CurrencyTotal(
        currency=currency,
        customers=len(priced),
        projected=sum((projected for _, projected in priced), Decimal(0)),
        observed=sum((amount for amount, _ in observed), Decimal(0)) if observed else None,
        observed_customers=len(observed),
        observed_projected=sum((projected for _, projected in observed), Decimal(0)),
    )


def _nodes(counts: Iterable[PoolCount | None]) -> NodeTotal:
    known = [count for count in counts if count is not None]
    return NodeTotal(
        ready=sum(count.ready or 0 for count in known),
        desired=sum(count.desired for count in known),
        silent_pools=sum(count.ready is None for count in known),
    )

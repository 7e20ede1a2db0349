"""Adds up the customers of a CustomerFleet: unrounded figures, by cloud, by currency and in all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from costmodel.decimals import exact
from costmodel.fleet import YearlyTotal, grouped
from costmodel.pooling import SharedCluster
from costmodel.unlike_pooling import share_clusters
from livecost.customer_fleet_models import CustomerFleetSpec
from livecost.decide import POOL_NAMES
from livecost.fleet_member import FleetMember
from livecost.store import ClusterKey

MONTHS_PER_YEAR = 12

_ONE = Decimal(1)
_ZERO = Decimal(0)
_PERCENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class FleetSum(YearlyTotal):
    """Some customers added up. Amounts are per year, unrounded, in `currency`; the cost is the projected one.

    Attributes:
        currency: ISO 4217 code.
        customers: how many they are.
        observed: observed run rate of the observed customers; None when there are none.
        observed_customers: how many are observed.
        observed_projected: projected cost of the observed customers; None when there are none.
        nodes: pool name to desired nodes.
    """

    currency: str
    customers: int
    observed: Decimal | None
    observed_customers: int
    observed_projected: Decimal | None
    nodes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SharedFleet:
    """The same customers on shared clusters.

    Attributes:
        clusters: the clusters.
        annual: their cost per year, unrounded, in the currency of the fleet's total.
    """

    clusters: Sequence[SharedCluster]
    annual: Decimal

    @property
    def limited_clusters(self) -> int:
        """How many are cut by the sum of maxNodes."""
        return sum("maxNodes" in (each.livekit.limited_by, each.sim.limited_by) for each in self.clusters)


@dataclass(frozen=True, slots=True)
class LiveFleet:
    """A fleet's customers added up.

    Attributes:
        members: the customers that are sized.
        unsized: the customers that are not.
        by_cloud: cloud and currency to their sum, sorted.
        by_currency: a sum for each currency of prices, sorted.
        total: all in one currency; None where there is none.
        shared: on shared clusters; None where there is no total.
        factors: currency to what one unit costs in the total's currency; empty where there is no total.
        without_rate: currencies that the spec's rates lack.
    """

    members: Sequence[FleetMember]
    unsized: Sequence[ClusterKey]
    by_cloud: Mapping[tuple[str, str], FleetSum]
    by_currency: Sequence[FleetSum]
    total: FleetSum | None
    shared: SharedFleet | None
    factors: Mapping[str, Decimal]
    without_rate: Sequence[str]


@exact
def add_up(spec: CustomerFleetSpec, members: Sequence[FleetMember], unsized: Sequence[ClusterKey]) -> LiveFleet:
    """Add a fleet's customers up; amounts in unlike currencies only by the spec's rates.

    Args:
        spec: the fleet's currency, rates and pooling.
        members: the customers that are sized.
        unsized: the customers whose size and cost are unknown.
    """
    groups = grouped(members, lambda member: (member.cloud, member.currency))
    by_cloud = {place: _sum(place[1], group) for place, group in groups.items()}
    sums = grouped(by_cloud.values(), lambda each: each.currency)
    currencies = list(sums)
    by_currency = [_merged(currency, group, {currency: _ONE}) for currency, group in sums.items()]
    target, factors = _conversion(spec, currencies)
    without_rate = [currency for currency in currencies if target and currency not in factors]
    total = shared = None
    if target and not without_rate:
        total = _merged(target, by_currency, factors)
        shared = _shared(members, spec.pooling.diversity_percent * _PERCENT, factors)
    kept = factors if total else {}
    return LiveFleet(members, unsized, by_cloud, by_currency, total, shared, kept, without_rate)


def _conversion(spec: CustomerFleetSpec, currencies: list[str]) -> tuple[str | None, dict[str, Decimal]]:
    target = spec.currency
    if target is None and len(currencies) == 1:
        target = currencies[0]
    if target is None:
        return None, {}
    return target, {**{each.currency: each.rate for each in spec.rates}, target: _ONE}


def _sum(currency: str, members: list[FleetMember]) -> FleetSum:
    observed = [member for member in members if member.observed_monthly is not None]
    return FleetSum(
        currency=currency,
        customers=len(members),
        annual=sum((member.estimate.annual for member in members), _ZERO),
        license_annual=sum((member.estimate.license_annual for member in members), _ZERO),
        observed=_total(observed, lambda member: (member.observed_monthly or _ZERO) * MONTHS_PER_YEAR),
        observed_customers=len(observed),
        observed_projected=_total(observed, lambda member: member.estimate.annual),
        nodes={name: sum(member.pools[name].desired for member in members) for name in POOL_NAMES},
    )


def _total(members: list[FleetMember], amount: Callable[[FleetMember], Decimal]) -> Decimal | None:
    return sum(map(amount, members), _ZERO) if members else None


def _merged(currency: str, sums: Sequence[FleetSum], factors: Mapping[str, Decimal]) -> FleetSum:
    def known(amounts: list[tuple[str, Decimal | None]]) -> Decimal | None:
        found = [amount * factors[own] for own, amount in amounts if amount is not None]
        return sum(found, _ZERO) if found else None

    return FleetSum(
        currency=currency,
        customers=sum(each.customers for each in sums),
        annual=sum((each.annual * factors[each.currency] for each in sums), _ZERO),
        license_annual=sum((each.license_annual * factors[each.currency] for each in sums), _ZERO),
        observed=known([(each.currency, each.observed) for each in sums]),
        observed_customers=sum(each.observed_customers for each in sums),
        observed_projected=known([(each.currency, each.observed_projected) for each in sums]),
        nodes={name: sum(each.nodes[name] for each in sums) for name in POOL_NAMES},
    )


def _shared(members: Sequence[FleetMember], diversity_factor: Decimal, factors: Mapping[str, Decimal]) -> SharedFleet:
    found = share_clusters((member.tenant for member in members), diversity_factor)
    monthly = sum((sum(cluster.monthly.values(), _ZERO) * factors[terms.currency] for terms, cluster in found), _ZERO)
    return SharedFleet([cluster for _, cluster in found], monthly * MONTHS_PER_YEAR)

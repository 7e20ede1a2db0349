"""Many customers, each sized and priced on its own: totals by cloud and currency (SPEC, Unlike customers)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from costmodel.decimals import exact, percent_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from costmodel.projection import Estimate

Member = TypeVar("Member")
Key = TypeVar("Key", str, tuple[str, str])

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class FleetCustomer:
    """One customer of a fleet.

    Attributes:
        name: unique in the fleet.
        cloud: name of the price catalog, or custom.
        region: the provider's name of the region; None where none is stated and no catalog has a default.
        users: people who may use the cluster.
        priced_in: ISO 4217 code of the currency of its prices.
        estimate: size and price of this one customer, in the currency of its prices or converted to another.
        second_hand: line items whose price a catalog knows second hand only.
    """

    name: str
    cloud: str
    region: str | None
    users: int
    priced_in: str
    estimate: Estimate
    second_hand: tuple[str, ...] = ()

    @property
    def loses_money(self) -> bool:
        """Whether the cluster costs more than the license brings."""
        return self.estimate.gross_margin < 0


@dataclass(frozen=True, slots=True)
class YearlyTotal:
    """What some customers cost and bring in a year, unrounded, in one currency.

    Attributes:
        annual: cost per year.
        license_annual: revenue per year.
    """

    annual: Decimal
    license_annual: Decimal

    @property
    @exact
    def gross_margin(self) -> Decimal:
        """`license_annual` - `annual`."""
        return self.license_annual - self.annual

    @property
    def gross_margin_percent(self) -> Decimal | None:
        """Gross margin in percent of the licenses at two decimals, half up; None (unknown) when they are 0."""
        return percent_of(self.gross_margin, self.license_annual)


@dataclass(frozen=True, slots=True)
class FleetTotal(YearlyTotal):
    """The unrounded figures of some customers added up; money in `currency`.

    Attributes:
        cloud: the cloud they are on; None for all clouds.
        currency: ISO 4217 code of all their estimates.
        customers: how many they are.
        losing_money: how many of them cost more than their license brings.
        users: people who may use the clusters.
        peak_users: sum of the customers' own peaks, which need not fall together.
        livekit_nodes: sum of the LiveKit nodes.
        sim_nodes: sum of the sim nodes.
        monthly: cost per month.
    """

    cloud: str | None
    currency: str
    customers: int
    losing_money: int
    users: int
    peak_users: int
    livekit_nodes: int
    sim_nodes: int
    monthly: Decimal


def fleet_totals(customers: Iterable[FleetCustomer]) -> list[FleetTotal]:
    """A total for each cloud and currency, then one of all clouds for each currency; both sorted by name.

    Amounts in unlike currencies are never added up: convert the estimates to one currency first (`in_currency`).
    """
    everyone = list(customers)
    by_cloud = grouped(everyone, lambda customer: (customer.cloud, customer.estimate.currency))
    by_currency = grouped(everyone, lambda customer: customer.estimate.currency)
    totals = [_total(cloud, currency, group) for (cloud, currency), group in by_cloud.items()]
    return [*totals, *(_total(None, currency, group) for currency, group in by_currency.items())]


def grouped(members: Iterable[Member], key: Callable[[Member], Key]) -> dict[Key, list[Member]]:
    """The members by their keys; the keys sorted, the members of each in their order."""
    groups: dict[Key, list[Member]] = {}
    for member in members:
        groups.setdefault(key(member), []).append(member)
    return dict(sorted(groups.items()))


@exact
def _total(cloud: str | None, currency: str, customers: list[FleetCustomer]) -> FleetTotal:
    estimates = [customer.estimate for customer in customers]
    return FleetTotal(
        cloud=cloud,
        currency=currency,
        customers=len(customers),
        losing_money=sum(customer.loses_money for customer in customers),
        users=sum(customer.users for customer in customers),
        peak_users=sum(each.demand.peak_users for each in estimates),
        livekit_nodes=sum(each.livekit.nodes for each in estimates),
        sim_nodes=sum(each.sim.nodes for each in estimates),
        monthly=sum((each.monthly_total for each in estimates), _ZERO),
        annual=sum((each.annual for each in estimates), _ZERO),
        license_annual=sum((each.license_annual for each in estimates), _ZERO),
    )

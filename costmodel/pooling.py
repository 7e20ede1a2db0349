"""One shared cluster for all customers, against a dedicated cluster for each."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from costmodel.assumptions import ManagedServices
from costmodel.decimals import ceil_div, exact
from costmodel.demand import PeakDemand
from costmodel.errors import AssumptionsError, Problem
from costmodel.projection import Estimate, estimate, monthly_bill
from costmodel.sizing import PoolSize, livekit_size, sim_size

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from costmodel.assumptions import Assumptions, Demand, NodeGroup

_ONE = Decimal(1)
_GB_PER_TB = 1000


@dataclass(frozen=True, slots=True)
class SharedCluster:
    """What one cluster for all customers needs and costs. Money is in the currency of the prices, unrounded.

    Attributes:
        demand: the concurrent load at the peak of all customers together.
        livekit: size of the LiveKit pool.
        sim: size of the sim pool.
        system_nodes: number of system nodes.
        egress_gb: GB (10^9 bytes) that all customers send per month, before free and included volumes.
        monthly: line item to cost per month, as in `Estimate.monthly`.
    """

    demand: PeakDemand
    livekit: PoolSize
    sim: PoolSize
    system_nodes: int
    egress_gb: Decimal
    monthly: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class PoolingComparison:
    """A dedicated cluster for each customer beside one shared cluster.

    Attributes:
        customers: how many there are, at least 1.
        dedicated: the estimate of one customer's own cluster.
        shared: the cluster of all customers.
        lost_allowance_gb: free and included GB a month that the dedicated clusters have together and the shared one
            has not.
    """

    customers: int
    dedicated: Estimate
    shared: SharedCluster
    lost_allowance_gb: Decimal

    @property
    def dedicated_monthly(self) -> Mapping[str, Decimal]:
        """Line item to cost per month of all dedicated clusters, unrounded."""
        return {item: cost * self.customers for item, cost in self.dedicated.monthly.items()}


@exact
def pool(
    assumptions: Assumptions,
    customers: int | None = None,
    *,
    diversity_factor: Decimal = _ONE,
    services_factor: Decimal = _ONE,
) -> PoolingComparison:
    """Price customers of one kind on a cluster each and on a cluster together (SPEC, Shared cluster).

    Args:
        assumptions: those of one customer.
        customers: how many there are; None for `assumptions.fleet.customers`.
        diversity_factor: peak of the customers' sum over the sum of their peaks, above 0 to 1. At 1 all peaks coincide.
        services_factor: the shared cluster's managed services as a multiple of one customer's, at least 0.

    Raises:
        AssumptionsError: there is no customer, or a factor is out of range.
    """
    count = assumptions.fleet.customers if customers is None else customers
    _check(count, diversity_factor, services_factor)
    dedicated = estimate(assumptions)
    all_users, all_sessions = dedicated.demand.peak_users * count, dedicated.demand.sessions * count
    peak = joint_peak([dedicated.demand], all_users, all_sessions, assumptions.demand, diversity_factor)
    nodes = assumptions.nodes
    shared = replace(
        assumptions,
        nodes=replace(nodes, livekit=_ceiling_of_all(nodes.livekit, count), sim=_ceiling_of_all(nodes.sim, count)),
        managed_services=_scaled(assumptions.managed_services, services_factor),
    )
    cluster = shared_cluster(shared, peak, dedicated.egress_gb * count)
    network = assumptions.network
    fewer_nodes = dedicated.livekit.nodes * count - cluster.livekit.nodes
    lost = network.free_gb * (count - 1) + network.included_tb_per_node * _GB_PER_TB * fewer_nodes
    return PoolingComparison(count, dedicated, cluster, lost)


def _check(customers: int, diversity_factor: Decimal, services_factor: Decimal) -> None:
    problems = []
    if customers < 1:
        problems.append(Problem("fleet.customers", f"{customers} is below 1", "write at least 1"))
    if not 0 < diversity_factor <= 1:
        remedy = "write a number above 0, at most 1, such as 0.7"
        problems.append(Problem("diversityFactor", f"{diversity_factor} is out of range", remedy))
    if services_factor < 0:
        problems.append(Problem("servicesFactor", f"{services_factor} is below 0", "write 0 or more"))
    if problems:
        raise AssumptionsError(problems)


def joint_peak(
    peaks: Iterable[PeakDemand], all_users: int, all_sessions: int, demand: Demand, diversity_factor: Decimal
) -> PeakDemand:
    """The load at the peak of customers together.

    Args:
        peaks: the customers' own peaks, of which none is above the joint one; alike ones may be told once.
        all_users: sum of their peak users.
        all_sessions: sum of their sessions; rooms are not shared by customers, so that whole sessions add up.
        demand: shape of their sessions.
        diversity_factor: joint peak over the sum of the peaks, above 0 to 1.
    """
    largest_users = largest_sessions = 0
    for peak in peaks:
        largest_users, largest_sessions = max(largest_users, peak.peak_users), max(largest_sessions, peak.sessions)
    users = max(largest_users, ceil_div(all_users * diversity_factor, _ONE))
    sessions = max(largest_sessions, ceil_div(all_sessions * diversity_factor, _ONE))
    return PeakDemand(users, sessions, users + sessions * demand.agents_per_session)


def shared_cluster(shared: Assumptions, peak: PeakDemand, egress_gb: Decimal) -> SharedCluster:
    """Size and price a cluster for a joint peak and the GB that all customers send per month.

    Args:
        shared: prices, capacities and shape of a session, with the shared pools' bounds and services.
        peak: the joint peak.
        egress_gb: GB (10^9 bytes) per month.
    """
    livekit = livekit_size(peak, shared.demand, shared.capacity, shared.nodes.livekit)
    sim = sim_size(peak, shared.capacity, shared.nodes.sim)
    return SharedCluster(
        demand=peak,
        livekit=livekit,
        sim=sim,
        system_nodes=shared.nodes.system.nodes,
        egress_gb=egress_gb,
        monthly=monthly_bill(shared, livekit.nodes, sim.nodes, egress_gb),
    )


def _ceiling_of_all(group: NodeGroup, customers: int) -> NodeGroup:
    return replace(group, max_nodes=group.max_nodes // group.zones * group.zones * customers)


def _scaled(services: ManagedServices, factor: Decimal) -> ManagedServices:
    return ManagedServices(**{each.name: getattr(services, each.name) * factor for each in fields(services)})

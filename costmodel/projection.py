"""Assumptions to a whole estimate: sizes, monthly bill, margin and fleet."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from costmodel.decimals import exact, percent_of
from costmodel.demand import PeakDemand, peak_demand
from costmodel.egress import egress_cost_per_month, egress_gb_per_month
from costmodel.node_cost import node_cost_per_month
from costmodel.sizing import PoolSize, livekit_size, sim_size

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from costmodel.assumptions import Assumptions

_MONTHS_PER_YEAR = 12
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class FleetProjection:
    """One customer's unrounded figures times the customers, per year."""

    customers: int
    annual_infra: Decimal
    annual_revenue: Decimal
    annual_gross_margin: Decimal


@dataclass(frozen=True, slots=True)
class Rate:
    """An exchange rate.

    Attributes:
        currency: the currency to show amounts in, ISO 4217.
        price: what one unit of it costs in the currency of the prices, above 0.
        date: the day of the rate.
    """

    currency: str
    price: Decimal
    date: date


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one customer cluster needs and costs. Money is in `currency`, unrounded.

    Attributes:
        currency: ISO 4217 code.
        demand: the concurrent load at the peak.
        livekit: size of the LiveKit pool.
        sim: size of the sim pool.
        system_nodes: number of system nodes.
        egress_gb: GB (10^9 bytes) sent per month, before free and included volumes.
        monthly: line item (livekit, sim, system, controlPlane, redis, loadBalancer, storageAndLogs, observability,
            egress) to cost per month, in this order.
        monthly_total: sum of `monthly`.
        annual: 12 x `monthly_total`.
        license_annual: revenue per year.
        gross_margin: `license_annual` - `annual`.
        fleet: the figures of all customers.
        shown_by: the rate by which the amounts were converted for display; None where they are as priced.
    """

    currency: str
    demand: PeakDemand
    livekit: PoolSize
    sim: PoolSize
    system_nodes: int
    egress_gb: Decimal
    monthly: Mapping[str, Decimal]
    monthly_total: Decimal
    annual: Decimal
    license_annual: Decimal
    gross_margin: Decimal
    fleet: FleetProjection
    shown_by: Rate | None = None

    @property
    def gross_margin_percent(self) -> Decimal | None:
        """Gross margin in percent of the license at two decimals, half up; None (unknown) when the license is 0."""
        return percent_of(self.gross_margin, self.license_annual)


@exact
def estimate(assumptions: Assumptions) -> Estimate:
    """Size and price one customer cluster (SPEC.md, all formulas)."""
    demand, nodes = assumptions.demand, assumptions.nodes
    peak = peak_demand(demand)
    livekit = livekit_size(peak, demand, assumptions.capacity, nodes.livekit)
    sim = sim_size(peak, assumptions.capacity, nodes.sim)
    egress_gb = egress_gb_per_month(peak.participants, assumptions.network)
    monthly = monthly_bill(assumptions, livekit.nodes, sim.nodes, egress_gb)
    total = sum(monthly.values(), start=_ZERO)
    annual = total * _MONTHS_PER_YEAR
    license_annual = assumptions.license.annual
    margin = license_annual - annual
    customers = assumptions.fleet.customers
    return Estimate(
        currency=assumptions.currency,
        demand=peak,
        livekit=livekit,
        sim=sim,
        system_nodes=nodes.system.nodes,
        egress_gb=egress_gb,
        monthly=monthly,
        monthly_total=total,
        annual=annual,
        license_annual=license_annual,
        gross_margin=margin,
        fleet=FleetProjection(customers, annual * customers, license_annual * customers, margin * customers),
    )


@exact
def monthly_bill(
    assumptions: Assumptions, livekit_nodes: int, sim_nodes: int, egress_gb: Decimal
) -> dict[str, Decimal]:
    """Line item to cost per month, in the order of `Estimate.monthly`; in the currency of the prices, unrounded.

    Args:
        assumptions: prices, floors and active hours; the system nodes are its own.
        livekit_nodes: LiveKit nodes during the active hours.
        sim_nodes: sim nodes during the active hours.
        egress_gb: GB (10^9 bytes) sent in the month.
    """
    nodes, services = assumptions.nodes, assumptions.managed_services
    active_hours = assumptions.demand.active_hours_per_month
    return {
        "livekit": node_cost_per_month(nodes.livekit, livekit_nodes, active_hours),
        "sim": node_cost_per_month(nodes.sim, sim_nodes, active_hours),
        "system": node_cost_per_month(nodes.system, nodes.system.nodes),
        "controlPlane": services.control_plane,
        "redis": services.redis,
        "loadBalancer": services.load_balancer,
        "storageAndLogs": services.storage_and_logs,
        "observability": services.observability,
        "egress": egress_cost_per_month(assumptions.network, egress_gb, livekit_nodes),
    }

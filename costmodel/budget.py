"""How far pools may grow within a budget (SPEC, Budgets)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from costmodel.decimals import cents, exact
from costmodel.demand import peak_demand
from costmodel.projection import monthly_bill
from costmodel.sizing import livekit_size, sim_size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from costmodel.assumptions import Assumptions
    from costmodel.projection import Estimate


@dataclass(frozen=True, slots=True)
class BudgetFit:
    """What a budget allows.

    Attributes:
        livekit: LiveKit nodes, at most those of the estimate.
        sim: sim nodes, likewise.
        monthly: what the bill is with them, unrounded; above the budget where what is in use costs more already.
    """

    livekit: int
    sim: int
    monthly: Decimal


@exact
def fit_budget(
    assumptions: Assumptions, estimate: Estimate, in_use: Mapping[str, int], budget_monthly: Decimal
) -> BudgetFit | None:
    """The nodes up to which pools may grow; None where the budget leaves the estimate's as they are.

    The pools get what the most users at the peak need whose nodes the budget pays, so that neither grows without the
    other. They never get less than is in use, nor less than their floors. Egress counts as in the estimate.

    Args:
        assumptions: what the estimate was computed from.
        estimate: the pools' planned sizes.
        in_use: `livekit` and `sim` to the nodes set now.
        budget_monthly: amount per month in the currency of the prices.
    """
    if cents(estimate.monthly_total) <= budget_monthly:
        return None

    def at(users: int) -> BudgetFit:
        demand = replace(assumptions.demand, concurrency=users, peak_concurrency_percent=None)
        peak = peak_demand(demand)
        livekit_needs = livekit_size(peak, demand, assumptions.capacity, assumptions.nodes.livekit).nodes
        sim_needs = sim_size(peak, assumptions.capacity, assumptions.nodes.sim).nodes
        livekit = min(estimate.livekit.nodes, max(in_use["livekit"], livekit_needs))
        sim = min(estimate.sim.nodes, max(in_use["sim"], sim_needs))
        bill = monthly_bill(assumptions, livekit, sim, estimate.egress_gb)
        return BudgetFit(livekit, sim, sum(bill.values(), start=Decimal(0)))

    best, too_many, fewest = at(0), estimate.demand.peak_users, 0
    while too_many - fewest > 1:
        users = (fewest + too_many) // 2
        candidate = at(users)
        if cents(candidate.monthly) <= budget_monthly:
            best, fewest = candidate, users
        else:
            too_many = users
    planned = (estimate.livekit.nodes, estimate.sim.nodes)
    return None if (best.livekit, best.sim) == planned else best

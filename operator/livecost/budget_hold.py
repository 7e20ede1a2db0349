"""Growth that a budget holds back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from costmodel import format_money
from costmodel.budget import fit_budget
from livecost.models import Budget
from livecost.plan import Plan


@dataclass(frozen=True, slots=True)
class BudgetHold:
    """Which counts a budget allows, and why.

    Attributes:
        nodes: pool name to the most nodes it may have, never fewer than are in use.
        message: the counts, the cost with and without the planned growth, and the remedy.
    """

    nodes: Mapping[str, int]
    message: str


def budget_hold(budget: Budget | None, plan: Plan, in_use: Mapping[str, int]) -> BudgetHold | None:
    """What the budget holds back; None where it does not.

    Args:
        budget: what the user wrote.
        plan: sizes and prices.
        in_use: pool name to the nodes set now.
    """
    if budget is None or not budget.hold:
        return None
    fit = fit_budget(plan.assumptions, plan.estimate, in_use, budget.monthly)
    if fit is None:
        return None
    nodes = {"livekit": fit.livekit, "sim": fit.sim}
    planned = {"livekit": plan.estimate.livekit.nodes, "sim": plan.estimate.sim.nodes}
    held = ", ".join(f"{name} at {nodes[name]} of {planned[name]}" for name in nodes if nodes[name] < planned[name])
    amounts = (fit.monthly, plan.estimate.monthly_total, budget.monthly)
    with_these, with_all, limit = (format_money(amount, plan.estimate.currency) for amount in amounts)
    message = (
        f"growth is held: {held} planned nodes; projected {with_these} a month with these, {with_all} with all, "
        f"budget {limit}: raise budget.monthly, or set budget.hold to false"
    )
    return BudgetHold(nodes, message)

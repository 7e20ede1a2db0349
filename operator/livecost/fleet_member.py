"""One customer as a fleet sees it: the unrounded figures of its last decision, and what its status tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from costmodel import Estimate, percent_of
from costmodel.assumptions import Assumptions
from costmodel.decimals import exact
from costmodel.unlike_pooling import Tenant, tenant
from livecost.conditions import costliest
from livecost.decide import POOL_NAMES
from livecost.models import Budget
from livecost.store import ClusterKey, CustomerCluster, Figures

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MemberPool:
    """Nodes of one pool: how many there should be now, and how many are ready (None when unknown)."""

    desired: int
    ready: int | None


@dataclass(frozen=True, slots=True)
class Share:
    """An amount per month in the customer's currency, and what it is in percent; None is unknown."""

    monthly: Decimal
    percent: Decimal | None


@dataclass(frozen=True, slots=True)
class FleetMember:
    """A customer that is sized and priced.

    Attributes:
        key: namespace and name.
        tenant: its own cluster, as a part of a shared one.
        pools: pool name to its nodes.
        observed_monthly: observed run rate per month, unrounded; None unless its cost counts as observed now.
        over_budget: what exceeds the budget, and the cost in percent of the budget; None when nothing does.
        variance: observed less projected cost as its status shows it, in percent of the projected; None while unknown.
    """

    key: ClusterKey
    tenant: Tenant
    pools: Mapping[str, MemberPool]
    observed_monthly: Decimal | None
    over_budget: Share | None
    variance: Share | None

    @property
    def estimate(self) -> Estimate:
        """Size and price of its own cluster."""
        return self.tenant.estimate

    @property
    def currency(self) -> str:
        """ISO 4217 code of its prices."""
        return self.tenant.estimate.currency

    @property
    def cloud(self) -> str:
        """The cloud that its prices are of."""
        return self.tenant.assumptions.cloud


@exact
def read_member(cluster: CustomerCluster, terms: dict[Assumptions, Assumptions]) -> FleetMember | None:
    """A customer as last decided on; None while its size is unknown.

    Args:
        cluster: the customer.
        terms: terms that other customers have; those of this one are added, so that equal terms are one object.
    """
    figures = cluster.figures
    if not isinstance(figures, Figures):
        return None
    plan, status = figures.plan, cluster.status
    part = tenant(plan.assumptions, plan.estimate)
    part = Tenant(terms.setdefault(part.terms, part.terms), part.assumptions, part.estimate)
    sizes = {"livekit": plan.estimate.livekit.nodes, "sim": plan.estimate.sim.nodes}
    conditions = {row.get("type"): row.get("status") for row in status.get("conditions") or ()}
    observed = _observed_monthly(figures, status) if conditions.get("CostObserved") == "True" else None
    budget = cluster.spec.budget if cluster.spec else None
    return FleetMember(
        key=cluster.key,
        tenant=part,
        pools={name: _pool((status.get("pools") or {}).get(name) or {}, sizes[name]) for name in POOL_NAMES},
        observed_monthly=observed,
        over_budget=_excess(figures, budget, observed) if conditions.get("WithinBudget") == "False" else None,
        variance=None if observed is None else _variance((status.get("cost") or {}).get("variance") or {}),
    )


def _pool(shown: Json, planned: int) -> MemberPool:
    return MemberPool(shown.get("desired", planned), shown.get("ready"))


def _observed_monthly(figures: Figures, status: Json) -> Decimal | None:
    if figures.observed_monthly is not None:
        return figures.observed_monthly
    # A process that has not looked yet goes on with what its predecessor wrote.
    return _decimal(((status.get("cost") or {}).get("observed") or {}).get("monthlyRunRate"))


def _excess(figures: Figures, budget: Budget | None, observed_monthly: Decimal | None) -> Share | None:
    if budget is None:
        return None
    amount, _ = costliest(figures.plan, observed_monthly)
    return Share(amount - budget.monthly, percent_of(amount, budget.monthly))


def _variance(shown: Json) -> Share | None:
    monthly = _decimal(shown.get("monthly"))
    return None if monthly is None else Share(monthly, _decimal(shown.get("percent")))


def _decimal(text: object) -> Decimal | None:
    try:
        return None if text is None else Decimal(str(text))
    except InvalidOperation:
        return None

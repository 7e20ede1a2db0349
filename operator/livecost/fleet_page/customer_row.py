"""A customer as a row of the fleet's table: the columns of `kubectl get customerclusters`, with values to sort by."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from costmodel import DEFAULTS, percent_of, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from livecost.store import ClusterKey, CostProfile, CustomerCluster

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PoolCount:
    """Nodes of a pool: those ready, None while unknown, and those that should be."""

    ready: int | None
    desired: int


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One customer; whatever is not known is None.

    Attributes:
        key: namespace and name.
        users: people who may use the cluster.
        peak: users at the same time at the peak.
        livekit: LiveKit nodes.
        sim: sim nodes.
        currency: ISO 4217 code of the amounts.
        projected: projected cost per month.
        observed: observed run rate per month.
        is_observed: whether that rate is of now, as the condition CostObserved says.
        variance_percent: observed against projected.
        ready: status of the condition Ready.
        reason: its reason.
        message: its message.
        created_at: when the customer was created.
        profile: name of its CostProfile.
        cloud: its cloud; None where its profile is not known.
        margin_percent: gross margin in percent of the license.
        budget_percent: share of the monthly budget that the larger of both costs takes.
        conditions: type to status.
    """

    key: ClusterKey
    users: int | None
    peak: int | None
    livekit: PoolCount | None
    sim: PoolCount | None
    currency: str | None
    projected: Decimal | None
    observed: Decimal | None
    is_observed: bool
    variance_percent: Decimal | None
    ready: str | None
    reason: str
    message: str
    created_at: datetime
    profile: str
    cloud: str | None
    margin_percent: Decimal | None
    budget_percent: Decimal | None
    conditions: Mapping[str, str]

    @property
    def path(self) -> str:
        """The customer's page; names of objects need no quoting."""
        return "/fleet/{}/{}".format(*self.key)

    @property
    def searched(self) -> str:
        """What a filter's words are looked for in."""
        parts = (*self.key, self.profile, self.cloud or "", self.reason, self.currency or "", self.message)
        return " ".join(parts).casefold()


def customer_row(customer: CustomerCluster, profile: CostProfile | None) -> CustomerRow:
    """The row of a customer.

    Args:
        customer: as last seen.
        profile: its CostProfile; None where there is none.
    """
    status, spec = customer.status, customer.spec
    cost, pools = status.get("cost") or {}, status.get("pools") or {}
    conditions = {row.get("type", ""): row for row in status.get("conditions") or ()}
    ready: Json = conditions.get("Ready") or {}
    projected = _amount((cost.get("projected") or {}).get("monthly"))
    observed = _amount((cost.get("observed") or {}).get("monthlyRunRate"))
    statuses = {kind: str(row.get("status")) for kind, row in conditions.items()}
    is_observed = statuses.get("CostObserved") == "True" and observed is not None
    largest = max((each for each in (projected, observed if is_observed else None) if each is not None), default=None)
    return CustomerRow(
        key=customer.key,
        users=None if spec is None else spec.users,
        peak=(status.get("demand") or {}).get("peakUsers"),
        livekit=_nodes(pools.get("livekit")),
        sim=_nodes(pools.get("sim")),
        currency=cost.get("currency"),
        projected=projected,
        observed=observed,
        is_observed=is_observed,
        variance_percent=_amount((cost.get("variance") or {}).get("percent")),
        ready=ready.get("status"),
        reason=ready.get("reason") or ("SpecInvalid" if spec is None else "NotSizedYet"),
        message=ready.get("message")
        or (customer.problem.message if customer.problem else "see that the operator runs"),
        created_at=customer.created_at,
        profile="" if spec is None else spec.profile_ref.name,
        cloud=_cloud(customer, profile),
        margin_percent=_amount((cost.get("license") or {}).get("grossMarginPercent")),
        budget_percent=(
            None
            if spec is None or spec.budget is None or largest is None
            else percent_of(largest, spec.budget.monthly, places=0)
        ),
        conditions=statuses,
    )


def _nodes(pool: Json | None) -> PoolCount | None:
    return None if not pool else PoolCount(pool.get("ready"), pool["desired"])


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _cloud(customer: CustomerCluster, profile: CostProfile | None) -> str | None:
    if customer.spec is None or (profile is not None and profile.document is None):
        return None
    stated = customer.spec.overrides.cloud or (profile.document.cloud if profile and profile.document else None)
    return stated or _DEFAULT_CLOUD


_DEFAULT_CLOUD = resolve(DEFAULTS).cloud

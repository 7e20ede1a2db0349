"""What customers of unlike size would cost on shared clusters (SPEC, Shared clusters of unlike customers)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from costmodel.decimals import exact
from costmodel.fields import HOURS_PER_MONTH
from costmodel.pooling import SharedCluster, joint_peak, shared_cluster

if TYPE_CHECKING:
    from collections.abc import Iterable

    from costmodel.assumptions import Assumptions, NodeGroup
    from costmodel.demand import PeakDemand
    from costmodel.projection import Estimate

_ZERO = Decimal(0)
# A fleet is added up again and again, mostly without news for most of its clusters.
_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Tenant:
    """One customer as a part of a shared cluster.

    Attributes:
        terms: what customers of one cluster have in common: currency, cloud, region, shape of a session, capacities and
            prices. What is the customer's own (users, bounds, hours, traffic, license) is taken out of it.
        assumptions: everything the customer's own cluster depends on.
        estimate: the customer's own cluster.
    """

    terms: Assumptions
    assumptions: Assumptions
    estimate: Estimate


def tenant(assumptions: Assumptions, estimate: Estimate) -> Tenant:
    """A customer by the assumptions and the estimate of its own cluster."""
    nodes = assumptions.nodes
    terms = replace(
        assumptions,
        demand=replace(
            assumptions.demand,
            users=0,
            concurrency=0,
            peak_concurrency_percent=None,
            active_hours_per_month=HOURS_PER_MONTH,
            schedule=(),
        ),
        nodes=replace(nodes, livekit=_unbounded(nodes.livekit), sim=_unbounded(nodes.sim)),
        network=replace(assumptions.network, media_mbps=_ZERO, usage_hours_per_month=_ZERO),
        license=replace(assumptions.license, annual=_ZERO),
        fleet=replace(assumptions.fleet, customers=1),
    )
    return Tenant(terms, assumptions, estimate)


@exact
def share_clusters(tenants: Iterable[Tenant], diversity_factor: Decimal) -> list[tuple[Assumptions, SharedCluster]]:
    """Put customers of equal terms on one cluster each (SPEC, Shared clusters of unlike customers).

    Args:
        tenants: the customers.
        diversity_factor: peak of a cluster's customers together over the sum of their peaks, above 0 to 1.

    Returns:
        Each cluster with its terms; a customer alone keeps its own.
    """
    # Terms are long, and comparing the same object is quick: whoever keeps tenants keeps equal terms as one object.
    groups: defaultdict[int, list[Tenant]] = defaultdict(list)
    for each in tenants:
        groups[id(each.terms)].append(each)
    equal: dict[Assumptions, list[Tenant]] = {}
    for group in groups.values():
        equal.setdefault(group[0].terms, []).extend(group)
    return [(terms, _shared_by(terms, group, diversity_factor)) for terms, group in equal.items()]


def _shared_by(terms: Assumptions, tenants: list[Tenant], diversity_factor: Decimal) -> SharedCluster:
    peaks = [each.estimate.demand for each in tenants]
    all_users, all_sessions = sum(peak.peak_users for peak in peaks), sum(peak.sessions for peak in peaks)
    peak = joint_peak(peaks, all_users, all_sessions, terms.demand, diversity_factor)
    hours = {(each.assumptions.demand.active_hours_per_month, each.assumptions.demand.schedule) for each in tenants}
    return _priced(
        terms,
        peak,
        _together([each.assumptions.nodes.livekit for each in tenants]),
        _together([each.assumptions.nodes.sim for each in tenants]),
        # Unlike hours may lie anywhere in the week, so that the cluster counts as always on.
        hours.pop()[0] if len(hours) == 1 else HOURS_PER_MONTH,
        sum((each.estimate.egress_gb for each in tenants), _ZERO),
    )


@lru_cache(_REMEMBERED)
def _priced(
    terms: Assumptions, peak: PeakDemand, livekit: NodeGroup, sim: NodeGroup, active_hours: Decimal, egress_gb: Decimal
) -> SharedCluster:
    shared = replace(
        terms,
        demand=replace(terms.demand, active_hours_per_month=active_hours),
        nodes=replace(terms.nodes, livekit=livekit, sim=sim),
    )
    return shared_cluster(shared, peak, egress_gb)


def _unbounded(group: NodeGroup) -> NodeGroup:
    return replace(group, min_nodes=0, max_nodes=0, zones=1)


def _together(groups: list[NodeGroup]) -> NodeGroup:
    """The floor and the zones of whoever has the highest, and the ceilings of all together."""
    return replace(
        groups[0],
        min_nodes=max(group.min_nodes for group in groups),
        max_nodes=sum(group.max_nodes // group.zones * group.zones for group in groups),
        zones=max(group.zones for group in groups),
    )

"""Writes resolved assumptions as one document again: every value that acts, and none that an alternative silences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from costmodel.document import (
    AssumptionsDocument,
    CapacityDocument,
    DemandDocument,
    EgressTierDocument,
    FleetDocument,
    LicenseDocument,
    ManagedServicesDocument,
    NetworkDocument,
    NodeGroupDocument,
    NodesDocument,
    SystemNodesDocument,
)
from costmodel.field_paths import values_of

if TYPE_CHECKING:
    from costmodel.assumptions import Assumptions, Network, NodeGroup, SystemNodes
    from costmodel.document import Cloud, MediaDocument


def acting_document(assumptions: Assumptions, media: MediaDocument | None = None) -> AssumptionsDocument:
    """The document that states all of `assumptions`, catalog prices included, so that one field can be changed alone.

    Resolving it gives `assumptions` again and reads no catalog; only `demand.users` is left out where `concurrency`
    states the peak, as it has no effect there.

    Args:
        assumptions: resolved assumptions.
        media: the media from which their bitrate came (`costmodel.document_media.media_in_force`); it is then stated
            instead of `network.mediaMbps`.
    """
    demand = _fields(assumptions.demand)
    if assumptions.demand.concurrency is not None:
        demand["users"] = None
    # The active hours follow from a schedule where there is one.
    demand["active_hours_per_month" if demand["schedule"] else "schedule"] = None
    # Resolved values were accepted once; some catalog prices have more decimals than a document may write.
    return AssumptionsDocument.model_construct(
        currency=assumptions.currency,
        cloud=cast("Cloud", assumptions.cloud),
        region=assumptions.region,
        demand=DemandDocument.model_construct(**demand),
        capacity=CapacityDocument.model_construct(**_fields(assumptions.capacity)),
        nodes=NodesDocument.model_construct(
            livekit=NodeGroupDocument.model_construct(**_pool(assumptions.nodes.livekit)),
            sim=NodeGroupDocument.model_construct(**_pool(assumptions.nodes.sim)),
            system=SystemNodesDocument.model_construct(**_pool(assumptions.nodes.system)),
        ),
        managed_services=ManagedServicesDocument.model_construct(**_fields(assumptions.managed_services)),
        network=NetworkDocument.model_construct(**_network(assumptions.network, media)),
        media=media,
        license=LicenseDocument.model_construct(**_fields(assumptions.license)),
        fleet=FleetDocument.model_construct(**_fields(assumptions.fleet)),
    )


_ALTERNATIVES: Final = {
    "demand.peakConcurrencyPercent": "demand.concurrency",
    "demand.users": "demand.concurrency",
    "demand.concurrency": "demand.peakConcurrencyPercent",
    "demand.activeHoursPerMonth": "demand.schedule",
    "network.mediaMbps": "media",
    "network.egressPerGB": "network.tiers",
}


def silenced_by(path: str, acting: AssumptionsDocument) -> str | None:
    """The field of an acting document beside which the one at `path` has no effect; None where it would act.

    A field may act though nothing states it yet, as a monthlyCap does.
    """
    if path.startswith("media."):
        return "network.mediaMbps" if acting.media is None else None
    return None if path not in _ALTERNATIVES or path in values_of(acting) else _ALTERNATIVES[path]


def _fields(section: Any) -> dict[str, Any]:
    return {name: getattr(section, name) for name in section.__slots__}


def _pool(group: NodeGroup | SystemNodes) -> dict[str, Any]:
    values = _fields(group)
    return {"hourly": values.pop("hourly_price"), **values}


def _network(network: Network, media: MediaDocument | None) -> dict[str, Any]:
    values = _fields(network)
    if media is not None:
        values["media_mbps"] = None
    tiers = values.pop("tiers")
    if len(tiers) == 1:
        return values | {"egress_per_gb": tiers[0].price_per_gb}
    entries = [EgressTierDocument.model_construct(up_to_gb=tier.up_to_gb, per_gb=tier.price_per_gb) for tier in tiers]
    return values | {"tiers": tuple(entries)}

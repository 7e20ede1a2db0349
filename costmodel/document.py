"""The assumptions document: the partial, layered input that people, profiles and calculators write.

Every field is optional. A field that is left out (or null) takes its value from an earlier layer or from the defaults;
`costmodel.resolve` does the layering. The models are also the source of the Kubernetes schema, so each description is
what `kubectl explain` shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from costmodel.fields import (
    MAX_NODES,
    Count,
    Currency,
    HoursPerMonth,
    Kbps,
    Money,
    Name,
    Percent,
    PositivePercent,
    PositiveVolume,
    Quantity,
    UsersPerSession,
    Volume,
    refusal,
)
from costmodel.schedule import schedule_problems
from costmodel.schedule_window import MAX_WINDOWS, ScheduleWindow

if TYPE_CHECKING:
    from collections.abc import Sequence


class _Part(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, defer_build=True)


Cloud = Literal["azure", "gcp", "aws", "hetzner", "hetzner-document", "custom"]
"""What `cloud` may be: a packaged price catalog, or custom."""


class DemandDocument(_Part):
    """How many people use the cluster at once and in what sessions."""

    users: Count | None = Field(None, description="People who may use the cluster (a count).")
    concurrency: Count | None = Field(
        None,
        description="Users at the same time at the peak (a count). Write this or peakConcurrencyPercent, not both.",
    )
    peak_concurrency_percent: Percent | None = Field(
        None,
        description="Share of all users who are on at the same time at the peak, in percent. "
        "Write this or concurrency, not both.",
    )
    users_per_session: UsersPerSession | None = Field(
        None, description="Average number of users in one session; may be a fraction such as 2.5, at least 1."
    )
    agents_per_session: Annotated[int, Field(strict=True, ge=0, le=1000)] | None = Field(
        None, description="AI agents that join each session as participants (a count)."
    )
    active_hours_per_month: HoursPerMonth | None = Field(
        None,
        description="Hours a month in which the pools hold the nodes the peak needs; in the rest of the 730 hours only "
        "minNodes run. Write this or schedule, not both.",
    )
    schedule: Annotated[tuple[ScheduleWindow, ...], Field(min_length=1, max_length=MAX_WINDOWS)] | None = Field(
        None,
        description="Weekly windows from which the active hours follow; they do not overlap. Write this or "
        "activeHoursPerMonth, not both. A CustomerCluster's own scaling.schedule wins over it.",
    )

    @model_validator(mode="after")
    def _one_way_to_state_the_peak(self) -> Self:
        if self.concurrency is not None and self.peak_concurrency_percent is not None:
            raise refusal(
                "concurrency and peakConcurrencyPercent both state the peak",
                "write only one of them",
                field="concurrency",
            )
        return self

    @model_validator(mode="after")
    def _one_way_to_state_the_active_hours(self) -> Self:
        if self.schedule is None:
            return self
        if self.active_hours_per_month is not None:
            raise refusal(
                "activeHoursPerMonth and schedule both state the active hours",
                "write only one of them",
                field="activeHoursPerMonth",
            )
        for problem in schedule_problems(self.schedule, "schedule"):
            raise refusal(problem.message, problem.remedy, field=problem.field)
        return self


class CapacityDocument(_Part):
    """What one node carries, as measured by load tests."""

    participants_per_node: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] | None = Field(
        None,
        description="Participants (users and agents) that one LiveKit node carries at 100 % utilization (a count).",
    )
    sessions_per_node: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] | None = Field(
        None, description="Sessions that one sim/agent node carries at 100 % utilization (a count)."
    )
    target_utilization_percent: PositivePercent | None = Field(
        None, description="Share of a node's capacity that may be planned for, in percent: above 0, at most 100."
    )
    whole_rooms: Annotated[bool, Field(strict=True)] | None = Field(
        None, description="Count LiveKit nodes by whole rooms, since a room lives on one node and never splits."
    )


class _PricedNodes(_Part):
    """What one node of a pool costs."""

    hourly: Money | None = Field(None, description="Price of one node per hour.")
    monthly_cap: Money | None = Field(
        None, description="Most that one node costs per month, where the provider caps the hourly bill."
    )
    sku: Name | None = Field(
        None,
        description="The provider's name of the machine type. Without hourly or monthlyCap the price catalog of the "
        "cloud prices it.",
    )


class NodeGroupDocument(_PricedNodes):
    """Price and size bounds of one autoscaled node pool."""

    min_nodes: Annotated[int, Field(strict=True, ge=0, le=MAX_NODES)] | None = Field(
        None, description="Fewest nodes the pool holds at any time: the high-availability floor (a count)."
    )
    max_nodes: Annotated[int, Field(strict=True, ge=1, le=MAX_NODES)] | None = Field(
        None, description="Most nodes the pool may hold (a count)."
    )
    zones: Annotated[int, Field(strict=True, ge=1, le=10)] | None = Field(
        None,
        description="Number of zones the pool spans when it is sized per zone; its node count is then a multiple.",
    )

    @model_validator(mode="after")
    def _bounds_in_order(self) -> Self:
        if self.min_nodes is not None and self.max_nodes is not None and self.min_nodes > self.max_nodes:
            raise refusal(
                f"minNodes ({self.min_nodes}) is above maxNodes ({self.max_nodes})",
                "lower minNodes or raise maxNodes",
                field="minNodes",
            )
        return self


class SystemNodesDocument(_PricedNodes):
    """The fixed nodes that run the cluster's own services."""

    nodes: Annotated[int, Field(strict=True, ge=0, le=MAX_NODES)] | None = Field(
        None, description="System nodes, always on (a count)."
    )


class NodesDocument(_Part):
    """The node pools of one cluster."""

    livekit: NodeGroupDocument | None = Field(None, description="LiveKit media servers, one pod per node.")
    sim: NodeGroupDocument | None = Field(None, description="Sim/agent workers, packed densely.")
    system: SystemNodesDocument | None = Field(None, description="Nodes for the cluster's own services.")


class ManagedServicesDocument(_Part):
    """Services paid by the month, whatever the load."""

    control_plane: Money | None = Field(None, description="Kubernetes control plane, price per month.")
    redis: Money | None = Field(None, description="Redis, price per month.")
    load_balancer: Money | None = Field(None, description="Load balancer or ingress, price per month.")
    storage_and_logs: Money | None = Field(None, description="Storage and logs, price per month.")
    observability: Money | None = Field(None, description="Observability stack, price per month.")


class EgressTierDocument(_Part):
    """The price of a band of monthly egress."""

    up_to_gb: PositiveVolume | None = Field(
        None,
        alias="upToGB",
        description="Billable volume per month, in GB (10^9 bytes) counted from 0, at which this price ends. "
        "The last tier has none.",
    )
    per_gb: Money = Field(alias="perGB", description="Price of one GB (10^9 bytes) in this tier.")


Tiers = Annotated[tuple[EgressTierDocument, ...], Field(min_length=1, max_length=20)]
"""Prices by monthly volume; `check_tiers` tells whether they are in order."""


def check_tiers(tiers: Sequence[EgressTierDocument]) -> None:
    """Refuse tiers that do not ascend to one without end; a `refusal` names the entry of `tiers` to blame."""
    last = len(tiers) - 1
    previous = None
    for index, tier in enumerate(tiers):
        place = f"tiers[{index}].upToGB"
        if index == last:
            if tier.up_to_gb is not None:
                raise refusal(
                    "the volume above the last tier would have no price",
                    "leave upToGB out of the last tier",
                    field=place,
                )
        elif tier.up_to_gb is None:
            raise refusal("only the last tier has no end", "write the GB at which this tier ends", field=place)
        elif previous is not None and tier.up_to_gb <= previous:
            raise refusal(
                f"{tier.up_to_gb} is not above the tier before ({previous})", "write the tiers ascending", field=place
            )
        previous = tier.up_to_gb


class NetworkDocument(_Part):
    """Media traffic and what the provider charges for it."""

    media_mbps: Quantity | None = Field(
        None, description="Average media bitrate sent to one participant, in megabits (10^6) per second."
    )
    usage_hours_per_month: HoursPerMonth | None = Field(
        None,
        description="Hours a month for which the peak's participants are on; the volume of egress follows from it.",
    )
    egress_per_gb: Money | None = Field(
        None,
        alias="egressPerGB",
        description="One price for each GB (10^9 bytes) of egress. Write this or tiers, not both.",
    )
    free_gb: Volume | None = Field(
        None, alias="freeGB", description="Egress per month without charge, in GB (10^9 bytes)."
    )
    included_tb_per_node: Volume | None = Field(
        None,
        alias="includedTBPerNode",
        description="Egress per month that each LiveKit node's price includes, in TB (10^12 bytes).",
    )
    tiers: Tiers | None = Field(
        None,
        description="Prices by monthly volume, ascending; the last has no upToGB. Write this or egressPerGB, not both.",
    )

    @model_validator(mode="after")
    def _one_price_for_every_gb(self) -> Self:
        if self.tiers is None:
            return self
        if self.egress_per_gb is not None:
            raise refusal("egressPerGB and tiers both price egress", "write only one of them", field="egressPerGB")
        check_tiers(self.tiers)
        return self


class MediaDocument(_Part):
    """What participants send, from which network.mediaMbps follows. Stating any of it replaces mediaMbps."""

    kind: Literal["audio"] | None = Field(None, description="What is sent: audio, which is Opus in packets of 20 ms.")
    kbps: Kbps | None = Field(
        None, description="Opus bitrate while talking, in kilobits (10^3) per second; 64 if nothing states it."
    )
    participants_per_room: UsersPerSession | None = Field(
        None,
        description="Participants who hear each other, at least 1; usersPerSession + agentsPerSession if nothing "
        "states it.",
    )
    talk_percent: Percent | None = Field(
        None,
        description="Share of the time in which a participant talks, in percent; in the rest only frames of silence "
        "are sent. 100 if nothing states it.",
    )
    ipv6: Annotated[bool, Field(strict=True)] | None = Field(
        None, description="Whether packets bear IPv6 headers instead of IPv4's."
    )
    redundant_blocks: Annotated[int, Field(strict=True, ge=0, le=2)] | None = Field(
        None, description="Earlier frames repeated in each packet (RED), 0 to 2; 0 if nothing states it."
    )
    counted: Literal["wire", "payload"] | None = Field(
        None, description="wire counts IP packets, as providers bill; payload only the audio. wire if nothing says so."
    )


class LicenseDocument(_Part):
    """What the customer pays."""

    annual: Money | None = Field(None, description="License revenue from one customer per year.")


class FleetDocument(_Part):
    """How many customers like this one there are."""

    customers: Annotated[int, Field(strict=True, ge=0, le=1_000_000)] | None = Field(
        None, description="Customers in the fleet projection (a count)."
    )


class AssumptionsDocument(_Part):
    """Any part of the assumptions behind one customer cluster's size and price."""

    currency: Currency | None = Field(
        None, description="ISO 4217 code of the currency of every price here, such as USD. Nothing is converted."
    )
    cloud: Cloud | None = Field(
        None,
        description="Picks the price catalog, which prices what is not stated: azure, gcp, aws, hetzner, "
        "hetzner-document (as the audio sizing document prints it), or custom for none.",
    )
    region: Name | None = Field(
        None, description="The provider's name of the region; without it, the default of the price catalog."
    )
    demand: DemandDocument | None = Field(None, description="Users, concurrency and the shape of a session.")
    capacity: CapacityDocument | None = Field(None, description="What one node carries, from load tests.")
    nodes: NodesDocument | None = Field(None, description="Prices and bounds of the node pools.")
    managed_services: ManagedServicesDocument | None = Field(None, description="Services paid by the month.")
    network: NetworkDocument | None = Field(None, description="Media bitrate, usage and the price of egress.")
    media: MediaDocument | None = Field(
        None, description="What participants send. Write this or network.mediaMbps, not both."
    )
    license: LicenseDocument | None = Field(None, description="License revenue.")
    fleet: FleetDocument | None = Field(None, description="Size of the fleet.")

    @model_validator(mode="after")
    def _one_way_to_state_the_bitrate(self) -> Self:
        if self.media is not None and self.network is not None and self.network.media_mbps is not None:
            raise refusal(
                "network.mediaMbps and media both state the bitrate",
                "write only one of them",
                field="network.mediaMbps",
            )
        return self

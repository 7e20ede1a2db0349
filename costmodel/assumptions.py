"""The assumptions with every value decided: what the formulas take. `costmodel.resolve` makes them from documents.

Prices are in `Assumptions.currency`, counts are whole numbers, everything else is an exact decimal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from costmodel.schedule_window import ScheduleWindow


@dataclass(frozen=True, slots=True)
class Demand:
    """Who uses the cluster. Exactly one of `concurrency` and `peak_concurrency_percent` is not None.

    `active_hours_per_month` are those of the average month; where they follow from weekly windows, `schedule` holds
    these, and else nothing.
    """

    users: int
    concurrency: int | None
    peak_concurrency_percent: Decimal | None
    users_per_session: Decimal
    agents_per_session: int
    active_hours_per_month: Decimal
    schedule: tuple[ScheduleWindow, ...]


@dataclass(frozen=True, slots=True)
class Capacity:
    """What one node carries."""

    participants_per_node: int
    sessions_per_node: int
    target_utilization_percent: Decimal
    whole_rooms: bool


@dataclass(frozen=True, slots=True)
class NodeGroup:
    """An autoscaled pool. `hourly_price` is per node and hour, `monthly_cap` per node and month; never both None."""

    hourly_price: Decimal | None
    monthly_cap: Decimal | None
    sku: str | None
    min_nodes: int
    max_nodes: int
    zones: int

    @property
    def idle_nodes(self) -> int:
        """Nodes that stay on outside the active hours: the floor, as a whole multiple of the zones."""
        return -(-self.min_nodes // self.zones) * self.zones


@dataclass(frozen=True, slots=True)
class SystemNodes:
    """The fixed nodes, always on. Prices as in `NodeGroup`."""

    hourly_price: Decimal | None
    monthly_cap: Decimal | None
    sku: str | None
    nodes: int


@dataclass(frozen=True, slots=True)
class Nodes:
    """The pools of one cluster."""

    livekit: NodeGroup
    sim: NodeGroup
    system: SystemNodes


@dataclass(frozen=True, slots=True)
class ManagedServices:
    """Prices per month."""

    control_plane: Decimal
    redis: Decimal
    load_balancer: Decimal
    storage_and_logs: Decimal
    observability: Decimal


@dataclass(frozen=True, slots=True)
class EgressTier:
    """The price of one GB up to `up_to_gb` of billable volume a month; None is without end."""

    up_to_gb: Decimal | None
    price_per_gb: Decimal


@dataclass(frozen=True, slots=True)
class Network:
    """Media traffic and its price; `tiers` ascend and the last has no end."""

    media_mbps: Decimal
    usage_hours_per_month: Decimal
    free_gb: Decimal
    included_tb_per_node: Decimal
    tiers: tuple[EgressTier, ...]


@dataclass(frozen=True, slots=True)
class License:
    """Revenue from one customer, per year."""

    annual: Decimal


@dataclass(frozen=True, slots=True)
class Fleet:
    """The number of customers."""

    customers: int


@dataclass(frozen=True, slots=True)
class SecondHandPrice:
    """A price that its catalog knows from somebody else than the provider.

    Attributes:
        item: the line item that it prices.
        entry: what the catalog calls it: a machine type, a managed service, or egress.
        date: the day of its source.
    """

    item: str
    entry: str
    date: date


@dataclass(frozen=True, slots=True)
class Assumptions:
    """Everything that one estimate depends on, and which of the prices a catalog knows second hand only."""

    currency: str
    cloud: str
    region: str | None
    demand: Demand
    capacity: Capacity
    nodes: Nodes
    managed_services: ManagedServices
    network: Network
    license: License
    fleet: Fleet
    # Where a figure comes from changes no result: a document that states the same figures is the same.
    second_hand: tuple[SecondHandPrice, ...] = field(default=(), compare=False)

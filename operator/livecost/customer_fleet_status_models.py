"""The shape of a CustomerFleet's status, as the CRD declares it. Amounts are per year, rounded to cents."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from livecost.models import ApiModel
from livecost.status_models import Condition

MAX_LISTED = 5


class FleetSummary(ApiModel):
    """The figures for people, as the columns show them."""

    livekit: str = Field(description="LiveKit nodes, ready/desired; ? stands for unknown.")
    sim: str = Field(description="Sim nodes, ready/desired; ? stands for unknown.")
    projected: str = Field(description="Projected cost per year.")
    observed: str = Field(description="Observed cost per year, with the customers it speaks of, or unknown.")
    revenue: str = Field(description="License revenue per year.")
    margin: str = Field(description="Gross margin in percent of the revenue, or unknown.")
    pooled: str = Field(description="Projected cost per year on shared clusters, or unknown.")
    saving: str = Field(description="What sharing clusters would save, in percent, or unknown.")


class FleetCustomers(ApiModel):
    """How many customers there are."""

    total: int = Field(description="CustomerClusters that the fleet takes.")
    counted: int = Field(description="Those that are sized and priced; every figure speaks of these.")
    unknown: int = Field(description="Those that are not, so that their cost is unknown.")


class FleetPool(ApiModel):
    """Nodes of one kind."""

    desired: int = Field(description="Nodes that the counted customers should have now.")
    ready: int | None = Field(None, description="Ready nodes of the pools that tell; null when none does.")
    unknown: int = Field(description="Pools that do not tell how many nodes are ready.")


class FleetNodes(ApiModel):
    """Nodes of the counted customers."""

    livekit: FleetPool = Field(description="LiveKit media servers.")
    sim: FleetPool = Field(description="Sim and agent workers.")
    system: int = Field(description="System nodes, as planned.")


class FleetCost(ApiModel):
    """The counted customers' unrounded figures added up."""

    currency: str = Field(description="ISO 4217 code of all amounts.")
    customers: int = Field(description="Customers added up.")
    projected_annual: str = Field(description="Projected cost.")
    observed_annual: str | None = Field(
        None, description="Twelve months of the observed run rate of the observed customers; null when there is none."
    )
    observed_customers: int = Field(
        description="Customers whose CostObserved is True. observedAnnual speaks of them alone; nothing is scaled up."
    )
    observed_projected_annual: str | None = Field(
        None, description="Projected cost of the observed customers, to compare with; null when there is none."
    )
    revenue_annual: str = Field(description="License revenue.")
    gross_margin_annual: str = Field(description="Revenue less projected cost.")
    gross_margin_percent: str | None = Field(None, description="In percent of the revenue; null when that is 0.")


class FleetCloud(FleetCost):
    """The customers of one cloud that are priced in one currency."""

    cloud: str = Field(description="azure, gcp, aws, hetzner or custom.")
    livekit: int = Field(description="LiveKit nodes desired.")
    sim: int = Field(description="Sim nodes desired.")


class FleetPooled(ApiModel):
    """What shared clusters would cost: one for the customers of equal prices, capacities, cloud and region."""

    currency: str = Field(description="ISO 4217 code of all amounts.")
    clusters: int = Field(description="Clusters needed: one for each set of prices and capacities.")
    limited_clusters: int = Field(description="Those that need more nodes than all maxNodes together.")
    annual: str = Field(description="Projected cost of the shared clusters.")
    saving: str = Field(description="Cost of the dedicated clusters less that; negative when sharing is dearer.")
    saving_percent: str | None = Field(
        None, description="In percent of the dedicated clusters' cost; null when that is 0."
    )
    livekit: int = Field(description="LiveKit nodes.")
    sim: int = Field(description="Sim nodes.")
    system: int = Field(description="System nodes.")


class FleetEntry(ApiModel):
    """One customer of a list."""

    namespace: str = Field(description="Namespace of the CustomerCluster.")
    name: str = Field(description="Name of the CustomerCluster.")
    currency: str = Field(description="ISO 4217 code of the amount: the customer's own.")
    annual: str = Field(description="Amount per year; the list says of what.")
    percent: str | None = Field(None, description="In percent; the list says of what. null when unknown.")


Entries = Annotated[list[FleetEntry], Field(max_length=MAX_LISTED)]


class FleetTop(ApiModel):
    """The customers to look at first, at most five each."""

    highest_cost: Entries = Field(
        description="By projected cost, and its share of the total. Empty without a total in one currency."
    )
    negative_margin: Entries = Field(
        description="Whose cost exceeds their license, by gross margin, in percent of the license. Empty as above."
    )
    over_budget: Entries = Field(description="By the larger of both costs in percent of the budget; the excess.")
    largest_variance: Entries = Field(description="By observed against projected cost in percent, up or down.")


class CustomerFleetStatus(ApiModel):
    """What the counted customers add up to."""

    observed_generation: int | None = Field(None, description="Generation of the spec that was last worked on.")
    summary: FleetSummary | None = Field(None, description="The figures for people.")
    customers: FleetCustomers | None = Field(None, description="How many customers there are.")
    nodes: FleetNodes | None = Field(None, description="Nodes of the counted customers.")
    cost: FleetCost | None = Field(
        None, description="All counted customers, in one currency; absent where they have several and no rates."
    )
    currencies: Annotated[list[FleetCost], Field(max_length=256)] | None = Field(
        None, description="All counted customers by the currency they are priced in, unconverted."
    )
    clouds: Annotated[list[FleetCloud], Field(max_length=1024)] | None = Field(
        None, description="All counted customers by cloud and currency, unconverted."
    )
    pooled: FleetPooled | None = Field(
        None, description="What shared clusters would cost; absent where there is no total in one currency."
    )
    top: FleetTop | None = Field(None, description="The customers to look at first.")
    conditions: list[Condition] = Field(default_factory=list, description="Ready.")

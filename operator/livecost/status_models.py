"""The shape of a CustomerCluster's status, as the CRD declares it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from livecost.models import ApiModel

Line = Annotated[dict[Annotated[str, Field(max_length=64)], str], Field(max_length=32)]


class Summary(ApiModel):
    """The figures for people, as the columns show them."""

    livekit: str = Field(description="LiveKit nodes, ready/desired; ? stands for unknown.")
    sim: str = Field(description="Sim nodes, ready/desired; ? stands for unknown.")
    projected: str = Field(description="Projected cost per month.")
    observed: str = Field(description="Observed run rate per month, or unknown.")
    variance: str = Field(description="Observed against projected in percent, or unknown.")
    margin: str = Field(description="Gross margin in percent of the license, or unknown.")
    budget: str | None = Field(None, description="Share of the monthly budget that the larger of both costs takes.")


class DemandStatus(ApiModel):
    """The demand that sizes the pools."""

    peak_users: int = Field(description="Users at the same time at the peak.")
    sessions: int = Field(description="Sessions at the same time at the peak.")
    participants: int = Field(description="Users and agents at the same time at the peak.")


class ScaleDownStatus(ApiModel):
    """A step down that waits for its stabilisation window."""

    since: datetime = Field(description="Since when fewer nodes have sufficed; kept over restarts of the operator.")
    from_: int = Field(alias="from", description="Nodes that were set when that began.")
    to: int = Field(description="Most nodes that were needed since then; the next step goes no lower.")
    not_before: datetime = Field(description="When the next step may be taken.")


class PoolStatus(ApiModel):
    """One node pool: what is needed, what was set, what is there."""

    required: int = Field(description="Nodes that the demand requires.")
    planned: int = Field(description="Required nodes inside the bounds; the projected cost is for these.")
    desired: int = Field(
        description="Nodes the target should have now; above planned while a step down waits, below if a budget holds."
    )
    current: int | None = Field(None, description="Nodes the target is set to; absent when unknown.")
    ready: int | None = Field(None, description="Nodes that are ready; absent when unknown.")
    held_by_budget: int | None = Field(
        None,
        description="Planned nodes by which the pool does not grow, as the budget holds; absent when there are none.",
    )
    min_nodes: int = Field(description="Fewest nodes allowed.")
    max_nodes: int = Field(description="Most nodes allowed.")
    limited_by: Literal["minNodes", "maxNodes"] | None = Field(
        None, description="The bound that changed the required count; null when none did."
    )
    set_by: Literal["participants", "wholeRooms", "sessions"] = Field(
        description="What set the required count: participants or whole rooms (LiveKit), sessions (sim)."
    )
    target: str | None = Field(None, description="The target, for people.")
    applied: int | None = Field(None, description="Count that livecost last set, or found as wanted.")
    applied_at: datetime | None = Field(None, description="When livecost last changed the count.")
    corrected_at: datetime | None = Field(None, description="When another writer's change was last put right.")
    scale_down: ScaleDownStatus | None = Field(None, description="A step down that waits.")


class PoolsStatus(ApiModel):
    """Both node pools."""

    livekit: PoolStatus = Field(description="LiveKit media servers.")
    sim: PoolStatus = Field(description="Sim and agent workers.")


class ProjectedStatus(ApiModel):
    """What the planned nodes and the assumed usage cost."""

    monthly: str = Field(description="Per month of 730 hours, rounded to cents.")
    annual: str = Field(description="Twelve months, rounded to cents.")
    items: Line = Field(description="Monthly cost by line item.")
    explained: Line = Field(description="How each line item comes about.")
    nodes: Annotated[dict[Annotated[str, Field(max_length=64)], int], Field(max_length=8)] | None = Field(
        None, description="Nodes that it is of, by pool, inside the schedule where there is one."
    )
    in_force_since: datetime | None = Field(
        None,
        description="Since when the pools have had these nodes; absent while they are not ready for the first time.",
    )


class LastMonthStatus(ApiModel):
    """A calendar month that is over, at the prices of the profile as it is now."""

    month: str = Field(description="The month (UTC), such as 2026-02.")
    total: str = Field(description="Its cost, rounded to cents, as far as telemetry covers it.")
    coverage_percent: str = Field(description="Share of the month for which telemetry is there.")
    items: Line = Field(description="Cost by line item.")
    sources: Line = Field(description="Where each item comes from.")


class ObservedStatus(ApiModel):
    """What was measured, at the prices of the profile."""

    monthly_run_rate: str = Field(description="Cost of a month that goes on as the window went, rounded to cents.")
    coverage_percent: str = Field(description="Share of the window for which telemetry is there; nothing is scaled up.")
    window_seconds: int = Field(
        description="Length of the window: the operator's setting, or the object's age if shorter."
    )
    as_of: datetime = Field(description="End of the window. It moves when a figure moves, and from time to time.")
    items: Line = Field(description="Run rate by line item.")
    sources: Line = Field(
        description="Where each item comes from: opencost, kube-state-metrics, livecost, livekit, node-exporter "
        "(measured), stated (a fixed price), assumed (no telemetry: the projection stands in)."
    )
    quantities: Line | None = Field(
        None, description="What was measured, by line item: nodes on average, and GB of egress in a month of 730 hours."
    )
    month: str | None = Field(None, description="The calendar month (UTC) that goes on, such as 2026-03.")
    month_to_date: str | None = Field(
        None,
        description="Cost of that month up to asOf, rounded to cents, as far as telemetry covers it; never scaled up.",
    )
    month_end_forecast: str | None = Field(
        None, description="Cost of the whole month if its rest goes on like the window, rounded to cents."
    )
    month_to_date_coverage_percent: str | None = Field(
        None, description="Share of the month up to asOf for which telemetry is there."
    )
    month_to_date_items: Line | None = Field(None, description="Month to date by line item.")
    last_month: LastMonthStatus | None = Field(None, description="The last full calendar month; absent until known.")


class VarianceItemStatus(ApiModel):
    """Why one line item deviates; its parts add up to its amount."""

    monthly: str = Field(description="Observed less projected per month; all items add up to the whole variance.")
    quantity: str = Field(description="What more or fewer nodes, or more or less GB, make of it.")
    usage: str = Field(description="What longer or shorter hours of the nodes above the floor make of it.")
    price: str = Field(description="What another price per node and hour, or per GB, makes of it.")
    explained: str = Field(description="The same in words.")


class VarianceStatus(ApiModel):
    """Observed less projected."""

    monthly: str = Field(description="Amount per month.")
    percent: str | None = Field(None, description="In percent of the projected cost; null when that is 0.")
    last_verdict: Literal["AsProjected", "CostAboveProjected", "CostBelowProjected"] | None = Field(
        None, description="What CostAsProjected last said; it stays while that is Unknown."
    )
    items: Annotated[dict[Annotated[str, Field(max_length=64)], VarianceItemStatus], Field(max_length=32)] | None = (
        Field(None, description="By line item; one that is not measured and does not deviate is left out.")
    )


class LicenseStatus(ApiModel):
    """Revenue and margin at the projected cost."""

    annual: str = Field(description="License revenue per year.")
    gross_margin: str = Field(description="License less twelve projected months.")
    gross_margin_percent: str | None = Field(None, description="In percent of the license; null when that is 0.")


class CostStatus(ApiModel):
    """Projected beside observed cost."""

    currency: str = Field(description="ISO 4217 code of all amounts.")
    projected: ProjectedStatus = Field(description="What the plan costs.")
    observed: ObservedStatus | None = Field(None, description="What was measured; absent until something was.")
    variance: VarianceStatus | None = Field(None, description="Observed less projected; absent until both are known.")
    license: LicenseStatus = Field(description="Revenue and margin.")


class LiveStatus(ApiModel):
    """What LiveKit carries now. The figures move when they come to other nodes, and from time to time."""

    rooms: int = Field(description="Rooms that are on.")
    participants: int = Field(
        description="Participants that are on: exact where one node reports, else the most there can be, as LiveKit "
        "may count one on two nodes."
    )
    fullest_node_participants: int = Field(description="Participants of the fullest node.")
    reporting_nodes: int = Field(description="LiveKit nodes that report.")
    silent_nodes: int = Field(description="Nodes that had rooms within the last hour and do not answer Prometheus now.")
    as_of: datetime = Field(description="Time of the oldest sample of these.")


class FigureStatus(ApiModel):
    """One assumption beside what was observed."""

    assumption: str = Field(
        description="Path of the field in an assumptions document, such as demand.concurrency; or sessions."
    )
    assumed: str = Field(description="The value that the plan is made by.")
    observed: str | None = Field(None, description="The value that telemetry tells; absent when it tells none.")
    observed_p95: str | None = Field(
        None, alias="observedP95", description="The same by the 95th percentile, where the value is a peak."
    )
    unit: str = Field(description="What the values count.")
    monthly_if_observed: str | None = Field(
        None, description="Projected cost per month with this one assumption as observed; absent when unknown."
    )
    source: str | None = Field(None, description="Where the observed value comes from.")
    unknown_because: str | None = Field(None, description="Why nothing is observed, and what would help.")


class TelemetryStatus(ApiModel):
    """What telemetry says of the load."""

    live: LiveStatus | None = Field(None, description="What LiveKit carries now; absent until it was known once.")
    as_of: datetime | None = Field(None, description="End of the window of the figures; it moves when one moves.")
    window_seconds: int | None = Field(
        None, description="Its length: the operator's setting, or the object's age if shorter."
    )
    coverage_percent: str | None = Field(None, description="Share of the window for which telemetry is there.")
    figures: Annotated[list[FigureStatus], Field(max_length=32)] | None = Field(
        None, description="The assumptions beside what was observed; absent until LiveKit was."
    )
    monthly_if_all_observed: str | None = Field(
        None, description="Projected cost per month with all these assumptions as observed."
    )
    recommendations: Annotated[list[str], Field(max_length=32)] | None = Field(
        None,
        description="Assumptions to change: first those by which more is needed than planned. Only differences of 10 % "
        "or more that move a node or 1 % of the bill, where telemetry covers half of the window.",
    )


class Condition(ApiModel):
    """One aspect of the object's state, in the Kubernetes convention."""

    type: Annotated[str, Field(max_length=316)] = Field(
        description="Ready, Sized, TargetsApplied, CostObserved, CostAsProjected or WithinBudget."
    )
    status: Literal["True", "False", "Unknown"] = Field(description="True, False or Unknown.")
    reason: Annotated[str, Field(max_length=1024)] = Field(description="Machine-readable reason.")
    message: Annotated[str, Field(max_length=32768)] = Field(description="What it means and what to do.")
    last_transition_time: datetime = Field(description="When the status last changed.")
    observed_generation: int = Field(description="Generation of the spec that this speaks of.")


class ProfileStatus(ApiModel):
    """The assumptions in force."""

    name: str = Field(description="Name of the CostProfile, or `built-in defaults`.")
    generation: int | None = Field(None, description="The profile's generation; null for the built-in defaults.")


class CustomerClusterStatus(ApiModel):
    """What livecost computed, set and saw."""

    observed_generation: int | None = Field(None, description="Generation of the spec that was last worked on.")
    profile: ProfileStatus | None = Field(None, description="The assumptions in force.")
    summary: Summary | None = Field(None, description="The figures for people.")
    demand: DemandStatus | None = Field(None, description="The demand that sizes the pools.")
    pools: PoolsStatus | None = Field(None, description="The node pools.")
    cost: CostStatus | None = Field(None, description="Projected beside observed cost.")
    telemetry: TelemetryStatus | None = Field(None, description="What telemetry says of the load; absent until known.")
    conditions: list[Condition] = Field(
        default_factory=list, description="Ready, Sized, TargetsApplied, CostObserved, CostAsProjected, WithinBudget."
    )

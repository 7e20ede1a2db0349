"""What pools cost that always run for the peak, that shrink outside a schedule, or that follow the demand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from costmodel.decimals import ceil_div, exact, percent_of, rounded_quotient
from costmodel.demand import peak_demand
from costmodel.errors import AssumptionsError, Problem
from costmodel.fields import HOURS_PER_MONTH, Percent, refusal
from costmodel.node_cost import node_price
from costmodel.parsing import problems_of
from costmodel.projection import estimate
from costmodel.schedule import CalendarMonth, active_hours, calendar_month, schedule_problems
from costmodel.schedule_window import ScheduleWindow
from costmodel.sizing import livekit_size, sim_size

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from costmodel.assumptions import Assumptions, NodeGroup, SystemNodes
    from costmodel.projection import Estimate

Mode = Literal["always-on", "scale-to-low", "pay-for-peaks", "idle"]

_HOURS_PER_WEEK: Final = 168
_PLACES: Final = 8


class ProfileWindow(ScheduleWindow):
    """A weekly window with its share of the peak."""

    percent_of_peak: Percent = Field(description="Concurrent users in the window, in percent of those at the peak.")


class DemandProfile(BaseModel):
    """How the demand goes over the week; outside the windows there is none."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)

    windows: Annotated[tuple[ProfileWindow, ...], Field(min_length=1, max_length=_HOURS_PER_WEEK)] = Field(
        description="Weekly windows that do not overlap."
    )

    @model_validator(mode="after")
    def _windows_do_not_overlap(self) -> Self:
        for problem in schedule_problems(self.windows, "windows"):
            raise refusal(problem.message, problem.remedy, field=problem.field)
        return self


@dataclass(frozen=True, slots=True)
class ModeCost:
    """What one cluster runs and costs in a month in one mode. Money is in `currency`, unrounded.

    Attributes:
        mode: `always-on`: the nodes of the peak at all hours; `scale-to-low`: those in the active hours, the floors
            outside; `pay-for-peaks`: in each window of a profile the nodes its demand needs; `idle`: the floors at all
            hours, without any session.
        currency: ISO 4217 code.
        node_hours: pool (livekit, sim, system) to node hours per month.
        cost_per_month: the whole cluster, managed services and egress included.
        saving_per_month: cost of always-on less `cost_per_month`.
        saving_percent: that in percent of always-on at two decimals; None (unknown) where always-on costs nothing.
    """

    mode: Mode
    currency: str
    node_hours: Mapping[str, Decimal]
    cost_per_month: Decimal
    saving_per_month: Decimal
    saving_percent: Decimal | None


@dataclass(frozen=True, slots=True)
class PeakStep:
    """Nodes that run in the same hours of the average month. Money is in the currency of the prices, unrounded.

    Attributes:
        window: when they run every week; None for the floors, which always run, and for active hours that no schedule
            places.
        hours_per_month: how long they run.
        nodes: pool (livekit, sim) to nodes; beyond the floors, those that are added to them.
        cost_per_month: what these nodes cost.
    """

    window: ScheduleWindow | None
    hours_per_month: Decimal
    nodes: Mapping[str, int]
    cost_per_month: Decimal


_Steps = tuple[tuple[int, Decimal], ...]
"""Nodes and the hours of the month in which just these run, the nodes that run longest first."""


def parse_demand_profile(data: Any) -> DemandProfile:
    """Check a decoded demand profile: `windows` with days, start, end, timeZone and percentOfPeak.

    Raises:
        AssumptionsError: with one problem for each refused field.
    """
    try:
        return DemandProfile.model_validate(data)
    except ValidationError as error:
        raise AssumptionsError(problems_of(error, DemandProfile)) from None


def schedule_month(assumptions: Assumptions, year: int, month: int) -> CalendarMonth:
    """A calendar month in the time zone of the schedule's first window.

    Raises:
        AssumptionsError: the assumptions have no schedule, so nothing tells which hours of a month are active.
    """
    schedule = assumptions.demand.schedule
    if not schedule:
        message = "is not stated, so the active hours of a calendar month are unknown"
        remedy = "write windows with days, start, end and timeZone, or ask for the average month"
        raise AssumptionsError([Problem("demand.schedule", message, remedy)])
    return calendar_month(year, month, schedule[0].time_zone)


@exact
def compare_modes(
    assumptions: Assumptions, profile: DemandProfile | None = None, month: CalendarMonth | None = None
) -> tuple[ModeCost, ...]:
    """What a cluster costs in each mode, always-on first (SPEC, Peaks).

    Args:
        assumptions: what is priced; the active hours and the floors are in it.
        profile: the demand over the week; without one there is no `pay-for-peaks`.
        month: a calendar month from `schedule_month`; None for the average month of 730 hours.
    """
    result = estimate(assumptions)
    hours = HOURS_PER_MONTH if month is None else month.hours
    demand, nodes = assumptions.demand, assumptions.nodes
    active = demand.active_hours_per_month if month is None else active_hours(demand.schedule, month)
    peak = {"livekit": result.livekit.nodes, "sim": result.sim.nodes}
    floor = {"livekit": nodes.livekit.idle_nodes, "sim": nodes.sim.idle_nodes}
    uses: dict[Mode, dict[str, _Steps]] = {
        "always-on": {pool: ((peak[pool], hours),) for pool in peak},
        "scale-to-low": {pool: ((floor[pool], hours), (peak[pool] - floor[pool], active)) for pool in peak},
    }
    if profile is not None:
        uses["pay-for-peaks"] = _followed(assumptions, result, profile, (hours, month))
    uses["idle"] = {pool: ((floor[pool], hours),) for pool in floor}
    for steps in uses.values():
        steps["system"] = ((nodes.system.nodes, hours),)
    costs = {mode: _cost(assumptions, result, steps, with_egress=mode != "idle") for mode, steps in uses.items()}
    full = costs["always-on"]
    return tuple(
        ModeCost(
            mode,
            assumptions.currency,
            {pool: sum((count * each for count, each in steps[pool]), Decimal(0)) for pool in steps},
            costs[mode],
            full - costs[mode],
            percent_of(full - costs[mode], full),
        )
        for mode, steps in uses.items()
    )


@exact
def peak_steps(assumptions: Assumptions) -> tuple[PeakStep, ...]:
    """The floors at all hours, then what each window adds to them (SPEC, Peaks).

    The costs add up to those of both pools in the estimate. Without a schedule the active hours are one step.

    Args:
        assumptions: what is priced; the active hours and the floors are in it.
    """
    result, demand = estimate(assumptions), assumptions.demand
    groups = {"livekit": assumptions.nodes.livekit, "sim": assumptions.nodes.sim}
    peak = {"livekit": result.livekit.nodes, "sim": result.sim.nodes}
    floor = {pool: min(count, groups[pool].idle_nodes) for pool, count in peak.items()}
    added = {pool: count - floor[pool] for pool, count in peak.items()}

    def cost(nodes: Mapping[str, int], hours: Decimal) -> Decimal:
        return sum((nodes[pool] * node_price(groups[pool], hours) for pool in nodes), Decimal(0))

    total = left = cost(added, demand.active_hours_per_month)
    minutes = Decimal(sum(window.minutes_per_week() for window in demand.schedule))
    steps = [PeakStep(None, HOURS_PER_MONTH, floor, cost(floor, HOURS_PER_MONTH))]
    for window in demand.schedule[:-1]:
        part = rounded_quotient(total * window.minutes_per_week(), minutes, _PLACES) or Decimal(0)
        steps.append(PeakStep(window, active_hours([window]), added, part))
        left -= part
    last = demand.schedule[-1] if demand.schedule else None
    hours = demand.active_hours_per_month if last is None else active_hours([last])
    return (*steps, PeakStep(last, hours, added, left))


def _followed(
    assumptions: Assumptions, result: Estimate, profile: DemandProfile, month: tuple[Decimal, CalendarMonth | None]
) -> dict[str, _Steps]:
    """The steps of pools that follow a profile."""
    hours, calendar = month
    nodes = assumptions.nodes
    sizes: dict[str, list[tuple[int, ProfileWindow]]] = {"livekit": [], "sim": []}
    for window in profile.windows:
        users = ceil_div(result.demand.peak_users * window.percent_of_peak, Decimal(100))
        demand = replace(assumptions.demand, concurrency=users, peak_concurrency_percent=None)
        load = peak_demand(demand)
        sizes["livekit"].append((livekit_size(load, demand, assumptions.capacity, nodes.livekit).nodes, window))
        sizes["sim"].append((sim_size(load, assumptions.capacity, nodes.sim).nodes, window))
    return {
        "livekit": _steps(nodes.livekit.idle_nodes, sizes["livekit"], hours, calendar),
        "sim": _steps(nodes.sim.idle_nodes, sizes["sim"], hours, calendar),
    }


def _steps(
    floor: int, sizes: Sequence[tuple[int, ProfileWindow]], hours: Decimal, month: CalendarMonth | None
) -> _Steps:
    steps, below = [(floor, hours)], floor
    for level in sorted({count for count, _ in sizes if count > floor}):
        steps.append((level - below, active_hours([window for count, window in sizes if count >= level], month)))
        below = level
    return tuple(steps)


def _cost(assumptions: Assumptions, result: Estimate, steps: Mapping[str, _Steps], *, with_egress: bool) -> Decimal:
    """The estimate's bill with the pools priced by their steps: each node at min(hourly x its hours, monthly cap)."""
    groups: dict[str, NodeGroup | SystemNodes] = {
        "livekit": assumptions.nodes.livekit,
        "sim": assumptions.nodes.sim,
        "system": assumptions.nodes.system,
    }
    pools = sum((count * node_price(groups[pool], each) for pool in steps for count, each in steps[pool]), Decimal(0))
    others = {item: cost for item, cost in result.monthly.items() if item not in groups}
    if not with_egress:
        del others["egress"]
    return pools + sum(others.values(), Decimal(0))

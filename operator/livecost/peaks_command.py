"""`livecost peaks`: always on, scaled to low, or paid for the peaks only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from costmodel import HOURS_PER_MONTH, AssumptionsError, Problem, cents, plain, round_half_up
from costmodel.peaks import ModeCost, compare_modes, parse_demand_profile, schedule_month
from livecost.assumptions_input import assumptions_options, read_assumptions, tell_second_hand
from livecost.command_input import read_document, refuse
from livecost.examples import examples
from livecost.options import calendar_month, table_output_option
from livecost.table_output import TABLE_FORMS

if TYPE_CHECKING:
    from datetime import date

    from costmodel import Assumptions
    from costmodel.peaks import DemandProfile
    from costmodel.schedule import CalendarMonth
    from livecost.table_output import Row


@click.command(
    name="peaks",
    epilog=examples(
        "livecost peaks --set demand.users=20000 --profile docs/examples/week.yaml",
        "livecost peaks --set demand.activeHoursPerMonth=220 -o csv",
    ),
)
@assumptions_options
@click.option(
    "--profile",
    "profile_path",
    type=click.Path(allow_dash=True),
    metavar="FILE",
    help="Demand over the week: windows, each with days, start, end, timeZone and percentOfPeak; none outside them.",
)
@click.option(
    "--month",
    type=calendar_month,
    metavar="YYYY-MM",
    help="The exact hours of this month, by the clocks of demand.schedule, instead of an average month of 730 hours.",
)
@table_output_option
def peaks_command(
    *,
    path: str | None,
    settings: tuple[str, ...],
    prices: str | None,
    profile_path: str | None,
    month: date | None,
    output: str,
) -> None:
    """Compare what a cluster costs always on, scaled to low outside its active hours, and paid for its peaks.

    always-on runs the nodes of the peak at all hours. scale-to-low runs them in demand.schedule or
    activeHoursPerMonth, and minNodes outside. pay-for-peaks, with --profile, runs in each window what its demand
    needs. idle is what the cluster costs without any session: minNodes, system nodes and services, no egress. Savings
    are against always-on.
    """
    if path == "-" and profile_path == "-":
        problem = Problem("FILE", "standard input is already the document", "name a file for one of them")
        refuse("--profile", [problem])
    given = read_assumptions(path, settings, prices)
    profile = None if profile_path is None else _read_profile(profile_path)
    assumptions = given.resolve()
    found = compare_modes(assumptions, profile, None if month is None else _calendar_month(month, assumptions))
    if assumptions.demand.active_hours_per_month == HOURS_PER_MONTH:
        note = "all hours are active: scale-to-low is always-on; write demand.schedule to have it shrink"
        click.echo(f"note: {note}", err=True)
    tell_second_hand(assumptions)
    click.echo(TABLE_FORMS[output]([_row(each) for each in found]), nl=False)


def _read_profile(path: str) -> DemandProfile:
    name = "standard input" if path == "-" else path
    data = read_document(path, name)
    try:
        return parse_demand_profile(data)
    except AssumptionsError as error:
        refuse(name, error.problems)


def _calendar_month(month: date, assumptions: Assumptions) -> CalendarMonth:
    try:
        return schedule_month(assumptions, month.year, month.month)
    except AssumptionsError as error:
        refuse("--month", error.problems)


def _row(mode: ModeCost) -> Row:
    percent = mode.saving_percent
    return {
        "mode": mode.mode,
        **{f"{pool}NodeHours": plain(round_half_up(hours, 2)) for pool, hours in mode.node_hours.items()},
        f"costPerMonth{mode.currency}": str(cents(mode.cost_per_month)),
        f"savingPerMonth{mode.currency}": str(cents(mode.saving_per_month)),
        "savingPercent": None if percent is None else str(percent),
    }

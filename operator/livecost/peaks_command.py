"""`livecost peaks`: always on, scaled to low, or paid for the peaks only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import click

from costmodel import HOURS_PER_MONTH, AssumptionsError, Problem, cents, plain, round_half_up
from costmodel.peaks import ModeCost, compare_modes, parse_demand_profile, schedule_month
from livecost.assumptions_input import assumptions_options, read_assumptions
from livecost.command_input import read_document, refuse
from livecost.examples import examples
from livecost.options import table_output_option
from livecost.table_output import TABLE_FORMS

if TYPE_CHECKING:
    from costmodel import Assumptions
    from costmodel.peaks import DemandProfile
    from costmodel.schedule import CalendarMonth
    from livecost.table_output import Row

_MONTH: Final = re.compile(r"(20[0-9]{2}|2100)-(0[1-9]|1[0-2])", re.ASCII)


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
    month: str | None,
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
        click.echo("all hours are active: scale-to-low is always-on; write demand.schedule to have it shrink", err=True)
    click.echo(TABLE_FORMS[output]([mode_row(each) for each in found]), nl=False)


def _read_profile(path: str) -> DemandProfile:
    name = "standard input" if path == "-" else path
    data = read_document(path, name)
    try:
        return parse_demand_profile(data)
    except AssumptionsError as error:
        refuse(name, error.problems)


def _calendar_month(text: str, assumptions: Assumptions) -> CalendarMonth:
    match = _MONTH.fullmatch(text)
    if match is None:
        refuse("--month", [Problem("month", f"{text!r:.40} is not a month", "write one such as 2026-03")])
    try:
        return schedule_month(assumptions, int(match[1]), int(match[2]))
    except AssumptionsError as error:
        refuse("--month", error.problems)


def mode_row(mode: ModeCost) -> Row:
    """One mode: node hours of each pool, cost and saving per month."""
    percent = mode.saving_percent
    return {
        "mode": mode.mode,
        **{f"{pool}NodeHours": plain(round_half_up(hours, 2)) for pool, hours in mode.node_hours.items()},
        f"costPerMonth{mode.currency}": str(cents(mode.cost_per_month)),
        f"savingPerMonth{mode.currency}": str(cents(mode.saving_per_month)),
        "savingPercent": None if percent is None else str(percent),
    }

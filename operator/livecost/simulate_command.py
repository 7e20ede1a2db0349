"""`livecost simulate`: an assumptions document and ranges in, percentiles of the bill out."""

from __future__ import annotations

import secrets
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from costmodel import AssumptionsError, estimate
from costmodel.document_media import media_in_force
from costmodel.ranges import FieldRange, parse_ranges
from costmodel.simulation import MAX_DRAWS, Simulation, simulate
from livecost.assumptions_input import assumptions_options, read_assumptions, tell_second_hand
from livecost.command_input import read_document, refuse
from livecost.examples import examples
from livecost.options import number, table_output_option
from livecost.plots import plot_option
from livecost.simulation_output import BudgetRisk, write_simulation
from livecost.simulation_plot import plot_simulation

if TYPE_CHECKING:
    from costmodel.correlation import Copula

_SEEDS = 2**32
# Below this a run is over before a bar could be read.
_DRAWS_WORTH_A_BAR = 1_000_000


def _correlations(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> dict[tuple[str, str], Decimal]:
    found: dict[tuple[str, str], Decimal] = {}
    for value in values:
        fields, equals, rank = value.partition("=")
        first, comma, second = fields.partition(",")
        if not (comma and equals):
            raise click.BadParameter(
                f"{value!r:.80} is no pair; write two fields and a number, such as "
                "demand.users,demand.usersPerSession=0.5"
            )
        if {(first, second), (second, first)} & found.keys():
            raise click.BadParameter(f"{fields} stands twice; leave one out")
        found[first, second] = number(rank)
    return found


@click.command(
    name="simulate",
    epilog=examples(
        "livecost simulate -f docs/examples/customer.yaml --ranges docs/examples/ranges.yaml --draws 10000 --seed 7",
        "livecost simulate --ranges docs/examples/ranges.yaml --seed 7 -o json",
        "livecost simulate --ranges docs/examples/ranges.yaml --correlate demand.users,network.mediaMbps=0.5",
    ),
)
@assumptions_options
@click.option(
    "--ranges",
    "ranges_path",
    type=click.Path(allow_dash=True),
    metavar="FILE|-",
    required=True,
    help="How far which assumption may be off.",
)
@click.option(
    "--draws",
    type=click.IntRange(1, MAX_DRAWS),
    default=100_000,
    show_default=True,
    help="Estimates to draw; a million takes about 0.1 GB of memory.",
)
@click.option(
    "--seed", type=click.IntRange(0), help="Repeats a run: the same number, the same result. Random unless given."
)
@click.option("--budget", type=number, help="Most that a month may cost; adds the probability that it costs more.")
@click.option(
    "--budget-risk-percent",
    type=number,
    default="50",
    show_default=True,
    help="Exit with 1 where the cost is above --budget in more percent of the draws than this.",
)
@click.option(
    "--correlate",
    "correlations",
    metavar="FIELD,FIELD=R",
    multiple=True,
    callback=_correlations,
    help="Draw two ranges together: their rank correlation, -1 to 1. Independent unless given; repeatable.",
)
@table_output_option
@plot_option
def simulate_command(  # noqa: PLR0913 - each option is one
    *,
    path: str | None,
    settings: tuple[str, ...],
    prices: str | None,
    ranges_path: str,
    draws: int,
    seed: int | None,
    budget: Decimal | None,
    budget_risk_percent: Decimal,
    correlations: dict[tuple[str, str], Decimal],
    output: str,
    plot: str | None,
) -> None:
    """How the bill, the margin and the nodes spread when the assumptions do.

    Each draw takes every field of the ranges document at random and prices the cluster, exactly as estimate does.
    """
    if budget is not None and budget < 0:
        raise click.BadParameter("write an amount from 0", param_hint="--budget")
    if not 0 <= budget_risk_percent <= 100:
        raise click.BadParameter("write a number from 0 to 100", param_hint="--budget-risk-percent")
    if path == "-" and ranges_path == "-":
        raise click.UsageError("-f and --ranges cannot both read standard input; name a file for one of them")
    given = read_assumptions(path, settings, prices)
    assumptions = given.resolve()
    name = "standard input" if ranges_path == "-" else ranges_path
    ranges = _read_ranges(ranges_path, name)
    copula = _copula(ranges, correlations)
    chosen = secrets.randbelow(_SEEDS) if seed is None else seed
    try:
        result = _simulated(assumptions, media_in_force(given.layers), ranges, draws=draws, seed=chosen, copula=copula)
    except AssumptionsError as error:
        refuse(name, error.problems)
    risk = None if budget is None else BudgetRisk(budget, result.share_above(budget))
    if plot is not None:
        plot_simulation(result, risk, plot)
    tell_second_hand(assumptions)
    write_simulation(output, result, estimate(assumptions), seed=chosen, risk=risk)
    if risk is not None and risk.share_above * 100 > budget_risk_percent:
        raise SystemExit(1)


def _read_ranges(path: str, name: str) -> dict[str, FieldRange]:
    data = read_document(path, name)
    try:
        return parse_ranges(data)
    except AssumptionsError as error:
        refuse(name, error.problems)


def _copula(ranges: dict[str, FieldRange], correlations: dict[tuple[str, str], Decimal]) -> Copula | None:
    if not correlations:
        return None
    from costmodel.correlation import Copula  # noqa: PLC0415 - independent ranges start faster without scipy

    try:
        return Copula(ranges, correlations)
    except AssumptionsError as error:
        refuse("--correlate", error.problems)


def _simulated(*arguments: Any, draws: int, **options: Any) -> Simulation:
    if draws < _DRAWS_WORTH_A_BAR or not sys.stderr.isatty():
        return simulate(*arguments, draws=draws, **options)
    with click.progressbar(length=draws, label="Drawing", file=sys.stderr) as bar:
        return simulate(*arguments, draws=draws, progress=bar.update, **options)

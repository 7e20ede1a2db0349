"""`livecost sweep`: figures over a grid of one or two assumptions."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import TYPE_CHECKING, Final

import click

from costmodel import AssumptionsError, estimate, plain
from costmodel.acting import acting_document
from costmodel.document_media import media_in_force
from costmodel.field_paths import numeric_field
from costmodel.figures import figure_names, figures
from costmodel.sweeps import Axis, node_counts, parse_axis, sweep
from livecost.assumptions_input import assumptions_options, read_assumptions, tell_second_hand
from livecost.command_input import refuse
from livecost.examples import examples
from livecost.options import table_output_option
from livecost.plots import plot_option
from livecost.table_output import TABLE_FORMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from decimal import Decimal

    from costmodel.sweeps import Point
    from livecost.table_output import Row

_REASON_WIDTH: Final = 120
_SHOWN: Final = "monthly.total,nodes.livekit,nodes.sim"


@click.command(
    name="sweep",
    epilog=examples(
        "livecost sweep --over demand.users=500:2500:500",
        "livecost sweep --over demand.users=1000,2000 --over capacity.participantsPerNode=100,200 --matrix",
    ),
)
@assumptions_options
@click.option(
    "--over",
    "grids",
    metavar="FIELD=GRID",
    multiple=True,
    required=True,
    help="An assumption and its values, such as demand.users=500:5000:500 (start, stop, step) or "
    "capacity.participantsPerNode=100,200,300. Once or twice.",
)
@click.option(
    "--show",
    metavar="FIGURES",
    help=f"Figures of the estimate by their names in its JSON form, with commas between them.  [default: {_SHOWN}]",
)
@click.option(
    "--matrix", is_flag=True, help="With two assumptions and one figure: a column for each value of the second."
)
@plot_option
@table_output_option
def sweep_command(
    *,
    path: str | None,
    settings: tuple[str, ...],
    prices: str | None,
    grids: tuple[str, ...],
    show: str | None,
    matrix: bool,
    plot: str | None,
    output: str,
) -> None:
    """Estimate over one or two assumptions, all others as they are.

    nodeSteps says where the number of nodes differs from the row before it. A combination that the model refuses is a
    row with its reason.
    """
    if len(grids) > 2:
        raise click.UsageError("--over is written at most twice; leave one out")
    if matrix and len(grids) != 2:
        raise click.UsageError("--matrix needs two assumptions; write --over twice")
    given = read_assumptions(path, settings, prices)
    base = given.resolve()
    axes = [_axis(grid) for grid in grids]
    wanted = (show or ("monthly.total" if matrix else _SHOWN)).split(",")
    try:
        names = figure_names([name.strip() for name in wanted], figures(estimate(base)))
    except AssumptionsError as error:
        refuse("--show", error.problems)
    if matrix and len(names) != 1:
        raise click.UsageError(f"--matrix shows one figure; write --show {names[0]}")
    try:
        points = list(sweep(acting_document(base, media_in_force(given.layers)), axes))
    except AssumptionsError as error:
        refuse("--over", error.problems)
    if plot is not None:
        from livecost.sweep_plot import draw_sweep  # noqa: PLC0415 - loads matplotlib

        draw_sweep(plot, axes, points, names, base.currency)
    rows = _matrix(axes, points, names[0]) if matrix else _rows(axes, points, names)
    tell_second_hand(base)
    click.echo(TABLE_FORMS[output](_without_empty_columns(rows) if output in {"table", "markdown"} else rows), nl=False)


def _axis(grid: str) -> Axis:
    try:
        return parse_axis(grid)
    except AssumptionsError as error:
        refuse("--over", error.problems)


def _rows(axes: Sequence[Axis], points: Iterable[Point], names: Sequence[str]) -> list[Row]:
    return [
        {
            **{axis.path: _shown(axis, value) for axis, value in zip(axes, point.values, strict=True)},
            **_figures(point, names),
            "nodeSteps": steps,
            "refused": "; ".join(map(str, point.problems)) or None,
        }
        for point, steps in with_node_steps(points)
    ]


def _figures(point: Point, names: Sequence[str]) -> dict[str, str | int | None]:
    found = {} if point.result is None else figures(point.result)
    return {name: found.get(name) for name in names}


def with_node_steps(points: Iterable[Point]) -> Iterator[tuple[Point, str]]:
    """Each point with what its node counts differ in from the point before it, such as "livekit 1 -> 2".

    A point whose first of two values is another than before it begins anew.
    """
    outer: tuple[Decimal, ...] = ()
    counts: dict[str, int] = {}
    for point in points:
        if point.values[:-1] != outer:
            outer, counts = point.values[:-1], {}
        if point.result is None:
            yield point, ""
            continue
        before, counts = counts, node_counts(point.result)
        changed = (f"{pool} {before[pool]} -> {counts[pool]}" for pool in before if before[pool] != counts[pool])
        yield point, ", ".join(changed)


def _matrix(axes: Sequence[Axis], points: Sequence[Point], name: str) -> list[Row]:
    first, second = axes
    reasons = Counter("; ".join(map(str, point.problems)) for point in points if point.result is None)
    for reason, count in reasons.items():
        click.echo(f"refused at {count} of {len(points)} points: {reason}", err=True)
    last = second.path.rpartition(".")[2]
    columns = [f"{last}={plain(value)}" for value in second.values]
    rows: list[Row] = []
    for at, value in enumerate(first.values):
        across = points[at * len(columns) : (at + 1) * len(columns)]
        cells = ["refused" if point.result is None else _figures(point, [name])[name] for point in across]
        rows.append({first.path: _shown(first, value), **dict(zip(columns, cells, strict=True))})
    return rows


def _shown(axis: Axis, value: Decimal) -> str | int:
    return int(value) if numeric_field(axis.path).whole else plain(value)


def _without_empty_columns(rows: Sequence[Row]) -> list[Row]:
    # Nothing refused and no steps are the usual case; a terminal has no room for empty columns.
    empty = {name for name in ("nodeSteps", "refused") if not any(row.get(name) for row in rows)}
    return [{name: _cell(row, name) for name in row if name not in empty} for row in rows]


def _cell(row: Row, name: str) -> str | int | None:
    refused = row.get("refused")
    if name == "refused":
        return textwrap.shorten(str(refused or ""), _REASON_WIDTH, placeholder=" ...")
    return "-" if row[name] is None and refused else row[name]

"""`livecost sensitivity`: which assumption swings the bill."""

from __future__ import annotations

import textwrap
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import click

from costmodel import AssumptionsError, cents, plain
from costmodel.acting import acting_document
from costmodel.document_media import media_in_force
from costmodel.ranges import parse_ranges
from costmodel.sensitivity import OF, End, Swing, ranges_around, ranges_of, sensitivity
from costmodel.sweeps import node_counts
from livecost.assumptions_input import assumptions_options, read_assumptions, tell_second_hand
from livecost.command_input import read_document, refuse
from livecost.examples import examples
from livecost.options import number, table_output_option
from livecost.plots import plot_option
from livecost.table_output import TABLE_FORMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from costmodel import AssumptionsDocument
    from livecost.table_output import Row

_PERCENT: Final = Decimal(20)
_NAMES: Final = {"monthly": "monthly total", "margin": "gross margin per year", "nodes": "nodes of all pools"}


@click.command(
    name="sensitivity",
    epilog=examples(
        "livecost sensitivity -f docs/examples/customer.yaml --ranges docs/examples/ranges.yaml",
        "livecost sensitivity --percent 10 --of margin",
    ),
)
@assumptions_options
@click.option(
    "--ranges",
    type=click.Path(allow_dash=True),
    metavar="FILE",
    help="Uncertainty document with the ranges of some assumptions, as for simulate.",
)
@click.option(
    "--percent", type=number, help=f"Move every assumption down and up by this much instead.  [default: {_PERCENT}]"
)
@click.option("--of", type=click.Choice(list(OF)), default="monthly", show_default=True, help="What may swing.")
@plot_option
@table_output_option
def sensitivity_command(
    *,
    path: str | None,
    settings: tuple[str, ...],
    prices: str | None,
    ranges: str | None,
    percent: Decimal | None,
    of: str,
    plot: str | None,
    output: str,
) -> None:
    """Each assumption at a low and at a high value, all others as they are; the largest swing comes first.

    Without --ranges every number that acts moves by --percent.
    """
    if ranges is not None and percent is not None:
        raise click.UsageError("--ranges and --percent both say how far; write only one of them")
    if percent is not None and not 0 < percent <= 100:
        raise click.BadParameter(
            f"{plain(percent)} is out of range; write a number above 0 to 100", param_hint="--percent"
        )
    given = read_assumptions(path, settings, prices)
    base = given.resolve()
    acting = acting_document(base, media_in_force(given.layers))
    if ranges is None:
        limits = ranges_around(acting, _PERCENT if percent is None else percent)
    else:
        limits = _ranges(ranges, acting)
    swings = sensitivity(acting, limits, of)
    if plot is not None:
        from livecost.sensitivity_plot import draw_tornado  # noqa: PLC0415 - loads matplotlib

        draw_tornado(plot, swings, _NAMES[of], None if of == "nodes" else base.currency)
    tell_second_hand(base)
    rows = [_row(swing, of) for swing in swings]
    if output in {"table", "markdown"}:
        click.echo(_for_people(swings, of, base.currency, output), nl=False)
    else:
        click.echo(TABLE_FORMS[output](rows), nl=False)


def _ranges(path: str, acting: AssumptionsDocument) -> dict[str, tuple[Decimal, Decimal]]:
    name = "standard input" if path == "-" else path
    try:
        return ranges_of(acting, parse_ranges(read_document(path, name)))
    except AssumptionsError as error:
        refuse(name, error.problems)


def _row(swing: Swing, of: str) -> Row:
    low, high = swing.low, swing.high
    return {
        "field": swing.path,
        "low": plain(low.value),
        "base": None if swing.base is None else plain(swing.base),
        "high": plain(high.value),
        "atLow": _figure(low.figure, of),
        "atBase": _figure(swing.at_base, of),
        "atHigh": _figure(high.figure, of),
        "swing": _figure(swing.size, of),
        "swingPercent": None if swing.percent is None else str(swing.percent),
        **_nodes(low, "AtLow"),
        **_nodes(high, "AtHigh"),
        "refused": "; ".join(map(str, low.problems or high.problems)) or None,
    }


def _figure(figure: Decimal | None, of: str) -> str | int | None:
    if figure is None:
        return None
    return int(figure) if of == "nodes" else str(cents(figure))


def _nodes(end: End, name: str) -> dict[str, int | None]:
    counts = dict.fromkeys(("livekit", "sim", "system")) if end.result is None else node_counts(end.result)
    return {f"{pool}Nodes{name}": counts[pool] for pool in counts}


def _for_people(swings: Sequence[Swing], of: str, currency: str, output: str) -> str:
    title = _NAMES[of].capitalize() + ("" if of == "nodes" else f" in {currency}")
    shown = [swing for swing in swings if swing.size or swing.low.problems or swing.high.problems]
    still = [swing for swing in swings if swing not in shown]
    parts = [f"{title}, {_figure(swings[0].at_base, of)} at the base; nodes: livekit + sim + system\n"]
    if shown:
        parts.append(TABLE_FORMS[output]([_short_row(swing, of) for swing in shown]))
    parts += _listed("No effect at these ends", [swing.path for swing in still if swing.moves])
    parts += _listed(
        "Zeros, and whole numbers too small to move by this much", [swing.path for swing in still if not swing.moves]
    )
    parts += [
        f"{swing.path} at {plain(end.value)} is refused: {'; '.join(map(str, end.problems))}\n"
        for swing in swings
        for end in (swing.low, swing.high)
        if end.problems
    ]
    return "\n".join(parts)


def _listed(title: str, paths: Sequence[str]) -> list[str]:
    return [textwrap.fill(f"{title}: {', '.join(paths)}", 120, break_long_words=False) + "\n"] if paths else []


def _short_row(swing: Swing, of: str) -> Row:
    row = _row(swing, of)
    shown = ("field", "low", "base", "high", "atLow", "atHigh", "swing", "swingPercent")
    ends = {"nodesAtLow": swing.low, "nodesAtHigh": swing.high}
    return {
        **{name: _cell(row[name], swing, name) for name in shown},
        **{
            name: "+".join(map(str, node_counts(end.result).values())) if end.result else "-"
            for name, end in ends.items()
        },
    }


def _cell(value: str | int | None, swing: Swing, name: str) -> str | int | None:
    refused = {"atLow": swing.low, "atHigh": swing.high}.get(name)
    if value is None and refused is not None:
        return "-"
    return "-" if value is None and name == "base" else value

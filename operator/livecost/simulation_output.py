"""The forms in which `livecost simulate` writes its result."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from costmodel import Estimate, cents, format_money, plain, round_half_up
from livecost.table_output import TABLE_FORMS

if TYPE_CHECKING:
    from costmodel.simulation import Distribution, Simulation
    from livecost.table_output import Row

_FIGURES = {"annual": "annual", "grossMargin": "license.grossMargin"}


@dataclass(frozen=True, slots=True)
class BudgetRisk:
    """A monthly budget and the share of the draws, 0 to 1, that cost more."""

    budget: Decimal
    share_above: Decimal


def write_simulation(form: str, result: Simulation, base: Estimate, *, seed: int, risk: BudgetRisk | None) -> None:
    """Print the result on standard output; what a form has no place for goes to standard error.

    Args:
        form: a name of `TABLE_FORMS`.
        result: what to print.
        base: the estimate without ranges, for comparison.
        seed: what the draws were made from.
        risk: the budget, or None where none was given.
    """
    rows = simulation_rows(result, base)
    if form in {"json", "yaml"}:
        click.echo(_document(form, simulation_to_json(rows, result, seed, risk)), nl=False)
        return
    click.echo(TABLE_FORMS[form](rows), nl=False)
    words = _in_words(result, seed, risk)
    if form != "csv":
        click.echo()
    for line in words:
        click.echo(line, err=form == "csv")


def simulation_rows(result: Simulation, base: Estimate) -> list[Row]:
    """A row for each figure: its estimate without ranges, its mean and its percentiles."""
    estimated = {
        **base.monthly,
        "total": base.monthly_total,
        "annual": base.annual,
        "grossMargin": base.gross_margin,
    }
    nodes = {"livekit": base.livekit.nodes, "sim": base.sim.nodes, "system": base.system_nodes}
    return [
        *(
            _row(_FIGURES.get(item, f"monthly.{item}"), result.currency, str(cents(estimated[item])), each)
            for item, each in result.amounts.items()
        ),
        *(_row(f"nodes.{pool}", "nodes", str(nodes[pool]), each) for pool, each in result.nodes.items()),
    ]


def _row(figure: str, unit: str, estimated: str, of: Distribution) -> Row:
    percentiles = {f"p{percent}": format(amount, "f") for percent, amount in of.percentiles.items()}
    return {"figure": figure, "unit": unit, "estimate": estimated, "mean": format(of.mean, "f"), **percentiles}


def simulation_to_json(rows: list[Row], result: Simulation, seed: int, risk: BudgetRisk | None) -> dict[str, Any]:
    """Everything as JSON; `rows` are those of `simulation_rows`."""
    return {
        "currency": result.currency,
        "draws": result.draws,
        "seed": seed,
        "figures": [dict(row) for row in rows],
        "lossPercent": _percent(result.loss_share),
        "budget": None
        if risk is None
        else {"monthly": plain(risk.budget), "overBudgetPercent": _percent(risk.share_above)},
        "clippedDraws": dict(result.clipped),
    }


def _document(form: str, value: dict[str, Any]) -> str:
    if form == "json":
        return json.dumps(value, indent=2) + "\n"
    import yaml  # noqa: PLC0415 - the other forms start faster without it

    return str(yaml.safe_dump(value, sort_keys=False, allow_unicode=True))


def _in_words(result: Simulation, seed: int, risk: BudgetRisk | None) -> list[str]:
    words = [
        f"{_draws(result.draws)}, seed {seed}",
        f"gross margin below 0 in {_percent(result.loss_share)} % of the draws",
    ]
    if risk is not None:
        amount = format_money(risk.budget, result.currency)
        words.append(f"a month costs more than {amount} in {_percent(risk.share_above)} % of the draws")
    for path, count in result.clipped.items():
        words.append(f"{path}: {_draws(count)} outside the accepted range moved to its end")
    return words


def _draws(count: int) -> str:
    return f"{count:,} draw{'' if count == 1 else 's'}"


def _percent(share: Decimal) -> str:
    return format(round_half_up(share * 100, 2), "f")

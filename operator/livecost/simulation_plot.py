"""Draws how the monthly cost of a simulation spreads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from livecost.plots import COLORS, new_figure, save

if TYPE_CHECKING:
    from costmodel.simulation import Simulation
    from livecost.simulation_output import BudgetRisk

_BINS = 80
_SHOWN = (10, 50, 90)
_BEHIND_LABELS = {"facecolor": "white", "edgecolor": "none", "pad": 1}


def plot_simulation(result: Simulation, risk: BudgetRisk | None, path: str) -> None:
    """Write a histogram of the monthly total with its percentiles and the budget.

    The rarest half percent at either end is left out of the picture, so that one draw does not squeeze the rest.
    """
    totals = result.total_cents
    low, high = (float(totals[int(share * (len(totals) - 1))]) / 100 for share in (0.005, 0.995))
    figure, axes = new_figure(f"Monthly cost, {result.draws:,} draws")
    span = (low, high) if high > low else (low - 1, high + 1)
    counts, edges = np.histogram(totals.astype(float) / 100, bins=_BINS, range=span)
    axes.bar(edges[:-1], counts / len(totals) * 100, np.diff(edges), align="edge", color=COLORS[0], alpha=0.55)
    percentiles = result.amounts["total"].percentiles
    marks = [(f"P{percent} {percentiles[percent]:,.0f}", float(percentiles[percent]), COLORS[0]) for percent in _SHOWN]
    if risk is not None:
        marks.append((f"budget {risk.budget:,.0f}", float(risk.budget), COLORS[1]))
    top = float(counts.max()) / len(totals) * 100
    for row, (label, amount, color) in enumerate(marks):
        axes.axvline(amount, color=color, linewidth=1.4, linestyle="--" if color == COLORS[0] else "-")
        # Each label has a line of its own, so that near marks do not write over each other.
        place = (amount, top * (1.28 - 0.07 * row))
        axes.annotate(label, place, xytext=(4, 0), textcoords="offset points", bbox=_BEHIND_LABELS)
    axes.set_ylim(0, top * 1.36)
    axes.set_xlabel(f"{result.currency} per month")
    axes.set_ylabel("share of draws, %")
    axes.xaxis.set_major_formatter(lambda amount, _: f"{amount:,.0f}")
    save(figure, path)

"""Figures beside their goals, as ratios."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Goal:
    """One figure.

    Attributes:
        name: what was measured.
        value: what came out.
        bound: what it should not exceed, or should reach.
        unit: unit of both.
        more_is_better: whether the bound is to be reached rather than kept.
    """

    name: str
    value: float
    bound: float
    unit: str
    more_is_better: bool = False

    @property
    def ratio(self) -> float:
        """How well the goal is met: 1 is just met, 2 is twice as good."""
        if self.more_is_better:
            return self.value / self.bound
        if self.value == 0:
            return float("inf") if self.bound else 1.0
        return self.bound / self.value


def report(goals: list[Goal]) -> None:
    """Print each figure, its goal and the ratio of both."""
    for goal in goals:
        sign = ">=" if goal.more_is_better else "<="
        verdict = "met" if goal.ratio >= 1 else "MISSED"
        figure = f"{goal.value:,.1f} {goal.unit}".strip()
        bound = f"{sign} {goal.bound:,.0f} {goal.unit}".strip()
        print(f"{goal.name:36} {figure:>16}   goal {bound:>14}   {goal.ratio:5.1f}x  {verdict}")

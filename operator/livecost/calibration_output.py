"""How a calibration is shown: a row for each resource, and the assumptions it leads to."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from costmodel import plain
from costmodel.regression import root
from livecost.table_output import TABLE_FORMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from costmodel.calibration import Calibration
    from livecost.load_test_points import LoadKind
    from livecost.table_output import Row

_DIGITS: Final = 60
_REASON: Final = "unknownBecause"


def calibration_rows(found: Sequence[Calibration], first: Calibration | None, load: LoadKind) -> list[Row]:
    """One row for each resource; `first` is the one that fills first. Usage is in percent of what a node has."""
    singular = load.removesuffix("s").capitalize()
    plural = load.capitalize()
    return [
        {
            "resource": each.target.resource,
            "targetPercent": plain(each.target.percent),
            "points": each.line.count,
            f"smallest{plural}": plain(each.smallest_load),
            f"largest{plural}": plain(each.largest_load),
            "idlePercent": _percent(each, each.line.intercept, 2),
            f"percentPer{singular}": _percent(each, each.line.slope, 4),
            "rSquared": _rounded(each.line.r_squared, 4, ROUND_FLOOR),
            "residualStdErrorPercent": _percent(each, root(each.line.residual_variance), 2),
            f"{load}AtTarget": _rounded(each.load_at_target, 1, ROUND_HALF_UP),
            "lower": _rounded(each.lower, 1, ROUND_FLOOR),
            "upper": _rounded(each.upper, 1, ROUND_CEILING),
            f"{load}PerNode": each.per_node,
            "binds": "unknown" if first is None else "yes" if each is first else "no",
            _REASON: each.unknown_because or "",
        }
        for each in found
    ]


def rows_text(rows: Sequence[Row], form: str) -> str:
    """The rows in one of `TABLE_FORMS`; for people, why a resource is unknown stands below the table."""
    if form not in {"table", "markdown"}:
        return TABLE_FORMS[form](rows)
    figures = [{name: value for name, value in row.items() if name != _REASON} for row in rows]
    reasons = [f"- {row['resource']} is unknown: {row[_REASON]}\n" for row in rows if row[_REASON]]
    return TABLE_FORMS[form](figures) + "".join(["\n", *reasons] if reasons else [])


def plan_text(first: Calibration, load: LoadKind) -> str:
    """What to write into an assumptions document, in both forms."""
    per_node = f"{load}PerNode"
    percent = plain(first.target.percent)
    return (
        f"\n{_reason(first, load)}\n\n"
        f"capacity: {{{per_node}: {first.per_node}, targetUtilizationPercent: 100}}"
        "  # recommended: the target is in the figure\n"
        f"capacity: {{{per_node}: {first.per_node_before_target}, targetUtilizationPercent: {percent}}}"
        "  # the same plan, where a document states the target\n"
    )


def assumptions_text(first: Calibration, load: LoadKind) -> str:
    """An assumptions document (YAML) with the recommended form."""
    return (
        f"# {_reason(first, load)}\n"
        f"capacity:\n  {load}PerNode: {first.per_node}\n"
        "  targetUtilizationPercent: 100  # the target is in the figure\n"
    )


def _reason(first: Calibration, load: LoadKind) -> str:
    target = first.target
    return (
        f"{target.resource} fills first: up to {first.per_node} {load} on a node it stays within "
        f"{plain(target.percent)} % (lower bound at {plain(first.confidence_percent)} % confidence)"
    )


def _percent(calibration: Calibration, usage: Fraction, places: int) -> str:
    return str(_rounded(100 * usage / Fraction(calibration.target.full), places, ROUND_HALF_UP))


def _rounded(number: Fraction | None, places: int, rounding: str) -> str | None:
    if number is None:
        return None
    with localcontext(prec=_DIGITS):
        # A quotient cut to more digits than any sum here has cannot cross the last place that is shown.
        quotient = Decimal(number.numerator) / Decimal(number.denominator)
        return plain(quotient.quantize(Decimal(1).scaleb(-places), rounding=rounding))

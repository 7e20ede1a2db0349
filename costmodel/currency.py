"""Shows an estimate in another currency, by one stated and dated rate."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_UP, Context
from typing import TYPE_CHECKING

from costmodel.decimals import exact

if TYPE_CHECKING:
    from costmodel.projection import Estimate, Rate

# 28 digits are far finer than a cent of any amount; up, so that half a cent stays half a cent and rounds up as ever.
_FACTOR = Context(prec=28, rounding=ROUND_UP)


@exact
def in_currency(estimate: Estimate, rate: Rate) -> Estimate:
    """`estimate` with every amount divided by `rate.price`, not rounded to cents; shares stay what they are."""
    factor = _FACTOR.divide(1, rate.price)
    fleet = estimate.fleet
    return replace(
        estimate,
        currency=rate.currency,
        shown_by=rate,
        monthly={item: cost * factor for item, cost in estimate.monthly.items()},
        monthly_total=estimate.monthly_total * factor,
        annual=estimate.annual * factor,
        license_annual=estimate.license_annual * factor,
        gross_margin=estimate.gross_margin * factor,
        fleet=replace(
            fleet,
            annual_infra=fleet.annual_infra * factor,
            annual_revenue=fleet.annual_revenue * factor,
            annual_gross_margin=fleet.annual_gross_margin * factor,
        ),
    )

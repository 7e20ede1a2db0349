"""Amounts rounded to cents so that they still add up to a total that is shown."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from costmodel.decimals import exact

if TYPE_CHECKING:
    from collections.abc import Sequence

_CENT = Decimal("0.01")


@exact
def apportioned(parts: Sequence[Decimal], total: Decimal) -> list[Decimal]:
    """`parts` at two decimals whose sum is `total`, by the largest remainder method (SPEC, Variance).

    Each part is cut down to whole cents; the cents that are then missing go to the parts of which most was cut. Where
    the parts add up to `total` to the cent, no part moves by a cent or more. A part of 0 stays 0, unless all are.

    Args:
        parts: amounts, unrounded.
        total: their sum as it is shown, in whole cents.

    Raises:
        ValueError: there is no part to take a total other than 0.
    """
    if not parts and total:
        raise ValueError(f"nothing to apportion {total} to")
    shares = [_cut(part) for part in parts]
    takers = [index for index, part in enumerate(parts) if part] or list(range(len(parts)))
    missing = int((total - sum(shares, start=Decimal(0))).scaleb(2))
    if not takers:
        return []
    for_each, left = divmod(missing, len(takers))
    takers.sort(key=lambda index: shares[index] - parts[index])
    for place, index in enumerate(takers):
        shares[index] += _CENT * (for_each + (place < left))
    return shares


def _cut(amount: Decimal) -> Decimal:
    cents, rest = divmod(amount, _CENT)
    # The quotient of decimals is cut towards 0.
    return (cents - (rest < 0)) * _CENT

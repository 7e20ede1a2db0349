"""Splits the change of a cost exactly into what quantity, usage and price contributed (SPEC, Differences).

It knows lines of a quantity, a usage and a price, and nothing of where they come from: two documents, or a projection
and an observation.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Generic, TypeVar

from costmodel.decimals import exact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Quantity = TypeVar("Quantity")
Usage = TypeVar("Usage")


@dataclass(frozen=True, slots=True)
class Line(Generic[Quantity, Usage]):
    """One line of a bill.

    Attributes:
        quantity: how many, such as nodes or participants.
        usage: how long or how much each is used, such as hours a month.
        price: what a quantity at a usage costs; `unit_price` makes one of a plain price.
    """

    quantity: Quantity
    usage: Usage
    price: Callable[[Quantity, Usage], Decimal]

    @property
    def amount(self) -> Decimal:
        """What the line costs."""
        return self.price(self.quantity, self.usage)


@dataclass(frozen=True, slots=True)
class Change:
    """What a line cost, what it costs, and why; `by_quantity` + `by_usage` + `by_price` is `after` - `before`."""

    before: Decimal
    after: Decimal
    by_quantity: Decimal
    by_usage: Decimal
    by_price: Decimal

    @property
    @exact
    def total(self) -> Decimal:
        """`after` - `before`."""
        return self.after - self.before


def unit_price(price: Decimal) -> Callable[[Decimal, Decimal], Decimal]:
    """quantity x usage x `price`."""
    return exact(lambda quantity, usage: quantity * usage * price)


@exact
def explain_change(before: Line[Quantity, Usage], after: Line[Quantity, Usage]) -> Change:
    """The change from one line to another by substituting the quantity, then the usage, then the price.

    by_quantity = p0(q1, u0) - p0(q0, u0); by_usage = p0(q1, u1) - p0(q1, u0); by_price = p1(q1, u1) - p0(q1, u1): the
    usual variance analysis of cost accounting, in which the price acts on what is used now.
    """
    first, last = before.amount, after.amount
    other_quantity = before.price(after.quantity, before.usage)
    other_usage = before.price(after.quantity, after.usage)
    return Change(first, last, other_quantity - first, other_usage - other_quantity, last - other_usage)


@exact
def sum_of_changes(changes: Iterable[Change]) -> Change:
    """The change of the sum of several lines, part by part."""
    found = list(changes)
    zero = Decimal(0)
    return Change(
        before=sum((change.before for change in found), zero),
        after=sum((change.after for change in found), zero),
        by_quantity=sum((change.by_quantity for change in found), zero),
        by_usage=sum((change.by_usage for change in found), zero),
        by_price=sum((change.by_price for change in found), zero),
    )

"""The kinds of number a document holds, with their bounds.

Decimal kinds carry their bounds into the JSON schema as `x-livecost-minimum`, `x-livecost-exclusiveMinimum` and
`x-livecost-maximum` beside `x-kubernetes-int-or-string`, for generators that turn them into rules.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from costmodel.decimals import parse_decimal, plain

if TYPE_CHECKING:
    from collections.abc import Callable

HOURS_PER_MONTH: Final = Decimal(730)
"""Hours in the month of every price: 365 x 24 / 12."""

# Absurdity bounds: far above any real figure, so that only slips (a lost point, a pasted id) are refused.
MAX_COUNT: Final = 1_000_000_000
MAX_NODES: Final = 10_000
MAX_MONEY: Final = Decimal(100_000_000_000)
MAX_QUANTITY: Final = Decimal(100_000)
MAX_GB: Final = Decimal(100_000_000_000)

REFUSAL: Final = "livecost_refusal"
"""The pydantic error type of a refusal whose context already holds `message`, `remedy` and maybe `field`."""


def refusal(message: str, remedy: str, field: str | None = None) -> PydanticCustomError:
    """A validation error in plain words; `field` is the path below the validated model that is to blame."""
    context: dict[str, Any] = {"message": message, "remedy": remedy, "field": field}
    return PydanticCustomError(REFUSAL, "{message}", context)


def shown(value: object) -> str:
    """`value` as an error message quotes it: one short line."""
    text = str(value) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _reader(minimum: Decimal, maximum: Decimal, *, above: bool) -> Callable[[object], object]:
    bounds = f"a number {'above' if above else 'from'} {plain(minimum)} {'up ' if above else ''}to {plain(maximum)}"

    def read(value: object) -> object:
        if value is None:
            return None
        try:
            number = parse_decimal(value)
        except ValueError as error:
            raise refusal(f"{shown(value)} {error}", f'write {bounds}, such as 2 or "1.5"') from None
        if number < minimum or number > maximum or (above and number == minimum):
            raise refusal(f"{shown(number)} is out of range", f"write {bounds}")
        return number

    return read


def _number(minimum: int, maximum: Decimal, *, above: bool = False) -> tuple[BeforeValidator, WithJsonSchema]:
    schema = {
        "x-kubernetes-int-or-string": True,
        "x-livecost-exclusiveMinimum" if above else "x-livecost-minimum": str(minimum),
        "x-livecost-maximum": plain(maximum),
    }
    return BeforeValidator(_reader(Decimal(minimum), maximum, above=above)), WithJsonSchema(schema)


Money = Annotated[Decimal, *_number(0, MAX_MONEY)]
"""An amount in the document's currency."""
Quantity = Annotated[Decimal, *_number(0, MAX_QUANTITY)]
"""A measured figure, in the unit its field names."""
Kbps = Annotated[Decimal, *_number(0, Decimal(10_000), above=True)]
"""A bitrate in kilobits (10^3) per second that cannot be 0."""
Volume = Annotated[Decimal, *_number(0, MAX_GB)]
"""A volume in GB (10^9 bytes) or TB (10^12 bytes), as the field's name says."""
PositiveVolume = Annotated[Decimal, *_number(0, MAX_GB, above=True)]
"""A volume in GB (10^9 bytes) that cannot be 0."""
Percent = Annotated[Decimal, *_number(0, Decimal(100))]
"""0 to 100 percent."""
PositivePercent = Annotated[Decimal, *_number(0, Decimal(100), above=True)]
"""Above 0 up to 100 percent."""
HoursPerMonth = Annotated[Decimal, *_number(0, HOURS_PER_MONTH)]
"""Hours of the month of 730 hours."""
SignedMoney = Annotated[Decimal, *_number(-int(MAX_MONEY), MAX_MONEY)]
"""An amount to add to a price; negative takes off."""
SignedPercent = Annotated[Decimal, *_number(-100, Decimal(1000))]
"""A change in percent; -100 makes a price 0."""
ExchangeRate = Annotated[Decimal, *_number(0, MAX_QUANTITY, above=True)]
"""Units of one currency for one unit of another."""
UsersPerSession = Annotated[Decimal, *_number(1, MAX_QUANTITY)]
"""An average of at least one."""

Count = Annotated[int, Field(strict=True, ge=0, le=MAX_COUNT)]
"""A whole number of people or things."""
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
"""An ISO 4217 code."""
Name = Annotated[str, Field(pattern="^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]
"""A provider's identifier."""

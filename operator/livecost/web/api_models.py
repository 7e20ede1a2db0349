"""What the JSON API takes and gives. Money and other decimals are text, counts are numbers, unknown is null."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from costmodel import AssumptionsDocument
from costmodel.fields import PositivePercent, Quantity
from livecost.web.analyses import MAX_DRAWS, SEED

Row = dict[str, str | int | None]
"""Column to value."""


class _Part(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)


class Question(_Part):
    """A set of assumptions; what it leaves out has its default."""

    assumptions: AssumptionsDocument = Field(AssumptionsDocument(), description="Assumptions document, as in a file.")


class SensitivityQuestion(Question):
    """How far to move each assumption."""

    percent: PositivePercent = Field(Decimal(20), description="Move every assumption down and up by this much.")
    of: Literal["monthly", "margin", "nodes"] = Field("monthly", description="What may swing.")


class UncertaintyQuestion(Question):
    """What to draw at random."""

    ranges: dict[str, Any] | None = Field(
        None, description="Path to range, as in an uncertainty document; without it the inputs most worth revisiting."
    )
    percent: PositivePercent = Field(Decimal(20), description="Without ranges: how far off they may be.")
    draws: Annotated[int, Field(strict=True, ge=1, le=MAX_DRAWS)] = Field(20_000, description="Estimates to draw.")
    seed: Annotated[int, Field(strict=True, ge=0, le=2**32)] = Field(SEED, description="The same, the same result.")


class PoolingQuestion(Question):
    """How the customers of one shared cluster come together."""

    customers: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] | None = Field(
        None, description="Customers; fleet.customers unless stated."
    )
    diversity_factor: Quantity = Field(Decimal(1), description="Joint peak over the sum of the peaks, above 0 to 1.")
    services_factor: Quantity = Field(Decimal(1), description="Shared services as a multiple of one customer's.")


class DifferenceQuestion(_Part):
    """Two sets of assumptions."""

    before: AssumptionsDocument = Field(description="The old assumptions.")
    after: AssumptionsDocument = Field(description="The new ones.")


class ProblemAnswer(_Part):
    """One refused field."""

    field: str = Field(description="Dotted path in the request.")
    message: str = Field(description="What is wrong.")
    remedy: str = Field(description="What to write instead.")


class ProblemsAnswer(_Part):
    """Why a request is refused."""

    problems: list[ProblemAnswer]


class EstimateAnswer(_Part):
    """Size and price of one customer cluster."""

    estimate: dict[str, Any] = Field(description="As livecost estimate -o json writes it.")
    how: dict[str, str] = Field(description="Line item to its calculation in words.")
    assumptions: dict[str, Any] = Field(description="Every assumption that acts, defaults and catalog prices included.")


class SensitivityAnswer(_Part):
    """Swings, the largest first."""

    currency: str
    swings: list[Row]


class UncertaintyAnswer(_Part):
    """Percentiles of each figure."""

    currency: str
    draws: int
    seed: int
    figures: list[Row]
    loss_percent: str
    budget: None = None
    clipped_draws: dict[str, int]


class PoolingAnswer(_Part):
    """Dedicated clusters beside a shared one."""

    currency: str
    customers: int
    rows: list[Row]
    notes: list[str]


class DifferenceAnswer(_Part):
    """The change of each line of the bill, and what changed."""

    currency: str
    monthly: list[Row]
    sizes: list[Row]
    fields: list[Row]

"""A price sheet as people write it: what a provider charges, with the source and the day of each figure.

The packaged catalogs and a user's own sheet have this one form (SPEC, Price catalogs).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from costmodel.document import Cloud, Tiers, check_tiers
from costmodel.fields import (
    Currency,
    ExchangeRate,
    Money,
    Name,
    PositiveVolume,
    SignedMoney,
    SignedPercent,
    Volume,
    refusal,
    shown,
)

VCPUKind = Literal["dedicated", "shared", "burstable"]
"""Whether a vCPU is the machine's own, shared with other machines, or its own only up to a share of the time."""
Known = Literal["first-hand", "second-hand"]
"""Whether the figure was read in the provider's own list, or told by somebody else."""


def _read_day(value: object) -> object:
    if value is None or type(value) is date:
        return value
    try:
        if isinstance(value, str) and len(value) == len("YYYY-MM-DD"):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise refusal(f"{shown(value)} is not a day", "write it as YYYY-MM-DD, such as 2026-08-14")


Day = Annotated[date, BeforeValidator(_read_day)]
Text = Annotated[str, Field(min_length=1, max_length=500)]
Regions = Annotated[tuple[Name, ...], Field(min_length=1, max_length=100)]


class _Part(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, defer_build=True)


class _Entry(_Part):
    """Where a price holds and where it comes from."""

    regions: Regions
    source: Text
    date: Day
    known: Known
    note: Text | None = None


class NodeTypePrice(_Entry):
    """The price of one machine type per node: by the hour, capped by the month, or only by the month.

    `vcpu_kind` and `network_mbps`, the speed of its port, are None where they are unknown.
    """

    sku: Name
    vcpu: Annotated[int, Field(strict=True, ge=1, le=10_000)] = Field(alias="vCPU")
    vcpu_kind: VCPUKind | None = Field(None, alias="vCPUKind")
    memory_gb: PositiveVolume = Field(alias="memoryGB")
    network_mbps: PositiveVolume | None = None
    hourly: Money | None = None
    monthly_cap: Money | None = None
    included_tb: Volume | None = Field(None, alias="includedTB")

    @model_validator(mode="after")
    def _has_a_price(self) -> Self:
        if self.hourly is None and self.monthly_cap is None:
            raise refusal("has no price", "write hourly, monthlyCap or both", field="hourly")
        return self


class ServicePrice(_Entry):
    """The price of a managed service, by the hour or by the month."""

    name: Text
    hourly: Money | None = None
    monthly: Money | None = None

    @model_validator(mode="after")
    def _has_one_price(self) -> Self:
        if (self.hourly is None) == (self.monthly is None):
            raise refusal("needs exactly one price", "write either hourly or monthly", field="hourly")
        return self


class EgressPrice(_Entry):
    """The price of traffic to the internet: GB (10^9 bytes) without charge a month, then tiers of billable volume."""

    free_gb: Volume | None = Field(None, alias="freeGB")
    tiers: Tiers

    @model_validator(mode="after")
    def _tiers_in_order(self) -> Self:
        check_tiers(self.tiers)
        return self


class PriceAdjustment(_Part):
    """A change of the prices of one machine type, or of all: in percent, or by an amount."""

    sku: Name | None = None
    percent: SignedPercent | None = None
    hourly_by: SignedMoney | None = None
    monthly_cap_by: SignedMoney | None = None

    @model_validator(mode="after")
    def _one_kind_of_change(self) -> Self:
        by_amount = self.hourly_by is not None or self.monthly_cap_by is not None
        if by_amount == (self.percent is not None):
            raise refusal("needs one kind of change", "write either percent, or hourlyBy and monthlyCapBy", "percent")
        return self


class SheetRate(_Part):
    """What one unit of `currency` costs in the sheet's currency, and when."""

    currency: Currency
    rate: ExchangeRate
    date: Day
    source: Text


class PriceSheetDocument(_Part):
    """The prices of one provider, net of taxes, in one currency."""

    provider: Cloud
    currency: Currency
    tax: Literal["net"]
    default_region: Name
    node_types: Annotated[tuple[NodeTypePrice, ...], Field(max_length=2000)] = ()
    control_plane: Annotated[tuple[ServicePrice, ...], Field(max_length=100)] = ()
    redis: Annotated[tuple[ServicePrice, ...], Field(max_length=100)] = ()
    load_balancer: Annotated[tuple[ServicePrice, ...], Field(max_length=100)] = ()
    egress: Annotated[tuple[EgressPrice, ...], Field(max_length=100)] = ()
    adjustments: Annotated[tuple[PriceAdjustment, ...], Field(max_length=2000)] = ()
    rates: Annotated[tuple[SheetRate, ...], Field(max_length=100)] = ()

"""What users write in a CustomerFleet: which customers to add up, and how."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated

from pydantic import ConfigDict, Field

from costmodel.fields import Currency, ExchangeRate, PositivePercent
from livecost.label_selector import LabelSelector
from livecost.models import ApiModel, ObjectName, cel

# With its length, by which the API server bounds the cost of the rules below.
FleetCurrency = Annotated[Currency, Field(max_length=3)]


class FleetPooling(ApiModel):
    """What is assumed of the clusters that customers would share."""

    diversity_percent: PositivePercent = Field(
        100,
        validate_default=True,
        description="Peak of a shared cluster's customers together, in percent of the sum of their peaks. At 100 all "
        "customers peak at the same moment.",
    )


class FleetRate(ApiModel):
    """An exchange rate, stated and dated."""

    currency: FleetCurrency = Field(description="ISO 4217 code of a currency that customers are priced in.")
    rate: ExchangeRate = Field(description="What one unit of it costs in spec.currency.")
    date: dt.date = Field(description="Day of the rate, such as 2026-03-01.")


class CustomerFleetSpec(ApiModel):
    """Which CustomerClusters are added up, and in which currency."""

    model_config = ConfigDict(
        json_schema_extra=cel(
            (
                "!(has(self.namespaces) && has(self.allNamespaces) && self.allNamespaces)",
                "namespaces and allNamespaces both say where to look: write only one of them",
            ),
            (
                "!has(self.rates) || size(self.rates) == 0 || has(self.currency)",
                "rates convert to a currency: also write currency, the one that amounts are shown in",
            ),
            (
                "!has(self.rates) || !has(self.currency) || self.rates.all(r, r.currency != self.currency)",
                "a rate names the currency that amounts are shown in: leave it out, it is 1",
            ),
        )
    )

    selector: LabelSelector = Field(
        default_factory=LabelSelector, description="Labels of the CustomerClusters to add up; all when left out."
    )
    namespaces: Annotated[tuple[ObjectName, ...], Field(min_length=1, max_length=64)] | None = Field(
        None, description="Namespaces to look in; the CustomerFleet's own when left out."
    )
    all_namespaces: bool = Field(
        False, description="Whether to look in every namespace that the operator serves, instead of single ones."
    )
    pooling: FleetPooling = Field(
        default_factory=FleetPooling, description="What is assumed of the clusters that customers would share."
    )
    currency: FleetCurrency | None = Field(
        None,
        description="ISO 4217 code of the currency of the totals. Without it, customers of unlike currencies are added "
        "up by currency only.",
    )
    rates: Annotated[tuple[FleetRate, ...], Field(max_length=32)] = Field(
        (), description="Exchange rates to spec.currency, one for each other currency that customers are priced in."
    )

    def takes(self, own_namespace: str, namespace: str, labels: Mapping[str, str]) -> bool:
        """Whether a CustomerCluster belongs to the fleet.

        Args:
            own_namespace: the CustomerFleet's.
            namespace: the CustomerCluster's.
            labels: the CustomerCluster's.
        """
        inside = self.all_namespaces or namespace in (self.namespaces or (own_namespace,))
        return inside and self.selector.matches(labels)

"""Label selectors, as Kubernetes writes and matches them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from livecost.models import ApiModel, cel

_KEY = "([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_VALUE = "([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?"

LabelKey = Annotated[str, Field(min_length=1, max_length=317, pattern=f"^{_KEY}$")]
LabelValue = Annotated[str, Field(max_length=63, pattern=f"^{_VALUE}$")]


class LabelRequirement(ApiModel):
    """One requirement on a label."""

    model_config = ConfigDict(
        json_schema_extra=cel(
            (
                "self.operator in ['In', 'NotIn'] ? has(self.values) && size(self.values) > 0 "
                ": !has(self.values) || size(self.values) == 0",
                "In and NotIn take values, Exists and DoesNotExist take none: write values accordingly",
            ),
        )
    )

    key: LabelKey = Field(description="Name of the label.")
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"] = Field(
        description="How the label relates to the values; NotIn also takes objects without the label."
    )
    values: Annotated[tuple[LabelValue, ...], Field(max_length=64)] = Field(
        (), description="Values of the label, for In and NotIn."
    )

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether an object with these labels meets it."""
        if self.operator == "Exists":
            return self.key in labels
        if self.operator == "DoesNotExist":
            return self.key not in labels
        return (labels.get(self.key) in self.values) == (self.operator == "In")


class LabelSelector(ApiModel):
    """Objects by their labels; every requirement must be met, and an empty selector takes all."""

    match_labels: Annotated[
        dict[str, Annotated[str, Field(max_length=63)]],
        Field(
            max_length=16,
            json_schema_extra=cel(
                (
                    f"self.all(name, size(name) <= 317 && name.matches('^{_KEY}$') "
                    f"&& self[name].matches('^{_VALUE}$'))",
                    "write label names and values as Kubernetes takes them, such as plan: gold",
                ),
            ),
        ),
    ] = Field(default_factory=dict, description="Labels that an object must have, with exactly these values.")
    match_expressions: Annotated[tuple[LabelRequirement, ...], Field(max_length=16)] = Field(
        (), description="Further requirements on labels."
    )

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether it takes an object with these labels."""
        return all(labels.get(name) == value for name, value in self.match_labels.items()) and all(
            requirement.matches(labels) for requirement in self.match_expressions
        )

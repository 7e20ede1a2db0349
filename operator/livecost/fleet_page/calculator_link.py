"""A live customer as a state of the calculator: its profile, its overrides and its spec as one scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costmodel import AssumptionsError
from costmodel.acting import acting_document
from costmodel.document_media import media_in_force
from costmodel.field_paths import values_of
from livecost.customer_explanation import layers_of
from livecost.plan import Plan, own_layer
from livecost.web.evaluation import evaluate
from livecost.web.state import MAX_NAME, PageState, Scenario
from livecost.web.typed_text import text_of, typed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from livecost.models import CustomerClusterSpec
    from livecost.store import CostProfile


def calculator_link(
    name: str, spec: CustomerClusterSpec, profile: CostProfile | None, zones: Mapping[str, int], plan: Plan
) -> str | None:
    """The address of the calculator with the customer's figures; None where it would show others.

    Only what the objects state is in it, so that a catalog's prices keep their source.

    Args:
        name: the scenario's name.
        spec: the customer's.
        profile: its profile; None for the built-in defaults.
        zones: pool name to the number of zones by which its target is sized.
        plan: what follows from these.
    """
    layers = {**layers_of(spec, profile), "spec": own_layer(spec, zones)}
    acting = typed(acting_document(plan.assumptions, media_in_force(layers.values())))
    acting.setdefault("demand.users", text_of(spec.users))
    stated = {path for layer in layers.values() for path in values_of(layer)}
    fields = {path: text for path, text in acting.items() if path in stated}
    try:
        same = evaluate(fields).estimate.monthly == plan.estimate.monthly
    except AssumptionsError:
        return None
    return f"/?{PageState(Scenario(name[:MAX_NAME], fields)).query()}" if same else None

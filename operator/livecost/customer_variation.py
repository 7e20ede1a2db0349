"""A live customer under other assumptions, by the path that the operator takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from costmodel import AssumptionsDocument, Problem
from costmodel.acting import acting_document, silenced_by
from costmodel.document_media import media_in_force
from costmodel.provenance import sourced_fields
from livecost.command_endings import Refused
from livecost.customer_explanation import layers_of
from livecost.difference_output import field_value
from livecost.field_settings import SET, settings_layer
from livecost.plan import Plan, PlanProblem, make_plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from livecost.difference_output import WithMedia
    from livecost.models import CustomerClusterSpec
    from livecost.store import CostProfile

_SPEC_FIELDS: Final = {
    "users": "demand.users",
    "concurrency": "demand.concurrency",
    "peakConcurrencyPercent": "demand.peakConcurrencyPercent",
    "scaling.schedule": "demand.schedule",
    **{
        f"pools.{pool}.{bound}": f"nodes.{pool}.{bound}"
        for pool in ("livekit", "sim")
        for bound in ("minNodes", "maxNodes")
    },
}
"""Fields of a CustomerCluster's spec to the assumptions that they state."""
_PRICES: Final = (
    "nodes.livekit.hourly", "nodes.livekit.monthlyCap", "nodes.sim.hourly", "nodes.sim.monthlyCap",
    "nodes.system.hourly", "nodes.system.monthlyCap", "managedServices.controlPlane", "managedServices.redis",
    "managedServices.loadBalancer", "network.egressPerGB", "network.tiers",
)  # fmt: skip


def settings_of(settings: Sequence[str], below: Sequence[AssumptionsDocument]) -> AssumptionsDocument:
    """The layer of FIELD=VALUE settings, whose fields are those of an assumptions document or of a spec.

    Args:
        settings: in the order they are written; a bad one ends the command with code 2.
        below: the layers under it, whose last list a setting of one entry starts from.
    """
    pairs = [setting.partition("=") for setting in settings]
    stated: dict[str, object] = {}
    for layer in below:
        for section, values in layer.model_dump(by_alias=True, exclude_none=True).items():
            earlier = stated.get(section)
            merged = isinstance(earlier, dict) and isinstance(values, dict)
            stated[section] = {**earlier, **values} if merged else values  # type: ignore[dict-item]
    return settings_layer([f"{_SPEC_FIELDS.get(name, name)}{equals}{value}" for name, equals, value in pairs], stated)


def elsewhere(
    spec: CustomerClusterSpec, profile: CostProfile | None
) -> tuple[CustomerClusterSpec, AssumptionsDocument | None]:
    """The spec and the profile's document without their region, which another cloud does not have."""
    document = None if profile is None else profile.document
    overrides = spec.overrides.model_copy(update={"region": None})
    return (
        spec.model_copy(update={"overrides": overrides}),
        None if document is None else document.model_copy(update={"region": None}),
    )


def planned(
    spec: CustomerClusterSpec,
    profile: AssumptionsDocument | None,
    zones: Mapping[str, int],
    further: AssumptionsDocument | None = None,
) -> Plan:
    """The plan of a customer.

    Raises:
        Refused: there is none.
    """
    plan = make_plan(spec, profile, zones, further)
    if isinstance(plan, PlanProblem):
        raise Refused(plan.message if further is None else f"under these assumptions: {plan.message}")
    return plan


def with_media(
    plan: Plan, spec: CustomerClusterSpec, profile: CostProfile | None, further: AssumptionsDocument | None = None
) -> WithMedia:
    """A plan's assumptions, and the media that their bitrate came from."""
    layers = layers_of(spec, profile, {} if further is None else {SET: further})
    return plan.assumptions, media_in_force(layers.values())


def without_effect(settings: Sequence[str], after: WithMedia) -> Iterator[Problem]:
    """What is set and does not act, because another field silences it."""
    acting = acting_document(*after)
    for setting in settings:
        name = setting.partition("=")[0]
        other = silenced_by(_SPEC_FIELDS.get(name, name), acting)
        if other is not None:
            yield Problem(name, f"has no effect beside {other}", f"set {other} instead")


def kept_prices(
    plan: Plan, spec: CustomerClusterSpec, profile: CostProfile | None, further: AssumptionsDocument
) -> list[str]:
    """The prices that no catalog gave, as `field value (source)`: they stay what they are under another cloud."""
    fields = sourced_fields(plan.assumptions, layers_of(spec, profile, {SET: further}))
    return [
        f"{each.path} {field_value(each.value)} ({each.source})"
        for each in fields
        if each.path in _PRICES and not each.source.startswith("catalog ") and each.source != SET
    ]

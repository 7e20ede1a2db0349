"""What is known of a node pool's target, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

PatchType = Literal["application/merge-patch+json", "application/json-patch+json"]


@dataclass(frozen=True, slots=True)
class TargetProblem:
    """Why a target cannot be used, and what to do about it.

    Attributes:
        reason: machine-readable, as in conditions.
        message: what is wrong and the remedy.
        retry: whether trying again may help without anybody changing an object that is watched.
    """

    reason: str
    message: str
    retry: bool = False


@dataclass(frozen=True, slots=True)
class TargetState:
    """A usable target as last seen.

    Attributes:
        count: nodes it is set to (or its autoscaler's minimum), zones included; None when nothing is set yet.
        ready: nodes that are ready; None when the target cannot tell.
        settled: whether its provider calls it done; None when the provider says nothing.
        zones: nodes come in multiples of this number.
        autoscaler_maximum: largest count that the target's own autoscaler allows; None where no autoscaler owns it.
        autoscaled: whether an autoscaler owns the count, so that only its minimum is set.
        writer: field manager that last wrote the count; None when unknown.
        field: where the count is, for people.
        location: JSON pointers of the fields that take the count; empty for the scale subresource.
        guard: JSON pointer and value that must still hold when a list entry is written.
        as_text: whether the field holds the number as text, as annotations do.
    """

    count: int | None
    ready: int | None = None
    settled: bool | None = None
    zones: int = 1
    autoscaler_maximum: int | None = None
    autoscaled: bool = False
    writer: str | None = None
    field: str = "spec.replicas"
    location: tuple[str, ...] = ()
    guard: tuple[str, str] | None = None
    as_text: bool = False


@dataclass(frozen=True, slots=True)
class TargetPatch:
    """One write of a count.

    Attributes:
        subresource: `scale`, or None for the object itself.
        patch_type: media type of the body.
        body: the patch.
    """

    subresource: str | None
    patch_type: PatchType
    body: Any


def patch_for(state: TargetState, count: int) -> TargetPatch:
    """The write that sets a target to a count of nodes.

    Args:
        state: the target as last seen; it says where the count is written.
        count: nodes in all zones together, a multiple of the target's zones.
    """
    if not state.location:
        return TargetPatch("scale", "application/merge-patch+json", {"spec": {"replicas": count}})
    per_zone = count // state.zones
    value: int | str = str(per_zone) if state.as_text else per_zone
    operations: list[dict[str, Any]] = []
    if state.guard:
        pointer, expected = state.guard
        # Entries of a list may have moved since they were seen; the server refuses the patch then.
        operations.append({"op": "test", "path": pointer, "value": expected})
    operations += [{"op": "add", "path": pointer, "value": value} for pointer in state.location]
    return TargetPatch(None, "application/json-patch+json", operations)

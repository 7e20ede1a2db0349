"""What is kept of the API's objects: the few fields that decisions read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from livecost.target_kinds import NODE_POOL_LABELS, PoolNodes

Json = dict[str, Any]


def resource_version(body: Json) -> int:
    """The object's version as a number; 0 when a server's versions are not numbers, which then never compare."""
    text = body.get("metadata", {}).get("resourceVersion", "")
    return int(text) if text.isascii() and text.isdigit() else 0


@dataclass(frozen=True, slots=True)
class SeenNode:
    """A node.

    Attributes:
        pool: the label and value by which its pool is known; None outside all pools.
        ready: whether it is ready and stays.
    """

    pool: PoolNodes | None
    ready: bool


def reduce_node(body: Json) -> SeenNode:
    """The pool a node belongs to, and whether it is ready."""
    metadata = body["metadata"]
    labels = metadata.get("labels") or {}
    pool = next((PoolNodes(label, labels[label]) for label in NODE_POOL_LABELS if label in labels), None)
    conditions = (body.get("status") or {}).get("conditions") or ()
    ready = any(row.get("type") == "Ready" and row.get("status") == "True" for row in conditions)
    return SeenNode(pool, ready and "deletionTimestamp" not in metadata)


def same_target(one: Json, other: Json) -> bool:
    """Whether two states of a target give the same decision; who wrote last does not matter to it."""
    fields = ("annotations", "deletionTimestamp")
    return (
        one["spec"] == other["spec"]
        and one.get("status") == other.get("status")
        and all(one["metadata"].get(name) == other["metadata"].get(name) for name in fields)
    )


def reduce_target(body: Json) -> Json:
    """A target without what no reference reads, so that other writers' status reports change nothing here."""
    metadata = body["metadata"]
    kept = {
        name: metadata[name] for name in ("name", "namespace", "annotations", "deletionTimestamp") if name in metadata
    }
    # Who wrote the spec is needed to name a contender; who wrote the status changes with every report.
    kept["managedFields"] = [
        {name: entry.get(name) for name in ("manager", "time", "fieldsV1")}
        for entry in metadata.get("managedFields") or ()
        if entry.get("subresource") != "status"
    ]
    reduced: Json = {"metadata": kept, "spec": body.get("spec") or {}}
    if (status := body.get("status")) is not None:
        conditions = [{"type": row.get("type"), "status": row.get("status")} for row in status.get("conditions") or ()]
        reduced["status"] = {"conditions": conditions}
        reduced["status"] |= {name: status[name] for name in ("readyReplicas", "instanceGroupUrls") if name in status}
    return reduced

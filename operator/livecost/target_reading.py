"""What a target's object says: its count, its ready nodes, and where a new count is written."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from livecost.models import TargetRef
from livecost.target_kinds import Json, PoolNodes, TargetKind, has_condition, kind_of, lookup, tokens
from livecost.target_state import TargetProblem, TargetState

_MOST_DIGITS = 10


def read_target(
    ref: TargetRef, body: Json, *, scalable: bool, replicas_pointer: str = "/spec/replicas"
) -> tuple[TargetState, PoolNodes | None] | TargetProblem:
    """What a target's object says.

    Args:
        ref: the reference that led to the object.
        body: the object as the API server gave it.
        scalable: whether the API serves the object's scale subresource.
        replicas_pointer: where that subresource keeps the count.

    Returns:
        The state, with the way to count its nodes where the object has no count of ready ones; or why it is unusable.
    """
    if ref.replicas_path:
        return _read_path(ref, body)
    kind = kind_of(ref, body, scalable=scalable)
    if kind is None:
        return TargetProblem(
            "TargetNotScalable",
            f"{ref.kind} serves no scale subresource and is not a kind livecost knows; set targetRef.replicasPath to "
            "the JSON pointer of its node count, such as /spec/nodeCount",
        )
    if problem := kind.refuse(body):
        return problem
    return _read_kind(ref, kind, body, replicas_pointer)


def _read_path(ref: TargetRef, body: Json) -> tuple[TargetState, None] | TargetProblem:
    pointer = ref.replicas_path or ""
    parent, _, _ = pointer.rpartition("/")
    value = lookup(body, pointer)
    # A write to a place in a list would insert another element there.
    if not isinstance(lookup(body, parent), dict) or isinstance(value, bool) or not isinstance(value, int | None):
        return TargetProblem(
            "TargetPathInvalid",
            f"targetRef.replicasPath {pointer} does not lead to a whole number in {ref.kind} {ref.name}; write the "
            "JSON pointer of its node count, such as /spec/nodeCount",
        )
    state = TargetState(
        count=value,
        ready=_whole(lookup(body, "/status/readyReplicas")),
        settled=has_condition(body, "Ready"),
        writer=_writer(body, pointer),
        field=pointer,
        location=(pointer,),
    )
    return state, None


def _read_kind(
    ref: TargetRef, kind: TargetKind, body: Json, replicas_pointer: str
) -> tuple[TargetState, PoolNodes | None] | TargetProblem:
    prefix, entry, guard = "", body, None
    if kind.entries:
        found = _find_entry(ref, kind, body)
        if isinstance(found, TargetProblem):
            return found
        prefix, entry = found
        guard = (f"{prefix}/name", entry["name"])
    autoscaled = kind.autoscaled(entry)
    zones = 1
    if kind.zones:
        counted = kind.zones(body)
        if counted is None:
            return TargetProblem(
                "TargetZonesUnknown",
                f"{ref.kind} {ref.name} is sized per zone and does not say its zones; write its nodeLocations",
            )
        zones = counted
    fields = (kind.minimum,) if autoscaled and kind.minimum else kind.count
    read_at = fields[0] if fields else replicas_pointer
    count = _whole(lookup(entry, read_at))
    maximum = _whole(lookup(entry, kind.maximum)) if autoscaled and kind.maximum else None
    location = tuple(prefix + pointer for pointer in fields)
    state = TargetState(
        count=None if count is None else count * zones,
        ready=_whole(lookup(body, kind.ready)) if kind.ready else None,
        settled=has_condition(body, kind.settled) if kind.settled else None,
        zones=zones,
        autoscaler_maximum=None if maximum is None else maximum * zones,
        autoscaled=autoscaled,
        writer=_writer(body, prefix + read_at),
        field=(prefix + read_at).removeprefix("/").replace("/", ".").replace("~1", "/"),
        location=location,
        guard=guard,
        as_text=read_at.startswith("/metadata/annotations/"),
    )
    # A status that omits its count means none are ready, once its controller has reported at all.
    if kind.ready and state.ready is None and lookup(body, "/status") is not None:
        state = replace(state, ready=0)
    nodes = None
    if kind.node_label:
        named = lookup(entry, kind.node_label_value) if kind.node_label_value else None
        nodes = PoolNodes(kind.node_label, str(named or body["metadata"]["name"]))
    return state, nodes


def _find_entry(ref: TargetRef, kind: TargetKind, body: Json) -> tuple[str, Json] | TargetProblem:
    names: list[str] = []
    for pointer in kind.entries:
        for index, entry in enumerate(lookup(body, pointer) or ()):
            names.append(entry.get("name", ""))
            if entry.get("name") == ref.pool_name:
                return f"{pointer}/{index}", entry
    known = ", ".join(names) or "none"
    return TargetProblem(
        "TargetPoolUnknown",
        f"{ref.kind} {ref.name} holds several pools (here: {known}); set targetRef.poolName to one of them",
    )


def _whole(value: Any) -> int | None:
    # Annotations may hold any text; Python itself refuses to read thousands of digits.
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _writer(body: Json, pointer: str) -> str | None:
    """The field manager that last wrote a field; None when that is not told."""
    path, value = [], body
    for token in tokens(pointer):
        inside, value = value, lookup(value, f"/{token.replace('~', '~0').replace('/', '~1')}")
        # Managed fields know the entries of a list by their keys, which is the name in all known kinds.
        by_name = isinstance(inside, list) and isinstance(value, dict)
        path.append(f"k:{json.dumps({'name': value.get('name')}, separators=(',', ':'))}" if by_name else f"f:{token}")
    found: tuple[str, str] | None = None
    for entry in body.get("metadata", {}).get("managedFields") or ():
        owned: Any = entry.get("fieldsV1") or {}
        for step in path:
            owned = owned.get(step) if isinstance(owned, dict) else None
        if owned is not None and (found is None or (entry.get("time") or "") >= found[0]):
            found = (entry.get("time") or "", entry.get("manager") or "unknown")
    return found[1] if found else None

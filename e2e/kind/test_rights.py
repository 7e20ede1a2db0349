"""The audit log of all the tests before: every right that the chart grants is used, and no other is asked for."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from e2e.kind.in_kind import InKind
from e2e.kind.operator_pods import NAMESPACE, RELEASE

Json = dict[str, Any]
# API group, resource with its subresource, verb.
Right = tuple[str, str, str]


def test_every_granted_right_is_used(running: InKind) -> None:
    """The release's roles grant nothing that the operator could do without."""
    granted = set(_granted(running))
    used = {_right(event) for event in _requests(running) if event["responseStatus"]["code"] < 400}
    assert granted - used == set()


def test_no_right_is_missing(running: InKind) -> None:
    """The API server refused nothing for lack of rights, but while a test had taken them away."""
    refused = [
        (event["requestReceivedTimestamp"], *_right(event))
        for event in _requests(running)
        if event["responseStatus"]["code"] == 403 and not _on_purpose(running, event)
    ]
    assert refused == []


def _granted(running: InKind) -> Iterator[Right]:
    roles = [("clusterrole", f"{NAMESPACE}:{RELEASE}"), ("role", f"{RELEASE}-lease")]
    for kind, name in roles:
        role = json.loads(running.cluster.kubectl("get", kind, name, f"--namespace={NAMESPACE}", "--output=json"))
        for rule in role["rules"]:
            for group in rule["apiGroups"]:
                for resource in rule["resources"]:
                    yield from ((group, resource, verb) for verb in rule["verbs"])


def _requests(running: InKind) -> Iterator[Json]:
    for event in running.cluster.audit_events():
        if event["user"].get("username") == running.identity and "responseStatus" in event and "objectRef" in event:
            yield event


def _right(event: Json) -> Right:
    about = event["objectRef"]
    resource = "/".join(part for part in (about["resource"], about.get("subresource")) if part)
    return about.get("apiGroup", ""), resource, str(event["verb"])


def _on_purpose(running: InKind, event: Json) -> bool:
    at = datetime.fromisoformat(event["requestReceivedTimestamp"])
    return any(began <= at <= ended for began, ended in running.refused_on_purpose)

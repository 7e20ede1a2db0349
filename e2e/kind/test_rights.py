"""The audit log of all the tests before: every right that the chart grants is used, and no other is asked for."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from e2e.kind.in_kind import HERE, InKind
from e2e.kind.operator_pods import NAMESPACE, RELEASE, WEB

Json = dict[str, Any]
# API group, resource with its subresource, verb.
Right = tuple[str, str, str]


# Name of the account to the roles that the chart binds to it.
ROLES = {
    RELEASE: [("clusterrole", f"{NAMESPACE}:{RELEASE}"), ("role", f"{RELEASE}-lease")],
    WEB: [("clusterrole", f"{NAMESPACE}:{WEB}")],
}


@pytest.mark.parametrize("account", ROLES)
def test_every_granted_right_is_used(running: InKind, account: str, request: pytest.FixtureRequest) -> None:
    """The release's roles grant nothing that the operator, or the pages, could do without."""
    if left_out := {file.name for file in HERE.glob("test_*.py")} - {item.path.name for item in request.session.items}:
        pytest.skip(f"all of e2e/kind shows which rights are used; left out: {', '.join(sorted(left_out))}")
    granted = set(_granted(running, account))
    used = {_right(event) for event in _requests(running, account) if event["responseStatus"]["code"] < 400}
    assert granted - used == set()


@pytest.mark.parametrize("account", ROLES)
def test_no_right_is_missing(running: InKind, account: str) -> None:
    """The API server refused nothing for lack of rights, but while a test had taken them away."""
    refused = [
        (event["requestReceivedTimestamp"], *_right(event))
        for event in _requests(running, account)
        if event["responseStatus"]["code"] == 403 and not _on_purpose(running, event)
    ]
    assert refused == []


def _granted(running: InKind, account: str) -> Iterator[Right]:
    for kind, name in ROLES[account]:
        role = json.loads(running.cluster.kubectl("get", kind, name, f"--namespace={NAMESPACE}", "--output=json"))
        for rule in role["rules"]:
            for group in rule["apiGroups"]:
                for resource in rule["resources"]:
                    yield from ((group, resource, verb) for verb in rule["verbs"])


def _requests(running: InKind, account: str) -> Iterator[Json]:
    user = f"system:serviceaccount:{NAMESPACE}:{account}"
    for event in running.cluster.audit_events():
        if event["user"].get("username") == user and "responseStatus" in event and "objectRef" in event:
            yield event


def _right(event: Json) -> Right:
    about = event["objectRef"]
    resource = "/".join(part for part in (about["resource"], about.get("subresource")) if part)
    return about.get("apiGroup", ""), resource, str(event["verb"])


def _on_purpose(running: InKind, event: Json) -> bool:
    at = datetime.fromisoformat(event["requestReceivedTimestamp"])
    return any(began <= at <= ended for began, ended in running.refused_on_purpose)

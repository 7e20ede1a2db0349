"""Kubernetes Events: which conditions deserve one, and a writer that never holds a decision up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import structlog

from livecost.conditions import AS_PROJECTED
from livecost.kube_api import FIELD_MANAGER, ApiError, KubeApi, Resource
from livecost.models import API_VERSION
from livecost.store import CustomerCluster

Json = dict[str, Any]

MAX_WAITING = 1_000
MAX_MESSAGE = 1_000
_EVENTS = Resource("", "v1", "events", "Event", namespaced=True)
# Reasons that are told though the condition's status is no problem.
_NOTABLE = {"LimitedByMaxNodes", "LiveLoadAbovePlan", "NearBudget", "TelemetryLost"}
# Ready repeats what the other conditions say, so only their changes make events.
_TOLD = ("Sized", "TargetsApplied", "CostObserved", "CostAsProjected", "WithinBudget")
# Chosen by somebody, or over by themselves.
_NO_PROBLEM = {"Paused", "RecommendOnly", "NoBudget", "NoPrometheus", "NotYetObserved", "TooYoung"}

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing to tell.

    Attributes:
        type: Warning or Normal.
        reason: machine-readable.
        message: for people, with the remedy where something is wrong.
    """

    type: Literal["Warning", "Normal"]
    reason: str
    message: str


def happenings(before: Sequence[Json], after: Sequence[Json], last_verdict: str | None = None) -> Iterator[Happening]:
    """What to tell of a change of conditions: problems when they come, and when they are over.

    Args:
        before: the conditions before.
        after: the conditions now.
        last_verdict: what CostAsProjected said when it last said anything, before; None when it never has.
    """
    old = {row.get("type"): row for row in before}
    if last_verdict is not None:
        kind = "CostAsProjected"
        old[kind] = {"type": kind, "status": str(last_verdict == AS_PROJECTED), "reason": last_verdict}
    for row in after:
        if row["type"] not in _TOLD:
            continue
        was = old.get(row["type"], {})
        if (was.get("status"), was.get("reason")) == (row["status"], row["reason"]):
            continue
        if _is_problem(row, was):
            yield Happening("Warning", row["reason"], row["message"])
        elif was and _is_problem(was, {"status": "True"}) and row["status"] == "True":
            yield Happening("Normal", row["reason"], f"recovered from {was.get('reason')}: {row['message']}")


def _is_problem(row: Json, was: Json) -> bool:
    if row.get("reason") in _NO_PROBLEM:
        return False
    if row.get("reason") in _NOTABLE:
        return True
    # Why the cost is not known is told by CostObserved.
    if row["type"] == "CostAsProjected":
        return bool(row["status"] == "False")
    # Telemetry that is still to come is a state; telemetry that went away is a problem.
    if row["type"] == "CostObserved" or row["status"] == "Unknown":
        return bool(row["status"] != "True" and was.get("status") == "True")
    return bool(row["status"] == "False")


class EventWriter:
    """Writes Events in the background; what cannot be written is logged and dropped."""

    def __init__(self, api: KubeApi, identity: str) -> None:
        self._api = api
        self._identity = identity
        self._waiting: asyncio.Queue[tuple[str, Json]] = asyncio.Queue(MAX_WAITING)

    def tell(self, cluster: CustomerCluster, happening: Happening) -> None:
        """Write an Event about a customer soon."""
        namespace, name = cluster.key
        about = {"apiVersion": API_VERSION, "kind": "CustomerCluster", "namespace": namespace, "name": name}
        self.tell_of({**about, "uid": cluster.uid}, happening)

    def tell_of(self, about: Json, happening: Happening) -> None:
        """Write an Event about an object soon.

        Args:
            about: apiVersion, kind, namespace, name and uid of the object.
            happening: what to tell.
        """
        namespace, name = about["namespace"], about["name"]
        now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        body: Json = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"generateName": f"{name[:200]}.", "namespace": namespace},
            "involvedObject": about,
            "type": happening.type,
            "reason": happening.reason,
            "message": happening.message[:MAX_MESSAGE],
            "eventTime": now,
            "firstTimestamp": now[:19] + "Z",
            "lastTimestamp": now[:19] + "Z",
            "count": 1,
            "action": "Reconcile",
            "reportingComponent": FIELD_MANAGER,
            "reportingInstance": self._identity,
            "source": {"component": FIELD_MANAGER},
        }
        try:
            self._waiting.put_nowait((namespace, body))
        except asyncio.QueueFull:
            log.warning("event dropped", about=f"{namespace}/{name}", reason=happening.reason)

    async def run(self) -> None:
        """Write what was told until cancelled."""
        while True:
            namespace, body = await self._waiting.get()
            try:
                await self._api.create(_EVENTS.path(namespace), body)
            except ApiError as error:
                log.warning("event not written", namespace=namespace, status=error.status, error=error.message)

"""What a probe is told, and who else hears of it: the log, and Events about the operator's own pod."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Final

import structlog

from livecost.events import Happening

Json = dict[str, Any]

FIRST_LIST: Final = "the first list of CustomerClusters is being read"
"""A wait that is no problem."""

log = structlog.get_logger()


class Readiness:
    """What keeps a replica from its work; None in both attributes when nothing does.

    Attributes:
        waiting_for: what the work waits for.
        without_lease: what keeps every replica from leading.
    """

    def __init__(self, tell: Callable[[Happening], None]) -> None:
        self.waiting_for: str | None = "starting"
        self.without_lease: str | None = None
        self._tell = tell
        self._told: set[str] = set()

    def why_not(self) -> str | None:
        """What the probe is told."""
        return self.without_lease or self.waiting_for

    def note_lease(self, problem: str | None) -> None:
        """What keeps every replica from leading, or None."""
        before, self.without_lease = self.without_lease, problem
        self._note(before, problem)

    def note_work(self, missing: str | None) -> None:
        """What the work waits for, or None."""
        before, self.waiting_for = self.waiting_for, missing
        self._note(before, missing)

    def _note(self, before: str | None, now: str | None) -> None:
        if before == now:
            return
        if now is None:
            log.info("ready")
            if before in self._told:
                self._tell(Happening("Normal", "Recovered", f"recovered from: {before}"))
        else:
            log.warning("not ready", waiting_for=now)
            if now != FIRST_LIST:
                self._tell(Happening("Warning", "NotReady", now))
                self._told.add(now)
        self._told.discard(before or "")


def own_pod() -> Json | None:
    """The pod that this process runs in, as an Event refers to it; None outside of pods that say which they are."""
    names = {"name": "POD_NAME", "namespace": "POD_NAMESPACE", "uid": "POD_UID"}
    found = {field: os.environ.get(variable) for field, variable in names.items()}
    return {"apiVersion": "v1", "kind": "Pod", **found} if all(found.values()) else None

"""Adapter: keeps a copy of one collection, reduced to what is needed, by one list and one watch."""

from __future__ import annotations

import asyncio
import operator
from collections.abc import Callable
from typing import Generic, TypeVar

import structlog

from livecost.kube_api import ApiError, Json, KubeApi
from livecost.reduced import resource_version

Item = TypeVar("Item")
ObjectKey = tuple[str, str]

FIRST_RETRY_SECONDS = 1.0
LONGEST_RETRY_SECONDS = 30.0

log = structlog.get_logger()


def object_key(body: Json) -> ObjectKey:
    """Namespace (empty for cluster-scoped objects) and name."""
    metadata = body["metadata"]
    return metadata.get("namespace", ""), metadata["name"]


class Reflector(Generic[Item]):
    """A live copy of a collection.

    Attributes:
        items: what `reduce` made of each object.
        synced: whether the collection was read at least once.
        problem: why the collection cannot be read now; None while it can.
    """

    def __init__(
        self,
        api: KubeApi,
        path: str,
        reduce: Callable[[Json], Item],
        on_change: Callable[[ObjectKey, Item | None, Item | None], None],
        on_state: Callable[[], None],
        same: Callable[[Item, Item], bool] = operator.eq,
    ) -> None:
        self.items: dict[ObjectKey, Item] = {}
        self.synced = False
        self.problem: ApiError | None = None
        self._versions: dict[ObjectKey, int] = {}
        self._api = api
        self._path = path
        self._reduce = reduce
        self._on_change = on_change
        self._on_state = on_state
        self._same = same

    async def run(self) -> None:
        """Follow the collection until cancelled; failures are retried with a growing delay."""
        delay = FIRST_RETRY_SECONDS
        while True:
            try:
                version = await self._list()
                self._set_state(None)
                delay = FIRST_RETRY_SECONDS
                while True:
                    version = await self._follow(version)
            except ApiError as error:
                # An expired version or a broken stream says nothing about the objects: list again at once.
                if error.status == 410 or (error.status == 0 and self.problem is None and delay == FIRST_RETRY_SECONDS):
                    delay *= 2
                    continue
                log.warning("watch failed", path=self._path, status=error.status, error=error.message, retry=delay)
                self._set_state(error)
            except (LookupError, TypeError, ValueError, AttributeError) as error:
                # What a server sends may be anything; a watch that ended for good would leave its copy to rot.
                log.exception("watch garbled", path=self._path, retry=delay)
                self._set_state(ApiError(0, "Garbled", f"objects are not as expected ({type(error).__name__})"))
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_RETRY_SECONDS)

    def accept(self, key: ObjectKey, item: Item, version: int) -> None:
        """Take over the answer to an own write, so that the next decision need not wait for the watch.

        What the watch has told to be gone meanwhile stays gone: nobody would tell it again.
        """
        if key in self.items and version >= self._versions.get(key, 0):
            self._versions[key] = version
            self.items[key] = item

    def _set_state(self, problem: ApiError | None) -> None:
        changed = not self.synced if problem is None else self.problem is None or self.problem.status != problem.status
        recovered = problem is None and self.problem is not None
        self.problem = problem
        self.synced = self.synced or problem is None
        if changed or recovered:
            self._on_state()

    async def _list(self) -> str:
        seen: set[ObjectKey] = set()
        version = ""
        async for page in self._api.list_pages(self._path):
            version = page["metadata"]["resourceVersion"]
            for body in page.get("items") or ():
                seen.add(object_key(body))
                self._put(body)
        for key in [key for key in self.items if key not in seen]:
            self._remove(key)
        return version

    async def _follow(self, version: str) -> str:
        async for event in self._api.watch(self._path, version):
            body = event["object"]
            version = body["metadata"]["resourceVersion"]
            if event["type"] == "DELETED":
                self._remove(object_key(body))
            elif event["type"] != "BOOKMARK":
                self._put(body)
        return version

    def _put(self, body: Json) -> None:
        key, version = object_key(body), resource_version(body)
        # The answer to an own write may have overtaken the watch; what the watch still brings is older.
        if version and version < self._versions.get(key, 0):
            return
        before, after = self.items.get(key), self._reduce(body)
        self._versions[key] = version
        self.items[key] = after
        if before is None or not self._same(before, after):
            self._on_change(key, before, after)

    def _remove(self, key: ObjectKey) -> None:
        self._versions.pop(key, None)
        before = self.items.pop(key, None)
        if before is not None:
            self._on_change(key, before, None)

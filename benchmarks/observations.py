"""What observing costs the operator: `python -m benchmarks.observations`.

One Prometheus answers about customers that each have a cluster label of their own, with the usual window of a day in
steps of five minutes. Its answers are JSON text, as they come over the network; all that follows is the operator's own.
The memory is the most that Python takes for a cycle beside what was kept before. The event loop is held as long as
nothing else has its turn, such as a health check or the renewal of the Lease; it is told as time of the processor, to
which other programs on the machine do not add.
"""

from __future__ import annotations

import asyncio
import json
import time
import tracemalloc
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from benchmarks.goals import Goal, report
from livecost.garbage import collected_at_set_times
from livecost.observations import Observations
from livecost.observed_cost import Measured
from livecost.prometheus import decoded
from livecost.prometheus_credentials import Credentials
from livecost.promql import Question, RangeQuestion
from livecost.settings import Settings
from livecost.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from livecost.prometheus_server import PrometheusServer

Json = dict[str, Any]

CUSTOMERS: Final = 3000
NODES: Final = {"livekit": 4, "sim": 3}
# The customers are as old as that day, and so is what is known of the month.
BEGIN: Final = datetime(2026, 3, 20, 23, 0, tzinfo=UTC)
SECOND: Final = datetime(2026, 3, 20, 23, 1, tzinfo=UTC)
NOW: Final = datetime(2026, 3, 20, 23, 2, tzinfo=UTC)
STEPS_OF_A_DAY: Final = 288
_TICK_SECONDS: Final = 0.001


def main() -> None:
    """Measure and print."""
    report(asyncio.run(_measure()))


async def _measure() -> list[Goal]:
    settings = Settings(prometheus_url="http://prometheus:9090")
    store = Store()
    for index in range(CUSTOMERS):
        store.put_cluster(_customer(index))
    hold = _Hold()
    prometheus = _Prometheus(hold)
    watcher = Observations(store, settings, Credentials(None, settings), prometheus.ask, lambda _: None)  # type: ignore[arg-type]
    goals = []
    # The cycles between the first and the usual ones, which read the days before, are like the first.
    measured = (
        ("first cycle, with a day", BEGIN, 10),
        ("cycle with the rest of the loads", SECOND, 10),
        ("usual cycle", NOW, 2),
    )
    for cycle, now, seconds_goal in measured:
        prometheus.own_seconds = 0.0
        began = time.process_time()
        async with collected_at_set_times(), hold.measured():
            await watcher.measure_all(now)
        goals.append(Goal(cycle, time.process_time() - began - prometheus.own_seconds, seconds_goal, "s"))
        goals.append(Goal("event loop held at once", 1000 * hold.longest_seconds, 50, "ms"))
    tracemalloc.start()
    await watcher.measure_all(NOW)
    _, peak = tracemalloc.get_traced_memory()
    goals.append(Goal("memory that a usual cycle takes", peak / 10**6, 200, "MB"))
    goals.append(Goal("largest answer", prometheus.largest / 2**20, settings.prometheus_max_response_mib, "MiB"))
    for cluster in store.clusters.values():
        found = watcher.latest(cluster)
        if not isinstance(found, Measured) or found.coverage_percent < 100:
            raise SystemExit(f"{cluster.key} was not measured: {found}")
    return goals


class _Hold:
    """The longest time for which the event loop was held."""

    def __init__(self) -> None:
        self.longest_seconds = 0.0
        self._turn = 0.0

    @asynccontextmanager
    async def measured(self) -> AsyncIterator[None]:
        """Measure anew while in this context."""
        self.longest_seconds, self._turn = 0.0, time.process_time()
        ticking = asyncio.create_task(self._tick())
        try:
            yield
        finally:
            self._note()
            ticking.cancel()

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Leave out what is done in this context."""
        self._note()
        yield
        self._turn = time.process_time()

    async def _tick(self) -> None:
        while True:
            self._turn = time.process_time()
            await asyncio.sleep(_TICK_SECONDS)
            self._note()

    def _note(self) -> None:
        self.longest_seconds = max(self.longest_seconds, time.process_time() - self._turn)


class _Prometheus:
    """Answers for all customers; the time that it takes to make them is its own."""

    def __init__(self, hold: _Hold) -> None:
        self.own_seconds = 0.0
        self.largest = 0
        self._hold = hold

    async def ask(self, _server: PrometheusServer, questions: Mapping[str, Question]) -> dict[str, list[Json]]:
        with self._hold.stopped():
            began = time.process_time()
            texts = {name: json.dumps(list(_rows(name, question))) for name, question in questions.items()}
            self.own_seconds += time.process_time() - began
        self.largest = max(self.largest, *map(len, texts.values()))
        return await asyncio.to_thread(lambda: {name: decoded(text) for name, text in texts.items()})


def _rows(name: str, question: Question) -> Iterator[Json]:
    if name not in _VALUES:
        return
    for index in range(CUSTOMERS):
        if "=~" in question.query and f"{index:04}" not in question.query:
            continue
        own = {"cluster": f"customer-{index:04}"}
        if isinstance(question, RangeQuestion):
            moments = range(question.start_seconds, question.end_seconds + 1, question.step_seconds)
            yield {"metric": own, "values": [[moment, "7"] for moment in moments]}
        elif name == "node_steps":
            for pool, nodes in NODES.items():
                label = {"label_karpenter_sh_nodepool": f"customer-{index:04}-{pool}"}
                if question.query.startswith("sum_over_time"):
                    for node in range(nodes):
                        yield _row(own | label | {"node": f"{index}-{pool}-{node}"}, STEPS_OF_A_DAY)
                else:
                    yield _row(own | label, nodes * STEPS_OF_A_DAY)
        else:
            yield _row(own, _VALUES[name])


def _row(labels: Mapping[str, str], value: float) -> Json:
    return {"metric": labels, "value": [0, str(value)]}


_VALUES: Final = {
    "node_steps": 0, "source_up": STEPS_OF_A_DAY, "egress_bytes": 10**11, "live_rooms": 20, "live_participants": 120,
    "live_nodes": 4, "live_fullest": 40, "live_oldest": NOW.timestamp(), "peak_participants": 600,
    "p95_participants": 500, "participant_steps": 10**6, "covered_steps": 4032, "peak_rooms": 100, "p95_rooms": 80,
    "room_steps": 10**5, "most_nodes": 4, "sent_bytes": 10**12,
}  # fmt: skip


def _customer(index: int) -> Json:
    name = f"customer-{index:04}"
    target = {"apiVersion": "karpenter.sh/v1", "kind": "NodePool"}
    return {
        "metadata": {
            "namespace": "bench",
            "name": name,
            "uid": str(index),
            "resourceVersion": "1",
            "creationTimestamp": "2026-03-20T00:00:00Z",
        },
        "spec": {
            "users": 1000,
            "concurrency": 400,
            "pools": {pool: {"targetRef": target | {"name": f"{name}-{pool}"}} for pool in NODES},
            "observation": {"matchLabels": {"cluster": name}},
        },
    }


if __name__ == "__main__":
    main()

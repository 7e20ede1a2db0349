"""How soon the fleet's page shows 3,000 customers, a filter, an order and a change: `python -m benchmarks.fleet_pages`.

The customers are as a watch would have told them; from there on everything is the server's and a real browser's.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import threading
import time
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import uvicorn

from benchmarks.goals import Goal, report
from e2e.web.serving import browsing
from livecost.fleet_page.patches import patch
from livecost.fleet_page.routes import add_fleet_page
from livecost.fleet_page.source import LiveSource, WatchState
from livecost.fleet_page.table_query import TableQuery
from livecost.fleet_page.table_view import TableView, page_html
from livecost.fleet_page.trend import Trends
from livecost.settings import Settings
from livecost.store import CustomerCluster, read_cluster
from livecost.web.app import create_app
from livecost.web.serving import Server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from livecost.store import ClusterKey

Json = dict[str, Any]

CUSTOMERS: Final = 3000
ROUNDS: Final = 21
CHANGES: Final = 40
FIRST_GOAL_MILLISECONDS: Final = 200
GOAL_MILLISECONDS: Final = 50
SHOWN_GOAL_MILLISECONDS: Final = 250

_UNTIL_SHOWN: Final = """
    (text) => new Promise((done) => {
        const cell = document.querySelector('tr[data-key="/fleet/bench/customer-0000"]').cells[5];
        const look = () => cell.textContent === text ? done(Date.now()) : requestAnimationFrame(look);
        look();
    })
"""


class MadeUp(LiveSource):
    """Customers without a cluster; their profiles are missing."""

    def __init__(self) -> None:
        super().__init__(None, None)
        chance = random.Random(1)  # noqa: S311 - measures, guards nothing
        made = [_customer(index, Decimal(chance.randint(50_000, 900_000)).scaleb(-2)) for index in range(CUSTOMERS)]
        self._made = {each.key: each for each in made}
        self.state = WatchState(synced=True)
        self.loop: asyncio.AbstractEventLoop | None = None

    @property
    def customers(self) -> Mapping[ClusterKey, CustomerCluster]:
        """All of them."""
        return self._made

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Follow nothing; changes are made here."""
        self.loop = asyncio.get_running_loop()
        yield

    def change(self, monthly: Decimal) -> None:
        """The first customer's cost changes."""
        changed = _customer(0, monthly)
        self._made[changed.key] = changed
        self.pulse.strike()


def _customer(index: int, monthly: Decimal) -> CustomerCluster:
    pool = {"desired": 2, "ready": 2 - index % 7 // 6}
    ready = "False" if index % 7 == 6 else "True"
    return read_cluster(
        {
            "metadata": {
                "namespace": "bench", "name": f"customer-{index:04}", "uid": str(index), "resourceVersion": "1",
                "generation": 1, "creationTimestamp": "2026-03-01T12:00:00Z",
            },
            "spec": {"users": 1000 + index, "concurrency": 100, "profileRef": {"name": f"plan-{index % 10}"}},
            "status": {
                "demand": {"peakUsers": 100},
                "pools": {"livekit": pool, "sim": pool},
                "cost": {
                    "currency": "USD",
                    "projected": {"monthly": str(monthly)},
                    "observed": {"monthlyRunRate": str(monthly + index % 90)},
                    "variance": {"percent": str(index % 90 / Decimal(10))},
                    "license": {"grossMarginPercent": "64.46"},
                },
                "conditions": [
                    {"type": "Ready", "status": ready, "reason": "AsPlanned", "message": "NodePools have 2"},
                    {"type": "CostObserved", "status": "True", "reason": "Observed", "message": ""},
                ],
            },
        }
    )  # fmt: skip


def median_milliseconds(call: Callable[[], object]) -> float:
    """Milliseconds of one call, the median of several."""
    taken = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        call()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken) * 1000


def server_goals() -> list[Goal]:
    """What the server computes for a page, a view and a change."""
    source = MadeUp()
    now = datetime.now(UTC)

    def page(view: TableView) -> str:
        return page_html(view.parts(TableQuery(), now), TableQuery(), [])

    view = TableView(source)
    words = TableQuery(text="customer false plan-3", sort="projected", descending=True)
    order = TableQuery(sort="variance")
    before = view.parts(TableQuery(), now)

    def one_change() -> Json:
        source.change(Decimal("1.00"))
        return patch(before, view.parts(TableQuery(), now))

    calls: list[tuple[str, Callable[[], object], int]] = [
        ("first page, every row made", lambda: page(TableView(source)), FIRST_GOAL_MILLISECONDS),
        ("page", lambda: page(view), GOAL_MILLISECONDS),
        ("filtered by words, in order of cost", lambda: view.parts(words, now), GOAL_MILLISECONDS),
        ("in order of variance", lambda: view.parts(order, now), GOAL_MILLISECONDS),
        ("one change, as an event", one_change, GOAL_MILLISECONDS),
    ]
    return [Goal(name, median_milliseconds(call), goal, "ms") for name, call, goal in calls]


@contextmanager
def served(source: LiveSource) -> Iterator[str]:
    """The address of the page in this process."""
    app = create_app()
    add_fleet_page(app, source, Trends(Settings()))
    listening = threading.Event()
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning")
    server = Server(config, listening.set, source.pulse.stop)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        listening.wait(10)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


def shown_milliseconds() -> list[float]:
    """From a watch's event to the frame that shows it, for each of several changes."""
    source, taken = MadeUp(), []
    with served(source) as address, browsing() as browser:
        page = browser.new_context(locale="en-US").new_page()
        page.goto(f"{address}/fleet")
        page.wait_for_timeout(1000)
        for index in range(CHANGES):
            monthly = Decimal(100 + index)
            assert source.loop is not None  # noqa: S101 - the server has started
            started = time.time()
            source.loop.call_soon_threadsafe(source.change, monthly)
            taken.append(page.evaluate(_UNTIL_SHOWN, f"${monthly}.00") - started * 1000)
            # Events have a least distance, which a change that comes alone does not wait for.
            page.wait_for_timeout(700)
    return taken


def main() -> None:
    """Measure and print."""
    goals = server_goals()
    cuts = statistics.quantiles(shown_milliseconds(), n=100)
    goals += [
        Goal("change to shown, p50", cuts[49], SHOWN_GOAL_MILLISECONDS, "ms"),
        Goal("change to shown, p95", cuts[94], SHOWN_GOAL_MILLISECONDS, "ms"),
    ]
    report(goals)


if __name__ == "__main__":
    main()

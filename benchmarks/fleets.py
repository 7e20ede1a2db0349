"""How fast a CustomerFleet is added up: `python -m benchmarks.fleets`.

The customers are as the operator holds them after their decisions; one core is measured, and the best of several rounds
is told. While a fleet is added up, the operator does nothing else.
"""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from benchmarks.goals import Goal, report
from costmodel import parse_document
from livecost.customer_fleet_models import CustomerFleetSpec
from livecost.customer_fleet_status import fleet_status
from livecost.fleet_member import read_member
from livecost.live_fleet import add_up
from livecost.plan import Plan, make_plan
from livecost.store import CustomerCluster, Figures, read_cluster

if TYPE_CHECKING:
    from collections.abc import Callable

    from costmodel.assumptions import Assumptions

CUSTOMERS: Final = 3000
PROFILES: Final = 10
ROUNDS: Final = 7
MILLISECONDS_GOAL: Final = 100

Json = dict[str, Any]


def customers() -> list[CustomerCluster]:
    """Sized and observed customers of unlike size, on ten profiles."""
    chance = random.Random(1)  # noqa: S311 - measures, guards nothing
    profiles = [parse_document({"nodes": {"sim": {"hourly": f"0.{20 + index}"}}}) for index in range(PROFILES)]
    found = []
    for index in range(CUSTOMERS):
        cluster = read_cluster(_body(index, chance.randint(10, 900)))
        plan = cluster.spec and make_plan(cluster.spec, profiles[index % PROFILES], {})
        if not isinstance(plan, Plan):
            raise SystemExit(f"no plan for {cluster.key}: {plan or cluster.problem}")
        cluster.figures = Figures(plan, plan.estimate.monthly_total * Decimal("1.01"))
        found.append(cluster)
    return found


def _body(index: int, concurrency: int) -> Json:
    pool = {"desired": 2, "ready": 2}
    return {
        "metadata": {
            "namespace": "bench",
            "name": f"customer-{index:04}",
            "uid": str(index),
            "resourceVersion": "1",
            "creationTimestamp": "2026-03-01T12:00:00Z",
        },
        "spec": {"users": 1000, "concurrency": concurrency},
        "status": {
            "pools": {"livekit": pool, "sim": pool},
            "cost": {"variance": {"monthly": "10.00", "percent": "1.0"}},
            "conditions": [{"type": "CostObserved", "status": "True"}],
        },
    }


def best_milliseconds(call: Callable[[], object]) -> float:
    """Milliseconds of the best round."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - started)
    return best * 1000


def main() -> None:
    """Measure and print."""
    clusters = customers()
    terms: dict[Assumptions, Assumptions] = {}
    members = [member for cluster in clusters if (member := read_member(cluster, terms)) is not None]
    spec = CustomerFleetSpec()

    def anew() -> Json:
        return fleet_status(add_up(spec, members, []), 1, {}, [], datetime.now(UTC))

    def read_all() -> None:
        for cluster in clusters:
            read_member(cluster, terms)

    report(
        [
            Goal(f"{CUSTOMERS} customers added up", best_milliseconds(anew), MILLISECONDS_GOAL, "ms"),
            Goal("all of them read anew, in parts", best_milliseconds(read_all), 5 * MILLISECONDS_GOAL, "ms"),
        ]
    )


if __name__ == "__main__":
    main()

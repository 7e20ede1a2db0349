"""How fast a customer is priced, as a ratio to the goals: `python -m benchmarks.estimates`.

One core is measured; the best of several rounds is told, since other work on the machine only ever slows a round down.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.goals import Goal, report
from costmodel import estimate, parse_document, resolve

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS: Final = 5
CALLS_PER_ROUND: Final = 10_000
STARTS: Final = 7

ESTIMATES_PER_SECOND_GOAL: Final = 50_000
RESOLVED_ESTIMATES_PER_SECOND_GOAL: Final = 20_000
PROCESS_MILLISECONDS_GOAL: Final = 300

ROOT: Final = Path(__file__).parents[1]
CUSTOMER: Final = parse_document(
    {
        "demand": {"users": 4200, "concurrency": 510, "activeHoursPerMonth": 300},
        "capacity": {"targetUtilizationPercent": 70},
        "nodes": {"livekit": {"minNodes": 2, "zones": 2, "monthlyCap": 150}},
        "network": {
            "freeGB": 100,
            "tiers": [{"upToGB": 10240, "perGB": "0.09"}, {"upToGB": 51200, "perGB": "0.085"}, {"perGB": "0.07"}],
        },
    }
)


def calls_per_second(call: Callable[[], object]) -> float:
    """Calls per second in the best round."""
    best = 0.0
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for _ in range(CALLS_PER_ROUND):
            call()
        best = max(best, CALLS_PER_ROUND / (time.perf_counter() - started))
    return best


def process_seconds() -> tuple[float, float]:
    """Shortest and median time of a whole `livecost estimate` process."""
    program = [sys.executable, "-c", "from livecost.cli import main; main(['estimate', '-f', '-'])"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "operator")])}
    seconds = []
    for _ in range(STARTS):
        started = time.perf_counter()
        subprocess.run(
            program, input=b"demand: {users: 5000}\n", env=environment, stdout=subprocess.DEVNULL, check=True
        )
        seconds.append(time.perf_counter() - started)
    return min(seconds), statistics.median(seconds)


def main() -> None:
    """Measure and print."""
    assumptions = resolve(CUSTOMER)
    alone = calls_per_second(lambda: estimate(assumptions))
    resolved = calls_per_second(lambda: estimate(resolve(CUSTOMER)))
    shortest, median = process_seconds()
    report(
        [
            Goal("exact estimates", alone, ESTIMATES_PER_SECOND_GOAL, "/s", more_is_better=True),
            Goal("with layering", resolved, RESOLVED_ESTIMATES_PER_SECOND_GOAL, "/s", more_is_better=True),
            Goal("livecost estimate, best start", shortest * 1000, PROCESS_MILLISECONDS_GOAL, "ms"),
            Goal("livecost estimate, median start", median * 1000, PROCESS_MILLISECONDS_GOAL, "ms"),
        ]
    )


if __name__ == "__main__":
    main()

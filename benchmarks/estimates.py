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

from costmodel import estimate, parse_document, resolve

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS: Final = 5
CALLS_PER_ROUND: Final = 10_000
STARTS: Final = 7

ESTIMATES_PER_SECOND_GOAL: Final = 50_000
RESOLVED_ESTIMATES_PER_SECOND_GOAL: Final = 20_000
PROCESS_SECONDS_GOAL: Final = 0.3

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
    rates = [
        ("estimate()", calls_per_second(lambda: estimate(assumptions)), ESTIMATES_PER_SECOND_GOAL),
        (
            "resolve() + estimate()",
            calls_per_second(lambda: estimate(resolve(CUSTOMER))),
            RESOLVED_ESTIMATES_PER_SECOND_GOAL,
        ),
    ]
    for name, rate, goal in rates:
        print(f"{name:<28}{rate:>10,.0f} /s   {rate / goal:.2f} x the goal of {goal:,}/s")
    shortest, median = process_seconds()
    allowed = f"{shortest / PROCESS_SECONDS_GOAL:.2f} of the allowed {PROCESS_SECONDS_GOAL} s"
    print(f"{'livecost estimate, process':<28}{shortest:>10.3f} s    {allowed}")
    print(f"{'  median of the starts':<28}{median:>10.3f} s")


if __name__ == "__main__":
    main()

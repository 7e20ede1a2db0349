"""How fast a million uncertain customers are priced, as a ratio to the goals: `python -m benchmarks.simulations`.

A whole `livecost simulate` is measured, as a process of its own: its start, the draws, the percentiles and the output.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from benchmarks.goals import Goal, report

DRAWS: Final = 1_000_000
ROUNDS: Final = 3
SECONDS_GOAL: Final = 2
MEMORY_MB_GOAL: Final = 1000

ROOT: Final = Path(__file__).parents[1]
RANGES: Final = {
    "demand.users": {"low": 800, "high": 1500},
    "demand.peakConcurrencyPercent": {"mean": 10, "sd": 2},
    "capacity.participantsPerNode": {"values": [100, 150, 200], "weights": [1, 2, 1]},
    "network.mediaMbps": {"low": "0.8", "mode": "1.2", "high": 2},
    "network.usageHoursPerMonth": {"p50": 60, "p90": 90},
    "network.egressPerGB": {"percent": 10},
    "nodes.livekit.hourly": {"percent": 20},
    "nodes.sim.hourly": {"low": "0.15", "high": "0.25"},
}
"""Uniform, triangular, normal, lognormal and weighted values; three of them multiply up to the cost of egress."""


def simulated(ranges: Path, draws: int) -> tuple[float, float]:
    """Seconds and peak resident memory, in MB, of one whole process."""
    call = f"main(['simulate', '--ranges', {str(ranges)!r}, '--draws', '{draws}', '--seed', '1'])"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "operator")])}
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", f"from livecost.cli import main; {call}"], env=environment, stdout=subprocess.DEVNULL
    )
    # wait4 tells the memory of this one process; the figure for all children would be that of the largest so far.
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return seconds, usage.ru_maxrss * 1024 / 10**6


def main() -> None:
    """Measure and print; the best of several rounds is told, as other work on the machine only slows one down."""
    with tempfile.TemporaryDirectory() as folder:
        ranges = Path(folder) / "ranges.json"
        ranges.write_text(json.dumps({"ranges": RANGES}), encoding="utf-8")
        rounds = [simulated(ranges, DRAWS) for _ in range(ROUNDS)]
    report(
        [
            Goal(f"simulate, {DRAWS:,} draws", min(seconds for seconds, _ in rounds), SECONDS_GOAL, "s"),
            Goal("simulate, peak resident memory", max(memory for _, memory in rounds), MEMORY_MB_GOAL, "MB"),
        ]
    )


if __name__ == "__main__":
    main()

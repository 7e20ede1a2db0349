"""Runs all benchmarks: `python -m benchmarks`."""

from __future__ import annotations

from benchmarks import clusters, estimates, fleet_pages, fleets, observations, pages, simulations

if __name__ == "__main__":
    estimates.main()
    simulations.main()
    fleets.main()
    observations.main()
    pages.main()
    fleet_pages.main()
    clusters.main()

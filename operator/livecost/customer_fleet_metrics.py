"""Metrics of CustomerFleets, made from their statuses, so that they leave with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from livecost import metric_names as names
from livecost.decide import POOL_NAMES

Json = dict[str, Any]
Fleets = Callable[[], Iterable[tuple[tuple[str, str], Json]]]

_FLEET = [names.FLEET_NAMESPACE_LABEL, names.FLEET_LABEL]
_COSTS = {
    names.FLEET_PROJECTED_COST: ("projectedAnnual", "Projected cost per year."),
    names.FLEET_OBSERVED_COST: ("observedAnnual", "Observed run rate per year, of the observed customers alone."),
    names.FLEET_OBSERVED_CUSTOMERS: ("observedCustomers", "Customers whose cost is observed."),
    names.FLEET_REVENUE: ("revenueAnnual", "License revenue per year."),
}


class FleetCollector(Collector):
    """Series of all fleets, read from their statuses when asked."""

    def __init__(self, fleets: Fleets) -> None:
        self._fleets = fleets

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """All series; what is unknown has none."""
        fleets = [(key, status) for key, status in self._fleets() if "customers" in status]
        customers = GaugeMetricFamily(
            names.FLEET_CUSTOMERS, "Customers of a fleet: counted, or of unknown cost.", labels=[*_FLEET, "state"]
        )
        nodes = GaugeMetricFamily(
            names.FLEET_NODES, "Nodes that a fleet's customers should have now.", labels=[*_FLEET, names.POOL_LABEL]
        )
        for key, status in fleets:
            for state in ("counted", "unknown"):
                customers.add_metric([*key, state], status["customers"][state])
            for pool in POOL_NAMES:
                nodes.add_metric([*key, pool], status["nodes"][pool]["desired"])
        yield from (customers, nodes)
        for metric, (field, text) in _COSTS.items():
            family = GaugeMetricFamily(metric, text, labels=[*_FLEET, "currency"])
            for key, status in fleets:
                # One total where there is one; else the currencies apart, which nobody may add up.
                for cost in [status["cost"]] if "cost" in status else status["currencies"]:
                    if cost[field] is not None:
                        family.add_metric([*key, cost["currency"]], float(cost[field]))
            yield family
        pooled = GaugeMetricFamily(
            names.FLEET_POOLED_COST, "Projected cost per year on shared clusters.", labels=[*_FLEET, "currency"]
        )
        for key, status in fleets:
            if "pooled" in status:
                pooled.add_metric([*key, status["pooled"]["currency"]], float(status["pooled"]["annual"]))
        yield pooled

"""Customers of one Prometheus in parts, each small enough for questions that look at weeks."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from livecost.promql import label_names, quoted
from livecost.telemetry import Customer

# Two weeks in steps of five minutes, of which a query holds some four series a node, are 50 million samples at 15 nodes
# for each of so many customers, and a Prometheus gives no more by default.
MOST_CUSTOMERS = 200


@dataclass(frozen=True, slots=True)
class Batch:
    """Customers to ask about at once.

    Attributes:
        customers: who they are.
        selector: matchers that all their series meet, and few others'; empty for all series.
    """

    customers: Sequence[Customer]
    selector: str


def batches(customers: Sequence[Customer], *, among: int, most: int = MOST_CUSTOMERS) -> list[Batch]:
    """Customers in parts; one part without a selector where they are among few.

    A customer's series are all in its own part, so that whatever is asked of them is exact.

    Args:
        customers: who is asked about; whose series cannot be known is left out of parts with a selector.
        among: the number of all customers of their Prometheus.
        most: how many customers a part may have.
    """
    if among <= most:
        return [Batch(customers, "")]
    by_names: defaultdict[frozenset[str], list[Customer]] = defaultdict(list)
    for customer in customers:
        by_names[frozenset(customer.match_labels)].append(customer)
    parts = [
        (label_names(list(names)), members[start : start + most])
        for names, members in by_names.items()
        for start in range(0, len(members), most)
    ]
    return [Batch(members, ", ".join(_matcher(name, members) for name in names)) for names, members in parts if names]


def _matcher(name: str, customers: Sequence[Customer]) -> str:
    values = sorted({customer.match_labels[name] for customer in customers})
    return f"{name}=~{quoted('|'.join(map(re.escape, values)))}"

"""The fleet's page: its rows, totals and state as HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from livecost.fleet_page.customer_row import CustomerRow, customer_row
from livecost.fleet_page.fleets_view import fleet_rows
from livecost.fleet_page.patches import Parts
from livecost.fleet_page.table_query import CLOUDS, PAGE_ROWS, SORTS, STATES, TableQuery
from livecost.fleet_page.totals import add_up
from livecost.fleet_page.words import age
from livecost.web.rendering import render

if TYPE_CHECKING:
    from datetime import datetime

    from livecost.fleet_page.source import LiveSource
    from livecost.store import ClusterKey, CostProfile, CustomerCluster


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what it is sorted by, its head, what the head says in full, and whether it holds numbers."""

    sort: str
    title: str
    description: str
    number: bool = True


COLUMNS: Final = (
    Column("name", "Customer", "Namespace and name", number=False),
    Column("users", "Users", "People who may use the cluster"),
    Column("peak", "Peak", "Users at the same time at the peak"),
    Column("livekit", "LiveKit", "LiveKit nodes, ready/desired"),
    Column("sim", "Sim", "Sim nodes, ready/desired"),
    Column("projected", "Projected", "Projected cost per month"),
    Column("observed", "Observed", "Observed run rate per month"),
    Column("variance", "Variance", "Observed against projected cost"),
    Column("ready", "Ready", "Whether everything is as planned", number=False),
    Column("age", "Age", "Time since creation"),
    Column("profile", "Profile", "CostProfile and cloud", number=False),
    Column("margin", "Margin", "Gross margin in percent of the license"),
    Column("budget", "Budget", "Share of the monthly budget that the larger of both costs takes"),
    Column("reason", "Reason", "Why it is ready or not", number=False),
)
assert {column.sort for column in COLUMNS} == set(SORTS)  # noqa: S101 - every column can be sorted


class TableView:
    """Shows the customers of a source; rows are made once for each version of a customer."""

    def __init__(self, source: LiveSource) -> None:
        self._source = source
        self._made: dict[ClusterKey, tuple[CustomerCluster, CostProfile | None, CustomerRow]] = {}

    def rows(self) -> list[CustomerRow]:
        """All rows, in no order."""
        customers, profiles = self._source.customers, self._source.profiles
        for key in self._made.keys() - customers.keys():
            del self._made[key]
        rows = []
        for key, customer in customers.items():
            profile = None if customer.spec is None else profiles.get(customer.spec.profile_ref.name)
            made = self._made.get(key)
            if made is None or made[0] is not customer or made[1] is not profile:
                made = self._made[key] = (customer, profile, customer_row(customer, profile))
            rows.append(made[2])
        return rows

    def parts(self, query: TableQuery, now: datetime) -> Parts:
        """What the page shows under a query."""
        everything = self.rows()
        found = query.ordered(query.filtered(everything))
        pages = max(-(-len(found) // PAGE_ROWS), 1)
        query = query.at_page(min(query.page, pages))
        first = (query.page - 1) * PAGE_ROWS
        shown = found[first : first + PAGE_ROWS]
        profiles = sorted({row.profile for row in everything if row.profile} | ({query.profile} - {""}))
        view = {
            "query": query,
            "state": self._source.state,
            "all_rows": len(everything),
            "found": len(found),
            "first": first + 1,
            "last": first + len(shown),
            "pages": pages,
        }
        names: dict[str, dict[str, Any]] = {
            "watch": {},
            "totals": {"totals": add_up(found)},
            "live-fleets": {
                "fleets": fleet_rows(self._source.fleets, now),
                "problem": self._source.fleets_problem,
            },
            "columns": {"columns": COLUMNS},
            "pager": {},
            "profile": {"profiles": profiles},
        }
        parts = {name: render(f"fleet/{name}.html", **view, **more) for name, more in names.items()}
        rows = {row.path: render("fleet/row.html", row=row, age=_age(row, now)) for row in shown}
        return Parts(parts, rows)


def page_html(parts: Parts, query: TableQuery, navigation: object) -> str:
    """The whole page."""
    return render(
        "fleet.html", parts=parts.parts, rows=parts.rows, query=query, states=STATES, clouds=CLOUDS,
        navigation=navigation, here="/fleet",
    )  # fmt: skip


def _age(row: CustomerRow, now: datetime) -> str:
    return age((now - row.created_at).total_seconds())

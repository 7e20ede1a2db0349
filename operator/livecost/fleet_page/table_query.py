"""What the fleet's table shows of all rows: filter, order and page, which its address holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from costmodel import PACKAGED_CLOUDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from livecost.fleet_page.customer_row import CustomerRow, PoolCount

PAGE_ROWS: Final = 100
MAX_TEXT: Final = 200
CONDITIONS: Final = ("Ready", "Sized", "TargetsApplied", "CostObserved", "CostAsProjected", "WithinBudget")
STATES: Final = tuple((kind, status) for kind in CONDITIONS for status in ("False", "Unknown"))
CLOUDS: Final = (*PACKAGED_CLOUDS, "custom")


def _amount(amount: Decimal | None, currency: str | None) -> Any:
    # Amounts of unlike currencies are not compared: each currency stands together.
    return None if amount is None else (currency or "", amount)


def _nodes(count: PoolCount | None) -> Any:
    return None if count is None else (count.desired, -1 if count.ready is None else count.ready)


SORTS: Final[Mapping[str, Callable[[CustomerRow], Any]]] = {
    "name": lambda row: row.key,
    "users": lambda row: row.users,
    "peak": lambda row: row.peak,
    "livekit": lambda row: _nodes(row.livekit),
    "sim": lambda row: _nodes(row.sim),
    "projected": lambda row: _amount(row.projected, row.currency),
    "observed": lambda row: _amount(row.observed, row.currency),
    "variance": lambda row: row.variance_percent,
    "ready": lambda row: row.ready,
    "age": lambda row: -row.created_at.timestamp(),
    "profile": lambda row: (row.profile, row.cloud or ""),
    "margin": lambda row: row.margin_percent,
    "budget": lambda row: row.budget_percent,
    "reason": lambda row: row.reason,
}
"""Column to the value that it is ordered by; None is unknown."""


@dataclass(frozen=True, slots=True)
class TableQuery:
    """A view on the rows; the defaults show all of them by name.

    Attributes:
        text: words that a row must hold, all of them.
        state: `Type:Status` of a condition that a row must have; one that is not there is unknown.
        cloud: its cloud.
        profile: its CostProfile.
        sort: one of `SORTS`.
        descending: whether the largest comes first; unknown comes last both ways.
        page: from 1.
    """

    text: str = ""
    state: str = ""
    cloud: str = ""
    profile: str = ""
    sort: str = "name"
    descending: bool = False
    page: int = 1

    def query(self) -> str:
        """The view as a query; `parse_query` reads it back."""
        pairs = {
            "q": self.text,
            "state": self.state,
            "cloud": self.cloud,
            "profile": self.profile,
            "sort": "" if self.sort == "name" else self.sort,
            "dir": "desc" if self.descending else "",
            "page": "" if self.page == 1 else str(self.page),
        }
        return urlencode({name: value for name, value in pairs.items() if value})

    def sorted_by(self, column: str) -> TableQuery:
        """The first page by a column; by the same column again, the other way round."""
        return replace(self, sort=column, descending=column == self.sort and not self.descending, page=1)

    def at_page(self, page: int) -> TableQuery:
        """Another page."""
        return replace(self, page=page)

    def filtered(self, rows: Iterable[CustomerRow]) -> list[CustomerRow]:
        """The rows that pass the filters."""
        words = self.text.casefold().split()
        kind, _, status = self.state.partition(":")
        return [
            row
            for row in rows
            if (not self.state or row.conditions.get(kind, "Unknown") == status)
            and (not self.cloud or row.cloud == self.cloud)
            and (not self.profile or row.profile == self.profile)
            and (not words or _holds(row.searched, words))
        ]

    def ordered(self, rows: Iterable[CustomerRow]) -> list[CustomerRow]:
        """Rows in order; equal ones by name, unknown ones last."""
        value = SORTS[self.sort]
        known: list[CustomerRow] = []
        unknown: list[CustomerRow] = []
        for row in sorted(rows, key=lambda each: each.key):
            (unknown if value(row) is None else known).append(row)
        return sorted(known, key=value, reverse=self.descending) + unknown


def _holds(text: str, words: Sequence[str]) -> bool:
    return all(word in text for word in words)


def parse_query(params: Mapping[str, str]) -> TableQuery:
    """The view that an address asks for; what it cannot mean is left out, as links may be older than the page."""
    sort, page, state = params.get("sort", "name"), params.get("page", "1"), params.get("state", "")
    cloud = params.get("cloud", "")
    return TableQuery(
        text="".join(each for each in params.get("q", "") if each.isprintable())[:MAX_TEXT],
        state=state if tuple(state.split(":")) in STATES else "",
        cloud=cloud if cloud in CLOUDS else "",
        profile=params.get("profile", "")[:253],
        sort=sort if sort in SORTS else "name",
        descending=params.get("dir") == "desc",
        page=int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 6 and int(page) else 1,
    )

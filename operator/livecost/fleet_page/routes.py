"""The addresses of the fleet's pages, and what keeps them in step with the cluster."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from livecost.fleet_page.customer_page import PARTS, customer_parts, gone
from livecost.fleet_page.patches import Parts, patches
from livecost.fleet_page.table_query import TableQuery, parse_query
from livecost.fleet_page.table_view import TableView, page_html
from livecost.fleet_page.trend import SPANS, first_span
from livecost.store import ClusterKey
from livecost.web.app import NavigationEntry
from livecost.web.rendering import render

if TYPE_CHECKING:
    from livecost.fleet_page.source import LiveSource
    from livecost.fleet_page.trend import Trends
    from livecost.store import CustomerCluster

MAX_STREAMS: Final = 200
MAX_VIEWS: Final = 50
"""Views kept of one moment."""


class FleetPage:
    """What the addresses share.

    Attributes:
        source: the live objects.
        table: their rows.
        trends: their past.
        streams: browsers that are kept up to date.
    """

    def __init__(self, source: LiveSource, trends: Trends) -> None:
        self.source = source
        self.table = TableView(source)
        self.trends = trends
        self.streams = 0
        self._moment: tuple[int, datetime] | None = None
        self._views: dict[TableQuery, Parts] = {}

    def view(self, query: TableQuery) -> Parts:
        """The table under a query for a stream; all that wake at one change and ask for the same are shown the same."""
        now = datetime.now(UTC)
        moment = self.source.pulse.beat, now.replace(microsecond=0)
        if moment != self._moment or len(self._views) >= MAX_VIEWS:
            self._moment, self._views = moment, {}
        if query not in self._views:
            self._views[query] = self.table.parts(query, now)
        return self._views[query]

    def take_seat(self) -> None:
        """Refuse a further browser where too many are kept up to date."""
        if self.streams >= MAX_STREAMS:
            raise HTTPException(503, "too many pages are open", headers={"Retry-After": "30"})

    async def streamed(self, look: Callable[[], Awaitable[Parts]]) -> AsyncIterator[ServerSentEvent]:
        """What `look` gives, whenever the cluster changes."""
        self.streams += 1
        try:
            async for event in patches(look, self.source.pulse):
                yield event
        finally:
            self.streams -= 1


def add_fleet_page(app: FastAPI, source: LiveSource, trends: Trends) -> None:
    """Add the pages to an application; its lifespan follows the cluster."""
    page = FleetPage(source, trends)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with source.following():
            yield
        trends.close()

    app.router.lifespan_context = lifespan
    app.state.navigation.append(NavigationEntry("/fleet", "Live fleet"))
    app.include_router(fleet_router(page))


def fleet_router(page: FleetPage) -> APIRouter:
    """The table's addresses, and below them each customer's."""
    router = APIRouter(prefix="/fleet", include_in_schema=False)

    @router.get("")
    async def fleet(request: Request) -> HTMLResponse:
        query = parse_query(request.query_params)
        parts = page.table.parts(query, datetime.now(UTC))
        return HTMLResponse(page_html(parts, query, request.app.state.navigation))

    @router.get("/events", response_class=EventSourceResponse, dependencies=[Depends(page.take_seat)])
    async def events(request: Request) -> AsyncIterator[ServerSentEvent]:
        query = parse_query(request.query_params)

        async def look() -> Parts:
            return page.view(query)

        async for event in page.streamed(look):
            yield event

    @router.get("/trend")
    async def trend(span: Annotated[str | None, Depends(_span)]) -> HTMLResponse:
        return HTMLResponse(await page.trends.html(span or first_span(_age(page.source.customers.values()))))

    router.include_router(_customer_router(page), prefix="/{namespace}/{name}")
    return router


def _customer_router(page: FleetPage) -> APIRouter:
    router = APIRouter()

    @router.get("")
    async def customer(request: Request, key: Annotated[ClusterKey, Depends(_key)]) -> HTMLResponse:
        parts = await customer_parts(page.source, key, datetime.now(UTC))
        shown = {**dict.fromkeys(PARTS, ""), **(parts or gone(key)).parts}
        navigation = request.app.state.navigation
        text = render("customer.html", key=key, parts=shown, here="/fleet", navigation=navigation)
        return HTMLResponse(text, 200 if parts else 404)

    @router.get("/events", response_class=EventSourceResponse, dependencies=[Depends(page.take_seat)])
    async def events(key: Annotated[ClusterKey, Depends(_key)]) -> AsyncIterator[ServerSentEvent]:
        async def look() -> Parts:
            return await customer_parts(page.source, key, datetime.now(UTC)) or gone(key)

        async for event in page.streamed(look):
            yield event

    @router.get("/trend")
    async def trend(
        key: Annotated[ClusterKey, Depends(_key)], span: Annotated[str | None, Depends(_span)]
    ) -> HTMLResponse:
        customer = page.source.customers.get(key)
        if customer is None:
            raise HTTPException(404, "there is no such customer")
        return HTMLResponse(await page.trends.html(span or first_span(_age([customer])), key))

    return router


def _key(namespace: str, name: str) -> ClusterKey:
    return namespace, name


def _span(request: Request) -> str | None:
    span = request.query_params.get("span")
    return span if span in SPANS else None


def _age(customers: Iterable[CustomerCluster]) -> float:
    """Seconds since the first of them was created; 0 without any."""
    now = datetime.now(UTC)
    return max(((now - each.created_at).total_seconds() for each in customers), default=0.0)

"""The calculator's page and the parts of it that follow an edit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response

from livecost.web.clouds import switched
from livecost.web.form_submission import FROM, submitted_state
from livecost.web.form_view import problems_by_input
from livecost.web.page import Calculator, calculator
from livecost.web.rendering import render
from livecost.web.state import parse_state

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def health() -> Response:
    """Whether the server answers."""
    return PlainTextResponse("ok\n")


@router.get("/")
def page(request: Request) -> Response:
    """The page of the state in its address; a form sent without JavaScript is turned into such an address."""
    query = request.url.query
    if FROM in request.query_params:
        state = submitted_state(dict(parse_qsl(query, keep_blank_values=True)))
        return RedirectResponse(f"/?{state.query()}", 303)
    return _page_answer(request, calculator(parse_state(query)))


def _page_answer(request: Request, shown: Calculator) -> HTMLResponse:
    navigation = request.app.state.navigation
    text = render("calculator.html", **shown.view(), navigation=navigation, here="/")
    return HTMLResponse(text, 422 if shown.problems else 200)


@router.post("/calculator/update")
async def update(request: Request) -> Response:
    """The parts of the page after an edit; the body is the state as a query."""
    state = parse_state((await request.body()).decode("utf-8", "replace"))
    cloud = request.query_params.get("cloud")
    if cloud is not None:
        state = replace(state, active=replace(state.active, fields=switched(state.active.fields, cloud)))
    shown = calculator(state)
    return JSONResponse(_update(shown, form=cloud is not None or "form" in request.query_params))


def _update(shown: Calculator, *, form: bool) -> dict[str, Any]:
    beside, elsewhere = problems_by_input(shown.problems)
    answer: dict[str, Any] = {"query": shown.state.query(), "problems": beside, "elsewhere": elsewhere}
    if not shown.problems:
        answer |= {
            "fragments": shown.fragments(),
            "values": shown.evaluation.shown(),
            "currency": shown.evaluation.estimate.currency,
            "announcement": shown.announcement(),
        }
    if form:
        answer["form"] = render("form.html", **shown.view())
    return answer

"""The calculator's page and the parts of it that follow an edit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from costmodel import AssumptionsError
from livecost.web.clouds import switched
from livecost.web.exports import EXPORTS, imported
from livecost.web.failures import problems_answer
from livecost.web.form_submission import FROM, WINDOW, submitted_state
from livecost.web.form_view import problems_by_input
from livecost.web.page import Calculator, calculator
from livecost.web.panels import panel_html
from livecost.web.rendering import render
from livecost.web.schedule_editor import with_action
from livecost.web.state import PANELS, PageState, parse_state

_FORM_CHANGES: Final = ("cloud", WINDOW, "form")
"""What an update may ask for that changes the inputs themselves."""

router = APIRouter(include_in_schema=False)


@router.api_route("/healthz", methods=["GET", "HEAD"])
async def health() -> Response:
    """Whether the server answers."""
    return PlainTextResponse("ok\n")


@router.api_route("/", methods=["GET", "HEAD"])
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
    state = parse_state(await _text(request))
    asked, fields = request.query_params, state.active.fields
    if "cloud" in asked:
        fields = switched(fields, asked["cloud"])
    if WINDOW in asked:
        fields = with_action(fields, asked[WINDOW], asked.get("zone", ""))
    shown = calculator(replace(state, active=replace(state.active, fields=fields)))
    return JSONResponse(_update(shown, form=not asked.keys().isdisjoint(_FORM_CHANGES)))


@router.post("/calculator/panel/{name}")
async def panel(request: Request, name: str) -> Response:
    """One panel of the page; the body is the state as a query."""
    state = parse_state(await _text(request))
    if name not in PANELS:
        raise HTTPException(404)
    return HTMLResponse(await run_in_threadpool(_panel_beside_figures, name, state))


@router.get("/panel")
def panel_settings(request: Request) -> Response:
    """The settings of a panel, sent without JavaScript."""
    sent = dict(request.query_params)
    state = parse_state(sent.pop(FROM, ""))
    name = sent.pop("panel", "")
    if name not in PANELS:
        raise HTTPException(404)
    state = replace(state, panels={**state.panels, name: sent})
    return RedirectResponse(f"/?{state.query()}#panel-{name}", 303)


@router.get("/export/{file}")
def export(request: Request, file: str) -> Response:
    """A file of the scenario in the address."""
    if file not in EXPORTS:
        raise HTTPException(404)
    kind = EXPORTS[file]
    text = kind.write(parse_state(request.url.query).active)
    return Response(text, media_type=kind.media_type, headers={"Content-Disposition": f'attachment; filename="{file}"'})


@router.post("/import")
async def import_form(request: Request) -> Response:
    """A document pasted without JavaScript."""
    form = dict(parse_qsl(await _text(request), keep_blank_values=True))
    before = parse_state(form.get(FROM, ""))
    state = await run_in_threadpool(imported, form.get("text", ""), before)
    return RedirectResponse(f"/?{state.query()}", 303)


@router.post("/calculator/import")
async def import_text(request: Request) -> Response:
    """The address of the state with a document as the scenario at work; the body is a form with `from` and `text`."""
    form = dict(parse_qsl(await _text(request), keep_blank_values=True))
    try:
        state = await run_in_threadpool(imported, form.get("text", ""), parse_state(form.get(FROM, "")))
    except AssumptionsError as error:
        return problems_answer(error.problems)
    return JSONResponse({"query": state.query()})


async def _text(request: Request) -> str:
    return (await request.body()).decode("utf-8", "replace")


def _panel_beside_figures(name: str, state: PageState) -> str:
    """A panel for a page that is open: it shows its last good figures, beside which a stand-in's would mislead."""
    shown = calculator(state)
    return panel_html(name, state, shown.evaluation, is_refused=bool(shown.problems))


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

"""Answers to what goes wrong: problems by field as JSON, or a page in words. A traceback goes to the log only."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from costmodel import AssumptionsError
from livecost.web.protection import HEADERS, BodyTooLargeError, too_large
from livecost.web.rendering import render

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi import FastAPI, Request
    from starlette.responses import Response

    from costmodel import Problem

_log = logging.getLogger("livecost.web")
_API = "/api/"


def add_failure_answers(app: FastAPI) -> None:
    """Register the answers."""
    app.add_exception_handler(AssumptionsError, _refused)
    app.add_exception_handler(BodyTooLargeError, _body_too_large)
    app.add_exception_handler(HTTPException, _not_there)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _failed)


def problems_answer(problems: Iterable[Problem]) -> JSONResponse:
    """422 with each problem's field, message and remedy."""
    listed = [{"field": each.field, "message": each.message, "remedy": each.remedy} for each in problems]
    return JSONResponse({"problems": listed}, 422)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, AssumptionsError)  # noqa: S101 - registered for it
    if request.url.path.startswith(_API):
        return problems_answer(error.problems)
    return _page(request, 422, "This cannot be read", list(map(str, error.problems)))


async def _body_too_large(request: Request, error: Exception) -> Response:
    return too_large()


async def _gone(request: Request, error: Exception) -> Response:
    # Nobody reads it; a client that left in the middle of its request is no failure of the server's.
    return PlainTextResponse("The request ended early.\n", 400)


async def _not_there(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    if request.url.path.startswith(_API):
        return JSONResponse({"detail": error.detail}, error.status_code, headers=error.headers)
    title = "There is no such page" if error.status_code == 404 else str(error.detail)
    return _page(request, error.status_code, title, [])


async def _failed(request: Request, error: Exception) -> Response:
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    answer: Response
    if request.url.path.startswith(_API):
        answer = JSONResponse({"detail": "livecost failed; its log tells why"}, 500)
    else:
        answer = _page(request, 500, "livecost failed", ["Its log tells why. Nothing was changed."])
    # The framework sends this answer from outside of the middleware.
    answer.headers.update(HEADERS)
    return answer


def _page(request: Request, status: int, title: str, lines: list[str]) -> HTMLResponse:
    navigation = request.app.state.navigation
    return HTMLResponse(render("error.html", title=title, lines=lines, navigation=navigation, here=""), status)

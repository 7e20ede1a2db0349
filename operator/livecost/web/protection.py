"""Headers that keep a browser from loading or running anything of another origin, and limits on what is sent here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

from livecost.web.state import MAX_QUERY_BYTES

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES: Final = 64 * 1024
"""An assumptions document is a few lines."""
_MAX_URL_BYTES: Final = 2 * MAX_QUERY_BYTES

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_LIVE: Final = {"Cache-Control": "no-store"}


class Protection:
    """ASGI middleware: refuses what is too long, and sends `HEADERS` with every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_static = scope["path"].startswith("/static/")

        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in {**HEADERS, **({"Cache-Control": "no-cache"} if is_static else _LIVE)}.items():
                    headers[name] = value
            await send(message)

        answer = _refusal(scope)
        if answer is not None:
            await answer(scope, receive, send_protected)
            return
        received = 0

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BODY_BYTES:
                raise BodyTooLargeError
            return message

        await self._app(scope, receive_limited, send_protected)


class BodyTooLargeError(Exception):
    """A body without a stated length turned out to be longer than `MAX_BODY_BYTES`."""


def _refusal(scope: Scope) -> PlainTextResponse | None:
    if len(scope["query_string"]) + len(scope["path"]) > _MAX_URL_BYTES:
        return PlainTextResponse("The address is too long; remove scenarios.\n", 414)
    headers = Headers(scope=scope)
    # Nothing is changed here, but a page elsewhere may not make this server compute either.
    if scope["method"] == "POST" and headers.get("sec-fetch-site") == "cross-site":
        return PlainTextResponse("A page of another site may not send here.\n", 403)
    length = headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit() or int(length) > MAX_BODY_BYTES:
        return too_large()
    return None


def too_large() -> PlainTextResponse:
    """The answer to a body that is too large."""
    return PlainTextResponse(f"At most {MAX_BODY_BYTES // 1024} KiB are read; send less.\n", 413)

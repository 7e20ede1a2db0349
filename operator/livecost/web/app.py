"""The web application: its routes, its protection, and how it answers what goes wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fastapi import FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles

from livecost import __version__
from livecost.web import api_routes, calculator_routes
from livecost.web.failures import add_failure_answers
from livecost.web.protection import Protection

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import Receive, Scope, Send

LOOPBACK_HOSTS: Final = ("localhost", "127.0.0.1", "[::1]")
_STATIC: Final = Path(__file__).parent / "static"


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """A page that the head of every page links to."""

    href: str
    title: str


@dataclass(frozen=True, slots=True)
class WebSettings:
    """How the application runs.

    Attributes:
        allowed_hosts: names by which it may be asked for, besides those of the loopback; "*" allows all.
    """

    allowed_hosts: tuple[str, ...] = field(default=())


class _HostCheck(TrustedHostMiddleware):
    """Against DNS rebinding: a page of another origin that resolves to this address is not answered."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        # A cluster asks for the health by the pod's address, and it tells nothing.
        await (self.app if scope.get("path") == "/healthz" else super().__call__)(scope, receive, send)


def create_app(settings: WebSettings | None = None) -> FastAPI:
    """The application, without anything started."""
    settings = settings or WebSettings()
    app = FastAPI(
        title="livecost",
        version=__version__,
        description="Sizes and prices live customer clusters. It reads and computes; it changes nothing.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    app.state.navigation = [NavigationEntry("/", "Calculator")]
    app.include_router(calculator_routes.router)
    app.include_router(api_routes.router)
    api_routes.describe_questions(app)
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    add_failure_answers(app)
    app.add_middleware(_HostCheck, allowed_hosts=_hosts(settings.allowed_hosts), www_redirect=False)
    app.add_middleware(Protection)
    return app


def _hosts(allowed: Iterable[str]) -> list[str]:
    return ["*"] if "*" in allowed else [*LOOPBACK_HOSTS, *allowed]

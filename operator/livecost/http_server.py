"""Adapter: /healthz, /readyz and /metrics over HTTP."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import CollectorRegistry, exposition


class CannotListen(Exception):
    """An address or a port cannot be listened on; the text says why, and which option to change."""


@asynccontextmanager
async def serve(
    address: str, port: int, registry: CollectorRegistry, why_not_ready: Callable[[], str | None]
) -> AsyncIterator[int]:
    """Answer until the context ends; the port is given, chosen by the system when 0 is asked for.

    Args:
        address: address to listen on.
        port: port to listen on.
        registry: metrics to show.
        why_not_ready: None when ready, or what is waited for.

    Raises:
        CannotListen: the port cannot be listened on.
    """

    async def healthz(_: web.Request) -> web.Response:
        # That an answer comes at all proves the event loop is alive; nothing outside may restart this process.
        return web.Response(text="ok\n")

    async def readyz(_: web.Request) -> web.Response:
        reason = why_not_ready()
        return web.Response(text="ok\n") if reason is None else web.Response(text=f"{reason}\n", status=503)

    async def metrics(request: web.Request) -> web.Response:
        # Thousands of customers take a moment to write out, so a reader may ask for single metrics by name.
        names = request.query.getall("name[]", [])
        asked = registry.restricted_registry(names) if names else registry
        body = await asyncio.to_thread(exposition.generate_latest, asked)
        return web.Response(body=body, headers={"Content-Type": exposition.CONTENT_TYPE_PLAIN_0_0_4})

    @web.middleware
    async def closing(request: web.Request, handler: Handler) -> web.StreamResponse:
        # kopf waits for seconds for whatever task is left at its end, as that of a connection which a scraper keeps.
        response = await handler(request)
        response.force_close()
        return response

    app = web.Application(middlewares=[closing])
    app.add_routes([web.get("/healthz", healthz), web.get("/readyz", readyz), web.get("/metrics", metrics)])
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    try:
        site = web.TCPSite(runner, address, port)
        try:
            await site.start()
        except (OSError, UnicodeError) as error:
            raise _told(address, port, error) from error
        bound: int = runner.addresses[0][1]
        yield bound
    finally:
        await runner.cleanup()


def _told(address: str, port: int, error: OSError | UnicodeError) -> CannotListen:
    match getattr(error, "errno", None):
        case errno.EADDRINUSE:
            return CannotListen(f"port {port} of {address} is taken; choose another --listen-port, or 0 for a free one")
        case errno.EACCES:
            return CannotListen(f"port {port} is not this process's to listen on; choose a --listen-port above 1023")
        case errno.EADDRNOTAVAIL:
            return CannotListen(f"{address} is no address of this machine; choose another --listen-address")
    if isinstance(error, socket.gaierror | UnicodeError):
        return CannotListen(f"{address} is not known as an address; choose another --listen-address")
    return CannotListen(f"port {port} of {address} cannot be listened on: {error.strerror or error}")

"""`livecost web`: the calculator in a browser."""

from __future__ import annotations

import webbrowser

import click

from livecost.examples import examples

_LOOPBACK = "127.0.0.1"


@click.command(
    name="web",
    epilog=examples(
        "livecost web  # runs until Ctrl-C",
        "livecost web --port 9000 --open  # runs until Ctrl-C",
        "livecost web --host 0.0.0.0 --allowed-host cost.example.com  # runs until Ctrl-C",
    ),
)
@click.option("--host", default=_LOOPBACK, show_default=True, help="Address to listen on; 0.0.0.0 is every one.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port; 0 takes a free one."
)
@click.option(
    "--allowed-host",
    "allowed_hosts",
    metavar="NAME",
    multiple=True,
    help="Name by which browsers may ask for it, besides those of this machine; * is any. May be repeated.",
)
@click.option("--open", "open_browser", is_flag=True, help="Open the page in the browser.")
def web_command(*, host: str, port: int, allowed_hosts: tuple[str, ...], open_browser: bool) -> None:
    """Serve the calculator: edit any assumption in a browser, see size, cost and margin at once.

    It needs no cluster and no internet, reads and computes only, and stores nothing. There is no login: where others
    can reach it, put a proxy with one before it (docs/web.md).
    """
    import uvicorn  # noqa: PLC0415 - other commands start without it

    from livecost.web.app import WebSettings, create_app  # noqa: PLC0415

    allowed = allowed_hosts if host in {_LOOPBACK, "0.0.0.0", "::", "::1"} else (*allowed_hosts, host)  # noqa: S104
    app = create_app(WebSettings(allowed))
    settings = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        h11_max_incomplete_event_size=64 * 1024,
    )
    with settings.bind_socket() as listener:
        shown = "localhost" if host in {_LOOPBACK, "0.0.0.0", "::", "::1"} else host  # noqa: S104
        address = f"http://{shown}:{listener.getsockname()[1]}/"
        click.echo(f"livecost web: {address} (Ctrl-C ends it)", err=True)
        if open_browser:
            webbrowser.open(address)
        uvicorn.Server(settings).run([listener])

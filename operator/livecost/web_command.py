"""`livecost web`: the calculator in a browser."""

from __future__ import annotations

import webbrowser
from typing import TYPE_CHECKING, Any

import click

from livecost.customer_options import object_name
from livecost.examples import examples
from livecost.prometheus_options import check_login, prometheus_options
from livecost.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI

_LOOPBACK = "127.0.0.1"


@click.command(
    name="web",
    epilog=examples(
        "livecost web  # runs until Ctrl-C",
        "livecost web --port 9000 --open  # runs until Ctrl-C",
        "livecost web --host 0.0.0.0 --allowed-host cost.example.com  # runs until Ctrl-C",
        "livecost web --prometheus-url http://prometheus:9090  # runs until Ctrl-C",
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
@click.option("--kubeconfig", metavar="FILE", help="Kubeconfig file; $KUBECONFIG or ~/.kube/config when left out.")
@click.option("--context", help="Context of the kubeconfig; its current one when left out.")
@click.option(
    "-n",
    "--namespace",
    "namespaces",
    multiple=True,
    callback=object_name,
    help="Namespace whose live customers are shown; repeat for several. All namespaces when left out.",
)
@click.option(
    "--prometheus-url",
    metavar="URL",
    show_envvar=True,
    envvar="LIVECOST_PROMETHEUS_URL",
    help="Prometheus that scrapes the operator, for the trend of live cost, such as http://prometheus:9090.",
)
@prometheus_options("--prometheus-url", environment=True)
@click.option("--calculator-only", is_flag=True, help="Show no live customers, and ask no cluster.")
def web_command(  # noqa: PLR0913 - each option is one
    *,
    host: str,
    port: int,
    allowed_hosts: tuple[str, ...],
    open_browser: bool,
    kubeconfig: str | None,
    context: str | None,
    namespaces: tuple[str, ...],
    prometheus_url: str | None,
    calculator_only: bool,
    **login: Any,
) -> None:
    """Serve the calculator and the live fleet: edit any assumption in a browser, see the customers as they are.

    The calculator needs no cluster and no internet. The fleet follows the cluster of your kubeconfig, or of the pod it
    runs in. Both read and compute only, and store nothing. There is no login: where others can reach it, put a proxy
    with one before it (docs/web.md).
    """
    telemetry = Settings(namespaces=tuple(dict.fromkeys(namespaces)), prometheus_url=prometheus_url, **login)
    check_login(telemetry, "--prometheus-url")

    from livecost.web.app import WebSettings, create_app  # noqa: PLC0415 - other commands start without its packages
    from livecost.web.serving import Server, bound_socket, server_settings  # noqa: PLC0415

    allowed = allowed_hosts if host in {_LOOPBACK, "0.0.0.0", "::", "::1"} else (*allowed_hosts, host)  # noqa: S104
    app = create_app(WebSettings(allowed))
    end_streams = _nothing if calculator_only else _add_fleet(app, kubeconfig, context, telemetry)
    with bound_socket(host, port) as listener:
        shown = "localhost" if host in {_LOOPBACK, "0.0.0.0", "::", "::1"} else host  # noqa: S104
        address = f"http://{shown}:{listener.getsockname()[1]}/"

        def listening() -> None:
            click.echo(f"livecost web: {address} (Ctrl-C ends it)", err=True)
            if open_browser:
                webbrowser.open(address)

        Server(server_settings(app, host, port), listening, end_streams).run([listener])


def _nothing() -> None:
    """End no streams."""


def _add_fleet(app: FastAPI, kubeconfig: str | None, context: str | None, telemetry: Settings) -> Callable[[], None]:
    try:
        from livecost.fleet_page.logs import log_to_stderr  # noqa: PLC0415 - the calculator does without
        from livecost.fleet_page.routes import add_fleet_page  # noqa: PLC0415
        from livecost.fleet_page.source import LiveSource  # noqa: PLC0415
        from livecost.fleet_page.trend import Trends  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("livecost"):
            raise
        click.echo(f"live customers are left out: {error.name} is missing; pip install 'livecost[operator]'", err=True)
        return _nothing
    log_to_stderr()
    source = LiveSource(kubeconfig, context, telemetry.namespaces)
    add_fleet_page(app, source, Trends(telemetry))
    return source.pulse.stop

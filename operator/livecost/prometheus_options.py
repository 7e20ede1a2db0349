"""Options of the commands that ask a Prometheus: how it is reached, and what an answer may take."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from livecost.settings import Settings

Command = TypeVar("Command", bound=Callable[..., object])

_DEFAULTS = Settings()


def prometheus_options(url_option: str, *, environment: bool) -> Callable[[Command], Command]:
    """Options whose names are those of the fields of `Settings` that begin with prometheus_, but for the address.

    Args:
        url_option: the option that tells the address, such as --prometheus-url.
        environment: whether the command's options can be set by environment variables.
    """
    file = click.Path(path_type=Path, dir_okay=False)
    anew = "; read anew each time" if environment else ""

    def variable(name: str) -> dict[str, Any]:
        return {"envvar": f"LIVECOST_PROMETHEUS_{name}", "show_envvar": True} if environment else {}

    options = [
        click.option(
            "--prometheus-timeout-seconds",
            type=click.IntRange(1, 300),
            default=_DEFAULTS.prometheus_timeout_seconds,
            show_default=True,
            **variable("TIMEOUT_SECONDS"),
            help="Longest wait for one answer of Prometheus.",
        ),
        click.option(
            "--prometheus-max-response-mib",
            type=click.IntRange(1, 4096),
            default=_DEFAULTS.prometheus_max_response_mib,
            show_default=True,
            **variable("MAX_RESPONSE_MIB"),
            help="Largest answer of Prometheus that is read, in MiB.",
        ),
        click.option(
            "--prometheus-token-file",
            type=file,
            **variable("TOKEN_FILE"),
            help=f"File with a bearer token for {url_option}{anew}.",
        ),
        click.option("--prometheus-username", **variable("USERNAME"), help=f"User name for {url_option}."),
        click.option(
            "--prometheus-password-file",
            type=file,
            **variable("PASSWORD_FILE"),
            help=f"File with the password for --prometheus-username{anew}.",
        ),
        click.option(
            "--prometheus-ca-file",
            type=file,
            **variable("CA_FILE"),
            help=f"File with the certificates that {url_option} is verified by; the system's when left out.",
        ),
        click.option(
            "--prometheus-header",
            "prometheus_headers",
            type=_header,
            multiple=True,
            **variable("HEADERS"),
            metavar="NAME=VALUE",
            help=f"Request header for {url_option}, such as X-Scope-OrgID=all; repeat for several.",
        ),
    ]

    def with_options(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return with_options


def check_login(settings: Settings, url_option: str) -> None:
    """Refuse credentials that do not go together, or that would be sent in the clear.

    Raises:
        click.UsageError: they are so; the message names the options.
    """
    if (settings.prometheus_username is None) != (settings.prometheus_password_file is None):
        raise click.UsageError("--prometheus-username and --prometheus-password-file go together; write both")
    logs_in = settings.prometheus_token_file or settings.prometheus_username
    if settings.prometheus_token_file and settings.prometheus_username:
        raise click.UsageError("--prometheus-token-file and --prometheus-username both log in; write only one of them")
    if (logs_in or settings.prometheus_ca_file) and not (settings.prometheus_url or "").startswith("https://"):
        raise click.UsageError(f"credentials are sent over TLS only; write an https:// {url_option}")


def _header(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or re.fullmatch("[A-Za-z0-9-]+", name) is None or not value.isascii() or not value.isprintable():
        raise click.BadParameter(f"{text!r} is not NAME=VALUE, such as X-Scope-OrgID=all")
    return name, value

"""Options of the commands that read live customers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")

_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", re.ASCII)


def object_name(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    """The callback of an argument or option that names objects of a cluster.

    Raises:
        click.BadParameter: one is no name that an object could have.
    """
    for name in value if isinstance(value, tuple) else (value,):
        if name is not None and _NAME.fullmatch(name) is None:
            raise click.BadParameter(f"{name!r:.80} is no object's name; write lower-case letters, digits, - and .")
    return value


_OPTIONS: Final = (
    click.option("--kubeconfig", metavar="FILE", help="Kubeconfig file; $KUBECONFIG or ~/.kube/config when left out."),
    click.option("--context", help="Context of the kubeconfig; its current one when left out."),
    click.option(
        "-n", "--namespace", callback=object_name, help="Namespace of the customers; that of the context when left out."
    ),
)

all_namespaces_option = click.option("-A", "--all-namespaces", is_flag=True, help="Customers of all namespaces.")


def connection_options(command: F) -> F:
    """--kubeconfig, --context and --namespace; the command gets `kubeconfig`, `context` and `namespace`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command

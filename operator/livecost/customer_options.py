"""Options of the commands that read live customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")

_OPTIONS: Final = (
    click.option("--kubeconfig", metavar="FILE", help="Kubeconfig file; $KUBECONFIG or ~/.kube/config when left out."),
    click.option("--context", help="Context of the kubeconfig; its current one when left out."),
    click.option("-n", "--namespace", help="Namespace of the customers; that of the context when left out."),
)

all_namespaces_option = click.option("-A", "--all-namespaces", is_flag=True, help="Customers of all namespaces.")


def connection_options(command: F) -> F:
    """--kubeconfig, --context and --namespace; the command gets `kubeconfig`, `context` and `namespace`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command

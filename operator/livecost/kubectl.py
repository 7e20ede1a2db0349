"""`kubectl livecost`: the live commands beside those of `livecost`; of two with one name, the live one is meant."""

from __future__ import annotations

from livecost.cli import COMMANDS, program
from livecost.customer_commands import CUSTOMER_COMMANDS


@program({**COMMANDS, **CUSTOMER_COMMANDS})
def kubectl_livecost() -> None:
    """Explain and vary the size and price of live customers."""


def main() -> None:
    """The program kubectl-livecost, which kubectl finds on the PATH."""
    kubectl_livecost(prog_name="kubectl livecost", complete_var="_KUBECTL_LIVECOST_COMPLETE")

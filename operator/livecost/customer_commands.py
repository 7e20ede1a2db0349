"""The commands that read live customers: below `livecost cluster`, and on top in `kubectl livecost`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from livecost.cli import lazy_group

if TYPE_CHECKING:
    from livecost.cli import CommandTable

CUSTOMER_COMMANDS: Final[CommandTable] = {
    "explain": (
        "livecost.customer_explain_command",
        "explain",
        "Tell line by line why a customer has its size and price.",
    ),
    "list": ("livecost.customer_list_command", "list_customers", "The customers with their nodes and cost."),
    "recommend": ("livecost.customer_recommend_command", "recommend", "What would make a customer cheaper or right."),
    "what-if": ("livecost.customer_what_if_command", "what_if", "Price a customer under other assumptions."),
}


@lazy_group(CUSTOMER_COMMANDS)
def cluster() -> None:
    """Explain, vary and list the live customers of a cluster. They are only read: nothing is ever changed."""

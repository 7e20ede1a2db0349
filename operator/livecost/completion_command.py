"""`livecost completion`: the script by which a shell completes the command line."""

from __future__ import annotations

from typing import Final

import click
from click.shell_completion import get_completion_class

from livecost.examples import examples

_SHELLS: Final = ("bash", "zsh", "fish")

# A field or part of a price's name goes on after it is completed, so no blank may follow.
_BASH_WITHOUT_BLANK: Final = """
_livecost_completion_goes_on() {
    _livecost_completion "$@"
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=/] ]] && compopt -o nospace
    return 0
}

complete -o nosort -F _livecost_completion_goes_on livecost
"""


@click.command(
    name="completion",
    epilog=examples("livecost completion bash", "livecost completion fish"),
)
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def completion_command(ctx: click.Context, shell: str) -> None:
    """Print the script that completes livecost's commands, options, fields and prices in a shell.

    \b
    bash: source <(livecost completion bash)      in ~/.bashrc
    zsh:  source <(livecost completion zsh)       in ~/.zshrc, after compinit
    fish: livecost completion fish > ~/.config/fish/completions/livecost.fish
    """  # noqa: D301 - click reads the control character
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - click brings all of _SHELLS
    script = kind(ctx.find_root().command, {}, "livecost", "_LIVECOST_COMPLETE").source()
    click.echo(script + (_BASH_WITHOUT_BLANK if shell == "bash" else ""))

"""Examples of a command, which its --help and docs/cli.md show and the tests run."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import click

_HEADING: Final = "\b\nExamples:\n"


def examples(*lines: str) -> str:
    """The epilog of a command.

    Args:
        lines: each a command line that begins with livecost, run in the root of the repository. It ends with code 0;
            another is told by a comment, as `# exit code 1: over the budget`. A command that goes on until it is
            stopped has a comment that begins with `# runs`.
    """
    return _HEADING + "".join(f"  {line}\n" for line in lines)


def example_lines(command: click.Command) -> list[str]:
    """The examples of `command` as it was given them."""
    return [line.strip() for line in (command.epilog or "").removeprefix(_HEADING).splitlines()]


def read_example(line: str) -> tuple[list[str], str]:
    """The arguments after livecost, and the comment."""
    words, _, comment = line.partition("  # ")
    return shlex.split(words)[1:], comment

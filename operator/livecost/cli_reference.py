"""Writes the reference of the command line from the commands themselves: `python -m livecost.cli_reference FILE`."""

from __future__ import annotations

import sys
from inspect import cleandoc
from pathlib import Path
from typing import TYPE_CHECKING

import click

from livecost.cli import main
from livecost.command_endings import EXIT_CODES
from livecost.examples import example_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = """\
# The command line

Written by `make docs` from the commands' own help; edit that, not this file. `kubectl livecost` has the commands of
`livecost cluster` on top, `recommend` among them, and beside them all others of `livecost`. Each command tells about
itself with `-h` or `--help`. Results go to standard output; errors, notes and
progress to standard error. A refused document is told as `FILE:LINE: field: what is wrong; what to write`.
"""


def commands() -> Iterator[click.Context]:
    """A context for each command that runs, subcommands in place of their group, by name."""
    yield from _below(click.Context(main, info_name="livecost"))


def reference() -> str:
    """The whole reference as Markdown."""
    top = click.Context(main, info_name="livecost")
    codes = "\n".join(f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items())
    parts = [
        _HEAD,
        f"## Exit codes\n\n| code | meaning |\n|---|---|\n{codes}\n",
        f"## livecost\n\nBefore the command may stand:\n\n{_options(top)}",
        *(_section(context) for context in commands()),
    ]
    return "\n".join(parts)


def _below(context: click.Context) -> Iterator[click.Context]:
    command = context.command
    if not isinstance(command, click.Group):
        yield context
        return
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        if below is not None:
            yield from _below(click.Context(below, info_name=name, parent=context))


def _section(context: click.Context) -> str:
    command = context.command
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    prose = "\n\n".join(_paragraph(each) for each in cleandoc(command.help or "").split("\n\n"))
    lines = "".join(f"$ {line}\n" for line in example_lines(command))
    shown = f"\n```console\n{lines}```\n" if lines else ""
    return f"## {context.command_path}\n\n{prose}\n\n```\n{usage}\n```\n\n{_options(context)}{shown}"


def _paragraph(text: str) -> str:
    return f"```\n{text[2:].strip()}\n```" if text.startswith("\b") else text


def _options(context: click.Context) -> str:
    records = [param.get_help_record(context) for param in context.command.params]
    rows = [f"| `{_cell(name)}` | {_cell(meaning)} |" for name, meaning in filter(None, records) if meaning]
    return "\n".join(["| option | meaning |", "|---|---|", *rows, ""]) if rows else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(reference(), encoding="utf-8")

"""How commands read a file and refuse an input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

from costmodel import Problem
from livecost.command_endings import printable
from livecost.document_text import MAX_BYTES, DocumentTextError, decode

if TYPE_CHECKING:
    from collections.abc import Iterable

_READ: Final = "livecost.command_input"


def refuse(source: str, problems: Iterable[object]) -> NoReturn:
    """End with code 2 and one line for each problem: `SOURCE:LINE: field: message; remedy`.

    Args:
        source: the name of the document, as given to `read_document`, or the option or argument to blame.
        problems: a `Problem` in a document that was read gets the line of its field, or of the nearest parent.
    """
    text = _texts_read().get(source)
    for problem in problems:
        place = source
        if text is not None and isinstance(problem, Problem):
            from livecost.document_lines import field_line  # noqa: PLC0415 - only a refusal needs it

            place = f"{source}:{field_line(text, problem.field)}"
        click.echo(printable(f"{place or '(no name)'}: {problem}"), err=True)
    raise SystemExit(2)


def read_document(path: str, name: str) -> Any:
    """The decoded YAML or JSON of a file, or of standard input for "-"; an unreadable one is refused under `name`.

    `refuse` under the same name tells the lines of its fields.
    """
    text = read_text(path, name, MAX_BYTES, "such a document is a few lines")
    try:
        value = decode(text)
    except DocumentTextError as error:
        refuse(":".join(str(part) for part in (name, error.line, error.column) if part is not None), [error.message])
    _texts_read()[name] = text
    return value


def read_text(path: str, name: str, max_bytes: int, remedy: str) -> str:
    """The text of a UTF-8 file, or of standard input for "-", without a byte order mark; else refused under `name`.

    Args:
        path: the file, or "-".
        name: what messages call it.
        max_bytes: its largest size, a whole number of MiB.
        remedy: what to do about a larger one.
    """
    try:
        if path == "-":
            if sys.stdin is None:
                refuse(name, ["is closed; name a file, or write the document to standard input"])
            data = sys.stdin.buffer.read(max_bytes + 1)
        else:
            with Path(path).open("rb") as file:
                data = file.read(max_bytes + 1)
        if len(data) > max_bytes:
            refuse(name, [f"is larger than {max_bytes >> 20} MiB; {remedy}"])
        return data.decode("utf-8-sig")
    except OSError as error:
        refuse(name, [f"cannot be read: {error.strerror}; name a file that exists and is readable"])
    except UnicodeDecodeError:
        refuse(name, ["is not UTF-8 text; save it as UTF-8"])


def _texts_read() -> dict[str, str]:
    # What one run of the command has read lives as long as that run.
    context = click.get_current_context(silent=True)
    texts: dict[str, str] = {} if context is None else context.meta.setdefault(_READ, {})
    return texts

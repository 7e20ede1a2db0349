"""How commands read a file and refuse an input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from livecost.document_text import MAX_BYTES, DocumentTextError, decode

if TYPE_CHECKING:
    from collections.abc import Iterable


def refuse(source: str, problems: Iterable[object]) -> NoReturn:
    """End with code 2 and one line for each problem."""
    for problem in problems:
        click.echo(f"{source}: {problem}", err=True)
    raise SystemExit(2)


def read_document(path: str, name: str) -> Any:
    """The decoded YAML or JSON of a file, or of standard input for "-"; an unreadable one is refused under `name`."""
    text = read_text(path, name, MAX_BYTES, "such a document is a few lines")
    try:
        return decode(text)
    except DocumentTextError as error:
        refuse(name, [error])


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

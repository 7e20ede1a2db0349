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
    try:
        return decode(_text(path))
    except OSError as error:
        refuse(name, [f"cannot be read: {error.strerror}; name a file that exists and is readable"])
    except UnicodeDecodeError:
        refuse(name, ["is not UTF-8 text; save it as UTF-8"])
    except DocumentTextError as error:
        refuse(name, [error])


def _text(path: str) -> str:
    if path == "-":
        data = sys.stdin.buffer.read(MAX_BYTES + 1)
    else:
        with Path(path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise DocumentTextError("is larger than 1 MiB; such a document is a few lines")
    return data.decode("utf-8-sig")

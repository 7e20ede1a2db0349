"""How a command ends other than by finishing: never with a traceback for what its user can put right."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

EXIT_CODES: Final = {
    0: "fine",
    1: "a budget or threshold is breached, or the operator could not go on",
    2: "bad input, or a package that is not installed",
    130: "interrupted (Ctrl-C)",
    141: "the reader of a pipe went away, as head does",
}
"""Exit code to its meaning."""

_OWN_PACKAGES: Final = {"livecost", "costmodel"}
_EXTRAS: Final = {
    "analysis": {"matplotlib", "numpy", "scipy"},
    "web": {"fastapi", "jinja2", "markupsafe", "starlette", "uvicorn"},
    "": {"pydantic", "tabulate", "yaml"},
}


def printable(text: str) -> str:
    """A line for a terminal, which must not obey what is quoted back to it, such as the name of a file."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


class Refused(click.ClickException):
    """An error for standard error, with exit code 2 and without the command's usage."""

    exit_code = 2

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


@contextmanager
def plain_endings() -> Iterator[None]:
    """Turn what may end a command into an exit code and a line.

    It may be an interrupt, a closed pipe, a missing package, a failed read or write, or text that has no encoding.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise click.exceptions.Exit(130) from None
    except BrokenPipeError:
        _drop_unwritten()
        raise click.exceptions.Exit(141) from None
    except ImportError as error:
        package = (error.name or "").split(".")[0]
        if not package or package in _OWN_PACKAGES:
            raise
        extra = next((name for name, packages in _EXTRAS.items() if package in packages), "operator")
        wanted = f"livecost[{extra}]" if extra else "livecost anew"
        what = "is not installed" if isinstance(error, ModuleNotFoundError) else f"cannot be loaded ({error})"
        raise Refused(f"the package {package} {what}; install {wanted}") from None
    except UnicodeEncodeError as error:
        letter = error.object[error.start]
        message = f"the encoding {error.encoding} of the output has no {letter}; set PYTHONIOENCODING=utf-8"
        raise Refused(message) from None
    except OSError as error:
        _drop_unwritten()
        what = f"{error.filename}: " if error.filename else ""
        raise Refused(f"{what}{error.strerror or error}; name a place that can be read or written") from None


def _drop_unwritten() -> None:
    """Leave what standard output does not take: the interpreter would try once more, and end with its own exit code."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

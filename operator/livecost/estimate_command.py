"""`livecost estimate`: an assumptions document in, sizes and prices out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from costmodel import AssumptionsDocument, AssumptionsError, Problem, estimate, parse_document, resolve
from costmodel.parsing import field_names, submodel, unknown_field
from livecost.document_text import MAX_BYTES, DocumentTextError, decode
from livecost.estimate_output import FORMS

if TYPE_CHECKING:
    from collections.abc import Iterable

_SET = "--set"


@click.command(name="estimate")
@click.option(
    "-f", "--file", "path", metavar="FILE|-", help="Assumptions document, YAML or JSON; - reads standard input."
)
@click.option(
    "--set",
    "settings",
    metavar="FIELD=VALUE",
    multiple=True,
    help="One field, such as demand.users=5000; wins over the file. May be repeated.",
)
@click.option(
    "-o", "--output", type=click.Choice(list(FORMS)), default="table", show_default=True, help="Form of the result."
)
def estimate_command(path: str | None, settings: tuple[str, ...], output: str) -> None:
    """Size and price one customer cluster.

    Every field of the document is optional; without FILE the built-in example is priced.
    """
    name = "standard input" if path == "-" else path
    layers = [] if path is None or name is None else [_file_layer(path, name)]
    if settings:
        layers.append(_settings_layer(settings))
    try:
        assumptions = resolve(*layers)
    except AssumptionsError as error:
        _refuse(name or _SET, error.problems)
    click.echo(FORMS[output](estimate(assumptions), assumptions), nl=False)


def _file_layer(path: str, name: str) -> AssumptionsDocument:
    try:
        data = decode(_text(path))
    except OSError as error:
        _refuse(name, [f"cannot be read: {error.strerror}; name a file that exists and is readable"])
    except UnicodeDecodeError:
        _refuse(name, ["is not UTF-8 text; save it as UTF-8"])
    except DocumentTextError as error:
        _refuse(name, [error])
    try:
        # An empty file states nothing, as {} does.
        return parse_document({} if data is None else data)
    except AssumptionsError as error:
        _refuse(name, error.problems)


def _text(path: str) -> str:
    if path == "-":
        data = sys.stdin.buffer.read(MAX_BYTES + 1)
    else:
        with Path(path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise DocumentTextError("is larger than 1 MiB; an assumptions document is a few lines")
    return data.decode("utf-8-sig")


def _settings_layer(settings: Iterable[str]) -> AssumptionsDocument:
    data: dict[str, Any] = {}
    for setting in settings:
        field, _, text = setting.partition("=")
        if not field or not text.strip():
            _refuse(
                _SET, [Problem(field or "(nothing)", "has no value", "write FIELD=VALUE, such as demand.users=5000")]
            )
        *groups, last = _checked_path(field)
        target = data
        for group in groups:
            target = target.setdefault(group, {})
            if not isinstance(target, dict):
                _refuse(_SET, [Problem(field, f"{group} is already set as a whole", "set it one way only")])
        try:
            target[last] = decode(text)
        except DocumentTextError as error:
            _refuse(_SET, [f"{field}: {error}"])
    try:
        return parse_document(data)
    except AssumptionsError as error:
        _refuse(_SET, error.problems)


def _checked_path(field: str) -> list[str]:
    parts = field.split(".")
    model: Any = AssumptionsDocument
    for depth, part in enumerate(parts):
        known = field_names(model) if model is not None else []
        path = ".".join(parts[: depth + 1])
        if not known:
            parent = ".".join(parts[:depth])
            _refuse(_SET, [Problem(path, f"{parent} has no fields of its own", f"write {parent}=VALUE")])
        if part not in known:
            _refuse(_SET, [unknown_field(path, part, known)])
        model = submodel(model, part)
    return parts


def _refuse(source: str, problems: Iterable[object]) -> NoReturn:
    for problem in problems:
        click.echo(f"{source}: {problem}", err=True)
    raise SystemExit(2)

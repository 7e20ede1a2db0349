"""`livecost diff`: why the cost of two assumptions documents differs."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import click

from costmodel import AssumptionsError, cents, estimate, plain
from costmodel.acting import acting_document
from costmodel.difference import changed_fields, changed_sizes, explain_difference
from costmodel.document_media import media_in_force
from costmodel.schedule_window import ScheduleWindow
from livecost.assumptions_input import read_assumptions
from livecost.command_input import refuse
from livecost.examples import examples
from livecost.options import table_output_option
from livecost.table_output import TABLE_FORMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from costmodel import EgressTierDocument
    from costmodel.difference import FieldChange
    from costmodel.explained import Change
    from livecost.table_output import Row

_TITLES: Final = {
    "monthly": "Cost per month in {}",
    "sizes": "Sizes that changed",
    "fields": "Assumptions that changed",
}


@click.command(
    name="diff",
    epilog=examples(
        "livecost diff docs/examples/customer.yaml docs/examples/larger.yaml",
    ),
)
@click.argument("before", metavar="BEFORE")
@click.argument("after", metavar="AFTER")
@click.option(
    "--prices", type=click.Path(allow_dash=True), metavar="FILE", help="Price sheet of your own, for both documents."
)
@table_output_option
def diff_command(before: str, after: str, prices: str | None, output: str) -> None:
    """Explain line by line why the document AFTER costs another amount than BEFORE; - is standard input.

    Each line's change is split exactly: first the quantity (nodes, participants) is changed at the old usage and price,
    then the usage (hours, bitrate), then the price. json, yaml and csv give unrounded amounts; csv has the lines only.
    """
    if before == after == "-" or prices == "-":
        raise click.UsageError("standard input can only be one of the documents; name files for the rest")
    documents = [read_assumptions(path, (), prices) for path in (before, after)]
    old, new = (given.resolve() for given in documents)
    try:
        changes = explain_difference(old, new)
    except AssumptionsError as error:
        refuse(f"{documents[0].name} and {documents[1].name}", error.problems)
    acting = [
        acting_document(assumptions, media_in_force(given.layers))
        for assumptions, given in zip((old, new), documents, strict=True)
    ]
    sections = {
        "monthly": change_lines(changes, unrounded if output in _DATA_FORMS else _rounded),
        "sizes": field_rows(changed_sizes(estimate(old), estimate(new))),
        "fields": field_rows(changed_fields(*acting)),
    }
    click.echo(_DATA_FORMS.get(output, _sections)(sections, old.currency, output), nl=False)


def change_lines(changes: Mapping[str, Change], shown: Callable[[Decimal], str]) -> list[Row]:
    """A row for each line of the bill: before, after, change, and the change by quantity, usage and price."""
    return [
        {
            "item": item,
            "before": shown(change.before),
            "after": shown(change.after),
            "change": shown(change.total),
            "byQuantity": shown(change.by_quantity),
            "byUsage": shown(change.by_usage),
            "byPrice": shown(change.by_price),
        }
        for item, change in changes.items()
    ]


def _rounded(amount: Decimal) -> str:
    return format(cents(amount), ",.2f")


def unrounded(amount: Decimal) -> str:
    """An amount with every digit, and at least with its cents."""
    return max(plain(amount), str(cents(amount)), key=len)


def field_rows(changes: Iterable[FieldChange]) -> list[Row]:
    """A row for each field that differs: its path, before and after."""
    return [
        {"field": change.path, "before": _value(change.before), "after": _value(change.after)} for change in changes
    ]


def _value(value: Any) -> str | int | None:
    match value:
        case None | int() | str():
            return ("false", "true")[value] if isinstance(value, bool) else value
        case Decimal():
            return plain(value)
        case tuple():
            return ", ".join(map(_entry, value))
    raise AssertionError(value)


def _entry(entry: EgressTierDocument | ScheduleWindow) -> str:
    if isinstance(entry, ScheduleWindow):
        return entry.in_words()
    end = "" if entry.up_to_gb is None else f" up to {plain(entry.up_to_gb)} GB"
    return f"{plain(entry.per_gb)}{end}"


def _sections(sections: Mapping[str, Sequence[Row]], currency: str, output: str) -> str:
    heading = "### {}\n\n" if output == "markdown" else "{}\n"
    blocks = [
        heading.format(_TITLES[name].format(currency)) + (TABLE_FORMS[output](_named(rows)) if rows else "none\n")
        for name, rows in sections.items()
    ]
    return "\n".join(blocks)


def _named(rows: Sequence[Row]) -> Sequence[Row]:
    # A field that a document does not have is not a figure that nobody knows.
    return [{name: "none" if value is None else value for name, value in row.items()} for row in rows]


def _json(sections: Mapping[str, Sequence[Row]], currency: str, output: str) -> str:
    return json.dumps({"currency": currency, **sections}, indent=2) + "\n"


def _yaml(sections: Mapping[str, Sequence[Row]], currency: str, output: str) -> str:
    import yaml  # noqa: PLC0415 - the other forms start faster without it

    return str(yaml.safe_dump({"currency": currency, **sections}, sort_keys=False, allow_unicode=True, width=120))


def _csv(sections: Mapping[str, Sequence[Row]], currency: str, output: str) -> str:
    return TABLE_FORMS["csv"](sections["monthly"])


_DATA_FORMS: Final[Mapping[str, Callable[[Mapping[str, Sequence[Row]], str, str], str]]] = {
    "json": _json,
    "yaml": _yaml,
    "csv": _csv,
}

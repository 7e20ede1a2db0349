"""Why the cost of two sets of assumptions differs, as tables for people and for programs."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from costmodel import cents, estimate, plain
from costmodel.acting import acting_document
from costmodel.difference import changed_fields, changed_sizes, explain_difference
from costmodel.schedule_window import ScheduleWindow
from livecost.section_output import Section, sections_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from costmodel import Assumptions, EgressTierDocument, MediaDocument
    from costmodel.difference import FieldChange
    from costmodel.explained import Change
    from livecost.table_output import Row

    WithMedia = tuple[Assumptions, MediaDocument | None]
    """Resolved assumptions, and the media from which their bitrate came."""

_FOR_PROGRAMS: Final = ("json", "yaml", "csv")


def difference_text(output: str, head: Mapping[str, Any], before: WithMedia, after: WithMedia) -> str:
    """The bill line by line with the reasons of its change, and the sizes and assumptions that changed.

    Args:
        output: one of `livecost.table_output.TABLE_FORMS`; csv has the lines of the bill only.
        head: what json and yaml tell beside the tables.
        before: the old assumptions.
        after: the new ones.

    Raises:
        AssumptionsError: they are priced in different currencies.
    """
    (old, _), (new, _) = before, after
    changes = explain_difference(old, new)
    fields = changed_fields(*(acting_document(assumptions, media) for assumptions, media in (before, after)))
    for_programs = output in _FOR_PROGRAMS
    sections = [
        Section(
            "monthly", f"Cost per month in {old.currency}", _lines(changes, _unrounded if for_programs else _rounded)
        ),
        Section("sizes", "Sizes that changed", _fields(changed_sizes(estimate(old), estimate(new)))),
        Section("fields", "Assumptions that changed", _fields(fields)),
    ]
    if not for_programs:
        sections = [Section(each.name, each.title, _named(each.rows)) for each in sections]
    return sections_text(output, {**head, "currency": old.currency}, sections, csv="monthly")


def _lines(changes: Mapping[str, Change], shown: Callable[[Decimal], str]) -> list[Row]:
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
    return str(cents(amount))


def _unrounded(amount: Decimal) -> str:
    return max(plain(amount), str(cents(amount)), key=len)


def _fields(changes: Iterable[FieldChange]) -> list[Row]:
    return [
        {"field": change.path, "before": field_value(change.before), "after": field_value(change.after)}
        for change in changes
    ]


def field_value(value: Any) -> str | int | None:
    """A field's value as a table shows it; None where it has none."""
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


def _named(rows: Sequence[Row]) -> Sequence[Row]:
    # A field that a document does not have is not a figure that nobody knows.
    return [{name: "none" if value is None else value for name, value in row.items()} for row in rows]

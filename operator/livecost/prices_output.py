"""The forms in which `livecost prices` writes its result."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any, Final

import click

from costmodel import EgressTierDocument, plain
from costmodel.catalog_document import EgressPrice, NodeTypePrice, ServicePrice
from costmodel.parsing import field_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from costmodel import RegionPrices

FORMS: Final = ("table", "json", "yaml", "csv", "markdown")

Record = dict[str, Any]
"""One price with its source: cloud, region, item and currency, then the fields of its entry in a price sheet."""

_COLUMNS: Final = ("cloud", "region", "item", "size", "price", "known", "date")

_FIELDS: Final = [
    name for model in (ServicePrice, NodeTypePrice, EgressTierDocument, EgressPrice) for name in field_names(model)
]
_LAST: Final = ("known", "date", "source", "note")
_CSV_COLUMNS: Final = (
    *("cloud", "region", "item", "currency"),
    *dict.fromkeys(name for name in _FIELDS if name not in {"regions", "sku", "tiers", *_LAST}),
    *_LAST,
)


def record_of(
    prices: RegionPrices, region: str, item: str, entry: NodeTypePrice | ServicePrice | EgressPrice
) -> Record:
    """The record of one entry in one region; decimals are text, and what is unknown is left out.

    A service that the region has no entry for stands under the region whose entry serves for it.
    """
    fields = entry.model_dump(by_alias=True, exclude_none=True, exclude={"regions", "sku"})
    read_in = region if region in entry.regions else entry.regions[0]
    head = {"cloud": prices.provider, "region": read_in, "item": item, "currency": prices.currency}
    return {**head, **{name: _plain(value) for name, value in fields.items()}}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, int | str):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else plain(value)


def list_text(records: Sequence[Record], form: str) -> str:
    """All records in one of `FORMS`."""
    if form in {"json", "yaml"}:
        return _data_text(list(records), form)
    if form == "csv":
        return _csv(records)
    rows = [_row(record) for record in records]
    if form == "table":
        rows = [[click.style(cell, dim=True) for cell in row] if "second-hand" in row else row for row in rows]
    return _table(rows, _COLUMNS, form)


def show_text(record: Record, form: str) -> str:
    """One record in one of `FORMS`."""
    if form in {"json", "yaml"}:
        return _data_text(record, form)
    if form == "csv":
        return _csv([record])
    rows = [[name, _tiers(value) if name == "tiers" else str(value)] for name, value in record.items()]
    return _table(rows, ("field", "value"), form)


def _row(record: Record) -> list[str]:
    size = f"{record['vCPU']} vCPU, {record['memoryGB']} GB" if "vCPU" in record else record.get("name", "")
    parts = [f"{record[name]}{unit}" for name, unit in _PRICES if name in record]
    if "includedTB" in record:
        parts.append(f"{record['includedTB']} TB included")
    if "tiers" in record:
        parts += [f"{record['freeGB']} GB free"] if "freeGB" in record else []
        parts.append(_tiers(record["tiers"]))
    price = f"{record['currency']} {', '.join(parts)}"
    return [record["cloud"], record["region"], record["item"], size, price, record["known"], record["date"]]


_PRICES: Final = (("hourly", "/h"), ("monthlyCap", "/month"), ("monthly", "/month"))


def _tiers(tiers: Sequence[Record]) -> str:
    return ", ".join(
        f"{tier['perGB']}/GB" + (f" up to {tier['upToGB']} GB" if "upToGB" in tier else "") for tier in tiers
    )


def _data_text(data: Any, form: str) -> str:
    if form == "json":
        return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    import yaml  # noqa: PLC0415 - the other forms start faster without it

    return str(yaml.safe_dump(data, sort_keys=False, allow_unicode=True))


def _csv(records: Iterable[Record]) -> str:
    """One figure in each cell, for a spreadsheet; a price in tiers has a row for each tier."""
    text = io.StringIO()
    rows = csv.DictWriter(text, _CSV_COLUMNS, extrasaction="ignore", lineterminator="\n")
    rows.writeheader()
    for record in records:
        rows.writerows({**record, **tier} for tier in record.get("tiers", [{}]))
    return text.getvalue()


def _table(rows: Sequence[Sequence[str]], columns: Sequence[str], form: str) -> str:
    from tabulate import tabulate  # noqa: PLC0415 - the other forms start faster without it

    style = "github" if form == "markdown" else "simple"
    return tabulate(rows, columns, tablefmt=style, disable_numparse=True) + "\n"

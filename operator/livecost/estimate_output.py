"""The forms in which `livecost estimate` writes its result."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Final

import click

from costmodel import cents, estimate_to_json, explain, format_money, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from costmodel import Assumptions, Estimate, PoolSize, Rate

LABELS: Final = {
    "livekit": "LiveKit nodes",
    "sim": "sim / agent nodes",
    "system": "system nodes",
    "controlPlane": "Kubernetes control plane",
    "redis": "Redis",
    "loadBalancer": "load balancer / ingress",
    "storageAndLogs": "storage and logs",
    "observability": "observability",
    "egress": "network egress",
}
"""Line item of an estimate to its name for people."""


def to_json(estimate: Estimate, assumptions: Assumptions) -> str:
    """The estimate as JSON, indented."""
    return json.dumps(estimate_to_json(estimate, assumptions), indent=2) + "\n"


def to_yaml(estimate: Estimate, assumptions: Assumptions) -> str:
    """The estimate as YAML, with the names of the JSON form."""
    import yaml  # noqa: PLC0415 - the other forms start faster without it

    return str(yaml.safe_dump(estimate_to_json(estimate, assumptions), sort_keys=False, allow_unicode=True))


def to_csv(estimate: Estimate, assumptions: Assumptions) -> str:
    """One row for each line item and one for the total: item, monthly, currency, how."""
    words = explain(estimate, assumptions)
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["item", "monthly", "currency", "how"])
    for item, cost in estimate.monthly.items():
        rows.writerow([item, cents(cost), estimate.currency, words[item]])
    how = "" if estimate.shown_by is None else _conversion(estimate.shown_by, assumptions)
    rows.writerow(["total", cents(estimate.monthly_total), estimate.currency, how])
    return text.getvalue()


def to_table(estimate: Estimate, assumptions: Assumptions) -> str:
    """Three tables for a terminal: sizes, the monthly bill with its calculation, margin and fleet.

    The total is bold and a loss red; `click.echo` takes the codes for that out of what is no terminal.
    """
    return _tables(estimate, assumptions, style="simple", heading="{}", accent=click.style)


def to_markdown(estimate: Estimate, assumptions: Assumptions) -> str:
    """The tables of the terminal form in Markdown."""
    return _tables(estimate, assumptions, style="github", heading="### {}\n", accent=_without_accent)


FORMS: Final[Mapping[str, Callable[[Estimate, Assumptions], str]]] = {
    "table": to_table,
    "json": to_json,
    "yaml": to_yaml,
    "csv": to_csv,
    "markdown": to_markdown,
}


def _without_accent(text: str, **_: object) -> str:
    return text


def _tables(
    estimate: Estimate, assumptions: Assumptions, *, style: str, heading: str, accent: Callable[..., str]
) -> str:
    from tabulate import tabulate  # noqa: PLC0415 - the other forms start faster without it

    demand = estimate.demand
    size_title = (
        f"Size at the peak: {demand.peak_users} users, {demand.sessions} sessions, {demand.participants} participants"
    )
    # tabulate's alignment is by column; figures go right.
    sections = [
        (size_title, ["pool", "required", "nodes", "bounds", "limited by", "set by"], _sizes(estimate), "lrrlll"),
        ("Cost per month", ["item", "monthly", "how"], _bill(estimate, assumptions, accent), "lrl"),
        (
            "Per year",
            ["figure", "one customer", f"fleet of {estimate.fleet.customers}"],
            _years(estimate, accent),
            "lrr",
        ),
    ]
    blocks = []
    for title, columns, rows, letters in sections:
        align = ["left" if letter == "l" else "right" for letter in letters]
        table = tabulate(rows, columns, tablefmt=style, colalign=align, disable_numparse=True)
        blocks.append(f"{heading.format(title)}\n{table}\n")
    if estimate.shown_by is not None:
        blocks.append(_conversion(estimate.shown_by, assumptions) + "\n")
    return "\n".join(blocks)


def _conversion(rate: Rate, assumptions: Assumptions) -> str:
    priced = assumptions.currency
    return f'Amounts at 1 {rate.currency} = {plain(rate.price)} {priced} of {rate.date}; "how" is in {priced}'


def _sizes(estimate: Estimate) -> list[list[str]]:
    system = str(estimate.system_nodes)
    return [
        ["LiveKit", *_size(estimate.livekit)],
        ["sim / agent", *_size(estimate.sim)],
        ["system", system, system, "fixed", "", ""],
    ]


def _size(size: PoolSize) -> list[str]:
    bounds = f"{size.min_nodes}-{size.max_nodes}"
    return [str(size.required), str(size.nodes), bounds, size.limited_by or "", size.set_by]


def _bill(estimate: Estimate, assumptions: Assumptions, accent: Callable[..., str]) -> list[list[str]]:
    words = explain(estimate, assumptions)
    rows = [
        [LABELS[item], format_money(cost, estimate.currency), words[item]] for item, cost in estimate.monthly.items()
    ]
    total = ["total", format_money(estimate.monthly_total, estimate.currency)]
    return [*rows, [*(accent(text, bold=True) for text in total), ""]]


def _years(estimate: Estimate, accent: Callable[..., str]) -> list[list[str]]:
    fleet, percent = estimate.fleet, estimate.gross_margin_percent
    figures = [
        ("infrastructure", estimate.annual, fleet.annual_infra),
        ("license", estimate.license_annual, fleet.annual_revenue),
        ("gross margin", estimate.gross_margin, fleet.annual_gross_margin),
    ]
    rows = [[name, *(_money(each, estimate.currency, accent) for each in pair)] for name, *pair in figures]
    share = "unknown" if percent is None else f"{percent} %"
    if estimate.gross_margin < 0:
        share = accent(share, fg="red")
    return [*rows, ["gross margin of license", share, share]]


def _money(amount: Decimal, currency: str, accent: Callable[..., str]) -> str:
    text = format_money(amount, currency)
    return accent(text, fg="red") if amount < 0 else text

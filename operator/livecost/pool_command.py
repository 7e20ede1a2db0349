"""`livecost pool`: a dedicated cluster for each customer against one that they share."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import click

from costmodel import AssumptionsError, cents, percent_of, plain
from costmodel.decimals import rounded_quotient
from costmodel.pooling import pool
from livecost.assumptions_input import assumptions_options, read_assumptions, tell_second_hand
from livecost.examples import examples
from livecost.options import number, refusal, table_output_option
from livecost.table_output import TABLE_FORMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from costmodel import Assumptions
    from costmodel.pooling import PoolingComparison

_MONTHS_PER_YEAR = 12


@click.command(
    name="pool",
    epilog=examples(
        "livecost pool --customers 40 --diversity-factor 0.6",
        "livecost pool -f docs/examples/customer.yaml --services-factor 2 -o csv",
    ),
)
@assumptions_options
@click.option("--customers", type=click.IntRange(1, 10**6), help="Customers.  [default: fleet.customers]")
@click.option(
    "--diversity-factor",
    type=number,
    default="1",
    show_default=True,
    help="Peak of all customers together over the sum of their peaks, above 0 to 1; at 1 all peaks coincide.",
)
@click.option(
    "--services-factor",
    type=number,
    default="1",
    show_default=True,
    help="The shared cluster's managed services as a multiple of one customer's.",
)
@table_output_option
def pool_command(
    *,
    path: str | None,
    settings: tuple[str, ...],
    prices: str | None,
    customers: int | None,
    diversity_factor: Decimal,
    services_factor: Decimal,
    output: str,
) -> None:
    """Compare a dedicated cluster for each customer with one cluster that all share.

    The shared pools are sized for the customers' sum, have the floor of one customer and the ceilings of all. System
    nodes and managed services are there once. Traffic adds up, goes through the price tiers once and has one free
    volume, so that it may cost more.
    """
    assumptions = read_assumptions(path, settings, prices).resolve()
    try:
        found = pool(assumptions, customers, diversity_factor=diversity_factor, services_factor=services_factor)
    except AssumptionsError as error:
        raise refusal(error) from None
    for note in _notes(found, assumptions):
        click.echo(f"note: {note}", err=True)
    tell_second_hand(assumptions)
    click.echo(TABLE_FORMS[output](list(_rows(found))), nl=False)


def _rows(found: PoolingComparison) -> Iterator[dict[str, str | int | None]]:
    count, one, shared = found.customers, found.dedicated, found.shared
    counts = {
        "livekit": (one.livekit.nodes, shared.livekit.nodes),
        "sim": (one.sim.nodes, shared.sim.nodes),
        "system": (one.system_nodes, shared.system_nodes),
    }
    for pool_name, (dedicated_nodes, shared_nodes) in counts.items():
        dedicated = dedicated_nodes * count
        saved = dedicated - shared_nodes
        percent = percent_of(Decimal(saved), Decimal(dedicated))
        yield _row("fleet", pool_name, "nodes", [str(dedicated), str(shared_nodes), str(saved)], percent)
    volume = plain(shared.egress_gb)
    yield _row("fleet", "egress", "GB/month", [volume, volume, "0"], percent_of(Decimal(0), shared.egress_gb))
    per_month, per_year = f"{one.currency}/month", f"{one.currency}/year"
    all_dedicated = found.dedicated_monthly
    for item, cost in shared.monthly.items():
        yield _money("fleet", item, per_month, (all_dedicated[item], cost))
    monthly = sum(all_dedicated.values(), Decimal(0)), sum(shared.monthly.values(), Decimal(0))
    annual = monthly[0] * _MONTHS_PER_YEAR, monthly[1] * _MONTHS_PER_YEAR
    yield _money("fleet", "total", per_month, monthly)
    yield _money("fleet", "total", per_year, annual)
    yield _money("customer", "total", per_month, monthly, count)
    yield _money("customer", "total", per_year, annual, count)


def _money(
    scope: str, item: str, unit: str, costs: tuple[Decimal, Decimal], customers: int = 1
) -> dict[str, str | int | None]:
    dedicated, shared = costs
    figures = [rounded_quotient(each, Decimal(customers), 2) for each in (dedicated, shared, dedicated - shared)]
    texts = [str(cents(each)) for each in figures if each is not None]
    return _row(scope, item, unit, texts, percent_of(dedicated - shared, dedicated))


def _row(scope: str, item: str, unit: str, figures: list[str], percent: Decimal | None) -> dict[str, str | int | None]:
    dedicated, shared, saving = figures
    return {
        "scope": scope,
        "item": item,
        "unit": unit,
        "dedicated": dedicated,
        "shared": shared,
        "saving": saving,
        "savingPercent": None if percent is None else str(percent),
    }


def _notes(found: PoolingComparison, assumptions: Assumptions) -> Iterator[str]:
    count, shared = found.customers, found.shared
    for name, size, group in (
        ("livekit", shared.livekit, assumptions.nodes.livekit),
        ("sim", shared.sim, assumptions.nodes.sim),
    ):
        if size.limited_by == "maxNodes":
            yield f"the shared {name} pool needs {size.required} nodes; {count} x maxNodes cut it to {size.nodes}"
        elif size.nodes > group.max_nodes:
            yield (
                f"the shared {name} pool has {size.nodes} nodes; one customer's maxNodes ({group.max_nodes}) counts "
                f"{count} times in it"
            )
    if found.lost_allowance_gb:
        yield f"the shared cluster has {plain(found.lost_allowance_gb)} GB a month less traffic free or included"

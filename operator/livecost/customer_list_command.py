"""`livecost cluster list`: the live customers with their nodes and cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from livecost.customer_options import all_namespaces_option, connection_options
from livecost.customer_reading import CustomerReader, read_live
from livecost.examples import examples
from livecost.options import table_output_option
from livecost.table_output import TABLE_FORMS

if TYPE_CHECKING:
    from livecost.store import CustomerCluster
    from livecost.table_output import Row


@click.command(
    name="list",
    epilog=examples(
        "livecost cluster list -A  # runs against the cluster of your kubeconfig",
        "livecost cluster list -n customers -o csv  # runs against the cluster of your kubeconfig",
    ),
)
@connection_options
@all_namespaces_option
@table_output_option
def list_customers(
    *, kubeconfig: str | None, context: str | None, namespace: str | None, all_namespaces: bool, output: str
) -> None:
    """The customers with their nodes (ready/desired), and what a month costs as projected and as observed."""

    async def work(reader: CustomerReader) -> list[CustomerCluster]:
        return await reader.customers(None if all_namespaces else reader.namespace)

    rows = [_row(customer) for customer in read_live(kubeconfig, context, namespace, work)]
    if rows or output in ("json", "yaml"):
        click.echo(TABLE_FORMS[output](rows), nl=False)
    else:
        click.echo("no customers; -A lists those of all namespaces", err=True)


def _row(customer: CustomerCluster) -> Row:
    status = customer.status
    cost, summary = status.get("cost") or {}, status.get("summary") or {}
    conditions = {row.get("type"): row for row in status.get("conditions") or ()}
    ready = conditions.get("Ready", {})
    return {
        "namespace": customer.key[0],
        "name": customer.key[1],
        "users": None if customer.spec is None else customer.spec.users,
        "peakUsers": (status.get("demand") or {}).get("peakUsers"),
        "livekit": summary.get("livekit"),
        "sim": summary.get("sim"),
        "currency": cost.get("currency"),
        "projectedMonthly": (cost.get("projected") or {}).get("monthly"),
        "observedMonthly": (cost.get("observed") or {}).get("monthlyRunRate"),
        "variancePercent": (cost.get("variance") or {}).get("percent"),
        "ready": ready.get("status"),
        "reason": ready.get("reason"),
    }

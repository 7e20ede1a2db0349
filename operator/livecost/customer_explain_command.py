"""`livecost cluster explain`: why a live customer has its size and price."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from livecost.command_endings import Refused
from livecost.customer_explanation import explanation
from livecost.customer_options import connection_options, object_name
from livecost.customer_reading import CustomerReader, Live, read_live
from livecost.examples import examples
from livecost.options import table_output_option
from livecost.plan import PlanProblem, make_plan
from livecost.section_output import sections_text


@click.command(
    epilog=examples(
        "livecost cluster explain st-marys  # runs against the cluster of your kubeconfig",
        "livecost cluster explain st-marys -n customers -o markdown  # runs against the cluster of your kubeconfig",
    ),
)
@click.argument("name", callback=object_name)
@connection_options
@table_output_option
def explain(name: str, kubeconfig: str | None, context: str | None, namespace: str | None, output: str) -> None:
    """Tell line by line why the customer NAME has its size and price.

    Each assumption comes with the layer that states it: the spec, its overrides, its profile, a price catalog, or the
    defaults. Then follow the nodes with the rule behind their number, each line of the bill with its formula and what
    was observed of it, and the conditions with what to do. In csv there are the lines of the bill only.
    """

    async def work(reader: CustomerReader) -> Live:
        return await reader.live(await reader.customer(name))

    live = read_live(kubeconfig, context, namespace, work)
    customer, status, spec = live.customer, live.customer.status, live.customer.spec
    assert spec is not None  # noqa: S101 - it was read
    if "pools" not in status:
        problem = next((row for row in status.get("conditions") or () if row.get("status") == "False"), None)
        told = f"{problem['reason']}: {problem['message']}" if problem else "see that livecost operator runs"
        raise Refused(f"{'/'.join(customer.key)} is not sized yet; {told}")
    plan = make_plan(spec, live.profile.document if live.profile else None, live.zones)
    if isinstance(plan, PlanProblem):
        raise Refused(f"{'/'.join(customer.key)}: {plan.message}")
    for note in [*live.notes, *_behind(live)]:
        click.echo(note, err=True)
    used = status.get("profile") or {}
    head = {
        "namespace": customer.key[0],
        "name": customer.key[1],
        "users": spec.users,
        "profile": used,
        "demand": status.get("demand"),
    }
    if output in ("table", "markdown"):
        click.echo(_headline(head) + "\n")
    click.echo(
        sections_text(output, head, explanation(customer, live.profile, plan, datetime.now(UTC)), csv="cost"), nl=False
    )


def _headline(head: dict[str, object]) -> str:
    demand, profile = head["demand"], head["profile"]
    assert isinstance(demand, dict)  # noqa: S101 - a sized customer has both
    assert isinstance(profile, dict)  # noqa: S101
    return (
        f"{head['name']} in namespace {head['namespace']}: {head['users']} users, CostProfile {profile.get('name')}; "
        f"{demand['peakUsers']} users at the peak in {demand['sessions']} sessions are {demand['participants']} "
        "participants"
    )


def _behind(live: Live) -> list[str]:
    customer, profile = live.customer, live.profile
    seen, notes = customer.status.get("observedGeneration"), []
    if seen != customer.generation:
        notes.append(
            f"the nodes and costs below are of generation {seen}, the spec is at {customer.generation}: see that "
            "livecost operator runs"
        )
    used = (customer.status.get("profile") or {}).get("generation")
    if profile is not None and used != profile.generation:
        notes.append(
            f"the nodes and costs below are of generation {used} of CostProfile {profile.name}, which is at "
            f"{profile.generation}: see that livecost operator runs"
        )
    return notes

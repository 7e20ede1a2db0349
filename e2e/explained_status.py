"""A CustomerCluster's status spelled out: from the demand to the nodes, the bill and the conditions."""

from typing import Any

from tabulate import tabulate

from costmodel import estimate, resolve

Json = dict[str, Any]


def explain_status(body: Json) -> str:
    """Text for people, about an object whose cost is observed."""
    spec, status = body["spec"], body["status"]
    demand, cost = status["demand"], status["cost"]
    observed = cost["observed"]
    sections = [
        f"{body['metadata']['name']}: {spec['users']} users, CostProfile {status['profile']['name']}",
        f"demand: {demand['peakUsers']} users at the peak -> {demand['sessions']} sessions"
        f" -> {demand['participants']} participants",
        *(_pool(name, pool) for name, pool in status["pools"].items()),
        _bill(cost),
        f"a year: {cost['projected']['annual']} {cost['currency']}; license {cost['license']['annual']}, gross margin"
        f" {cost['license']['grossMargin']} ({cost['license']['grossMarginPercent']} %)",
        f"observed: the {observed['windowSeconds']} s up to {observed['asOf']}, covered to"
        f" {observed['coveragePercent']} %; {cost['variance']['monthly']} ({cost['variance']['percent']} %) off the"
        " projection",
        conditions_table(body),
    ]
    return "\n".join(sections)


def conditions_table(body: Json) -> str:
    """The conditions of an object as a table; only its head while there are none."""
    rows = body.get("status", {}).get("conditions", [])
    return tabulate(
        [[row["type"], row["status"], row["reason"], row["message"]] for row in rows],
        ["CONDITION", "STATUS", "REASON", "MESSAGE"],
        tablefmt="plain",
    )


def _pool(name: str, pool: Json) -> str:
    bound = f", limited by {pool['limitedBy']}" if pool["limitedBy"] else ""
    return (
        f"{name}: {pool['required']} required (set by {pool['setBy']}), {pool['minNodes']} to {pool['maxNodes']}"
        f" allowed{bound} -> {pool['desired']} desired, {pool['ready']} ready in {pool['target']}"
    )


def _bill(cost: Json) -> str:
    projected, observed = cost["projected"], cost["observed"]
    rows = [
        [
            item,
            projected["items"][item],
            observed["items"][item],
            observed["sources"][item],
            projected["explained"][item],
        ]
        # The API server sorts maps; the model's own order is the one that a bill is read in.
        for item in estimate(resolve()).monthly
    ]
    rows.append(["total", projected["monthly"], observed["monthlyRunRate"], "", ""])
    headers = [f"{cost['currency']} A MONTH", "PROJECTED", "OBSERVED", "OBSERVED FROM", "HOW IT IS PROJECTED"]
    # Amounts stay the text they are: a table of numbers would turn them into floats.
    return tabulate(
        rows, headers, tablefmt="plain", disable_numparse=True, colalign=("left", "right", "right", "left", "left")
    )

"""What the Grafana dashboard shows: its rows of panels, and the query behind each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from livecost import metric_names as names
from livecost import recording_rules as recorded
from livecost.recording_rules import CUSTOMER, POOL

PanelType = Literal["stat", "table", "timeseries"]

_FLEET = f'{names.CUSTOMER_NAMESPACE_LABEL}=~"$namespace"'
_ONE = f'{_FLEET},{names.CUSTOMER_LABEL}=~"$customer"'
_FLEET_NAME = f"{names.FLEET_NAMESPACE_LABEL}, {names.FLEET_LABEL}"
# LiveKit's series of a cluster that no customer is known for have no namespace; with "All" they are shown too.
_NAMED = "{{customer_namespace}}/{{customer}}"


@dataclass(frozen=True, slots=True)
class Query:
    """One PromQL query.

    Attributes:
        expr: the query; `$namespace` and `$customer` are the dashboard's variables.
        legend: how a series is named, in Grafana's form; also a table's column.
    """

    expr: str
    legend: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel.

    Attributes:
        title: its heading.
        queries: what it shows.
        unit: Grafana's name of the unit.
        kind: Grafana's panel type.
        width: columns of 24.
        description: what the figure is, where the title does not say it.
    """

    title: str
    queries: tuple[Query, ...]
    unit: str = "short"
    kind: PanelType = "timeseries"
    width: int = 8
    description: str = ""


def _each(metric: str, by: str = CUSTOMER, matchers: str = _ONE) -> str:
    return f"max by ({by}) ({metric}{f'{{{matchers}}}' if matchers else ''})"


def _fleet_cost(metric: str) -> str:
    return f"sum by (currency) ({_each(metric, f'{CUSTOMER}, currency', _FLEET)})"


def _customers_with(condition: str) -> str:
    return f"count({_each(names.CONDITION, CUSTOMER, f'{condition},{_FLEET}')} == 1) or vector(0)"


def _nodes(pool: str) -> tuple[Query, ...]:
    counts = {
        "required": names.REQUIRED_NODES,
        "planned": names.PLANNED_NODES,
        "desired": names.DESIRED_NODES,
        "ready": names.READY_NODES,
    }
    return tuple(
        Query(_each(metric, matchers=f'{_ONE},pool="{pool}"'), f"{_NAMED} {word}") for word, metric in counts.items()
    )


def _quantile(share: str) -> str:
    return f"histogram_quantile({share}, sum by (le) (rate({names.RECONCILE_SECONDS}_bucket[5m])))"


FLEET: Final = (
    Panel(
        "Customers", (Query(f"count({_each(names.CONDITION, CUSTOMER, _FLEET)})", "customers"),), kind="stat", width=3
    ),
    Panel("Not ready", (Query(_customers_with('type="Ready",status="False"'), "customers"),), kind="stat", width=3),
    Panel(
        "Over budget",
        (Query(_customers_with('type="WithinBudget",status="False"'), "customers"),),
        kind="stat",
        width=3,
    ),
    Panel(
        "Cost not observed",
        (Query(_customers_with('type="CostObserved",status!="True"'), "customers"),),
        kind="stat",
        width=3,
    ),
    Panel("Projected per month", (Query(_fleet_cost(names.PROJECTED_COST), "{{currency}}"),), kind="stat", width=6),
    Panel(
        "Observed per month",
        (Query(_fleet_cost(names.OBSERVED_COST), "{{currency}}"),),
        kind="stat",
        width=6,
        description="Of the customers whose cost is observed.",
    ),
    Panel(
        "Customers' cost",
        (
            Query(_each(names.PROJECTED_COST, f"{CUSTOMER}, currency", _FLEET), "Projected"),
            Query(_each(names.OBSERVED_COST, f"{CUSTOMER}, currency", _FLEET), "Observed"),
            Query(_each(names.BUDGET, f"{CUSTOMER}, currency", _FLEET), "Budget"),
        ),
        kind="table",
        width=12,
    ),
    Panel(
        "Farthest from plan",
        (Query(f"topk(10, abs({recorded.COST_VARIANCE}{{{_FLEET}}}))", _NAMED),),
        "percentunit",
        width=6,
        description="Observed against projected cost, whatever its sign.",
    ),
    Panel(
        "Nodes desired", (Query(f"sum by (pool) ({_each(names.DESIRED_NODES, POOL, _FLEET)})", "{{pool}}"),), width=6
    ),
)

CUSTOMER_PANELS: Final = (
    Panel(
        "Projected, observed, budget per month",
        tuple(
            Query(_each(metric, f"{CUSTOMER}, currency"), f"{_NAMED} {word} {{{{currency}}}}")
            for word, metric in (
                ("projected", names.PROJECTED_COST),
                ("observed", names.OBSERVED_COST),
                ("budget", names.BUDGET),
            )
        ),
    ),
    Panel(
        "Variance",
        (Query(f"{recorded.COST_VARIANCE}{{{_ONE}}}", _NAMED),),
        "percentunit",
        description="Observed against projected cost; none while too little is observed.",
    ),
    Panel(
        "Share of budget",
        (Query(f"{recorded.BUDGET_SHARE}{{{_ONE}}}", _NAMED),),
        "percentunit",
        description="The larger of projected and observed cost.",
    ),
    Panel("LiveKit nodes", _nodes("livekit")),
    Panel("Sim nodes", _nodes("sim")),
    Panel(
        "Sessions, share of capacity",
        (Query(f"{recorded.SESSIONS_OF_CAPACITY}{{{_ONE}}}", f"{_NAMED} {{{{pool}}}}"),),
        "percentunit",
        description="Rooms under way against what the desired nodes carry when full.",
    ),
    Panel("Rooms", (Query(f"{recorded.ROOMS}{{{_ONE}}}", _NAMED),)),
    Panel(
        "Participants",
        (Query(f"{recorded.PARTICIPANTS}{{{_ONE}}}", _NAMED),),
        description="Agents included. An expectation where LiveKit has several nodes, as it counts some people twice.",
    ),
    Panel("Egress, as on the wire", (Query(f"{recorded.SENT_BITS}{{{_ONE}}}", _NAMED),), "bps"),
    Panel("Packet loss", (Query(f"{recorded.PACKET_LOSS}{{{_ONE}}}", f"{_NAMED} {{{{direction}}}}"),), "percentunit"),
    Panel(
        "CPU of LiveKit nodes", (Query(f"{recorded.NODE_CPU}{{{_ONE}}}", f"{_NAMED} {{{{address}}}}"),), "percentunit"
    ),
    Panel(
        "Memory of LiveKit nodes",
        (Query(f"{recorded.NODE_MEMORY}{{{_ONE}}}", f"{_NAMED} {{{{address}}}}"),),
        "percentunit",
    ),
    Panel(
        "Network of LiveKit nodes, sent",
        (Query(f"{recorded.NODE_NETWORK}{{{_ONE}}}", f"{_NAMED} {{{{address}}}}"),),
        "percentunit",
    ),
    Panel("Coverage of the observation", (Query(_each(names.COVERAGE), _NAMED),), "percentunit"),
    Panel("Age of the observation", (Query(f"time() - {_each(names.OBSERVED_AT)}", _NAMED),), "s"),
    Panel(
        "Conditions",
        (Query(f"{_each(names.CONDITION, f'{CUSTOMER}, type, status, reason')} == 1", "Now"),),
        kind="table",
        width=24,
    ),
)

FLEETS: Final = (
    Panel(
        "Fleets, per year",
        tuple(
            Query(_each(metric, f"{_FLEET_NAME}, currency", ""), word)
            for word, metric in (
                ("Projected", names.FLEET_PROJECTED_COST),
                ("Observed", names.FLEET_OBSERVED_COST),
                ("Revenue", names.FLEET_REVENUE),
                ("On shared clusters", names.FLEET_POOLED_COST),
            )
        ),
        kind="table",
        width=12,
        description="Observed is of the observed customers alone.",
    ),
    Panel(
        "Margin of fleets",
        (
            Query(
                f"1 - {_each(names.FLEET_PROJECTED_COST, f'{_FLEET_NAME}, currency', '')}"
                f" / ({_each(names.FLEET_REVENUE, f'{_FLEET_NAME}, currency', '')} > 0)",
                "{{fleet_namespace}}/{{fleet}} {{currency}}",
            ),
        ),
        "percentunit",
        width=6,
        description="At the projected cost.",
    ),
    Panel(
        "Customers and nodes of fleets",
        (
            Query(_each(names.FLEET_CUSTOMERS, f"{_FLEET_NAME}, state", ""), "{{fleet_namespace}}/{{fleet}} {{state}}"),
            Query(_each(names.FLEET_NODES, f"{_FLEET_NAME}, pool", ""), "{{fleet_namespace}}/{{fleet}} {{pool}} nodes"),
        ),
        width=6,
    ),
)

OPERATOR: Final = (
    Panel("Leaders", (Query(f"sum({names.LEADER})", "leaders"),), kind="stat", width=4, description="1 is right."),
    Panel(
        "Alerts firing",
        (Query('count(ALERTS{alertname=~"Livecost.*|Livekit.*",alertstate="firing"}) or vector(0)', "alerts"),),
        kind="stat",
        width=4,
    ),
    Panel("Customers waiting", (Query(f"sum({names.QUEUE_LENGTH})", "waiting"),)),
    Panel("Time of a decision", (Query(_quantile("0.5"), "median"), Query(_quantile("0.99"), "99 %")), "s"),
    Panel("Failed decisions", (Query(f"sum by (reason) (rate({names.RECONCILE_ERRORS}[5m]))", "{{reason}}"),), "ops"),
    Panel(
        "Writes",
        (
            Query(f"sum by (direction) (rate({names.TARGET_WRITES}[5m]))", "targets {{direction}}"),
            Query(f"sum(rate({names.STATUS_WRITES}[5m]))", "statuses"),
        ),
        "ops",
    ),
    Panel(
        "Memory of the operator",
        (Query(f"process_resident_memory_bytes and on (instance, job) {names.LEADER}", "{{instance}}"),),
        "bytes",
    ),
)

ROWS: Final = {"Fleet": FLEET, "Customer": CUSTOMER_PANELS, "CustomerFleets": FLEETS, "Operator": OPERATOR}

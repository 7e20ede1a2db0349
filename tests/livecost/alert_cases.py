"""For each alert, the series under which it fires and those under which it does not."""

from dataclasses import dataclass, field

CUSTOMER = 'customer_namespace="customers",customer="st-marys"'
WHOSE = {"customer_namespace": "customers", "customer": "st-marys"}
MATCH = f'livecost_customer_match{{{CUSTOMER},match_name="cluster",match_value="c1"}}'
ROOMS = 'livekit_room_total{cluster="c1",instance="10.0.0.1:6789",node_id="ND_x"}'
EXPORTER = 'cluster="c1",instance="10.0.0.1:9100"'
ON_NODE = WHOSE | {"cluster": "c1", "address": "10.0.0.1"}
NODE = "LiveKit node 10.0.0.1 of customers/st-marys"


@dataclass(frozen=True)
class Rate:
    """A counter's growth in a second."""

    per_second: float


# A gauge's value, a counter's growth, the time itself, or None where there is no such series.
Value = float | Rate | str | None
NOW = "now"


@dataclass(frozen=True)
class Series:
    """A series that is well, or ill so that the alert fires."""

    name: str
    ill: Value
    well: Value
    needed: bool = True


@dataclass(frozen=True)
class Case:
    """One alert.

    Attributes:
        alert: its name.
        hold_minutes: how long it must last.
        series: the series it rests on; without one that is needed it is silent.
        labels: of the alert that fires.
        summary: what it says.
        others: further series that are there throughout and must not make it fire.
        lag_minutes: how long the rule looks back.
    """

    alert: str
    hold_minutes: int
    series: tuple[Series, ...]
    labels: dict[str, str]
    summary: str
    others: dict[str, Value] = field(default_factory=dict)
    lag_minutes: int = 0


def constant(name: str, value: float = 1) -> Series:
    """A series that is the same whether all is well or not."""
    return Series(name, value, value)


def condition(kind: str, status: str, reason: str) -> str:
    """The series of a condition."""
    return f'livecost_condition{{{CUSTOMER},type="{kind}",status="{status}",reason="{reason}"}}'


def row(kind: str, status: str, reason: str) -> Series:
    """A condition that the customer has only when it is ill."""
    return Series(condition(kind, status, reason), 1, None)


def cost(which: str) -> str:
    """The series of a cost."""
    return f'livecost_{which}_cost_per_month{{{CUSTOMER},currency="EUR"}}'


BUDGET = constant(f'livecost_budget_per_month{{{CUSTOMER},currency="EUR"}}', 1000)
OBSERVED = constant(condition("CostObserved", "True", "Observed"))
OPTIONAL_MATCH = Series(MATCH, 1, 1, needed=False)

CASES = (
    Case(
        "LivekitCpuHigh",
        15,
        (
            Series(f'node_cpu_seconds_total{{{EXPORTER},cpu="0",mode="idle"}}', Rate(0.29), Rate(0.31)),
            constant(ROOMS),
            OPTIONAL_MATCH,
        ),
        ON_NODE | {"severity": "warning"},
        f"{NODE} uses 71% of its CPU",
        {'node_cpu_seconds_total{cluster="c1",instance="10.0.0.9:9100",cpu="0",mode="idle"}': Rate(0)},
        6,
    ),
    Case(
        "LivekitMemoryHigh",
        10,
        (
            Series(f"node_memory_MemAvailable_bytes{{{EXPORTER}}}", 19e9, 21e9),
            constant(f"node_memory_MemTotal_bytes{{{EXPORTER}}}", 100e9),
            constant(ROOMS),
            OPTIONAL_MATCH,
        ),
        ON_NODE | {"severity": "warning"},
        f"{NODE} uses 81% of its memory",
    ),
    Case(
        "LivekitNetworkHigh",
        10,
        (
            Series(
                f'node_network_transmit_bytes_total{{{EXPORTER},device="eth0"}}', Rate(0.71 * 125e6), Rate(0.69 * 125e6)
            ),
            # What a virtual port tells that knows no speed.
            Series(f'node_network_speed_bytes{{{EXPORTER},device="eth0"}}', -125000, -125000, needed=False),
            constant(ROOMS),
            OPTIONAL_MATCH,
        ),
        ON_NODE | {"severity": "warning"},
        f"{NODE} sends at 71% of its network's capacity",
        {
            f'node_network_transmit_bytes_total{{{EXPORTER},device="lo"}}': Rate(10e9),
            f'node_network_transmit_bytes_total{{{EXPORTER},device="eth1"}}': Rate(200e6),
            f'node_network_speed_bytes{{{EXPORTER},device="eth1"}}': 1.25e9,
        },
        6,
    ),
    Case(
        "LivekitPacketLossHigh",
        10,
        (
            Series('livekit_packet_loss_total{cluster="c1",direction="incoming",source="x"}', Rate(11), Rate(9)),
            Series(ROOMS, 1, 1, needed=False),
            Series(
                'livekit_packet_total{cluster="c1",direction="incoming",transmission="initial"}', Rate(1000), Rate(1000)
            ),
            OPTIONAL_MATCH,
        ),
        WHOSE | {"cluster": "c1", "direction": "incoming", "severity": "warning"},
        "customers/st-marys loses 1.1% of its incoming packets",
        lag_minutes=6,
    ),
    Case(
        "LivekitSessionsNearCapacity",
        5,
        (
            Series(ROOMS, 24, 23),
            constant(f'livecost_pool_capacity_sessions{{{CUSTOMER},pool="livekit"}}', 33),
            constant(MATCH),
        ),
        WHOSE | {"pool": "livekit", "severity": "warning"},
        "customers/st-marys has 72.73% of the sessions that its livekit pool carries",
        {f'livecost_pool_capacity_sessions{{{CUSTOMER},pool="sim"}}': 50},
    ),
    Case(
        "LivecostBudgetNear",
        15,
        (row("WithinBudget", "True", "NearBudget"), constant(cost("projected"), 850), BUDGET),
        WHOSE | {"severity": "info"},
        "customers/st-marys takes 85% of its budget",
    ),
    Case(
        "LivecostBudgetOver",
        15,
        (
            row("WithinBudget", "False", "OverBudget"),
            constant(cost("projected"), 950),
            Series(cost("observed"), 1010, 1010, needed=False),
            BUDGET,
        ),
        WHOSE | {"severity": "warning"},
        "customers/st-marys takes 101% of its budget",
    ),
    Case(
        "LivecostBudgetHolds",
        15,
        (Series(f'livecost_pool_budget_held_nodes{{{CUSTOMER},pool="sim"}}', 3, None),),
        WHOSE | {"pool": "sim", "severity": "warning"},
        "customers/st-marys: the budget keeps 3 nodes from the sim pool",
    ),
    Case(
        "LivecostCostOffPlan",
        60,
        (
            constant(cost("observed"), 890),
            constant(cost("projected"), 1000),
            OBSERVED,
            row("CostAsProjected", "False", "CostBelowProjected"),
        ),
        WHOSE | {"severity": "warning"},
        "customers/st-marys: observed cost is off the projected cost by -11%",
    ),
    Case(
        "LivecostCostNotObserved",
        30,
        (row("CostObserved", "Unknown", "PrometheusUnreachable"),),
        WHOSE | {"reason": "PrometheusUnreachable", "severity": "warning"},
        "customers/st-marys: no cost is observed (PrometheusUnreachable)",
        {'livecost_condition{customer="x",type="CostObserved",status="Unknown",reason="NoPrometheus"}': 1},
    ),
    Case(
        "LivecostObservationStale",
        10,
        (Series(f"livecost_observation_timestamp_seconds{{{CUSTOMER}}}", -7260, NOW),),
        WHOSE | {"severity": "warning"},
        "customers/st-marys: the observed cost is 2h 14m 0s old",
        {
            'livecost_observation_timestamp_seconds{customer="x"}': -9999,
            'livecost_condition{customer="x",type="CostObserved",status="Unknown",reason="PrometheusTimeout"}': 1,
        },
    ),
    Case(
        "LivecostCoverageLow",
        60,
        (
            Series(f"livecost_observation_coverage_ratio{{{CUSTOMER}}}", 0.89, 0.9),
            constant(condition("CostObserved", "False", "LowCoverage")),
        ),
        WHOSE | {"severity": "warning"},
        "customers/st-marys: telemetry covers 89% of the observed window",
    ),
    Case(
        "LivecostTargetContested",
        5,
        (row("TargetsApplied", "False", "TargetContested"),),
        WHOSE | {"reason": "TargetContested", "severity": "warning"},
        "customers/st-marys: another writer keeps changing a pool's count",
    ),
    Case(
        "LivecostTargetMissing",
        5,
        (row("TargetsApplied", "False", "TargetNotFound"),),
        WHOSE | {"reason": "TargetNotFound", "severity": "critical"},
        "customers/st-marys: a pool's target is missing (TargetNotFound)",
    ),
    Case(
        "LivecostTargetNotApplied",
        15,
        (row("TargetsApplied", "False", "TargetForbidden"),),
        WHOSE | {"reason": "TargetForbidden", "severity": "warning"},
        "customers/st-marys: a pool's count cannot be set (TargetForbidden)",
        {
            f'livecost_condition{{customer="x",type="TargetsApplied",status="False",reason="{reason}"}}': 1
            for reason in ("Paused", "RecommendOnly", "TargetContested", "TargetNotFound", "TargetKindUnknown")
        },
    ),
    Case(
        "LivecostPoolAtMaxNodes",
        5,
        (
            Series(f'livecost_pool_limited{{{CUSTOMER},pool="sim",limited_by="maxNodes"}}', 1, None),
            constant(f'livecost_pool_required_nodes{{{CUSTOMER},pool="sim"}}', 7),
        ),
        WHOSE | {"pool": "sim", "severity": "warning"},
        "customers/st-marys: maxNodes cuts the sim pool off, which requires 7 nodes",
        {
            f'livecost_pool_limited{{{CUSTOMER},pool="livekit",limited_by="minNodes"}}': 1,
            f'livecost_pool_required_nodes{{{CUSTOMER},pool="livekit"}}': 0,
        },
    ),
    Case(
        "LivecostNodesNotReady",
        15,
        (row("Ready", "False", "NodesNotReady"),),
        WHOSE | {"severity": "warning"},
        "customers/st-marys: nodes that were asked for are not ready",
    ),
    Case(
        "LivecostNotSized",
        10,
        (row("Sized", "False", "ProfileNotFound"),),
        WHOSE | {"reason": "ProfileNotFound", "severity": "warning"},
        "customers/st-marys cannot be sized (ProfileNotFound)",
    ),
    Case(
        "LivecostOperatorDown",
        5,
        (Series('livecost_leader{instance="a"}', None, 1, needed=False),),
        {"severity": "critical"},
        "Prometheus sees no livecost operator",
    ),
    Case(
        "LivecostNoLeader",
        2,
        (Series('livecost_leader{instance="a"}', 0, 1, needed=False),),
        {"severity": "critical"},
        "No replica of livecost leads",
        {'livecost_leader{instance="b"}': 0},
    ),
    Case(
        "LivecostQueueStuck",
        15,
        (Series('livecost_queue_length{instance="a"}', 3, 0),),
        {"severity": "warning"},
        "3 customers wait for livecost, whose queue has not been empty for 15 minutes",
    ),
    Case(
        "LivecostReconcileErrors",
        15,
        (Series('livecost_reconcile_errors_total{instance="a",reason="Bug"}', Rate(0.02), Rate(0)),),
        {"reason": "Bug", "severity": "warning"},
        "livecost's decisions keep failing (Bug)",
        lag_minutes=11,
    ),
)

"""The alerts: when each fires, how grave it is, and what it says. docs/runbooks.md has a section for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from livecost import metric_names as names
from livecost import recording_rules as recorded
from livecost.recording_rules import CUSTOMER, POOL, not_observed

Severity = Literal["critical", "warning", "info"]

_NAME = "{{ $labels.customer_namespace }}/{{ $labels.customer }}"
_STATUS = "kubectl describe customercluster -n {{ $labels.customer_namespace }} {{ $labels.customer }}"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert.

    Attributes:
        name: its name.
        expr: PromQL; each series of its result is one alert.
        hold: how long that must last, as Prometheus writes durations.
        severity: critical: somebody is not served or nothing is controlled, act now; warning: act today; info: know it.
        summary: one line with the customer and the value, as a Prometheus template.
        description: what it means and the remedy, as a Prometheus template.
    """

    name: str
    expr: str
    hold: str
    severity: Severity
    summary: str
    description: str


def alert_groups(match_label: str) -> dict[str, tuple[Alert, ...]]:
    """All alerts by the name of their group; `match_label` as in `recording_rules.Telemetry`."""
    return {
        "livecost.livekit": _livekit(match_label),
        "livecost.cost": _COST,
        "livecost.pools": _POOLS,
        "livecost.operator": _OPERATOR,
    }


def _livekit(match_label: str) -> tuple[Alert, ...]:
    """The alerting thresholds of the audio sizing document, section Monitoring Requirements."""
    who = (
        "{{ if $labels.customer }}"
        + _NAME
        + "{{ else }}cluster {{ $labels."
        + match_label
        + " }}, customer unknown{{ end }}"
    )
    node = "LiveKit node {{ $labels.address }} of " + who
    value = "{{ $value | humanizePercentage }}"
    return (
        Alert(
            "LivekitCpuHigh", f"{recorded.NODE_CPU} > 0.7", "15m", "warning",
            f"{node} uses {value} of its CPU",
            "Above 70 % for 15 minutes, audio stutters at the next rise. Raise minNodes, or lower "
            "capacity.participantsPerNode to what a node really carries.",
        ),
        Alert(
            "LivekitMemoryHigh", f"{recorded.NODE_MEMORY} > 0.8", "10m", "warning",
            f"{node} uses {value} of its memory",
            "Above 80 % for 10 minutes, the kernel may soon end LiveKit and every room on the node. Spread the rooms "
            "over more nodes, or take nodes with more memory.",
        ),
        Alert(
            "LivekitNetworkHigh", f"{recorded.NODE_NETWORK} > 0.7", "10m", "warning",
            f"{node} sends at {value} of its network's capacity",
            "Above 70 % for 10 minutes, packets are soon dropped. Lower capacity.participantsPerNode, or take nodes "
            "with a faster port.",
        ),
        Alert(
            "LivekitPacketLossHigh", f"{recorded.PACKET_LOSS} > 0.01", "10m", "warning",
            f"{who} loses {value} of its {{{{ $labels.direction }}}} packets",
            "Above 1 % for 10 minutes, people hear gaps. See whether a node's CPU or network is full; if not, look at "
            "the path to the customer.",
        ),
        Alert(
            "LivekitSessionsNearCapacity", f"{recorded.SESSIONS_OF_CAPACITY} > 0.7", "5m", "warning",
            f"{_NAME} has {value} of the sessions that its {{{{ $labels.pool }}}} pool carries",
            "Above 70 % for 5 minutes there is little room for a rush. Raise spec.users or spec.concurrency to the "
            "real demand, or plan with a lower capacity.targetUtilizationPercent.",
        ),
    )  # fmt: skip


def _budget_share(reason: str) -> str:
    return (
        f'{recorded.BUDGET_SHARE} and on ({CUSTOMER}) {names.CONDITION}{{type="WithinBudget",reason="{reason}"}} == 1'
    )


_COST: Final = (
    Alert(
        "LivecostBudgetNear", _budget_share("NearBudget"), "15m", "info",
        f"{_NAME} takes {{{{ $value | humanizePercentage }}}} of its budget",
        "The larger of projected and observed cost has reached budget.warnPercent. Raise budget.monthly if that is "
        "right, or lower users or maxNodes.",
    ),
    Alert(
        "LivecostBudgetOver", _budget_share("OverBudget"), "15m", "warning",
        f"{_NAME} takes {{{{ $value | humanizePercentage }}}} of its budget",
        "The larger of projected and observed cost is above budget.monthly. Raise it, or lower users or maxNodes; "
        "livecost does not shrink a pool for its cost.",
    ),
    Alert(
        "LivecostBudgetHolds", f"max by ({CUSTOMER}, pool) ({names.BUDGET_HELD_NODES}) > 0", "15m", "warning",
        f"{_NAME}: the budget keeps {{{{ $value }}}} nodes from the {{{{ $labels.pool }}}} pool",
        "budget.hold is set, and the peak needs nodes that budget.monthly does not pay. Raise it, or set budget.hold "
        "to false, and the pool grows at once; else lower users.",
    ),
    Alert(
        "LivecostCostOffPlan",
        f'{recorded.COST_VARIANCE} and on ({CUSTOMER}) '
        f'{names.CONDITION}{{type="CostAsProjected",status="False"}} == 1',
        "1h", "warning",
        f"{_NAME}: observed cost is off the projected cost by {{{{ $value | humanizePercentage }}}}",
        f"CostAsProjected has been False for an hour: the pools stand as projected, and cost more or less by over "
        f"observation.varianceThresholdPercent. cost.variance.items says why: {_STATUS}. Correct the assumption that "
        f"is wrong, or find who runs the nodes.",
    ),
    Alert(
        "LivecostCostNotObserved",
        f"max by ({CUSTOMER}, reason) "
        f'({names.CONDITION}{{type="CostObserved",status="Unknown",reason!="NoPrometheus"}}) == 1',
        "30m", "warning",
        f"{_NAME}: no cost is observed ({{{{ $labels.reason }}}})",
        f"Telemetry has been missing for 30 minutes; figures shown are old, and sizing goes on without. The condition "
        f"CostObserved says what to do: {_STATUS}",
    ),
    Alert(
        "LivecostObservationStale",
        f"time() - max by ({CUSTOMER}) ({names.OBSERVED_AT}) > 7200 unless on ({CUSTOMER}) {not_observed()}",
        "10m", "warning",
        f"{_NAME}: the observed cost is {{{{ $value | humanizeDuration }}}} old",
        "An observation is written anew each hour at the latest, and this one is older than two. See the operator's "
        "log; with another --observation-refresh-seconds this limit has to change too.",
    ),
    Alert(
        "LivecostCoverageLow",
        f'max by ({CUSTOMER}) ({names.COVERAGE}) < 0.9 and on ({CUSTOMER}) '
        f'{names.CONDITION}{{type="CostObserved",status="False"}} == 1',
        "1h", "warning",
        f"{_NAME}: telemetry covers {{{{ $value | humanizePercentage }}}} of the observed window",
        "Below 90 % the observed cost rests on too little. See that Prometheus and its exporters stay up; the gap "
        "leaves the window after a day.",
    ),
)  # fmt: skip

_MISSING = "TargetNotFound|TargetBeingDeleted|TargetKindUnknown"


def _targets_not_applied(reasons: str) -> str:
    return f'max by ({CUSTOMER}, reason) ({names.CONDITION}{{type="TargetsApplied",status="False",{reasons}}}) == 1'


_POOLS: Final = (
    Alert(
        "LivecostTargetContested", _targets_not_applied('reason="TargetContested"'), "5m", "warning",
        f"{_NAME}: another writer keeps changing a pool's count",
        f"livecost corrected the count once and then left it. Find the other writer (an autoscaler, a pipeline) and "
        f"stop it, or set scaling.mode: Recommend. The pool: {_STATUS}",
    ),
    Alert(
        "LivecostTargetMissing", _targets_not_applied(f'reason=~"{_MISSING}"'), "5m", "critical",
        f"{_NAME}: a pool's target is missing ({{{{ $labels.reason }}}})",
        f"Nobody sizes this pool. Create the target, install its CRD, or correct targetRef: {_STATUS}",
    ),
    Alert(
        "LivecostTargetNotApplied",
        _targets_not_applied(f'reason!~"{_MISSING}|TargetContested|Paused|RecommendOnly"'), "15m", "warning",
        f"{_NAME}: a pool's count cannot be set ({{{{ $labels.reason }}}})",
        f"The pool keeps the count it has. The condition TargetsApplied says what to do: {_STATUS}",
    ),
    Alert(
        "LivecostPoolAtMaxNodes",
        f'max by ({POOL}) ({names.REQUIRED_NODES}) and on ({POOL}) {names.LIMITED}{{limited_by="maxNodes"}} == 1',
        "5m", "warning",
        f"{_NAME}: maxNodes cuts the {{{{ $labels.pool }}}} pool off, which requires {{{{ $value }}}} nodes",
        "At the peak there is no place for everybody. Raise pools.{{ $labels.pool }}.maxNodes, and the provider's "
        "quota where that is the reason for it.",
    ),
    Alert(
        "LivecostNodesNotReady",
        f'max by ({CUSTOMER}) ({names.CONDITION}{{type="Ready",status="False",reason="NodesNotReady"}}) == 1',
        "15m", "warning",
        f"{_NAME}: nodes that were asked for are not ready",
        f"The count is set, and the provider has not brought the nodes up for 15 minutes: quota, capacity of the zone, "
        f"or an image that does not start. Which pool: {_STATUS}",
    ),
    Alert(
        "LivecostNotSized",
        f'max by ({CUSTOMER}, reason) ({names.CONDITION}{{type="Sized",status="False"}}) == 1',
        "10m", "warning",
        f"{_NAME} cannot be sized ({{{{ $labels.reason }}}})",
        f"Everything keeps running as it is, but no change of demand is followed. Correct the field that the condition "
        f"Sized names: {_STATUS}",
    ),
)  # fmt: skip

_OPERATOR: Final = (
    Alert(
        "LivecostOperatorDown", f"absent({names.LEADER})", "5m", "critical",
        "Prometheus sees no livecost operator",
        "No replica runs, or none is scraped: pools stay as they are and no alert on a customer can fire. See the "
        "operator's pods and the scrape of /metrics.",
    ),
    Alert(
        "LivecostNoLeader", f"sum({names.LEADER}) == 0", "2m", "critical",
        "No replica of livecost leads",
        "Replicas run, and none of them decides. See /readyz and the log for the Lease, and the right to update it.",
    ),
    Alert(
        "LivecostQueueStuck", f"sum({names.QUEUE_LENGTH}) > 0", "15m", "warning",
        "{{ $value }} customers wait for livecost, whose queue has not been empty for 15 minutes",
        "Changes of demand come late or not at all. See how long decisions take (livecost_reconcile_duration_seconds), "
        "whether the API server is slow, and --workers.",
    ),
    Alert(
        "LivecostReconcileErrors", f"sum by (reason) (increase({names.RECONCILE_ERRORS}[10m])) > 0", "15m", "warning",
        "livecost's decisions keep failing ({{ $labels.reason }})",
        "They are tried again, and have failed for 15 minutes. The operator's log names customer and error; a reason "
        "of Bug is one of livecost's own.",
    ),
)  # fmt: skip

"""Names of the metrics that the operator exports; dashboards, alerts and its own queries rely on them."""

from typing import Final

# Not `namespace` and `name`: a scrape sets labels of these names from the scraped pod.
CUSTOMER_NAMESPACE_LABEL: Final = "customer_namespace"
CUSTOMER_LABEL: Final = "customer"
POOL_LABEL: Final = "pool"

REQUIRED_NODES: Final = "livecost_pool_required_nodes"
PLANNED_NODES: Final = "livecost_pool_planned_nodes"
DESIRED_NODES: Final = "livecost_pool_desired_nodes"
READY_NODES: Final = "livecost_pool_ready_nodes"
PROJECTED_COST: Final = "livecost_projected_cost_per_month"
OBSERVED_COST: Final = "livecost_observed_cost_per_month"
COVERAGE: Final = "livecost_observation_coverage_ratio"
OBSERVED_AT: Final = "livecost_observation_timestamp_seconds"
CONDITION: Final = "livecost_condition"
RECONCILE_SECONDS: Final = "livecost_reconcile_duration_seconds"
RECONCILE_ERRORS: Final = "livecost_reconcile_errors_total"
TARGET_WRITES: Final = "livecost_target_writes_total"
STATUS_WRITES: Final = "livecost_status_writes_total"
QUEUE_LENGTH: Final = "livecost_queue_length"
LEADER: Final = "livecost_leader"

"""Live customers as the commands that read them get them."""

from decimal import Decimal

from livecost.customer_reading import Live
from livecost.decide import Switches, decide
from livecost.observed_cost import Measured, NotMeasured, Quantity, price_measured
from livecost.plan import make_plan
from livecost.store import read_cluster, read_profile
from tests.livecost.builders import NO_TARGET, NOW, cluster_body, spec_of, status_of

NOT_OBSERVED = NotMeasured("NoPrometheus", "no Prometheus is named")


def measured(livekit="1", sim="1", egress_gb_per_hour="5"):
    """What telemetry tells of a day."""
    nodes = {"livekit": Quantity(Decimal(livekit), "kube-state-metrics"), "sim": Quantity(Decimal(sim), "livecost")}
    return Measured(nodes, Quantity(Decimal(egress_gb_per_hour), "livekit"), Decimal("97.5"), 86_400, NOW)


def live_customer(profile=None, observed=NOT_OBSERVED, status=None, now=NOW, **spec):
    """A customer of the worked example with the status that the operator writes, and its plan.

    Args:
        profile: the spec of its CostProfile `azure`; None for the built-in defaults.
        observed: what was measured, or why nothing was.
        status: fields that its status has beside the operator's.
        now: when it was decided on.
        spec: fields of its spec.
    """
    found = None
    if profile is not None:
        found = read_profile({"metadata": {"name": "azure", "generation": 3}, "spec": profile})
        spec["profileRef"] = {"name": "azure"}
    own = spec_of(**spec)
    plan = make_plan(own, None if found is None else found.document, {})
    decision = decide(own, plan, {"livekit": NO_TARGET, "sim": NO_TARGET}, Switches(), now)
    cost = price_measured(observed, plan) if isinstance(observed, Measured) else observed
    body = status_of(own, plan, decision, cost, now=now)
    body["profile"] = {"name": "azure" if found else "built-in defaults", "generation": 3 if found else None}
    return Live(read_cluster(cluster_body(status={**body, **(status or {})}, **spec)), found), plan

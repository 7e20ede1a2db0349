"""Statuses of a customer with the worked example's demand, for the tests of its parts."""

from decimal import Decimal

from livecost.conditions import format_time
from livecost.observed_cost import Measured, NotMeasured, Quantity, price_measured
from tests.livecost.builders import NO_TARGET, NOW, after, decide_sim, spec_of, status_of

NO_NEWS = NotMeasured("PrometheusUnreachable", "Prometheus at http://p cannot be reached")

NOT_YET = NotMeasured("NotYetObserved", "the first observation is under way")


def measured(sim="1", *, livekit="1", egress=None, coverage="100", as_of=NOW, window_seconds=86_400):
    nodes = {"livekit": Quantity(Decimal(livekit), "kube-state-metrics"), "sim": Quantity(Decimal(sim), "livecost")}
    sent = None if egress is None else Quantity(Decimal(egress), "livekit")
    return Measured(nodes, sent, Decimal(coverage), window_seconds, as_of)


def in_force(seconds=86_400, livekit=1, sim=1, verdict=None):
    """A status of pools that have stood as projected for so long."""
    projected = {"nodes": {"livekit": livekit, "sim": sim}, "inForceSince": format_time(after(-seconds))}
    return {"cost": {"projected": projected, "variance": {"lastVerdict": verdict}}}


def status(spec=None, *, observed=NO_NEWS, sim=NO_TARGET, switches=None, now=NOW, **how):
    spec = spec or spec_of()
    how.setdefault("previous", in_force())
    plan, decision = decide_sim(spec, sim, switches, now)
    cost = price_measured(observed, plan) if isinstance(observed, Measured) else observed
    return status_of(spec, plan, decision, cost, now=now, **how)


def condition(status, kind):
    return next(row for row in status["conditions"] if row["type"] == kind)

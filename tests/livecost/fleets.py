"""Customers of a fleet and what they add up to, as the operator's tests make them."""

from decimal import Decimal

from costmodel import parse_document
from livecost.customer_fleet_models import CustomerFleetSpec
from livecost.customer_fleet_status import fleet_status
from livecost.fleet_member import read_member
from livecost.live_fleet import add_up
from livecost.plan import make_plan
from livecost.store import Figures, read_cluster
from tests.livecost.builders import NOW, cluster_body

NODES = {pool: {"desired": 1, "ready": 1} for pool in ("livekit", "sim")}


def customer(name="st-marys", *, profile=None, observed=None, over=False, variance=None, pools=None, **spec):
    """A customer as last decided on; the worked example unless told otherwise; `observed` is per month."""
    shown = {
        "CostObserved": "Unknown" if observed is None else "True",
        "WithinBudget": "False" if over else "True",
    }
    status = {
        "pools": NODES if pools is None else pools,
        "cost": {"variance": variance or {"monthly": "0.00", "percent": "0.0"}},
        "conditions": [{"type": kind, "status": each} for kind, each in shown.items()],
    }
    cluster = read_cluster(cluster_body(name, status=status, **spec))
    plan = make_plan(cluster.spec, parse_document(profile or {}), {})
    cluster.figures = Figures(plan, None if observed is None else Decimal(observed))
    return cluster


def fleet_of(*clusters, **spec):
    """The customers added up by a fleet's spec; those without figures are unsized."""
    terms = {}
    read = {cluster.key: read_member(cluster, terms) for cluster in clusters}
    members = [member for member in read.values() if member is not None]
    return add_up(
        CustomerFleetSpec.model_validate(spec), members, [key for key, member in read.items() if member is None]
    )


def status_of(*clusters, previous=None, unserved=(), now=NOW, **spec):
    """The status of a fleet of customers."""
    return fleet_status(fleet_of(*clusters, **spec), 1, previous or {}, unserved, now)

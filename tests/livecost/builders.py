"""Objects as users and the API server write them, for the operator's tests."""

from datetime import UTC, datetime, timedelta

from costmodel import parse_document
from livecost.decide import PoolFacts, PoolOutcome, Switches, decide
from livecost.models import CustomerClusterSpec, TargetRef
from livecost.plan import Plan, make_plan
from livecost.scaling import PoolMemory
from livecost.status import Subject, planned_status
from livecost.target_state import TargetState

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def after(seconds):
    """The moment so many seconds after NOW."""
    return NOW + timedelta(seconds=seconds)


def spec_of(**fields):
    """A spec; the worked example's demand unless told otherwise."""
    return CustomerClusterSpec.model_validate({"users": 1000, "concurrency": 100, **fields})


def plan_of(spec, profile=None, **zones):
    """The plan of a spec that can be planned."""
    plan = make_plan(spec, None if profile is None else parse_document(profile), zones)
    assert isinstance(plan, Plan), plan
    return plan


def sim_spec(nodes, **fields):
    """A spec that plans so many sim nodes: 50 sessions of one user fill a node."""
    shape = {
        "demand": {"usersPerSession": 1, "agentsPerSession": 0},
        "license": {"annual": 350000},
    }
    return spec_of(concurrency=50 * nodes, overrides=shape, **fields)


def target_ref(kind="NodePool", name="st-marys", api_version="karpenter.sh/v1", **fields):
    """A reference to a target."""
    return TargetRef.model_validate({"apiVersion": api_version, "kind": kind, "name": name, **fields})


def facts(count=None, *, memory=None, target=None, label="NodePool st-marys", **state):
    """What is known of a pool with a target."""
    found = target if target is not None else TargetState(count=count, **state)
    return PoolFacts(label, found, memory or PoolMemory())


NO_TARGET = PoolFacts(None, None, PoolMemory())


def decide_sim(spec, sim, switches=None, now=NOW):
    """The decision on a customer whose sim pool alone has a target."""
    plan = plan_of(spec)
    return plan, decide(spec, plan, {"livekit": NO_TARGET, "sim": sim}, switches or Switches(), now)


def outcomes_of(decision, problem=None, ready=None):
    """What becomes of a decision when every write succeeds, or when every write meets a problem."""
    outcomes = {}
    for name, pool in decision.pools.items():
        target = pool.facts.target
        if not isinstance(target, TargetState):
            outcomes[name] = PoolOutcome(None, None, None)
            continue
        failed = problem if pool.write is not None else None
        count = pool.write if pool.write is not None and failed is None else target.count
        outcomes[name] = PoolOutcome(count, target.ready if ready is None else ready, target.settled, failed)
    return outcomes


def status_of(spec, plan, decision, observed, *, previous=None, now=NOW, problem=None, ready=None, refresh_seconds=0):
    """The status after a decision."""
    outcomes = outcomes_of(decision, problem, ready)
    return planned_status(Subject(1, previous or {}), spec, plan, decision, outcomes, observed, refresh_seconds, now)


def cluster_body(name="st-marys", *, namespace="customers", generation=1, version="10", uid=None, annotations=None,
                 created="2026-03-01T12:00:00Z", status=None, **spec):  # fmt: skip
    """A CustomerCluster as the API server gives it."""
    body = {
        "metadata": {
            "namespace": namespace,
            "name": name,
            "uid": uid or f"uid-of-{name}",
            "resourceVersion": version,
            "generation": generation,
            "creationTimestamp": created,
        },
        "spec": {"users": 1000, "concurrency": 100, **spec},
    }
    if annotations is not None:
        body["metadata"]["annotations"] = annotations
    if status is not None:
        body["status"] = status
    return body


def pool(name, kind="NodePool", api_version="karpenter.sh/v1", **fields):
    """A pool with a target, as a spec writes it."""
    return {"targetRef": {"apiVersion": api_version, "kind": kind, "name": name, **fields}}

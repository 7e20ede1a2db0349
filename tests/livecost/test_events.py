"""Events: problems are told when they come and when they are over; choices are not told."""

import asyncio

import pytest

from livecost.events import MAX_MESSAGE, MAX_WAITING, EventWriter, Happening, happenings
from livecost.kube_api import ApiError
from livecost.store import read_cluster
from tests.livecost.builders import cluster_body


def row(kind, status, reason, message="text"):
    return {"type": kind, "status": status, "reason": reason, "message": message}


def told(before, after):
    rows = [None if given is None else row("TargetsApplied", *given) for given in (before, after)]
    return [(found.type, found.reason) for found in happenings([r for r in rows[:1] if r], rows[1:])]


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (("Unknown", "NotYetObserved"), []),
        (("True", "Observed"), ["LowCoverage"]),
    ],
)
def test_low_coverage_is_told_when_it_was_better_before(before, expected):
    """A customer that was only just created is covered bit by bit, which is no news to anybody."""
    rows = [row("CostObserved", *before)], [row("CostObserved", "False", "LowCoverage")]

    assert [found.reason for found in happenings(*rows)] == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, ("True", "AsPlanned"), []),
        (None, ("False", "TargetNotFound"), [("Warning", "TargetNotFound")]),
        (("True", "AsPlanned"), ("False", "TargetNotFound"), [("Warning", "TargetNotFound")]),
        (("False", "TargetNotFound"), ("False", "TargetForbidden"), [("Warning", "TargetForbidden")]),
        (("False", "TargetNotFound"), ("False", "TargetNotFound"), []),
        (("False", "TargetNotFound"), ("True", "AsPlanned"), [("Normal", "AsPlanned")]),
        (("False", "TargetNotFound"), ("False", "Paused"), []),
        (("True", "AsPlanned"), ("False", "Paused"), []),
        (("False", "Paused"), ("True", "AsPlanned"), []),
        (("True", "AsPlanned"), ("False", "RecommendOnly"), []),
        (("True", "AsPlanned"), ("True", "ScaleDownPending"), []),
        (("True", "Sized"), ("True", "LimitedByMaxNodes"), [("Warning", "LimitedByMaxNodes")]),
        (("True", "LimitedByMaxNodes"), ("True", "Sized"), [("Normal", "Sized")]),
        (("True", "WithinBudget"), ("True", "NearBudget"), [("Warning", "NearBudget")]),
        (("True", "NearBudget"), ("False", "OverBudget"), [("Warning", "OverBudget")]),
        (("False", "OverBudget"), ("True", "WithinBudget"), [("Normal", "WithinBudget")]),
        (("True", "NearBudget"), ("False", "OverBudgetHeld"), [("Warning", "OverBudgetHeld")]),
        (("False", "OverBudgetHeld"), ("True", "NearBudget"), [("Warning", "NearBudget")]),
        (("False", "OverBudgetHeld"), ("True", "WithinBudget"), [("Normal", "WithinBudget")]),
        (("True", "AsPlanned"), ("True", "HeldByBudget"), []),
        (("True", "WithinBudget"), ("Unknown", "NoBudget"), []),
        (None, ("Unknown", "NoPrometheus"), []),
        (("Unknown", "NotYetObserved"), ("Unknown", "NoTelemetry"), []),
        (("True", "Observed"), ("Unknown", "PrometheusUnreachable"), [("Warning", "PrometheusUnreachable")]),
        (("Unknown", "PrometheusUnreachable"), ("True", "Observed"), [("Normal", "Observed")]),
        (("Unknown", "NotYetObserved"), ("True", "Observed"), []),
    ],
)
def test_what_is_told(before, after, expected):
    assert told(before, after) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (("True", "AsProjected"), ("False", "CostAboveProjected"), [("Warning", "CostAboveProjected")]),
        (("False", "CostAboveProjected"), ("False", "CostBelowProjected"), [("Warning", "CostBelowProjected")]),
        (("False", "CostBelowProjected"), ("True", "AsProjected"), [("Normal", "AsProjected")]),
        (("True", "AsProjected"), ("Unknown", "PrometheusUnreachable"), []),
        (("Unknown", "LowCoverage"), ("False", "CostAboveProjected"), [("Warning", "CostAboveProjected")]),
        (("Unknown", "NotYetObserved"), ("True", "AsProjected"), []),
    ],
)
def test_a_cost_that_leaves_the_projection_is_told_and_its_return_too(before, after, expected):
    """That it is unknown is told once, by CostObserved."""
    found = happenings([row("CostAsProjected", *before)], [row("CostAsProjected", *after)])

    assert [(happening.type, happening.reason) for happening in found] == expected


@pytest.mark.parametrize(
    ("last_verdict", "after", "expected"),
    [
        ("CostAboveProjected", ("True", "AsProjected"), [("Normal", "AsProjected")]),
        ("CostAboveProjected", ("False", "CostAboveProjected"), []),
        ("AsProjected", ("False", "CostAboveProjected"), [("Warning", "CostAboveProjected")]),
        ("AsProjected", ("True", "AsProjected"), []),
        ("CostAboveProjected", ("Unknown", "LowCoverage"), []),
    ],
)
def test_after_an_outage_only_what_has_changed_over_it_is_told(last_verdict, after, expected):
    before = [row("CostAsProjected", "Unknown", "PrometheusUnreachable")]

    found = happenings(before, [row("CostAsProjected", *after)], last_verdict)

    assert [(happening.type, happening.reason) for happening in found] == expected


def test_a_recovery_says_from_what():
    before = [row("Sized", "False", "ProfileNotFound")]

    (happening,) = happenings(before, [row("Sized", "True", "Sized", "100 peak users")])

    assert happening == Happening("Normal", "Sized", "recovered from ProfileNotFound: 100 peak users")


def test_ready_is_not_told_because_it_repeats_the_others():
    assert list(happenings([], [row("Ready", "False", "ProfileNotFound")])) == []


class Api:
    """Takes Events, or refuses them."""

    def __init__(self, refusals=()):
        self.refusals = list(refusals)
        self.taken = []
        self.arrived = asyncio.Event()

    async def create(self, path, body):
        """Take one, or raise the next refusal."""
        if self.refusals:
            raise self.refusals.pop(0)
        self.taken.append((path, body))
        self.arrived.set()


@pytest.fixture
def cluster():
    return read_cluster(cluster_body())


async def test_an_event_names_its_object_and_its_reporter(cluster):
    api = Api()
    writer = EventWriter(api, "host-1")
    writer.tell(cluster, Happening("Warning", "OverBudget", "x" * 5_000))

    working = asyncio.create_task(writer.run())
    await asyncio.wait_for(api.arrived.wait(), 30)
    working.cancel()

    ((path, body),) = api.taken
    assert path == "/api/v1/namespaces/customers/events"
    assert body["involvedObject"] == {
        "apiVersion": "livecost.dev/v1alpha1",
        "kind": "CustomerCluster",
        "namespace": "customers",
        "name": "st-marys",
        "uid": "uid-of-st-marys",
    }
    assert (body["type"], body["reason"], len(body["message"])) == ("Warning", "OverBudget", MAX_MESSAGE)
    assert (body["reportingComponent"], body["reportingInstance"]) == ("livecost", "host-1")


async def test_a_refused_event_does_not_stop_the_next(cluster):
    api = Api([ApiError(403, "Forbidden", "no")])
    writer = EventWriter(api, "host-1")
    writer.tell(cluster, Happening("Normal", "First", ""))
    writer.tell(cluster, Happening("Normal", "Second", ""))

    working = asyncio.create_task(writer.run())
    await asyncio.wait_for(api.arrived.wait(), 30)
    working.cancel()

    assert [body["reason"] for _, body in api.taken] == ["Second"]


async def test_telling_never_waits(cluster):
    """While no Event can be written, decisions go on and what is too much is dropped."""
    writer = EventWriter(Api(), "host-1")

    for _ in range(MAX_WAITING + 5):
        writer.tell(cluster, Happening("Normal", "Again", ""))

"""What keeps the operator from its work is told once, and so is its end."""

import pytest

from livecost.readiness import FIRST_LIST, Readiness, own_pod

MISSING = "the CRD customerclusters.livecost.dev is not installed: kubectl apply --server-side -f crds/"
FORBIDDEN = "livecost may not use the Lease in namespace livecost: grant it get, create and update"


@pytest.fixture
def told():
    return []


@pytest.fixture
def readiness(told):
    return Readiness(told.append)


def test_a_problem_is_told_once_with_its_remedy_and_once_when_it_is_over(readiness, told):
    for missing in (MISSING, MISSING, None, None):
        readiness.note_work(missing)
    assert [(event.type, event.reason, event.message) for event in told] == [
        ("Warning", "NotReady", MISSING),
        ("Normal", "Recovered", f"recovered from: {MISSING}"),
    ]


def test_what_keeps_all_from_leading_is_told_too_and_comes_first(readiness, told):
    readiness.note_work(MISSING)
    readiness.note_lease(FORBIDDEN)
    assert readiness.why_not() == FORBIDDEN
    readiness.note_lease(None)
    assert readiness.why_not() == MISSING
    readiness.note_work(None)
    ends = [f"recovered from: {problem}" for problem in (FORBIDDEN, MISSING)]
    assert [event.message for event in told] == [MISSING, FORBIDDEN, *ends]


def test_a_start_without_problems_tells_nothing(readiness, told):
    """Neither that it starts nor that it reads its first list is one."""
    readiness.note_lease(None)
    for missing in (FIRST_LIST, None):
        readiness.note_work(missing)
    assert (readiness.why_not(), told) == (None, [])


def test_a_pod_is_known_where_it_says_which_it_is(monkeypatch):
    assert own_pod() is None
    for name in ("POD_NAME", "POD_NAMESPACE", "POD_UID"):
        monkeypatch.setenv(name, name.lower())
    assert own_pod() == {
        "apiVersion": "v1", "kind": "Pod", "name": "pod_name", "namespace": "pod_namespace", "uid": "pod_uid",
    }  # fmt: skip

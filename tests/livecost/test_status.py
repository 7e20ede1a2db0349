"""The status: figures and conditions for people."""

from livecost.plan import PlanProblem
from livecost.status import Subject, read_memory, unplanned_status
from tests.livecost.builders import NO_TARGET, NOW, after, decide_sim, facts, plan_of, sim_spec, spec_of, status_of
from tests.livecost.status_cases import NO_NEWS, condition, measured, status


def test_the_worked_example_is_shown_to_the_cent():
    """1,000 users, 100 at once: 1,036.60 a month, 12,439.20 a year, 22,560.80 (64 %) of 35,000 left."""
    shown = status()

    assert shown["demand"] == {"peakUsers": 100, "sessions": 25, "participants": 150}
    assert shown["cost"]["projected"]["monthly"] == "1036.60"
    assert shown["cost"]["projected"]["annual"] == "12439.20"
    assert shown["cost"]["projected"]["items"] == {
        "livekit": "175.20",
        "sim": "146.00",
        "system": "73.00",
        "controlPlane": "75.00",
        "redis": "50.00",
        "loadBalancer": "20.00",
        "storageAndLogs": "30.00",
        "observability": "30.00",
        "egress": "437.40",
    }
    assert shown["cost"]["license"] == {
        "annual": "35000.00",
        "grossMargin": "22560.80",
        "grossMarginPercent": "64.46",
    }
    assert shown["summary"] == {
        "livekit": "?/1",
        "sim": "?/1",
        "projected": "$1,036.60",
        "observed": "unknown",
        "variance": "unknown",
        "margin": "64.46%",
    }
    assert shown["profile"] == {"name": "built-in defaults", "generation": None}


def test_observed_stands_beside_projected():
    shown = status(observed=measured(sim="0.5"))

    assert shown["cost"]["observed"]["monthlyRunRate"] == "963.60"
    assert shown["cost"]["observed"]["items"]["sim"] == "73.00"
    variance = shown["cost"]["variance"]
    assert (variance["monthly"], variance["percent"]) == ("-73.00", "-7.0")
    assert (shown["summary"]["observed"], shown["summary"]["variance"]) == ("$963.60", "-7.0%")


def test_an_unknown_is_absent_and_never_zero():
    shown = status(sim=facts(2, ready=None))

    assert "observed" not in shown["cost"]
    assert "variance" not in shown["cost"]
    assert "ready" not in shown["pools"]["sim"]
    assert not {"current", "applied", "target"} & shown["pools"]["livekit"].keys()


def test_a_free_license_has_no_margin():
    shown = status(spec_of(overrides={"license": {"annual": 0}}))

    assert shown["cost"]["license"]["grossMarginPercent"] is None
    assert shown["summary"]["margin"] == "unknown"


def test_a_budget_is_set_against_the_larger_cost():
    spec = spec_of(budget={"monthly": 2000})

    assert status(spec)["summary"]["budget"] == "52% of $2,000.00"
    assert status(spec, observed=measured(livekit="6"))["summary"]["budget"] == "96% of $2,000.00"


def test_a_step_down_that_waits_is_shown():
    shown = status(sim_spec(2), sim=facts(5, ready=5))["pools"]["sim"]

    assert (shown["required"], shown["planned"], shown["desired"], shown["current"]) == (2, 2, 5, 5)
    assert shown["scaleDown"] == {
        "since": "2026-03-01T12:00:00Z",
        "from": 5,
        "to": 2,
        "notBefore": "2026-03-01T12:10:00Z",
    }


def test_an_object_that_cannot_be_planned_keeps_showing_what_runs():
    before = status(sim_spec(2), sim=facts(2, ready=2), observed=measured())
    problem = PlanProblem("ProfileNotFound", "CostProfile gold does not exist; create it or correct profileRef.name")

    shown = unplanned_status(Subject(7, before), problem, after(60))

    assert {name: shown[name] for name in ("pools", "cost", "summary", "demand")} == {
        name: before[name] for name in ("pools", "cost", "summary", "demand")
    }
    assert shown["observedGeneration"] == 7
    for kind in ("Ready", "Sized"):
        row = condition(shown, kind)
        assert (row["status"], row["reason"], row["observedGeneration"]) == ("False", "ProfileNotFound", 7)
        assert row["lastTransitionTime"] == "2026-03-01T12:01:00Z"
    assert condition(shown, "TargetsApplied") == condition(before, "TargetsApplied")
    assert unplanned_status(Subject(7, shown), problem, after(120)) == shown
    assert condition(before, "Ready")["status"] == "True"


def test_a_pending_step_down_is_forgotten_while_there_is_no_plan():
    """A window that nobody watched proves nothing: it begins anew with the next plan."""
    spec = sim_spec(1)
    plan, decision = decide_sim(spec, facts(5))
    before = status_of(spec, plan, decision, NO_NEWS)
    assert read_memory(before, "sim", "NodePool st-marys").surplus_since is not None

    shown = unplanned_status(Subject(7, before), PlanProblem("ProfileNotFound", "CostProfile gold is gone"), after(60))

    memory = read_memory(shown, "sim", "NodePool st-marys")
    assert (memory.surplus_since, memory.surplus_from) == (None, None)
    assert (memory.planned, shown["pools"]["sim"]["current"]) == (1, 5)
    later = decide_sim(spec, facts(5, memory=memory), now=after(3_600))[1]
    assert later.pools["sim"].write is None


def test_a_new_object_that_cannot_be_planned_has_a_status():
    shown = unplanned_status(Subject(1, {}), PlanProblem("SpecInvalid", "spec: users is missing"), NOW)

    assert [row["type"] for row in shown["conditions"]] == ["Ready", "Sized"]


def test_plans_name_their_profile():
    spec = spec_of()
    plan, decision = decide_sim(spec, NO_TARGET)

    assert plan == plan_of(spec)
    assert status_of(spec, plan, decision, NO_NEWS)["conditions"][0]["type"] == "Ready"

"""The status: figures and conditions for people, and the operator's memory."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecost.conditions import format_time
from livecost.decide import Switches
from livecost.observed_cost import Measured, NotMeasured, Quantity, price_measured
from livecost.plan import PlanProblem
from livecost.scaling import PoolMemory
from livecost.status import Subject, read_memory, unplanned_status
from livecost.target_state import TargetProblem
from tests.livecost.builders import NO_TARGET, NOW, after, decide_sim, facts, plan_of, sim_spec, spec_of, status_of

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


@pytest.mark.parametrize(
    ("livekit", "threshold", "status_now", "reason"),
    [
        ("1.4", {}, "True", "AsProjected"),
        ("2", {}, "False", "CostAboveProjected"),
        ("2", {"varianceThresholdPercent": "16.9"}, "False", "CostAboveProjected"),
        ("2", {"varianceThresholdPercent": "16.91"}, "True", "AsProjected"),
        ("0.5", {"varianceThresholdPercent": "8.45"}, "False", "CostBelowProjected"),
        ("0.5", {"varianceThresholdPercent": "8.46"}, "True", "AsProjected"),
    ],
)
def test_a_variance_past_the_threshold_is_told(livekit, threshold, status_now, reason):
    """A LiveKit node more or less is 175.20 of 1,036.60, or 16.901 %; half of one is 8.451 %."""
    shown = status(spec_of(observation=threshold), observed=measured(livekit=livekit))

    row = condition(shown, "CostAsProjected")
    assert (row["status"], row["reason"]) == (status_now, reason)
    assert "; most by the quantity of livekit: " in row["message"]
    assert condition(shown, "Ready")["status"] == "True"


def test_the_message_names_both_costs_and_the_biggest_cause():
    message = condition(status(observed=measured(livekit="2", sim="0.9")), "CostAsProjected")["message"]

    assert message == (
        "observed $1,197.20 a month, projected $1,036.60 (+15.5 %); most by the quantity of livekit: +$175.20; "
        "the threshold is 10 %: see status.cost.variance.items, and correct what is assumed"
    )


@pytest.mark.parametrize(
    ("observed", "reason"),
    [
        (measured(livekit="9", coverage="89.9"), "LowCoverage"),
        (NO_NEWS, "PrometheusUnreachable"),
        (NOT_YET, "NotYetObserved"),
    ],
)
def test_without_an_observed_cost_the_variance_is_unknown(observed, reason):
    row = condition(status(observed=observed), "CostAsProjected")

    assert (row["status"], row["reason"]) == ("Unknown", reason)


@pytest.mark.parametrize(("seconds", "status_now"), [(0, "Unknown"), (77_759, "Unknown"), (77_760, "False")])
def test_a_new_projection_is_judged_once_it_holds_for_nine_tenths_of_the_window(seconds, status_now):
    """A pool that has just grown to three nodes was smaller for most of the last day; that is no deviation."""
    row = condition(status(observed=measured(livekit="2"), previous=in_force(seconds)), "CostAsProjected")

    assert row["status"] == status_now
    assert (row["reason"] == "ProjectionNew") is (status_now == "Unknown")


def test_a_projection_is_in_force_from_when_its_nodes_are_ready():
    """Other nodes begin anew; nodes that go and come again do not, nor do other prices."""
    spec, longer = sim_spec(3), sim_spec(5)
    starting = status(spec, sim=facts(1, ready=1))
    there = status(spec, sim=facts(3, ready=3), previous=starting, now=after(200))
    ill = status(spec, sim=facts(3, ready=2), previous=there, now=after(300))
    dearer = spec.model_copy(update={"overrides": spec.overrides.model_copy(update={"license": None})})
    kept = status(dearer, sim=facts(3, ready=3), previous=ill, now=after(400))
    grown = status(longer, sim=facts(3, ready=3), previous=kept, now=after(500))

    found = [each["cost"]["projected"].get("inForceSince") for each in (starting, there, ill, kept, grown)]
    since = format_time(after(200))
    assert found == [None, since, since, since, None]
    assert (
        "not ready yet"
        in condition(status(spec, observed=measured(), sim=facts(1, ready=1)), "CostAsProjected")["message"]
    )


@pytest.mark.parametrize(
    ("verdict", "sim", "status_now"),
    [
        (None, "1.7", "True"),
        ("AsProjected", "1.7", "True"),
        ("CostAboveProjected", "1.7", "False"),
        ("CostAboveProjected", "1.63", "True"),
        ("AsProjected", "1.72", "False"),
    ],
)
def test_a_cost_at_the_threshold_is_not_told_again_and_again(verdict, sim, status_now):
    """A sim node is 146 of 1,036.60: 0.7 more are 9.86 %, past the nine at which a cost returns; 0.63 are 8.87 %."""
    shown = status(observed=measured(sim), previous=in_force(verdict=verdict))

    assert condition(shown, "CostAsProjected")["status"] == status_now
    assert (shown["cost"]["variance"]["lastVerdict"] == "AsProjected") is (status_now == "True")


def test_the_last_verdict_outlasts_an_outage():
    off = status(observed=measured(livekit="9"))
    lost = status(previous=off, now=after(300))

    assert lost["cost"]["variance"]["lastVerdict"] == "CostAboveProjected"


def test_lost_telemetry_makes_the_variance_unknown_though_figures_stay():
    first = status(observed=measured(livekit="9"))

    again = status(previous=first, now=after(300))

    assert condition(first, "CostAsProjected")["status"] == "False"
    assert condition(again, "CostAsProjected")["status"] == "Unknown"
    assert again["cost"]["variance"] == first["cost"]["variance"]


def test_any_cost_is_off_a_projection_of_nothing():
    nothing = {"livekit": {"hourly": 0}, "sim": {"hourly": 0}, "system": {"nodes": 0}}
    services = dict.fromkeys(["controlPlane", "redis", "loadBalancer", "storageAndLogs", "observability"], 0)
    spec = spec_of(overrides={"nodes": nothing, "managedServices": services, "network": {"egressPerGB": 0}})
    plan, decision = decide_sim(spec, NO_TARGET)
    dear = replace(measured(livekit="1"), cost_per_hour={"livekit": Decimal("0.1")})

    shown = status_of(spec, plan, decision, price_measured(dear, plan, "USD"), previous=in_force())

    row = condition(shown, "CostAsProjected")
    assert (row["status"], row["message"].partition(";")[0]) == ("False", "observed $73.00 a month, projected $0.00")


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


@pytest.mark.parametrize("observed", [NO_NEWS, measured(sim="0.5"), measured(livekit="7", coverage="50")])
@pytest.mark.parametrize(
    "sim", [NO_TARGET, facts(1, ready=1), facts(9, ready=3), facts(target=TargetProblem("TargetNotFound", "is gone"))]
)
def test_nothing_changes_when_nothing_changed(observed, sim):
    """The same facts a while later give an equal status, so nothing is written."""
    spec = spec_of(budget={"monthly": 900})
    first = status(spec, observed=observed, sim=sim)
    memory = read_memory(first, "sim", sim.label)

    again = status(spec, observed=observed, sim=replace(sim, memory=memory), previous=first, now=after(90))

    assert again == first


@pytest.mark.parametrize("budget", [None, {"monthly": 900}, {"monthly": 3000}, {"monthly": 1500}])
def test_a_negligible_move_of_the_observed_cost_is_not_written(budget):
    """A status is no time series: 0.05 percent more is not news, in no field of the status."""
    spec = spec_of(**({} if budget is None else {"budget": budget}))
    first = status(spec, observed=measured(livekit="3"))

    again = status(
        spec, observed=measured(livekit="3.003", coverage="99.5", as_of=after(300)), previous=first, now=after(300)
    )

    assert again == first


@pytest.mark.parametrize(
    "later",
    # The egress is what the projection assumes: only its source is news.
    [measured(sim="1.1"), measured(coverage="98"), measured(egress=Decimal(4860) / 730)],
    ids=["cost", "coverage", "source"],
)
def test_a_real_move_is_written(later):
    first = status(observed=measured())

    again = status(observed=replace(later, as_of=after(300)), previous=first, now=after(300))

    assert again["cost"]["observed"]["asOf"] == "2026-03-01T12:05:00Z"


def test_small_moves_add_up():
    """Each is compared with what is shown, not with the one before."""
    shown = status(observed=measured(livekit="1"))
    for number, livekit in enumerate(("1.004", "1.008")):
        moment = after(300 * (number + 1))
        shown = status(observed=measured(livekit=livekit, as_of=moment), previous=shown, now=moment)

    assert shown["cost"]["observed"]["monthlyRunRate"] == "1038.00"


@pytest.mark.parametrize(("age_seconds", "refreshed"), [(3_600, False), (3_601, True)])
def test_an_old_observation_is_written_anew(age_seconds, refreshed):
    first = status(observed=measured())
    later = after(age_seconds)

    again = status(observed=measured(as_of=later), previous=first, now=later, refresh_seconds=3_600)

    assert (again != first) is refreshed


def test_without_refresh_an_old_observation_stays():
    first = status(observed=measured())

    assert status(observed=measured(as_of=after(10**6)), previous=first, now=after(10**6)) == first


def test_lost_telemetry_keeps_the_last_figures_and_marks_them_stale():
    first = status(observed=measured(sim="0.5"))

    again = status(previous=first, now=after(300))

    assert again["cost"]["observed"] == first["cost"]["observed"]
    assert again["summary"]["observed"] == "$963.60 (stale)"
    assert condition(again, "CostObserved")["status"] == "Unknown"
    assert condition(again, "CostObserved")["reason"] == "PrometheusUnreachable"


def test_telemetry_that_is_lost_elsewhere_says_so():
    """The message tells of the server that is asked now, though no figure moved."""
    lost = status(previous=status(observed=measured()), now=after(300))
    elsewhere = NotMeasured("PrometheusUnreachable", "Prometheus at http://other cannot be reached")

    again = status(previous=lost, observed=elsewhere, now=after(600))

    assert condition(again, "CostObserved")["message"] == "Prometheus at http://other cannot be reached"


def test_a_restart_of_the_operator_changes_nothing():
    """Until the first observation of a new process there is no news, good or bad."""
    spec = spec_of(budget={"monthly": 1100})
    first = status(spec, observed=measured(livekit="1.5"))

    assert status(spec, observed=NOT_YET, previous=first, now=after(300)) == first


def test_a_new_customer_waits_for_its_first_observation():
    shown = status(observed=NOT_YET)

    assert condition(shown, "CostObserved")["reason"] == "NotYetObserved"
    assert shown["summary"]["observed"] == "unknown"


def test_figures_in_another_currency_are_not_kept():
    first = status(observed=measured())

    again = status(spec_of(overrides={"currency": "EUR"}), previous=first)

    assert "observed" not in again["cost"]


def test_a_step_down_that_waits_is_shown():
    shown = status(sim_spec(2), sim=facts(5, ready=5))["pools"]["sim"]

    assert (shown["required"], shown["planned"], shown["desired"], shown["current"]) == (2, 2, 5, 5)
    assert shown["scaleDown"] == {
        "since": "2026-03-01T12:00:00Z",
        "from": 5,
        "to": 2,
        "notBefore": "2026-03-01T12:10:00Z",
    }


counts = st.none() | st.integers(0, 9)
moments = st.none() | st.integers(-4_000, 4_000).map(after)


# NOW is a Sunday, so outside this window the pools hold their floor.
ON_MONDAYS = [{"days": ["Mon"], "start": "08:00", "end": "18:00"}]


@given(
    count=st.none() | st.integers(0, 9),
    nodes=st.integers(0, 9),
    schedule=st.sampled_from([[], ON_MONDAYS]),
    maximum=counts,
    memory=st.builds(
        PoolMemory, planned=counts, applied=counts, applied_at=moments, corrected_at=moments,
        surplus_since=moments, surplus_from=counts, surplus_to=counts,
    ),
    switches=st.builds(Switches, recommend_only=st.booleans(), paused=st.booleans(), paused_scale_down=st.booleans()),
)  # fmt: skip
def test_memory_survives_the_status(count, nodes, schedule, maximum, memory, switches):
    """The next decision finds in the status what this one left; so a restart of the operator changes nothing."""
    spec = sim_spec(nodes, scaling={"schedule": schedule})
    sim = facts(count, memory=memory, autoscaled=maximum is not None, autoscaler_maximum=maximum)
    plan, decision = decide_sim(spec, sim, switches)
    left = decision.pools["sim"].memory

    read = read_memory(status_of(spec, plan, decision, NO_NEWS), "sim", sim.label)

    if left.surplus_since is None:
        left = replace(left, surplus_from=None, surplus_to=None)
    if decision.pools["sim"].write is None and left.planned != read.planned:
        # Nobody decided on the pool, so its fight with the plan before is over.
        left = replace(left, planned=read.planned, corrected_at=None)
    assert read == left


@pytest.mark.parametrize(
    "unreadable",
    [
        {},
        {"pools": None},
        {"pools": {"sim": None}},
        {
            "pools": {
                "sim": {"appliedAt": "yesterday", "correctedAt": "2026-03-01T12:00:00", "scaleDown": {"since": ""}}
            }
        },
    ],
)
def test_what_cannot_be_read_was_never_decided(unreadable):
    assert read_memory(unreadable, "sim", None) == PoolMemory()


def test_what_was_done_to_another_target_is_forgotten():
    """A pool that turns to another target is neither in a fight over it nor in the middle of a step down."""
    shown = status(sim_spec(2), sim=facts(5))
    assert read_memory(shown, "sim", "NodePool st-marys").surplus_from == 5

    assert read_memory(shown, "sim", "NodePool st-johns") == PoolMemory()
    assert read_memory(shown, "sim", None) == PoolMemory()


REFUSED = TargetProblem("TargetForbidden", "livecost may not patch it; grant it patch", retry=True)


def test_a_failed_write_leaves_the_memory_as_it_was():
    spec = sim_spec(5)
    memory = PoolMemory(planned=5, applied=3, applied_at=after(-60))

    shown = status(spec, sim=facts(3, memory=memory), problem=REFUSED)

    assert (shown["pools"]["sim"]["applied"], shown["pools"]["sim"]["current"]) == (3, 3)
    assert read_memory(shown, "sim", "NodePool st-marys") == memory
    applied = condition(shown, "TargetsApplied")
    assert (applied["status"], applied["reason"]) == ("False", "TargetForbidden")
    assert applied["message"].endswith("sim: NodePool st-marys: livecost may not patch it; grant it patch")


def test_a_failed_write_of_a_new_plan_is_tried_again_though_the_old_plan_was_fought_over():
    spec = sim_spec(5)
    memory = PoolMemory(planned=3, applied=3, corrected_at=after(-60))
    failed = status(spec, sim=facts(1, memory=memory), problem=REFUSED)

    memory = read_memory(failed, "sim", "NodePool st-marys")
    _, decision = decide_sim(spec, facts(1, memory=memory), now=after(1))

    assert decision.pools["sim"].write == 5


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


def test_a_new_object_that_cannot_be_planned_has_a_status():
    shown = unplanned_status(Subject(1, {}), PlanProblem("SpecInvalid", "spec: users is missing"), NOW)

    assert [row["type"] for row in shown["conditions"]] == ["Ready", "Sized"]


def test_the_window_of_a_young_customer_grows_without_being_written():
    first = status(observed=measured(window_seconds=600))
    later = NOW + timedelta(seconds=300)

    assert status(observed=measured(window_seconds=900, as_of=later), previous=first, now=later) == first


def test_plans_name_their_profile():
    spec = spec_of()
    plan, decision = decide_sim(spec, NO_TARGET)

    assert plan == plan_of(spec)
    assert status_of(spec, plan, decision, NO_NEWS)["conditions"][0]["type"] == "Ready"

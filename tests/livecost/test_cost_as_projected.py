"""The condition CostAsProjected: when a deviation is told, when it is too early to tell, and what it names."""

from dataclasses import replace
from decimal import Decimal

import pytest

from livecost.conditions import format_time
from livecost.observed_cost import price_measured
from tests.livecost.builders import NO_TARGET, after, decide_sim, facts, sim_spec, spec_of, status_of
from tests.livecost.status_cases import NO_NEWS, NOT_YET, condition, in_force, measured, status


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

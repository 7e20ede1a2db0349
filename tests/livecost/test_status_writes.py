"""When a status is written: news is, and nothing else, since a status is no time series."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from livecost.observed_cost import NotMeasured
from livecost.status import read_memory
from livecost.target_state import TargetProblem
from tests.livecost.builders import NO_TARGET, NOW, after, facts, spec_of
from tests.livecost.status_cases import NO_NEWS, NOT_YET, condition, measured, status


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


def test_the_window_of_a_young_customer_grows_without_being_written():
    first = status(observed=measured(window_seconds=600))
    later = NOW + timedelta(seconds=300)

    assert status(observed=measured(window_seconds=900, as_of=later), previous=first, now=later) == first

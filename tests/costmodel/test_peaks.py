"""Always on, scaled to low, paid for the peaks: what each mode runs and costs."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import AssumptionsError, estimate
from costmodel.peaks import compare_modes, parse_demand_profile, peak_steps, schedule_month
from costmodel.schedule import active_hours
from tests.costmodel.layers import merged
from tests.costmodel.test_schedule import OFFICE, any_window

WINDOW = OFFICE.model_dump(by_alias=True)
FOUR_HUNDRED = {"demand": {"concurrency": 400, "schedule": [WINDOW]}}


def modes(assumptions, profile=None, month=None):
    found = compare_modes(assumptions, None if profile is None else parse_demand_profile(profile), month)
    return {each.mode: each for each in found}


def profile_of(*shares):
    """Each share of the peak in a window of its own, on the working days from 08:00, two hours each."""
    times = [f"{hour:02}:00" for hour in range(8, 9 + 2 * len(shares), 2)]
    return {
        "windows": [
            {**WINDOW, "start": start, "end": end, "percentOfPeak": share}
            for (start, end), share in zip(pairwise(times), shares, strict=True)
        ]
    }


def test_nodes_are_sized_for_each_window_and_its_hours_weighted():
    """At 50 % (200 users) 2 LiveKit nodes and 1 sim node do, at 100 % 4 and 2; one of each runs always.

    Ten hours of the week are 730 x 10 / 168 = 43.45238095 of the month, twenty are 86.9047619 (rounded once each).
    """
    found = modes(merged(FOUR_HUNDRED), profile_of(50, 100))["pay-for-peaks"]

    assert found.node_hours["livekit"] == 730 + Decimal("86.90476190") + 2 * Decimal("43.45238095")
    assert found.node_hours["sim"] == 730 + Decimal("43.45238095")
    assert found.node_hours["system"] == 730


def test_a_calendar_month_is_priced_by_its_exact_hours():
    """Berlin's March of 2026 has 743 hours, 220 of them in the schedule; the services keep their monthly prices."""
    assumptions = merged(FOUR_HUNDRED)
    found = modes(assumptions, month=schedule_month(assumptions, 2026, 3))

    services = 205 + Decimal("1749.60")
    assert found["always-on"].cost_per_month == 743 * Decimal("1.46") + services
    assert found["scale-to-low"].node_hours == {"livekit": 743 + 3 * 220, "sim": 743 + 220, "system": 743}
    assert found["idle"].cost_per_month == 743 * Decimal("0.54") + 205


def test_each_node_is_capped_on_its_own():
    """At 0.24/h one always-on node reaches a cap of 100; the three others cost 0.24 x 217.26190476 each."""
    found = modes(merged(FOUR_HUNDRED, {"nodes": {"livekit": {"monthlyCap": 100}}}))

    uncapped = modes(merged(FOUR_HUNDRED))
    saved = uncapped["scale-to-low"].cost_per_month - found["scale-to-low"].cost_per_month
    assert saved == Decimal("175.20") - 100
    assert uncapped["always-on"].cost_per_month - found["always-on"].cost_per_month == 4 * (Decimal("175.20") - 100)


def test_a_cluster_that_costs_nothing_saves_an_unknown_share():
    free = {"hourly": 0}
    services = dict.fromkeys(("controlPlane", "redis", "loadBalancer", "storageAndLogs", "observability"), 0)
    document = {"nodes": {"livekit": free, "sim": free, "system": free}, "managedServices": services,
                "network": {"egressPerGB": 0}}  # fmt: skip

    assert modes(merged(document))["idle"].saving_percent is None


def test_a_calendar_month_needs_a_schedule():
    with pytest.raises(AssumptionsError, match=r"demand.schedule: is not stated"):
        schedule_month(merged({"demand": {"activeHoursPerMonth": 200}}), 2026, 3)


clusters = st.builds(
    lambda users, floor, active, cap, zones: {
        "demand": {"concurrency": users, "activeHoursPerMonth": active},
        "nodes": {
            "livekit": {"minNodes": floor, "zones": zones, **({} if cap is None else {"monthlyCap": cap})},
            "sim": {"minNodes": floor, "maxNodes": 48},
        },
    },
    st.integers(0, 6000),
    st.integers(0, 9),
    st.integers(0, 730),
    st.none() | st.integers(0, 200),
    st.integers(1, 3),
)
profiles = st.lists(st.integers(0, 100), min_size=1, max_size=7).map(lambda shares: profile_of(*shares))


@given(clusters, profiles)
def test_no_mode_costs_more_than_always_on_or_less_than_idle(cluster, profile):
    costs = {mode: each.cost_per_month for mode, each in modes(merged(cluster), profile).items()}

    assert costs["idle"] <= costs["scale-to-low"] <= costs["always-on"]
    assert costs["idle"] <= costs["pay-for-peaks"] <= costs["always-on"]


@given(clusters)
def test_scale_to_low_is_the_estimate_and_always_on_that_of_all_hours(cluster):
    assumptions = merged(cluster)
    always = replace(assumptions, demand=replace(assumptions.demand, active_hours_per_month=Decimal(730)))
    found = modes(assumptions)

    assert found["scale-to-low"].cost_per_month == estimate(assumptions).monthly_total
    assert found["always-on"].cost_per_month == estimate(always).monthly_total
    assert found["always-on"].saving_per_month == 0


@given(clusters, any_window)
def test_a_profile_at_its_peak_throughout_the_schedule_is_scale_to_low(cluster, some):
    assumptions = merged(cluster, {"demand": {"schedule": [some.model_dump(by_alias=True)]}})
    found = modes(assumptions, {"windows": [{**some.model_dump(by_alias=True), "percentOfPeak": 100}]})

    assert found["pay-for-peaks"].cost_per_month == found["scale-to-low"].cost_per_month
    assert found["pay-for-peaks"].node_hours == found["scale-to-low"].node_hours


@given(clusters, profiles, st.integers(0, 100))
def test_a_window_more_never_costs_less(cluster, profile, share):
    evening = {**WINDOW, "start": "22:00", "end": "23:00", "percentOfPeak": share}
    assumptions = merged(cluster)
    fewer = modes(assumptions, profile)["pay-for-peaks"]
    more = modes(assumptions, {"windows": [*profile["windows"], evening]})["pay-for-peaks"]

    assert fewer.cost_per_month <= more.cost_per_month


@given(any_window, st.integers(1, 12))
def test_a_month_is_priced_by_the_hours_counted_in_it(some, month):
    assumptions = merged({"demand": {"concurrency": 400, "schedule": [some.model_dump(by_alias=True)]}})
    calendar = schedule_month(assumptions, 2026, month)
    found = modes(assumptions, month=calendar)

    assert found["scale-to-low"].node_hours["sim"] == calendar.hours + active_hours((some,), calendar)
    assert found["scale-to-low"].cost_per_month <= found["always-on"].cost_per_month


@pytest.mark.parametrize(
    ("data", "field", "words"),
    [
        (None, "(document)", "not a group of fields"),
        ({}, "windows", "is missing"),
        ({"windows": []}, "windows", "too short"),
        ({"windows": [WINDOW]}, "windows[0].percentOfPeak", "is missing"),
        ({"windows": [{**WINDOW, "percentOfPeak": 101}]}, "windows[0].percentOfPeak", "101 is out of range"),
        ({"windows": [{**WINDOW, "percentOfPeak": 5}] * 2}, "windows[1]", "overlaps windows[0]"),
        (
            {"windows": [{**WINDOW, "percentOfPeak": 5, "timeZone": "CET1"}]},
            "windows[0].timeZone",
            "no time zone CET1",
        ),
        ({"window": []}, "window", "not a known field"),
    ],
)
def test_a_bad_profile_is_refused_with_its_field(data, field, words):
    with pytest.raises(AssumptionsError) as caught:
        parse_demand_profile(data)

    assert words in {problem.field: problem.message for problem in caught.value.problems}[field]


EVENING = {**WINDOW, "days": ["Sat"], "start": "20:00", "end": "00:30"}


def test_each_window_costs_its_hours_of_the_nodes_above_the_floors():
    """Four LiveKit and two sim nodes, one of each always on: 3 x 0.24 + 0.20 an hour more in the windows."""
    baseline, office, evening = peak_steps(merged({"demand": {"concurrency": 400, "schedule": [WINDOW, EVENING]}}))

    assert baseline.nodes == {"livekit": 1, "sim": 1}
    assert baseline.cost_per_month == 730 * Decimal("0.44")
    assert office.nodes == evening.nodes == {"livekit": 3, "sim": 1}
    assert round(office.cost_per_month, 2) == round(Decimal(730 * 50) / 168 * Decimal("0.92"), 2)
    assert round(evening.cost_per_month, 2) == round(Decimal(730) * Decimal("4.5") / 168 * Decimal("0.92"), 2)


@given(
    st.integers(0, 5000), st.integers(0, 6), st.sampled_from([[], [WINDOW], [WINDOW, EVENING]]), st.integers(1, 730),
    st.sampled_from([{}, {"monthlyCap": 30}]),
)  # fmt: skip
def test_baseline_and_windows_add_up_to_the_pools_of_the_bill(users, floor, schedule, hours, cap):
    active = {"schedule": schedule} if schedule else {"activeHoursPerMonth": hours}
    pools = {pool: {"minNodes": floor, **cap} for pool in ("livekit", "sim")}
    assumptions = merged({"demand": {"concurrency": users, **active}, "nodes": pools})
    monthly = estimate(assumptions).monthly

    assert sum(step.cost_per_month for step in peak_steps(assumptions)) == monthly["livekit"] + monthly["sim"]

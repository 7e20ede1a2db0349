"""Telemetry beside the assumptions of the worked example: 100 users, rooms of 4 and 2 agents, $1,036.60 a month."""

from dataclasses import replace
from decimal import Decimal

import pytest

from livecost.assumption_check import check_assumptions
from livecost.cpu_questions import ObservedCpu
from livecost.live_view import UNSEEN
from livecost.plan import estimate_with
from livecost.telemetry_questions import ObservedLoad
from livecost.telemetry_status import telemetry_status
from tests.livecost.builders import NOW, after, plan_of, spec_of

_HOURS = 336
_BYTES_PER_HOUR = Decimal(1_200_000) / 8 * 3600
# Nodes of 7 cores, of which 200 participants use 4.9, which is 70 %; the fullest held 150.
CPU = ObservedCpu(
    squares=Decimal(150 * 150 * 500),
    products=Decimal(150 * 500) * 150 * Decimal("0.0245"),
    participants=Decimal(150 * 500),
    participants_by_node_exporter=Decimal(150 * 500),
    participant_hours=Decimal(150 * 60 * _HOURS) / 730,
    most_participants=Decimal(160),
    cores=(Decimal(7), Decimal(7)),
)
AS_ASSUMED = ObservedLoad(
    peak_participants=Decimal(150),
    p95_participants=Decimal(120),
    participant_hours=Decimal(150 * 60 * _HOURS) / 730,
    peak_rooms=25,
    p95_rooms=Decimal(20),
    room_hours=Decimal(25 * 60 * _HOURS) / 730,
    sent_bytes=Decimal(150 * 60 * _HOURS) / 730 * _BYTES_PER_HOUR,
    most_nodes=1,
    covered_hours=Decimal(_HOURS),
    window_seconds=_HOURS * 3600,
    as_of=NOW,
    cpu=CPU,
)


def check(load=AS_ASSUMED, **spec):
    spec = spec_of(**spec)
    return check_assumptions(load, plan_of(spec), lambda values: estimate_with(spec, None, {}, values), Decimal(70))


def figures(found):
    return {each.assumption: each for each in found.figures}


def test_a_load_as_assumed_changes_nothing():
    found = check()

    assert {name: (each.assumed, each.observed) for name, each in figures(found).items()} == {
        "demand.concurrency": (100, 100),
        "demand.usersPerSession": (4, 4),
        "network.mediaMbps": (Decimal("1.2"), Decimal("1.2")),
        "network.usageHoursPerMonth": (60, 60),
        "capacity.participantsPerNode": (200, 200),
        "sessions": (25, 25),
    }
    assert found.all_together.monthly_total == Decimal("1036.6")
    assert found.recommendations == []


def test_each_figure_is_priced_alone_and_all_together():
    """225 participants in rooms of 6 are 150 users; 0.1 of the peak on average over 14 days is 73 hours a month."""
    hours = Decimal(225 * _HOURS) / 10
    load = replace(AS_ASSUMED, peak_participants=Decimal(225), p95_participants=Decimal(180), participant_hours=hours,
                   room_hours=hours / 6, sent_bytes=hours * _BYTES_PER_HOUR)  # fmt: skip
    found = check(load)

    rows = telemetry_status({}, UNSEEN, found)
    assert rows["figures"] == [
        {"assumption": "demand.concurrency", "assumed": "100", "observed": "150", "observedP95": "120",
         "unit": "users", "monthlyIfObserved": "1433.42", "source": "livekit"},
        {"assumption": "demand.usersPerSession", "assumed": "4", "observed": "4", "unit": "users per room",
         "monthlyIfObserved": "1036.60", "source": "livekit"},
        {"assumption": "network.mediaMbps", "assumed": "1.2", "observed": "1.2", "unit": "Mbit/s per participant",
         "monthlyIfObserved": "1036.60", "source": "livekit"},
        {"assumption": "network.usageHoursPerMonth", "assumed": "60", "observed": "73",
         "unit": "hours a month at the peak", "monthlyIfObserved": "1131.37", "source": "livekit"},
        {"assumption": "capacity.participantsPerNode", "assumed": "200", "observed": "200",
         "unit": "participants on a node at 70 % CPU", "monthlyIfObserved": "1036.60",
         "source": "node-exporter, livekit"},
        {"assumption": "sessions", "assumed": "25", "observed": "25", "observedP95": "20", "unit": "rooms at once",
         "source": "livekit"},
    ]  # fmt: skip
    assert rows["monthlyIfAllObserved"] == "1576.20"
    assert rows["recommendations"] == [
        "raise demand.concurrency from 100 to 150, as observed over 14 days: $396.82 a month more than projected, "
        "1 node more",
        "raise network.usageHoursPerMonth from 60 to 73, as observed over 14 days: $94.77 a month more than projected",
    ]


def test_what_costs_more_is_told_before_what_costs_less():
    """Half the users, four times the bitrate."""
    half = AS_ASSUMED.participant_hours / 2
    load = replace(AS_ASSUMED, peak_participants=Decimal(75), sent_bytes=2 * AS_ASSUMED.sent_bytes,
                   participant_hours=half, room_hours=half / 6)  # fmt: skip
    raised, lowered = check(load).recommendations

    assert raised.startswith("raise network.mediaMbps from 1.2 to 4.8")
    assert lowered.startswith("lower demand.concurrency from 100 to 50")
    assert "a month less than projected" in lowered


@pytest.mark.parametrize(("covered", "told"), [(168, 1), (167, 0)])
def test_half_the_window_must_be_covered(covered, told):
    share = Decimal(covered) / _HOURS
    load = replace(AS_ASSUMED, peak_participants=Decimal(300), covered_hours=Decimal(covered),
                   participant_hours=2 * AS_ASSUMED.participant_hours * share,
                   room_hours=2 * AS_ASSUMED.room_hours * share,
                   sent_bytes=2 * AS_ASSUMED.sent_bytes * share)  # fmt: skip

    assert len(check(load).recommendations) == told


@pytest.mark.parametrize(("participants", "told"), [(164, 0), (165, 1)])
def test_a_difference_below_ten_percent_is_no_recommendation(participants, told):
    """109.33 users are 110: only 10 % and more count, as do 110."""
    load = replace(AS_ASSUMED, peak_participants=Decimal(participants - 1))
    found = figures(check(load))["demand.concurrency"].observed

    assert found == (110 if told else 109)
    assert any("concurrency" in text for text in check(load).recommendations) == bool(told)


def test_a_difference_without_consequence_is_no_recommendation():
    """Twice the users per room changes neither nodes nor bill of a small cluster by as much as a percent."""
    load = replace(AS_ASSUMED, room_hours=AS_ASSUMED.participant_hours / 5)
    found = check(load, overrides={"network": {"egressPerGB": 0}})

    assert figures(found)["demand.usersPerSession"].observed == 3
    assert found.recommendations == []


def test_what_is_not_observed_stays_unknown():
    """Rooms that hold no more than the agents say nothing of users, no bytes of bitrate, no CPU of capacity."""
    load = replace(AS_ASSUMED, room_hours=AS_ASSUMED.participant_hours, sent_bytes=None, cpu=None)
    rows = telemetry_status({}, UNSEEN, check(load))

    assert {row["assumption"] for row in rows["figures"] if "observed" not in row} == {
        "demand.concurrency",
        "demand.usersPerSession",
        "network.mediaMbps",
        "capacity.participantsPerNode",
    }
    assert all("monthlyIfObserved" not in row for row in rows["figures"] if "observed" not in row)


def test_nothing_on_at_all_is_no_division_by_nothing():
    nobody = replace(AS_ASSUMED, peak_participants=Decimal(0), p95_participants=Decimal(0),
                     participant_hours=Decimal(0), room_hours=Decimal(0), sent_bytes=Decimal(0),
                     cpu=replace(CPU, squares=Decimal(0), products=Decimal(0), participants=Decimal(0)))  # fmt: skip
    found = check(nobody)

    assert all(each.observed is None for each in found.figures if each.assumption != "sessions")
    assert found.all_together is None


def test_a_value_that_makes_no_plan_is_told_without_a_price():
    """Rooms of 30 do not fit on nodes of 20."""
    load = replace(AS_ASSUMED, room_hours=AS_ASSUMED.participant_hours / 30)
    found = check(load, overrides={"capacity": {"participantsPerNode": 20}})
    figure = figures(found)["demand.usersPerSession"]

    assert (figure.observed, figure.estimate_if) == (28, None)


def test_several_nodes_are_named_as_the_source():
    assert "2 - 1 / nodes" in figures(check(replace(AS_ASSUMED, most_nodes=2)))["demand.concurrency"].source


@pytest.mark.parametrize(("participants", "lowered"), [(82, True), (95, False)])
def test_users_of_several_nodes_are_lowered_only_where_the_whole_count_is_low(participants, lowered):
    """Over two nodes 82 and 95 participants may be 123 and 142.5, which are 82 and 95 users of 100."""
    load = replace(AS_ASSUMED, peak_participants=Decimal(participants), most_nodes=2)

    assert any("lower demand.concurrency" in text for text in check(load).recommendations) == lowered


def test_figures_that_hardly_move_are_not_written_anew_but_once_a_day():
    first = telemetry_status({}, UNSEEN, check())
    moved = replace(AS_ASSUMED, sent_bytes=AS_ASSUMED.sent_bytes * Decimal("1.009"), as_of=after(3_600))
    other = replace(moved, sent_bytes=AS_ASSUMED.sent_bytes * Decimal("1.02"))

    def later(load):
        return telemetry_status({"telemetry": first}, UNSEEN, check(load))

    assert later(moved) == first
    assert later(other) != first
    assert later(replace(moved, as_of=after(86_400))) != first
    assert telemetry_status({"telemetry": first}, UNSEEN, None) == first
    assert telemetry_status({"telemetry": {**first, "figures": "?"}}, UNSEEN, check()) == first

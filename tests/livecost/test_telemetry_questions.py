"""The load of the last weeks: what hand-made answers of a Prometheus say of single customers."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from livecost.loads import LoadFollower
from livecost.observation_window import window_before
from livecost.observed_cost import NotMeasured
from livecost.prometheus_server import PrometheusServer
from livecost.settings import Settings
from livecost.telemetry import Customer
from livecost.telemetry_questions import LoadTelemetry, load_questions
from tests.livecost.builders import NOW, after

# Two hours in steps of five minutes.
WINDOW = window_before(NOW, 7_200, 300)
SERVER = PrometheusServer("http://prometheus:9090")
LONG_AGO = NOW - timedelta(days=30)


def rows(value, **labels):
    return [{"metric": labels, "value": [WINDOW.evaluated_at, str(value)]}]


def answers(**labels):
    """24 steps with telemetry at 18 of them, 60 participants in 10 rooms at each of these."""
    values = {
        "peak_participants": 90, "p95_participants": "80.5", "participant_steps": 18 * 60, "covered_steps": 18,
        "peak_rooms": 15, "p95_rooms": 14, "room_steps": 18 * 10, "most_nodes": 2, "sent_bytes": 10**9,
    }  # fmt: skip
    assert values.keys() == load_questions(WINDOW, []).keys()
    return {name: rows(value, **labels) for name, value in values.items()}


def customer(match_labels=None, *, alone=True, created_at=LONG_AGO, name="st-marys"):
    return Customer(("customers", name), created_at, match_labels or {}, {}, alone)


def test_steps_are_told_as_hours():
    """18 steps of five minutes are an hour and a half."""
    load = LoadTelemetry(WINDOW, answers()).load(customer())

    assert (load.peak_participants, load.p95_participants) == (90, Decimal("80.5"))
    assert (load.participant_hours, load.room_hours, load.covered_hours) == (90, 15, Decimal("1.5"))
    assert (load.coverage_percent, load.window_seconds, load.most_nodes) == (75, 7_200, 2)


def test_a_young_customers_coverage_is_of_its_age():
    load = LoadTelemetry(WINDOW, answers()).load(customer(created_at=NOW - timedelta(hours=1)))

    assert (load.coverage_percent, load.window_seconds) == (100, 3_600)


def test_bytes_that_nobody_counts_are_unknown_and_all_else_is_needed():
    assert LoadTelemetry(WINDOW, answers() | {"sent_bytes": []}).load(customer()).sent_bytes is None
    for name in answers().keys() - {"sent_bytes"}:
        assert LoadTelemetry(WINDOW, answers() | {name: []}).load(customer()) is None


def test_customers_are_told_apart_by_their_labels():
    telemetry = LoadTelemetry(WINDOW, answers(cluster="a"))

    assert telemetry.load(customer({"cluster": "a"}, alone=False)) is not None
    assert telemetry.load(customer({"cluster": "b"}, alone=False)) is None
    assert telemetry.load(customer(alone=False)) is None


def test_participants_of_several_nodes_are_divided_by_what_they_are_counted():
    query = load_questions(WINDOW, ["cluster"])["peak_participants"].query

    assert "/ (2 - 1 / count by (cluster) (" in query
    assert query.endswith("[7200s:300s])")


class _Prometheus:
    def __init__(self, answer):
        self.answer = answer
        self.asked = 0

    async def ask(self, _, questions):
        self.asked += 1
        if isinstance(self.answer, NotMeasured):
            return self.answer
        return {name: self.answer.get(name, []) for name in questions}


async def test_the_load_is_asked_for_once_an_interval_for_all_customers():
    prometheus = _Prometheus(answers())
    follower = LoadFollower(prometheus.ask, Settings())
    customers = [customer(name=f"c-{number}") for number in range(20)]

    told = [await follower.follow(SERVER, [], customers, after(seconds)) for seconds in (0, 60, 3_599, 3_600)]

    assert [len(keys) for keys in told] == [20, 0, 0, 20]
    assert prometheus.asked == 2 * 2
    assert follower.of(("customers", "c-7"), {}).peak_rooms == 15


async def test_a_load_that_cannot_be_read_leaves_the_last_one_and_is_asked_for_again_soon():
    prometheus = _Prometheus(answers())
    follower = LoadFollower(prometheus.ask, Settings())
    await follower.follow(SERVER, [], [customer()], NOW)
    prometheus.answer = NotMeasured("PrometheusTimeout", "too slow")

    asked = []
    for seconds in (3_600, 4_199, 4_200):
        assert await follower.follow(SERVER, [], [customer()], after(seconds)) == []
        asked.append(prometheus.asked)
    assert asked == [3, 3, 4]
    assert follower.of(("customers", "st-marys"), {}).peak_rooms == 15


async def test_customers_that_are_gone_are_forgotten():
    follower = LoadFollower(_Prometheus(answers()).ask, Settings())
    await follower.follow(SERVER, [], [customer()], NOW)
    follower.retain([SERVER], [])

    assert follower.of(("customers", "st-marys"), {}) is None


@pytest.mark.parametrize("age_hours", [1, 2, 300, 900])
async def test_nobody_is_measured_over_a_time_before_its_creation(age_hours):
    asked = []

    async def ask(_, questions):
        asked.extend(questions.values())
        return {name: [] for name in questions}

    await LoadFollower(ask, Settings()).follow(SERVER, [], [customer(created_at=NOW - timedelta(hours=age_hours))], NOW)

    # What is nested reaches back before what is around it.
    longest = max(sum({int(found) for found in re.findall(r"\[([0-9]+)s[:\]]", question.query)}) for question in asked)
    assert longest <= min(age_hours * 3_600, 1_209_600)

"""A cycle of observation: all customers of a Prometheus at once, and whatever it answers ends nothing."""

from datetime import UTC, datetime

import pytest

from livecost import observations
from livecost.observations import Observations
from livecost.observed_cost import NotMeasured
from livecost.promql import Answers
from livecost.settings import Settings
from livecost.store import Store
from tests.livecost.builders import cluster_body

NOW = datetime(2030, 1, 1, tzinfo=UTC)
NO_SERIES = Answers([], [], [], [], [])


def customers(count):
    store = Store()
    for index in range(count):
        store.put_cluster(cluster_body(name=f"customer-{index}"))
    return store


@pytest.mark.parametrize(("count", "asked"), [(1, 1), (50, 1)])
async def test_the_number_of_questions_does_not_grow_with_the_customers(monkeypatch, count, asked):
    questions = []

    async def ask(url, *_):
        questions.append(url)
        return NO_SERIES

    monkeypatch.setattr(observations, "ask", ask)
    told = []
    watcher = Observations(customers(count), Settings(prometheus_url="http://prometheus:9090"), told.append)
    await watcher.measure_all(NOW)

    assert (len(questions), len(told)) == (asked, count)


async def test_an_unchanged_measurement_is_told_once(monkeypatch):
    async def ask(*_):
        return NO_SERIES

    monkeypatch.setattr(observations, "ask", ask)
    told = []
    watcher = Observations(customers(3), Settings(prometheus_url="http://prometheus:9090"), told.append)
    await watcher.measure_all(NOW)
    await watcher.measure_all(NOW)

    assert len(told) == 3


async def test_series_that_are_not_as_expected_are_no_measurement(monkeypatch):
    async def ask(*_):
        return Answers([], [{"metric": {}, "values": "garbage"}], [], [], [])

    monkeypatch.setattr(observations, "ask", ask)
    store = customers(1)
    watcher = Observations(store, Settings(prometheus_url="http://prometheus:9090"), lambda _: None)
    await watcher.measure_all(NOW)

    found = watcher.latest(next(iter(store.clusters.values())))
    assert isinstance(found, NotMeasured)
    assert found.reason == "PrometheusAnswerInvalid"

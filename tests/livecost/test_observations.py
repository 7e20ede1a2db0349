"""A cycle of observation: all customers of a Prometheus at once, and whatever it answers ends nothing."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from livecost.live_load import NO_LIVEKIT
from livecost.observations import Observations
from livecost.observed_cost import NOT_YET, NotMeasured
from livecost.prometheus_credentials import Credentials
from livecost.settings import Settings
from livecost.store import Store
from tests.livecost.builders import cluster_body, plan_of

NOW = datetime(2030, 1, 1, tzinfo=UTC)
SETTINGS = Settings(prometheus_url="http://prometheus:9090")
NO_SERIES = {}
DOWN = NotMeasured("PrometheusUnreachable", "it is down")


def customers(count):
    store = Store()
    for index in range(count):
        store.put_cluster(cluster_body(name=f"customer-{index}"))
    return store


class _Prometheus:
    """Answers as told, and notes who was asked."""

    def __init__(self, answer=NO_SERIES):
        self.answer = answer
        self.asked = []

    async def ask(self, server, questions):
        self.asked.append(server)
        if isinstance(self.answer, NotMeasured):
            return self.answer
        return {name: self.answer.get(name, []) for name in questions}


def watching(store, prometheus, told=None):
    told = [] if told is None else told
    return Observations(store, SETTINGS, Credentials(None, SETTINGS), prometheus.ask, told.append)


async def test_the_number_of_questions_does_not_grow_with_the_customers():
    asked = []
    for count in (1, 50):
        prometheus, told = _Prometheus(), []
        await watching(customers(count), prometheus, told).measure_all(NOW)
        asked.append(len(prometheus.asked))
        assert set(told) == {("customers", f"customer-{index}") for index in range(count)}

    assert asked[0] == asked[1]


async def test_days_that_are_over_are_asked_for_once_and_a_few_at_a_time():
    """On the third day of a month, 34 days are known after five cycles; from then on only today is asked for."""
    prometheus = _Prometheus()
    watcher = watching(customers(2), prometheus)
    now = NOW + timedelta(days=2, hours=1)
    asked = []
    for minute in range(12):
        before = len(prometheus.asked)
        await watcher.measure_all(now + timedelta(minutes=minute))
        # The load that is on now, the window, and the days.
        asked.append(len(prometheus.asked) - before - 2)
    # The load and the CPU of the last weeks are asked for with the first.
    asked[0] -= 2
    # 8 + 7 + 7 …: today is among them every five minutes.
    assert sum(asked) == 33 + 3
    assert max(asked) == 8
    assert asked[6:] == [0, 0, 0, 0, 1, 0]


async def test_an_unchanged_measurement_is_told_once():
    told = []
    watcher = watching(customers(3), _Prometheus(), told)
    await watcher.measure_all(NOW)
    assert len(set(told)) == 3

    told.clear()
    await watcher.measure_all(NOW)
    assert told == []


def livekit(rooms):
    """Answers about rooms of six on one LiveKit node."""
    values = {"live_rooms": rooms, "live_participants": 6 * rooms, "live_nodes": 1, "live_fullest": 6 * rooms,
              "live_oldest": NOW.timestamp()}  # fmt: skip
    return {name: [{"metric": {}, "value": [0, str(value)]}] for name, value in values.items()}


async def test_a_load_that_moves_is_told_when_it_comes_to_other_nodes():
    """33 rooms fill a node: 10 and 30 rooms come to one, 40 and 41 to two."""
    store, prometheus, told = customers(1), _Prometheus(livekit(10)), []
    cluster = next(iter(store.clusters.values()))
    cluster.plan = ("made from", plan_of(cluster.spec))
    watcher = watching(store, prometheus, told)
    counts = []
    for rooms in (10, 30, 40, 41):
        prometheus.answer = livekit(rooms)
        told.clear()
        await watcher.measure_all(NOW)
        counts.append(len(told))
        assert watcher.live(cluster).rooms == rooms
    assert counts[1:] == [0, 1, 0]


async def test_a_load_that_was_known_stays_while_the_server_fails():
    """It gets too old by itself; a load that is not there is none at once."""
    store, prometheus = customers(1), _Prometheus(livekit(10))
    cluster = next(iter(store.clusters.values()))
    watcher = watching(store, prometheus)
    found = [watcher.live(cluster)]
    for answer in (DOWN, livekit(10), DOWN, NO_SERIES):
        prometheus.answer = answer
        await watcher.measure_all(NOW + timedelta(minutes=len(found)))
        found.append(watcher.live(cluster))

    assert found[0] == NOT_YET
    assert found[1] == DOWN
    assert found[2].rooms == found[3].rooms == 10
    assert found[4] == NO_LIVEKIT


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(-90, "a minute behind"), (-7200, "an hour behind"), (7200, "an hour ahead of"), (10**6, "a day ahead of")],
)
async def test_a_server_of_another_time_is_not_believed(seconds, told):
    """Rooms of an hour ago must not let a node leave as if they were those of now; the last that was known stays."""
    store, prometheus = customers(1), _Prometheus(livekit(10))
    cluster = next(iter(store.clusters.values()))
    watcher = watching(store, prometheus)
    await watcher.measure_all(NOW)
    moved = datetime.now(UTC).timestamp() + seconds
    prometheus.answer = livekit(0) | {"clock": [{"metric": {}, "value": [moved, str(moved)]}]}
    await watcher.measure_all(NOW)

    found = watcher.latest(cluster)
    assert found.reason == "ClockSkew"
    assert f"more than {told} livecost's" in found.message
    assert watcher.live(cluster).rooms == 10


@pytest.mark.parametrize("seconds", [-30, 0, 30])
async def test_clocks_need_not_agree_to_the_second(seconds):
    store, prometheus = customers(1), _Prometheus(livekit(10))
    moved = datetime.now(UTC).timestamp() + seconds
    prometheus.answer |= {"clock": [{"metric": {}, "value": [moved, str(moved)]}]}
    watcher = watching(store, prometheus)
    await watcher.measure_all(NOW)

    assert watcher.live(next(iter(store.clusters.values()))).rooms == 10


@pytest.mark.parametrize("rows", [[{"metric": {}, "values": "garbage"}], [{"metric": {}, "values": None}], [{}]])
async def test_series_that_are_not_as_expected_are_no_measurement(rows):
    store = customers(1)
    watcher = watching(store, _Prometheus(NO_SERIES | {"source_up": rows}))
    await watcher.measure_all(NOW)

    found = watcher.latest(next(iter(store.clusters.values())))
    assert isinstance(found, NotMeasured)
    assert found.reason == "PrometheusAnswerInvalid"


async def test_a_failing_server_is_asked_less_and_less_and_at_once_when_it_recovers():
    """With an interval of a minute: at once, after one minute, then after pauses of 1, 3, 7 … ten minutes at most."""
    prometheus = _Prometheus(DOWN)
    watcher = watching(customers(2), prometheus)
    asked_at = []
    for minute in range(60):
        before = len(prometheus.asked)
        await watcher.measure_all(NOW + timedelta(minutes=minute))
        if len(prometheus.asked) > before:
            asked_at.append(minute)
    assert asked_at == [0, 1, 2, 5, 12, 22, 32, 42, 52]

    prometheus.answer = NO_SERIES
    for minute in (62, 63, 64):
        await watcher.measure_all(NOW + timedelta(minutes=minute))
    assert len(prometheus.asked) > 9 + 3


async def test_customers_with_other_credentials_or_tenants_are_asked_about_apart():
    store = Store()
    for name, headers in (("a", {}), ("b", {"X-Scope-OrgID": "b"}), ("c", {"X-Scope-OrgID": "b"})):
        body = cluster_body(name=name)
        body["spec"]["observation"] = {"prometheusRef": {"url": "http://mimir:9090", "headers": headers}}
        store.put_cluster(body)
    prometheus = _Prometheus()
    await watching(store, prometheus).measure_all(NOW)

    assert {server.headers for server in prometheus.asked} == {(), (("X-Scope-OrgID", "b"),)}


EDITS = {
    "other labels": {"observation": {"matchLabels": {"cluster": "another"}}},
    "another server": {"observation": {"prometheusRef": {"url": "http://another:9090"}}},
    "another object": {"uid": "another"},
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
async def test_what_was_known_before_an_edit_is_not_known_of_what_is_observed_since(edit):
    """Fewer rooms of another cluster would let nodes leave that this one's rooms need."""
    store = Store()
    store.put_cluster(cluster_body())
    watcher = watching(store, _Prometheus(livekit(10)))
    await watcher.measure_all(NOW)
    assert watcher.live(store.clusters["customers", "st-marys"]).rooms == 10

    store.put_cluster(cluster_body(version="11", generation=2, **edit))

    after = store.clusters["customers", "st-marys"]
    assert (watcher.latest(after), watcher.live(after), watcher.load(after)) == (NOT_YET, NOT_YET, None)


async def test_another_edit_leaves_what_is_known():
    store = Store()
    store.put_cluster(cluster_body())
    watcher = watching(store, _Prometheus(livekit(10)))
    await watcher.measure_all(NOW)

    store.put_cluster(cluster_body(version="11", generation=2, users=2000))

    assert watcher.live(store.clusters["customers", "st-marys"]).rooms == 10


@pytest.mark.parametrize("late", [livekit(40), DOWN])
async def test_a_late_answer_about_a_customer_as_it_was_before_an_edit_is_dropped(late):
    """A slow server is still asked about it when the one that it names since has answered."""
    store = Store()
    store.put_cluster(cluster_body())
    slow, told = asyncio.Event(), []

    class Two(_Prometheus):
        async def ask(self, server, questions):
            if "another" not in server.url:
                await slow.wait()
                self.answer = late
            return await super().ask(server, questions)

    watcher = watching(store, Two(livekit(10)), told)
    asking = asyncio.create_task(watcher.measure_all(NOW))
    await asyncio.sleep(0)
    store.put_cluster(cluster_body(version="11", generation=2, **EDITS["another server"]))
    await watcher.measure_all(NOW)
    told.clear()
    slow.set()
    await asking

    after = store.clusters["customers", "st-marys"]
    assert watcher.live(after).rooms == 10
    assert watcher.latest(after) != DOWN
    assert told == []


@pytest.mark.parametrize("value", ["1e30", "1e300", "1e-300", "NaN"])
async def test_an_absurd_figure_of_one_customer_leaves_the_others_observed(value):
    store = Store()
    for name in ("a", "b"):
        store.put_cluster(cluster_body(name, observation={"matchLabels": {"cluster": name}}))

    def own(figure):
        whose = {"customer_namespace": "customers", "pool": "sim"}
        figures = {"a": figure, "b": "288"}
        return [{"metric": {**whose, "customer": name}, "value": [0, figures[name]]} for name in figures]

    watcher = watching(store, _Prometheus({"own_sum": own(value), "own_count": own("288")}))
    await watcher.measure_all(NOW)

    assert watcher.latest(store.clusters["customers", "b"]).nodes["sim"].value == 1
    assert isinstance(watcher.latest(store.clusters["customers", "a"]), NotMeasured)

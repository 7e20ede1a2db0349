"""Customers in parts: nobody is left out or asked about twice, and each part's selector lets its customers through."""

import json
import re
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from livecost.customer_batches import MOST_CUSTOMERS, batches
from livecost.loads import BATCHES_PER_CYCLE, LoadFollower
from livecost.observed_cost import NotMeasured
from livecost.prometheus_server import PrometheusServer
from livecost.settings import Settings
from livecost.telemetry import Customer
from tests.livecost.builders import NOW, after

SERVER = PrometheusServer("http://prometheus:9090")
LABELS = st.dictionaries(
    st.sampled_from(["cluster", "tenant", "site"]), st.text(st.characters(exclude_categories=["Cs"])), min_size=1
)


def customer(number, match_labels, *, days=30):
    return Customer(("customers", f"c-{number}"), NOW - timedelta(days=days), match_labels, {}, alone=False)


def matches(selector, labels):
    """Whether a series with these labels meets all matchers, as Prometheus reads them."""
    matchers = re.findall(r'(\w+)=~("(?:[^"\\]|\\.)*")', selector)
    assert ", ".join(f"{name}=~{text}" for name, text in matchers) == selector
    return all(re.fullmatch(json.loads(text), labels.get(name, "")) for name, text in matchers)


@given(st.lists(LABELS, max_size=30), st.integers(1, 10))
def test_each_customer_is_in_one_part_that_all_its_series_are_in(all_labels, most):
    customers = [customer(number, labels) for number, labels in enumerate(all_labels)]

    parts = batches(customers, among=len(customers), most=most)

    told = [each.key for part in parts for each in part.customers]
    assert sorted(told) == sorted(each.key for each in customers)
    for part in parts:
        assert len(part.customers) <= most
        assert all(matches(part.selector, {**each.match_labels, "node_id": "n"}) for each in part.customers)


def test_few_customers_are_asked_about_by_short_questions():
    (part,) = batches([customer(1, {"cluster": "a"})], among=MOST_CUSTOMERS)

    assert part.selector == ""


def test_a_part_of_a_few_among_many_does_not_ask_about_the_others():
    (part,) = batches([customer(1, {"cluster": "a.b"})], among=MOST_CUSTOMERS + 1)

    assert matches(part.selector, {"cluster": "a.b"})
    assert not matches(part.selector, {"cluster": "axb"})


def test_customers_whose_series_nobody_can_tell_are_not_asked_about():
    assert batches([customer(1, {}), customer(2, {"app.kubernetes.io/x": "a"})], among=2, most=1) == []


class _Prometheus:
    """Knows a load of every customer that a question lets through."""

    def __init__(self, customers):
        self.names = {each.match_labels["cluster"] for each in customers}
        self.problem = None
        self.too_much = None
        self.asked_too_much = 0

    async def ask(self, _, questions):
        if self.problem:
            return self.problem
        (selector,) = {re.search(r'node_id!="",? ?([^}]*)}', question.query)[1] for question in questions.values()}
        wanted = json.loads(selector.removeprefix("cluster=~")).replace("\\", "").split("|")
        if self.too_much in wanted:
            self.asked_too_much += 1
            return NotMeasured("PrometheusAnswerInvalid", "query processing would load too many samples")
        rows = [{"metric": {"cluster": name}, "value": [0, "1"]} for name in wanted if name in self.names]
        return dict.fromkeys(questions, rows)


def fleet(number):
    return [customer(index, {"cluster": f"c-{index}"}) for index in range(number)]


async def cycles(follower, customers, minutes):
    return [len(await follower.follow(SERVER, ["cluster"], customers, after(60 * minute))) for minute in minutes]


async def test_thousands_are_asked_about_over_several_cycles_and_each_is_known_once():
    """3,000 customers are fifteen parts of 200."""
    customers = fleet(3_000)
    follower = LoadFollower(_Prometheus(customers).ask, Settings())

    told = await cycles(follower, customers, [0, 1, 2, 59, 60, 61])

    eight = BATCHES_PER_CYCLE * MOST_CUSTOMERS
    assert told == [eight, 3_000 - eight, 0, 0, eight, 3_000 - eight]
    assert all(follower.of(each.key, each.match_labels).peak_participants == 1 for each in customers)


async def test_all_have_their_turn_though_an_interval_is_shorter_than_the_cycles_it_takes():
    customers = fleet(5_000)
    follower = LoadFollower(_Prometheus(customers).ask, Settings(telemetry_interval_seconds=60))

    told = await cycles(follower, customers, range(4))

    assert sum(told) == 5_000
    assert all(follower.of(each.key, each.match_labels) for each in customers)


async def test_after_a_failure_the_rest_waits_and_is_then_asked_for_what_failed_last():
    customers = fleet(3_000)
    prometheus = _Prometheus(customers)
    follower = LoadFollower(prometheus.ask, Settings())
    await cycles(follower, customers, [0])
    prometheus.problem = NotMeasured("PrometheusTimeout", "too slow")
    assert await cycles(follower, customers, [1]) == [0]
    prometheus.problem = None

    assert await cycles(follower, customers, [2, 10, 11, 12]) == [0, 0, 1_200, 200]


async def test_a_part_that_cannot_be_answered_keeps_no_other_from_its_turn():
    """As one whose customers have more nodes than a question over weeks may look at."""
    customers = fleet(3_000)
    prometheus = _Prometheus(customers)
    prometheus.too_much = "c-0"
    follower = LoadFollower(prometheus.ask, Settings())

    for interval in range(3):
        await cycles(follower, customers, range(60 * interval, 60 * interval + 60))
        known = [each.key for each in customers if follower.of(each.key, each.match_labels)]
        assert len(known) == 3_000 - MOST_CUSTOMERS
        assert prometheus.asked_too_much <= 6 * (interval + 1)


async def test_a_server_that_nobody_names_any_more_may_fail_late():
    """Its last customer was edited or deleted while it was asked."""
    customers = fleet(300)

    async def ask(*_):
        follower.retain([], [])
        return NotMeasured("PrometheusTimeout", "too slow")

    follower = LoadFollower(ask, Settings())

    assert await cycles(follower, customers, [0]) == [0]


async def test_a_load_found_by_other_labels_is_not_the_customers():
    """They may have been another cluster's; the new ones are asked about in the next interval."""
    (before,) = customers = fleet(1)

    async def ask(_, questions):
        return {name: [{"metric": {"cluster": "c-0"}, "value": [0, "1"]}] for name in questions}

    follower = LoadFollower(ask, Settings())

    assert await cycles(follower, customers, [0]) == [1]
    assert follower.of(before.key, {"cluster": "c-0"}) is not None
    assert follower.of(before.key, {"cluster": "another"}) is None

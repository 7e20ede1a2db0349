"""The live fleet's pages say what is known, in words where something is wrong."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from livecost.fleet_page import source as source_module
from livecost.fleet_page.calculator_link import calculator_link
from livecost.fleet_page.patches import Parts, patch, patches
from livecost.fleet_page.pulse import Pulse
from livecost.fleet_page.routes import FleetPage
from livecost.fleet_page.source import LiveSource, WatchState
from livecost.fleet_page.table_query import TableQuery
from livecost.fleet_page.trend import Trends, currency_trends, first_span, queries
from livecost.plan import Plan, make_plan
from livecost.settings import Settings
from livecost.store import read_cluster, read_profile
from livecost.web.evaluation import evaluate
from livecost.web.protection import HEADERS
from livecost.web.state import parse_state
from tests.livecost.builders import cluster_body
from tests.livecost.live_customers import live_customer, measured
from tests.web.live import Shelf, browser_of, priced
from tests.web.pages import words

SINCE = datetime(2026, 3, 1, 12, 0, 3, tzinfo=UTC)


def shelf_of(*customers, **fields):
    shelf = Shelf(**fields)
    for each in customers:
        shelf.put(each)
    return shelf


def get(shelf, path="/fleet"):
    return words(browser_of(shelf).get(path).text)


def test_the_table_shows_what_a_status_tells_and_unknown_for_the_rest():
    unsized = read_cluster(cluster_body("unsized"))
    text = get(shelf_of(live_customer(observed=measured())[0].customer, unsized))

    assert "$1,036.60" in text
    assert "st-marys customers 1,000 100 ?/1 ?/1" in text
    assert "unsized customers 1,000 unknown unknown unknown unknown unknown unknown" in text
    assert "1 customers, in no sum" in text


def test_a_problem_is_told_with_its_remedy_and_what_was_known_stays():
    stale = WatchState(synced=True, problem="the way is cut; mend it", stale_since=SINCE)
    text = get(shelf_of(priced("one", "10.00"), state=stale))

    assert "Stale since 2026-03-01 12:00:03 UTC the way is cut; mend it" in text
    assert "$10.00" in text


def test_without_a_cluster_no_sum_is_shown_and_the_calculator_works():
    browser = browser_of(shelf_of(state=WatchState(problem="no kubeconfig; name one", stale_since=SINCE)))
    text = words(browser.get("/fleet").text)

    assert "There are no live customers to show no kubeconfig; name one" in text
    assert "All 0 customers" not in text
    assert "$1,036.60" in words(browser.get("/").text)


async def test_missing_credentials_become_a_state_and_no_failure(tmp_path):
    source = LiveSource(str(tmp_path / "absent"), None)
    async with source.following():
        await source.pulse.after(0, 30)

    assert "name a kubeconfig with --kubeconfig" in source.state.problem
    assert not source.state.synced
    assert source.customers == {}


class Answering:
    """An API server that has one customer with its profile, and counts how often a single object is asked for."""

    def __init__(self):
        self.reads = 0
        self.profile = {"metadata": {"name": "default", "generation": 1, "resourceVersion": "1"}, "spec": {}}

    async def list_pages(self, path):
        """The objects of a kind."""
        found = {"customerclusters": [cluster_body("one")], "costprofiles": [self.profile]}
        yield {"metadata": {"resourceVersion": "1"}, "items": found.get(path.rpartition("/")[2], [])}

    async def watch(self, path, version):
        """Nothing changes."""
        await asyncio.Event().wait()
        yield

    async def get(self, path):
        """The profile, as nothing else is asked for."""
        self.reads += 1
        return self.profile

    async def close(self):
        """There is nothing to close."""


async def test_however_often_a_customer_is_looked_at_the_api_server_is_asked_once_until_it_changes(monkeypatch):
    server = Answering()

    async def credentials(kubeconfig, context):
        return SimpleNamespace(host="https://there"), "default"

    monkeypatch.setattr(source_module, "credentials", credentials)
    monkeypatch.setattr(source_module, "KubeApi", lambda configuration: server)
    source = LiveSource(None, None)
    async with source.following(), asyncio.timeout(30):
        while not (source.state.synced and source.profiles):
            await source.pulse.after(source.pulse.beat, 5)
        [customer] = source.customers.values()
        lives = [await source.live(customer) for _ in range(5)]
        assert server.reads == 1
        assert {live.profile.name for live in lives} == {"default"}
        await source.live(replace(customer))

    assert server.reads == 2


def test_a_streams_view_is_of_its_own_query_and_follows_a_change_at_once():
    shelf = shelf_of(priced("one", "10.00"))
    page = FleetPage(shelf, Trends(Settings()))
    before = page.view(TableQuery())
    assert page.view(TableQuery(text="two")).rows == {}
    shelf.put(priced("two", "20.00"))
    shelf.pulse.strike()

    assert list(before.rows) == ["/fleet/customers/one"]
    assert list(page.view(TableQuery()).rows) == ["/fleet/customers/one", "/fleet/customers/two"]


def test_texts_of_the_cluster_are_not_taken_for_markup():
    bad = priced("one", "10.00", ready="False")
    bad.status["conditions"][0]["message"] = bad.status["conditions"][0]["reason"] = "<script>alert(1)</script>"
    shelf = shelf_of(bad)

    for path in ("/fleet", "/fleet/customers/one", "/fleet?q=<script>alert(1)</script>"):
        page = browser_of(shelf).get(path).text
        assert "<script>alert" not in page


@pytest.mark.parametrize("path", ["/fleet", "/fleet/customers/one", "/fleet/no/such", "/fleet/trend"])
def test_every_answer_is_protected_and_has_no_inline_style(path):
    answer = browser_of(shelf_of(priced("one", "10.00"))).get(path)

    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "style=" not in answer.text


def test_a_customer_that_is_not_there_is_told():
    answer = browser_of(shelf_of()).get("/fleet/customers/absent")

    assert answer.status_code == 404
    assert "There is no customer absent in namespace customers." in words(answer.text)


def test_a_customers_page_shows_projected_beside_observed_by_line():
    live, _ = live_customer(observed=measured(livekit="2"), budget={"monthly": 900},
                            scaling={"schedule": [{"days": ["Mon"], "start": "08:00", "end": "17:00",
                                                   "timeZone": "Europe/Zurich"}]})  # fmt: skip
    text = get(shelf_of(live.customer), "/fleet/customers/st-marys")

    for line in live.customer.status["cost"]["projected"]["explained"].values():
        assert line in text
    for part in live.customer.status["cost"]["variance"]["items"].values():
        assert part["explained"] in text
    for row in live.customer.status["conditions"]:
        assert row["message"] in text
    assert "Europe/Zurich" in text
    assert "$900.00" in text
    assert "Projected as" in text


def test_a_spec_that_cannot_be_read_is_told_and_breaks_nothing():
    broken = read_cluster(cluster_body("broken", users=-1))
    shelf = shelf_of(broken)

    assert "SpecInvalid" in get(shelf)
    assert "users" in get(shelf, "/fleet/customers/broken")


@pytest.mark.parametrize(
    ("profile", "spec"),
    [
        ({}, {}),
        ({"cloud": "azure", "nodes": {"livekit": {"sku": "Standard_F4s_v2"}}}, {"users": 4000, "concurrency": 900}),
        ({"demand": {"activeHoursPerMonth": 300}}, {"overrides": {"media": {"kind": "audio", "kbps": 48}}}),
        ({"nodes": {"sim": {"hourly": "0.3"}}}, {"pools": {"sim": {"minNodes": 3, "maxNodes": 9}}}),
        (
            {"network": {"tiers": [{"upToGB": 100, "perGB": "0.09"}, {"perGB": "0.05"}]}},
            {
                "scaling": {
                    "schedule": [{"days": ["Mon"], "start": "08:00", "end": "17:00", "timeZone": "Europe/Zurich"}]
                }
            },
        ),
    ],
)
def test_the_calculator_opens_with_the_customers_own_figures(profile, spec):
    document = read_profile({"metadata": {"name": "default", "generation": 1}, "spec": profile})
    customer = read_cluster(cluster_body(**spec))
    plan = make_plan(customer.spec, document.document, {})
    assert isinstance(plan, Plan)
    link = calculator_link("st-marys", customer.spec, document, {}, plan)
    assert link is not None
    state = parse_state(link.partition("?")[2])
    evaluation = evaluate(state.active.fields)

    assert evaluation.estimate.monthly == plan.estimate.monthly
    assert evaluation.estimate.gross_margin == plan.estimate.gross_margin
    assert state.active.name == "st-marys"


def test_fleets_are_listed_and_their_problem_is_told():
    body = {
        "metadata": {"creationTimestamp": "2026-03-01T12:00:00Z"}, "spec": {},
        "status": {"summary": {"projected": "$12,439.20"}, "customers": {"total": 1}},
    }  # fmt: skip
    assert "everybody customers 1 unknown unknown $12,439.20" in get(
        shelf_of(fleets={("customers", "everybody"): body})
    )
    assert "CustomerFleets: you may not" in get(shelf_of(fleets_problem="you may not"))


def test_without_prometheus_the_trend_is_unknown():
    assert "Unknown: no Prometheus is named" in get(shelf_of(), "/fleet/trend")


def test_a_prometheus_that_is_gone_is_told():
    browser = browser_of(shelf_of(priced("one", "10.00")), "http://127.0.0.1:9")

    for path in ("/fleet/trend?span=1h", "/fleet/customers/one/trend?span=nonsense"):
        assert "Unknown: Prometheus at http://127.0.0.1:9 cannot be reached" in words(browser.get(path).text)


@pytest.mark.parametrize(
    ("age_seconds", "span"), [(0, "1h"), (3600, "1h"), (3601, "1d"), (86_401, "7d"), (400 * 86_400, "7d")]
)
def test_a_trend_begins_where_there_can_be_something_to_see(age_seconds, span):
    assert first_span(age_seconds) == span


def test_a_young_customers_trend_is_of_the_last_hour_and_the_fleets_of_its_oldest():
    young, old = priced("young", "10.00"), priced("old", "10.00")
    young.created_at, old.created_at = datetime.now(UTC) - timedelta(minutes=9), datetime.now(UTC) - timedelta(hours=9)
    browser = browser_of(shelf_of(young, old), "http://127.0.0.1:9")

    for path, span in (("/young", "1h"), ("/old", "1d")):
        text = browser.get(f"/fleet/customers{path}/trend").text
        assert f'href="/fleet/customers{path}/trend?span={span}" aria-current="true"' in text
    assert 'href="/fleet/trend?span=1d" aria-current="true"' in browser.get("/fleet/trend").text
    assert 'span=30d" aria-current="true"' in browser.get("/fleet/trend?span=30d").text


def series(currency, *points):
    return {"metric": {"currency": currency}, "values": [[moment, value] for moment, value in points]}


def test_a_trend_is_drawn_for_each_currency_and_breaks_where_nothing_is_known():
    gap = series("USD", (0, "10"), (10, "11"), (40, "12"), (50, "13"))
    answers = {"all": [gap], "projected": [gap], "observed": [gap, series("CHF", (0, "5"), (10, "NaN"))]}
    francs, dollars = currency_trends(answers, 0, 50, 10)

    assert (francs.currency, dollars.currency) == ("CHF", "USD")
    assert francs.last == {"Observed run rate": None}
    assert dollars.last["Observed run rate"] == Decimal(13)
    assert dollars.chart.count("<polyline") == 4
    assert "Projected, all customers" not in dollars.last


def test_the_trend_of_one_customer_speaks_of_no_others():
    line = series("USD", (0, "10"), (10, "11"))
    [trend] = currency_trends({name: [line] for name in queries(("customers", "one"), None)}, 0, 10, 10)

    assert trend.last == {"Projected": Decimal(11), "Observed run rate": Decimal(11)}


def test_the_trend_of_one_customer_asks_for_no_other():
    for query in queries(("customers", "one"), ("trials",)).values():
        assert query.count('customer_namespace="customers", customer="one"') == query.count("livecost_")


def test_a_patch_holds_what_differs_and_no_more():
    before = Parts({"a": "1", "b": "2"}, {"x": "X", "y": "Y"})

    assert patch(before, before) == {"parts": {}, "rows": {}}
    assert patch(before, Parts({"a": "1", "b": "3"}, {"y": "Y", "x": "Z"})) == {
        "parts": {"b": "3"}, "rows": {"x": "Z"}, "order": ["y", "x"],
    }  # fmt: skip


async def test_a_stream_tells_everything_first_then_changes_and_ends_with_the_server():
    pulse, shown = Pulse(), {"a": "1", "b": "2"}

    async def look():
        return Parts(dict(shown))

    stream = patches(look, pulse)
    assert (await anext(stream)).data["parts"] == {"a": "1", "b": "2"}
    shown["b"] = "3"
    pulse.strike()
    assert (await anext(stream)).data["parts"] == {"b": "3"}
    pulse.stop()
    assert [event async for event in stream] == []

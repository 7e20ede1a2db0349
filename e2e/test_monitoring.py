"""The rules and the dashboard work on a real Prometheus that scrapes the real operator."""

import json
import urllib.request
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from e2e.cluster import create_cluster
from e2e.cluster.pytest_progress import uncaptured
from e2e.installation import CUSTOMERS, ask_prometheus, customer, is_settled
from e2e.livekit_exporter import livekit_exporter
from e2e.operator_process import ROOT
from e2e.running import Running, Spec

Json = dict[str, Any]

# 300 people in 75 sessions take three LiveKit nodes, which carry 99 rooms when full.
LARGE: Spec = {
    "concurrency": 300,
    "budget": {"monthly": 5000},
    "observation": {"matchLabels": {"cluster": "monitored-prod"}},
}
DASHBOARD: Json = json.loads((ROOT / "monitoring/dashboard.json").read_text())
QUERIES = [
    pytest.param(target["expr"], id=f"{panel['title']} {target['refId']}")
    for panel in DASHBOARD["panels"]
    for target in panel.get("targets", ())
]
# A counter by reason has no series until something has failed.
MAY_BE_EMPTY = ("livecost_reconcile_errors_total",)


@pytest.fixture(scope="module")
def monitored(pytestconfig: pytest.Config) -> Iterator[Running]:
    """The operator with the demo's customers, one of whom has a LiveKit node, and the rules in Prometheus."""
    progress = uncaptured(pytestconfig)
    with create_cluster({"nodes", "metrics"}, scrape_seconds=1, progress=progress) as cluster:
        cluster.add_rules("livecost", (ROOT / "monitoring/alerts.yaml").read_text())
        running = Running.start(cluster)
        with livekit_exporter() as address:
            cluster.add_scrape_target("livekit", address, {"cluster": "monitored-prod"})
            running.add("monitored", LARGE)
            for name in CUSTOMERS:
                running.until(f"{name} is settled", partial(_is_settled, running, name))
            yield running


def test_prometheus_evaluates_every_rule(monitored: Running) -> None:
    """No rule is refused, and none fails on the series that are really there."""

    def all_evaluated() -> bool:
        return all(rule["health"] != "unknown" for rule in _rules(monitored))

    monitored.until("every rule was evaluated", all_evaluated)
    rules = _rules(monitored)
    assert len(rules) > 30
    assert [(rule["name"], rule["lastError"]) for rule in rules if rule["health"] != "ok"] == []


@pytest.mark.parametrize("query", QUERIES)
def test_a_panel_shows_something(monitored: Running, query: str) -> None:
    """Each query of the dashboard is understood, and finds series where there are some to find."""
    query = query.replace("$namespace", ".*").replace("$customer", ".*")
    if any(name in query for name in MAY_BE_EMPTY):
        ask_prometheus(monitored.cluster, "query", query=query)
        return
    monitored.until(f"{query} finds series", lambda: bool(ask_prometheus(monitored.cluster, "query", query=query)))


def test_a_panel_shows_the_chosen_customer_alone(monitored: Running) -> None:
    """With one customer chosen, no panel of the row Customer names another."""
    row = [panel["title"] for panel in DASHBOARD["panels"] if panel["type"] == "row"]
    assert row == ["Fleet", "Customer", "CustomerFleets", "Operator"]
    titles = [panel["title"] for panel in DASHBOARD["panels"]]
    first, last = titles.index("Customer"), titles.index("CustomerFleets")
    for panel in DASHBOARD["panels"][first + 1 : last]:
        for target in panel["targets"]:
            query = target["expr"].replace("$namespace", "default").replace("$customer", "monitored")
            shown = ask_prometheus(monitored.cluster, "query", query=query)
            assert {series["metric"]["customer"] for series in shown} <= {"monitored"}


def test_what_livekit_reports_is_told_by_customer(monitored: Running) -> None:
    """Rooms find their customer by the match label; 80 of 99 and of 100 are above 70 %, so alerts are pending."""

    def summaries() -> set[str]:
        alerts = _get(monitored, "alerts")["alerts"]
        sessions = (alert for alert in alerts if alert["labels"]["alertname"] == "LivekitSessionsNearCapacity")
        return {alert["annotations"]["summary"] for alert in sessions}

    monitored.until("the alert is pending", lambda: bool(summaries()))
    assert summaries() == {
        "default/monitored has 80.81% of the sessions that its livekit pool carries",
        "default/monitored has 80% of the sessions that its sim pool carries",
    }


def _is_settled(running: Running, name: str) -> bool:
    return is_settled(customer(running.cluster, name))


def _rules(running: Running) -> list[Json]:
    return [rule for group in _get(running, "rules")["groups"] for rule in group["rules"]]


def _get(running: Running, what: str) -> Json:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{running.cluster.prometheus_url}/api/v1/{what}", timeout=10) as response:
        data: Json = json.load(response)["data"]
    return data

"""Customers are sized, priced and observed. The first of three files that run in order on one cluster."""

import json
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest

from e2e.cluster import Cluster
from e2e.installation import CUSTOMERS, ask_prometheus, customer, fleet, is_settled, ready_nodes
from e2e.running import WINDOW_SECONDS, Livecost

HOURS_PER_MONTH = 730
STEP_SECONDS = 5
# The prices of an hour in the customers' files, and their bills in full, worked out by hand.
HOURLY = {
    "riverside": {"livekit": Decimal("0.169"), "sim": Decimal("0.192")},
    "st-marys": {"livekit": Decimal("0.24"), "sim": Decimal("0.20")},
    "metro-general": {"livekit": Decimal("0.20881"), "sim": Decimal("0.13402")},
}
NODES = {
    "riverside": {"livekit": 2, "sim": 2},
    "st-marys": {"livekit": 1, "sim": 1},
    "metro-general": {"livekit": 6, "sim": 4},
}
PROJECTED = {"riverside": "$807.88", "st-marys": "$1,036.60", "metro-general": "$5,640.57"}


@pytest.mark.parametrize("name", CUSTOMERS)
def test_a_customer_gets_the_nodes_that_its_users_need(running: Livecost, name: str) -> None:
    """The NodePools are set, and as many nodes are Ready."""
    running.until(f"{name} is settled", partial(_is_settled, running, name))
    for pool, count in NODES[name].items():
        assert running.replicas(f"{name}-{pool}") == count
        assert ready_nodes(running.cluster, f"{name}-{pool}") == count


@pytest.mark.parametrize("name", CUSTOMERS)
def test_observed_node_cost_is_what_prometheus_saw_times_the_price(running: Livecost, name: str) -> None:
    """Each pool's observed item is its average number of nodes over the told window x the hourly price x 730."""
    running.until(f"{name} is settled", partial(_is_settled, running, name))
    observed = running.status(name)["cost"]["observed"]
    end = datetime.fromisoformat(observed["asOf"])
    for pool, hourly in HOURLY[name].items():
        counts = _node_counts(running.cluster, f"{name}-{pool}", end, observed["windowSeconds"])
        average = sum(counts, Decimal(0)) / (observed["windowSeconds"] // STEP_SECONDS)
        expected = (average * hourly * HOURS_PER_MONTH).quantize(Decimal("0.01"))
        assert Decimal(observed["items"][pool]) == expected
        assert observed["sources"][pool] == "kube-state-metrics"


def test_get_customerclusters_answers_how_big_how_much_and_is_it_true(running: Livecost) -> None:
    """The table has the documented columns, and one line per customer says it all."""
    for name in CUSTOMERS:
        running.until(f"{name} is observed as projected", partial(_is_as_projected, running, name), 2 * WINDOW_SECONDS)
    header, *rows = running.cluster.kubectl("get", "customerclusters").splitlines()
    columns = "NAME USERS PEAK LIVEKIT SIM PROJECTED OBSERVED VARIANCE READY AGE"
    assert header.split() == columns.split()
    table = {row.split()[0]: row.split()[1:-1] for row in rows}
    assert table["st-marys"] == ["1000", "100", "1/1", "1/1", "$1,036.60", "$1,036.60", "+0.0%", "True"]
    assert table["riverside"] == ["120", "12", "2/2", "2/2", "$807.88", "$807.88", "+0.0%", "True"]
    assert table["metro-general"] == ["6000", "600", "6/6", "4/4", "$5,640.57", "$5,640.57", "+0.0%", "True"]
    header, *rows = running.cluster.kubectl("get", "customerclusters", "--output=wide").splitlines()
    assert header.split() == [*columns.split(), "PROFILE", "MARGIN", "BUDGET", "REASON"]
    st_marys = next(row for row in rows if row.startswith("st-marys "))
    assert st_marys.split()[-6:] == ["worked-example", "64.46%", "86%", "of", "$1,200.00", "AsPlanned"]


def test_get_customerfleets_adds_the_customers_up(running: Livecost) -> None:
    """Unrounded, 12 x (807.8784 + 1,036.60 + 5,640.5681) a year; observed alike, but for a negligible move."""
    projected = Decimal("89820.56")

    def is_as_projected() -> bool:
        cost = fleet(running.cluster).get("status", {}).get("cost", {})
        if cost.get("observedCustomers") != len(CUSTOMERS):
            return False
        return abs(Decimal(cost["observedAnnual"]) - projected) * 1000 <= projected

    running.until("the fleet is observed as projected", is_as_projected, 2 * WINDOW_SECONDS)
    header, line = running.cluster.kubectl("get", "customerfleets").splitlines()
    row = dict(zip(header.split(), line.split(), strict=True))
    assert " ".join(row) == "NAME CUSTOMERS LIVEKIT SIM PROJECTED OBSERVED REVENUE MARGIN READY AGE"
    assert (row["NAME"], row["CUSTOMERS"], row["LIVEKIT"], row["SIM"]) == ("everybody", "3", "9/9", "7/7")
    assert (row["PROJECTED"], row["REVENUE"], row["MARGIN"], row["READY"]) == (
        "$89,820.56", "$233,000.00", "61.45%", "True",
    )  # fmt: skip


def test_the_worked_examples_bill_comes_out_to_the_cent(running: Livecost) -> None:
    """The example's lines, total, year and margin stand in the status."""
    running.until("st-marys is settled", partial(_is_settled, running, "st-marys"))
    cost = running.status("st-marys")["cost"]
    assert cost["projected"]["items"] == {
        "livekit": "175.20",
        "sim": "146.00",
        "system": "73.00",
        "controlPlane": "75.00",
        "redis": "50.00",
        "loadBalancer": "20.00",
        "storageAndLogs": "30.00",
        "observability": "30.00",
        "egress": "437.40",
    }
    assert cost["projected"]["monthly"] == "1036.60"
    assert cost["projected"]["annual"] == "12439.20"
    assert cost["license"]["grossMargin"] == "22560.80"


def test_the_operator_leaves_no_finalizer_and_no_annotation(running: Livecost) -> None:
    """Nothing of livecost's or kopf's is on the objects, so that they can go without the operator."""
    for kind in ("customerclusters", "costprofiles", "customerfleets", "nodepools"):
        for body in json.loads(running.cluster.kubectl("get", kind, "--output=json"))["items"]:
            metadata = body["metadata"]
            marks = [*metadata.get("finalizers", []), *metadata.get("annotations", {}), *metadata.get("labels", {})]
            assert [mark for mark in marks if "livecost" in mark or "kopf" in mark] == []


def test_an_operator_at_rest_writes_nothing(running: Livecost) -> None:
    """When nothing changes, nothing is written but the Lease."""
    if not running.keeps_audit_log():
        pytest.skip("this provider keeps no audit log: LIVECOST_CLUSTER=local does")
    # While the customers' first nodes are inside the observed window, the observed cost still moves.
    running.until("the first nodes have left the window", partial(_are_old, running), 3 * WINDOW_SECONDS)
    before = running.own_writes()
    time.sleep(10)
    assert running.own_writes() == before


def _is_settled(running: Livecost, name: str) -> bool:
    return is_settled(customer(running.cluster, name))


def _are_old(running: Livecost) -> bool:
    created = [
        datetime.fromisoformat(customer(running.cluster, name)["metadata"]["creationTimestamp"]) for name in CUSTOMERS
    ]
    return datetime.now(UTC) - max(created) > timedelta(seconds=WINDOW_SECONDS + 15)


def _is_as_projected(running: Livecost, name: str) -> bool:
    summary = running.status(name)["summary"]
    assert summary["projected"] == PROJECTED[name]
    return bool(summary["observed"] == summary["projected"])


def _node_counts(cluster: Cluster, pool: str, end: datetime, window_seconds: int) -> list[Decimal]:
    """The pool's nodes at each step of the window, from Prometheus; steps at which there were none are missing."""
    series = ask_prometheus(
        cluster,
        "query_range",
        query=f'count(kube_node_labels{{label_karpenter_sh_nodepool="{pool}"}})',
        start=str(int(end.timestamp()) - window_seconds + STEP_SECONDS),
        end=str(int(end.timestamp())),
        step=str(STEP_SECONDS),
    )
    return [Decimal(value) for row in series for _, value in row["values"]]

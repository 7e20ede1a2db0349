"""`kubectl livecost` on observed customers, through the real kubectl."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest

from costmodel import cents
from e2e.installation import customer, is_settled
from e2e.kubectl_plugin import put_plugin_on_path
from e2e.running import Running

NAME = "riverside"


@pytest.fixture
def kubectl(running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Running:
    """The running operator, once the customer is observed, with the plugin on the PATH."""
    put_plugin_on_path(tmp_path, monkeypatch)
    running.until(f"{NAME} is settled", lambda: is_settled(customer(running.cluster, NAME)))
    return running


def test_explain_puts_observed_beside_projected_cost(kubectl: Running) -> None:
    """Nodes are ready, and each observed line tells its source."""
    told = json.loads(kubectl.cluster.kubectl("livecost", "explain", NAME, "-o", "json"))
    lines = {row["item"]: row for row in told["cost"]}
    assert lines["total"]["projected"] == "807.88"
    assert lines["livekit"]["observedFrom"] in ("kube-state-metrics", "opencost", "livecost")
    for row in lines.values():
        assert Decimal(row["observed"]) - Decimal(row["projected"]) == Decimal(row["difference"])
    assert {row["pool"]: row["ready"] for row in told["nodes"]} == {"livekit": 2, "sim": 2}
    assert told["observation"][0]["state"] == "Observed"


def test_focus_rows_of_both_kinds_add_up_to_what_the_status_held(kubectl: Running) -> None:
    """The observed rows are those of one status, whichever the operator wrote last before or after."""
    before = kubectl.status(NAME)["cost"]
    text = kubectl.cluster.kubectl("livecost", "export", "focus", NAME)
    after = kubectl.status(NAME)["cost"]
    rows = list(csv.DictReader(io.StringIO(text)))
    totals = {kind: _total(rows, kind) for kind in ("projected", "observed")}
    assert cents(totals["projected"]) == Decimal("807.88")
    held = {
        Decimal(cost["observed"][field])
        for cost in (before, after)
        for field in ("monthlyRunRate", "monthToDate")
        if field in cost["observed"]
    }
    assert totals["observed"] in held


def test_nothing_was_written_by_asking(kubectl: Running) -> None:
    """What-if tells a cost and leaves the object as it is."""
    generation = customer(kubectl.cluster, NAME)["metadata"]["generation"]
    told = json.loads(
        kubectl.cluster.kubectl("livecost", "what-if", NAME, "--set", "pools.livekit.minNodes=3", "-o", "json")
    )
    change = {row["item"]: Decimal(row["change"]) for row in told["monthly"]}
    assert change["livekit"] == Decimal("0.169") * 730 == change["total"]
    assert customer(kubectl.cluster, NAME)["metadata"]["generation"] == generation
    assert kubectl.replicas(f"{NAME}-livekit") == 2


def _total(rows: list[dict[str, str]], kind: str) -> Decimal:
    return sum((Decimal(row["BilledCost"]) for row in rows if row["x_CostKind"] == kind), Decimal(0))

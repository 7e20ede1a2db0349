"""The commands that read live customers, against a real API server and operator, and through the real kubectl."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from e2e.kubectl_plugin import put_plugin_on_path
from livecost.cli import main
from livecost.rbac import viewer_role
from tests.integration.conftest import grant
from tests.integration.world import CUSTOMERS, NAMESPACE, PROFILES, World

Json = dict[str, Any]

pytestmark = pytest.mark.usefixtures("operator")


@pytest.fixture(scope="module")
def priced(world: World) -> str:
    """A customer of the worked example on a profile, sized and priced."""
    profile = {"capacity": {"participantsPerNode": 180}, "network": {"usageHoursPerMonth": 50}}
    world.api.create(PROFILES, {"metadata": {"name": "told"}, "spec": profile, "apiVersion": "livecost.dev/v1alpha1",
                                "kind": "CostProfile"})  # fmt: skip
    world.customer("told", profileRef={"name": "told"}, concurrency=100, overrides={"license": {"annual": 30000}},
                   pools={"livekit": {"minNodes": 2}}, budget={"monthly": 1500})  # fmt: skip
    world.condition_comes("told", "Sized", "Sized")
    return "told"


@pytest.fixture
def run(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs livecost with the administrator's kubeconfig, in the customers' namespace."""
    monkeypatch.setenv("KUBECONFIG", str(world.cluster.admin_kubeconfig))

    def start(*arguments: str, namespace: str | None = NAMESPACE) -> Result:
        place = [] if namespace is None else ["-n", namespace]
        return CliRunner().invoke(main, [*arguments, *place])

    return start


def _json(result: Result) -> Any:
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_explain_tells_the_layer_of_each_assumption_and_the_status_itself(world: World, run: Any, priced: str) -> None:
    told = _json(run("cluster", "explain", priced, "-o", "json"))
    status = world.status(priced)

    layers = {row["field"]: row["from"] for row in told["assumptions"]}
    assert layers["capacity.participantsPerNode"] == "profile told"
    assert layers["license.annual"] == "overrides"
    assert layers["demand.concurrency"] == layers["nodes.livekit.minNodes"] == "spec"
    assert layers["capacity.sessionsPerNode"] == "default"
    assert {row["item"]: row["projected"] for row in told["cost"]} == {
        **status["cost"]["projected"]["items"],
        "total": status["cost"]["projected"]["monthly"],
    }
    (livekit,) = [row for row in told["nodes"] if row["pool"] == "livekit"]
    assert "150 participants at 180 a node take 1; raised to minNodes 2" in livekit["why"]
    assert {row["type"] for row in told["conditions"]} == {row["type"] for row in status["conditions"]}
    assert told["observation"] == []
    assert {row["observed"] for row in told["cost"]} == {None}


def test_what_if_changes_nothing_and_is_what_the_operator_then_does(world: World, run: Any, priced: str) -> None:
    """The cost under other users is told first, and comes true once they are written."""
    before = world.api.get(f"{CUSTOMERS}/{priced}")["metadata"]["resourceVersion"]
    result = run("cluster", "what-if", priced, "--set", "concurrency=400", "-o", "json")
    told = {row["item"]: row for row in _json(result)["monthly"]}
    assert "nothing was changed" in result.stderr
    assert world.api.get(f"{CUSTOMERS}/{priced}")["metadata"]["resourceVersion"] == before

    world.customer("told-larger", profileRef={"name": "told"}, concurrency=400,
                   overrides={"license": {"annual": 30000}}, pools={"livekit": {"minNodes": 2}})  # fmt: skip
    world.condition_comes("told-larger", "Sized", "Sized")
    projected = world.status("told-larger")["cost"]["projected"]
    assert Decimal(told["total"]["after"]) == Decimal(projected["monthly"])
    assert Decimal(told["total"]["before"]) == Decimal(world.status(priced)["cost"]["projected"]["monthly"])
    for row in told.values():
        parts = sum(Decimal(row[name]) for name in ("byQuantity", "byUsage", "byPrice"))
        assert parts == Decimal(row["change"]) == Decimal(row["after"]) - Decimal(row["before"])


def test_what_if_above_the_most_ends_with_1(run: Any, priced: str) -> None:
    over = run("cluster", "what-if", priced, "--set", "concurrency=4000", "--max-monthly", "1200")

    assert over.exit_code == 1
    assert "above --max-monthly $1,200.00" in over.stderr
    assert "above the budget of $1,500.00" in over.stderr
    assert run("cluster", "what-if", priced, "--set", "concurrency=10", "--max-monthly", "1200").exit_code == 0


def test_what_if_tells_what_has_no_effect_and_what_is_wrong(run: Any, priced: str) -> None:
    silenced = run("cluster", "what-if", priced, "--set", "users=2000")
    assert silenced.exit_code == 0
    assert "users: has no effect beside demand.concurrency" in silenced.stderr
    for arguments, told in (
        (["--set", "demand.usersPerSesion=6"], "usersPerSession"),
        (["--set", "demand.usersPerSession=900"], "under these assumptions: capacity.participantsPerNode"),
        (["--profile", "absent"], "CostProfile absent does not exist"),
        (["--cloud", "azure", "--region", "nowhere"], "region"),
        ([], "nothing is varied"),
    ):
        result = run("cluster", "what-if", priced, *arguments)
        assert result.exit_code == 2, arguments
        assert told in result.stderr
        assert result.stdout == ""


def test_another_cloud_tells_the_prices_that_stay(run: Any, priced: str) -> None:
    result = run("cluster", "what-if", priced, "--cloud", "aws", "--set", "nodes.livekit.sku=c7i.xlarge")

    assert result.exit_code == 0, result.stderr
    assert "nodes.sim.hourly 0.2 (default)" in result.stderr
    assert "nodes.livekit.hourly" not in result.stderr


def test_the_zones_of_a_target_are_read(world: World, run: Any) -> None:
    """One node is required, and a pool in three zones takes three: explained and priced as the operator does."""
    pool = {"apiVersion": "container.cnrm.cloud.google.com/v1beta1", "kind": "ContainerNodePool", "name": "zonal"}
    zones = ["europe-west1-b", "europe-west1-c", "europe-west1-d"]
    world.api.create(
        f"/apis/container.cnrm.cloud.google.com/v1beta1/namespaces/{NAMESPACE}/containernodepools",
        {"apiVersion": pool["apiVersion"], "kind": pool["kind"], "metadata": {"name": "zonal"},
         "spec": {"location": "europe-west1", "nodeLocations": zones, "nodeCount": 1}},
    )  # fmt: skip
    world.customer("zonal", pool, concurrency=100)
    world.condition_comes("zonal", "Sized", "Sized")
    told = _json(run("cluster", "explain", "zonal", "-o", "json"))

    assert {row["field"]: (row["value"], row["from"]) for row in told["assumptions"]}["nodes.livekit.zones"] == (
        3, "target",
    )  # fmt: skip
    assert "a multiple of the zones makes 3" in told["nodes"][0]["why"]
    before = _json(run("cluster", "what-if", "zonal", "--set", "concurrency=90", "-o", "json"))["monthly"][-1]
    assert Decimal(before["before"]) == Decimal(world.status("zonal")["cost"]["projected"]["monthly"])


def test_recommend_tells_the_floor_that_costs_and_the_schedule(run: Any, priced: str) -> None:
    rows = {row["recommendation"]: row for row in _json(run("cluster", "recommend", priced, "-o", "json"))}

    floor = rows["lower pools.livekit.minNodes to 1 unless availability needs the rest"]
    assert floor["changePerMonthUSD"] == "-175.20"
    assert "write scaling.schedule with the windows of use" not in rows, "the floors run at all hours anyway"


def test_focus_rows_add_up_to_the_status(world: World, run: Any, priced: str) -> None:
    result = run("export", "focus")
    assert result.exit_code == 0, result.stderr
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    for name in (priced, "told-larger"):
        own = [row for row in rows if row["SubAccountId"] == f"{NAMESPACE}/{name}"]
        total = sum((Decimal(row["BilledCost"]) for row in own if row["x_CostKind"] == "projected"), Decimal(0))
        assert total == Decimal(world.status(name)["cost"]["projected"]["monthly"])
        assert {row["x_CostKind"] for row in own} == {"projected"}, "nothing is observed here"


def test_list_has_every_customer_once(world: World, run: Any, priced: str) -> None:
    names = [row["name"] for row in _json(run("cluster", "list", "-o", "json"))]

    assert sorted(names) == sorted(body["metadata"]["name"] for body in world.api.get(CUSTOMERS)["items"])
    everywhere = _json(run("cluster", "list", "-A", "-o", "json", namespace=None))
    assert {row["namespace"] for row in everywhere} >= {NAMESPACE}


def test_a_wrong_name_is_answered_with_the_nearest(run: Any, priced: str) -> None:
    result = run("cluster", "explain", "tolt")

    assert result.exit_code == 2
    assert "no CustomerCluster tolt in namespace customers; did you mean told" in result.stderr
    assert "name its namespace with -n" in run("cluster", "explain", priced, namespace="default").stderr


def test_the_viewer_role_suffices_and_its_lack_is_told(world: World, run: Any, priced: str) -> None:
    outsider = world.cluster.kubeconfig_for("outsider")
    refused = run("cluster", "explain", priced, "--kubeconfig", str(outsider))
    assert refused.exit_code == 2
    assert "you may not read customerclusters.livecost.dev in namespace customers" in refused.stderr
    assert "rbac --viewer" in refused.stderr

    grant(world.api, "viewer", viewer_role()["rules"])
    viewer = str(world.cluster.kubeconfig_for("viewer"))
    for arguments in (["explain", priced], ["recommend", priced], ["what-if", priced, "--set", "users=5"], ["list"]):
        result = run("cluster", *arguments, "--kubeconfig", viewer)
        assert result.exit_code == 0, result.stderr
    assert world.writes("viewer") == []


def test_a_server_without_the_crds_and_one_that_is_away_are_told(world: World, run: Any, tmp_path: Path) -> None:
    text = world.cluster.admin_kubeconfig.read_text()
    away = tmp_path / "away"
    server = next(line.split()[-1] for line in text.splitlines() if "server:" in line)
    away.write_text(text.replace(server, "https://127.0.0.1:9"))
    result = run("cluster", "list", "--kubeconfig", str(away))
    assert result.exit_code == 2
    assert "https://127.0.0.1:9: the API server did not answer" in result.stderr

    for content in ("", "[1]", "a: [", text.replace("current-context", "other")):
        away.write_text(content)
        result = run("cluster", "list", "--kubeconfig", str(away))
        assert result.exit_code == 2, result.exception
        assert "name a kubeconfig with --kubeconfig" in result.stderr


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """kubectl-livecost on the PATH."""
    put_plugin_on_path(tmp_path, monkeypatch)


@pytest.mark.usefixtures("plugin")
def test_kubectl_finds_the_live_commands(world: World, priced: str) -> None:
    """kubectl livecost explain NAME; recommend NAME is the live one there; the rest of livecost is there too."""
    kubectl = world.cluster.kubectl
    told = json.loads(kubectl("livecost", "explain", priced, "-n", NAMESPACE, "-o", "json"))
    assert told["name"] == priced
    assert "minNodes" in kubectl("livecost", "recommend", priced, "-n", NAMESPACE)
    assert "byPrice" in kubectl("livecost", "what-if", priced, "--set", "users=9", "-n", NAMESPACE)
    assert kubectl("livecost", "export", "focus", priced, "-n", NAMESPACE).startswith("BilledCost,")
    assert "1,036.60" in kubectl("livecost", "estimate")
    assert "Usage: kubectl livecost explain" in kubectl("livecost", "explain", "--help")

"""Uninstall, install again, upgrade and roll back: the customers' pools stay through all of it."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from charts.generated import CHART
from e2e.kind.in_kind import InKind
from e2e.kind.operator_pods import NAMESPACE, RELEASE
from e2e.operator_process import ROOT

_RECOVERY_SECONDS = 120
_PREVIOUS = "livecost-0.0.9"


@pytest.fixture(scope="module")
def previous_chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chart as an earlier version had it: another number, and a column less in `kubectl get`."""
    chart = tmp_path_factory.mktemp("previous") / "livecost"
    shutil.copytree(CHART, chart)
    described = yaml.safe_load((chart / "Chart.yaml").read_text())
    (chart / "Chart.yaml").write_text(yaml.safe_dump(described | {"version": "0.0.9"}))
    crd = chart / "templates" / "crds" / "customerclusters.yaml"
    text, removed = re.subn(r"    - name: Variance\n(      .*\n)+", "", crd.read_text())
    assert removed == 1
    crd.write_text(text)
    return chart


@pytest.fixture
def previously(running: InKind, previous_chart: Path) -> None:
    """The release is in its previous version, whichever tests ran before."""
    if _charts(running)[-1:] != [_PREVIOUS]:
        running.release(previous_chart)


@pytest.fixture
def upgraded(running: InKind, previous_chart: Path) -> None:
    """The release is in this version and was in the previous one before, whichever tests ran before."""
    charts = _charts(running)
    if charts[-1:] == [_PREVIOUS] or charts[-2:-1] != [_PREVIOUS]:
        running.release(previous_chart)
        running.release()


def test_uninstalling_leaves_customers_and_their_pools(running: InKind) -> None:
    """What the release made goes; kinds, customers and pools stay as they are."""
    before = _sizes(running)
    customers = running.cluster.kubectl("get", "customerclusters", "--output=name")
    running.uninstall()
    assert running.cluster.kubectl("get", "customerclusters", "--output=name") == customers
    assert _sizes(running) == before
    made = "deployments,services,serviceaccounts,roles,rolebindings,networkpolicies,poddisruptionbudgets"
    selector = f"--selector=app.kubernetes.io/instance={RELEASE}"
    assert running.cluster.kubectl("get", made, f"--namespace={NAMESPACE}", selector, "--output=name") == ""
    assert running.cluster.kubectl("get", "clusterroles,clusterrolebindings", selector, "--output=name") == ""


def test_the_previous_chart_takes_the_customers_over(running: InKind, previous_chart: Path) -> None:
    """Installed in an earlier version livecost finds the customers as it left them and changes no pool."""
    before = _sizes(running)
    running.release(previous_chart)
    running.until("two replicas are ready", running.is_whole, _RECOVERY_SECONDS)
    running.until_condition("st-marys", "Ready", "True", "AsPlanned")
    assert _sizes(running) == before
    assert "VARIANCE" not in running.cluster.kubectl("get", "customerclusters").splitlines()[0]


@pytest.mark.usefixtures("previously")
def test_an_upgrade_changes_kinds_and_pods_but_no_pool(running: InKind) -> None:
    """From the previous chart to this one: the CRDs are brought up to date, sizing works, and no pool moves."""
    before = _sizes(running)
    running.release()
    running.until("two replicas are ready", running.is_whole, _RECOVERY_SECONDS)
    assert "VARIANCE" in running.cluster.kubectl("get", "customerclusters").splitlines()[0]
    assert _sizes(running) == before
    running.edit("st-marys", {"concurrency": 300})
    running.until_replicas("st-marys-livekit", 3)


@pytest.mark.usefixtures("upgraded")
def test_a_rollback_goes_back_to_the_previous_chart(running: InKind) -> None:
    """`helm rollback` gives the earlier version, which works; the next upgrade gives this one again."""
    before = _sizes(running)
    running.helm("rollback", RELEASE, "--wait", "--timeout=120s")
    running.until("two replicas are ready", running.is_whole, _RECOVERY_SECONDS)
    assert _charts(running)[-1] == _PREVIOUS
    assert _sizes(running) == before
    running.release()
    running.until("two replicas are ready", running.is_whole, _RECOVERY_SECONDS)


def test_missing_kinds_show_in_readiness_and_their_pools_stay(running: InKind) -> None:
    """Without its CRDs no replica works, and one says how to install them; once they are there it is ready."""
    before = _sizes(running)
    running.uninstall()
    running.cluster.kubectl("delete", "--filename", str(ROOT / "crds"), "--timeout=60s")
    assert _sizes(running) == before
    running.release(wait=False, crds={"install": False})
    remedy = "customerclusters.livecost.dev is not installed: kubectl apply --server-side -f crds/"

    def is_said() -> bool:
        leader = running.operator.leader()
        return leader is not None and remedy in running.operator.answer(leader, "/readyz")[1]

    running.until("/readyz names the remedy", is_said, 60)
    assert remedy in running.operator.logs()
    running.until("an Event says it", lambda: remedy in " ".join(running.pod_events()))
    running.cluster.kubectl("apply", "--server-side", "--filename", str(ROOT / "crds"))
    running.until("two replicas are ready", running.is_whole, _RECOVERY_SECONDS)


def _charts(running: InKind) -> list[str]:
    """The chart of each revision of the release, oldest first; none while nothing is installed."""
    if not yaml.safe_load(running.helm("list", "--output=yaml")):
        return []
    return [row["chart"] for row in yaml.safe_load(running.helm("history", RELEASE, "--output=yaml"))]


def _sizes(running: InKind) -> dict[str, tuple[int | None, int]]:
    """Size of every pool, with the number of changes that its spec has seen."""
    pools = running.objects("nodepools") + running.objects("deployments")
    return {pool["metadata"]["name"]: (pool["spec"].get("replicas"), pool["metadata"]["generation"]) for pool in pools}

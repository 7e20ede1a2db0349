"""Whatever changes, the pools follow, or the status says why not. The second of three files that run in order."""

import time
from decimal import Decimal

import yaml

from e2e.installation import ready_nodes
from e2e.running import WINDOW_SECONDS, Livecost, Spec

# At the defaults a LiveKit node carries 33 rooms of six and a sim node 50 sessions: 100 users at once are 25 sessions
# and take one node each; 300 are 75 sessions and take three and two.
SMALL: Spec = {"concurrency": 100}
LARGE: Spec = {"concurrency": 300}
AT_ONCE: Spec = {"scaling": {"scaleDown": {"stabilizationSeconds": 0}}}


def test_nodes_come_at_once_and_go_one_by_one_after_the_window(running: Livecost) -> None:
    """More users set the pool in one step; fewer take one node a step, each after the stabilisation window."""
    window_seconds = 3
    running.add("school", SMALL | {"scaling": {"scaleDown": {"stabilizationSeconds": window_seconds}}})
    running.edit("school", LARGE)
    assert _sizes(running, "school-livekit", 1, 3) == [1, 3]
    running.until("three nodes are Ready", lambda: ready_nodes(running.cluster, "school-livekit") == 3)
    running.until_replicas("school-sim", 2)

    edited_at = time.monotonic()
    running.edit("school", SMALL)
    assert _sizes(running, "school-livekit", 3, 2) == [3, 2]
    assert time.monotonic() - edited_at >= window_seconds
    assert _sizes(running, "school-livekit", 2, 1) == [2, 1]
    assert time.monotonic() - edited_at >= 2 * window_seconds
    running.until("one node is left", lambda: ready_nodes(running.cluster, "school-livekit") == 1)


def test_a_profiles_edit_reprices_and_resizes_all_its_users(running: Livecost) -> None:
    """Fewer participants per node at another price: both customers get more nodes and another bill."""
    profile = {
        "apiVersion": "livecost.dev/v1alpha1",
        "kind": "CostProfile",
        "metadata": {"name": "shared-plan"},
        "spec": {"nodes": {"livekit": {"hourly": "0.24"}}},
    }
    running.cluster.apply(yaml.safe_dump(profile))
    for name in ("north", "south"):
        running.add(name, SMALL | {"profileRef": {"name": "shared-plan"}}, ["livekit"])
    # 50 participants a node are 8 rooms of six, and 25 sessions take four such nodes.
    edit = {"capacity": {"participantsPerNode": 50}, "nodes": {"livekit": {"hourly": "0.30"}}}
    running.edit("shared-plan", edit, kind="costprofile")
    for name in ("north", "south"):
        running.until_replicas(f"{name}-livekit", 4)
        running.until_condition(name, "Ready", "True", "AsPlanned")
        status = running.status(name)
        # 4 nodes x 0.30 x 730, and the worked example's other lines: 1,036.60 - 175.20.
        assert status["cost"]["projected"]["items"]["livekit"] == "876.00"
        assert status["cost"]["projected"]["monthly"] == "1737.40"
        assert status["profile"] == {"name": "shared-plan", "generation": 2}


def test_paused_computes_and_patches_nothing(running: Livecost) -> None:
    """Under livecost.dev/paused the status follows the users and the pool does not, until it is taken away."""
    running.add("paused", SMALL, ["livekit"])
    running.annotate("paused", "livecost.dev/paused=true")
    running.edit("paused", LARGE)
    condition = running.until_condition("paused", "TargetsApplied", "False", "Paused")
    assert "remove the annotation livecost.dev/paused" in condition["message"]
    assert running.status("paused")["pools"]["livekit"]["planned"] == 3
    assert running.replicas("paused-livekit") == 1
    running.annotate("paused", "livecost.dev/paused-")
    running.until_replicas("paused-livekit", 3)


def test_a_cost_that_leaves_the_projection_is_told_and_its_return_too(running: Livecost) -> None:
    """Three nodes are planned and, while patching is paused, one is seen: 2 x 175.20 less, and an Event; then back.

    Either is told once the projection has stood for the window, so that a mere edit is no deviation.
    """
    running.add("straying", SMALL, ["livekit"])
    running.until_condition("straying", "CostAsProjected", "True", "AsProjected")
    running.annotate("straying", "livecost.dev/paused=true")
    running.edit("straying", LARGE)
    running.until_condition("straying", "CostAsProjected", "Unknown", "ProjectionNew")
    condition = running.until_condition(
        "straying", "CostAsProjected", "False", "CostBelowProjected", 2 * WINDOW_SECONDS
    )
    assert "most by the quantity of livekit: -$350.40" in condition["message"]
    variance = running.status("straying")["cost"]["variance"]
    assert variance["items"]["livekit"]["explained"] == "1 node on average instead of 3: -$350.40"
    assert sum(Decimal(item["monthly"]) for item in variance["items"].values()) == Decimal(variance["monthly"])
    assert running.condition("straying", "Ready")["status"] == "True"
    running.edit("straying", SMALL)
    running.until_condition("straying", "CostAsProjected", "Unknown", "ProjectionNew")
    running.until_condition("straying", "CostAsProjected", "True", "AsProjected", 2 * WINDOW_SECONDS)
    running.until("both are told", lambda: _told(running, "straying") == ["AsProjected", "CostBelowProjected"])


def test_paused_scale_down_grows_and_does_not_shrink(running: Livecost) -> None:
    """Under livecost.dev/paused-scale-down a pool grows, and shrinks only once that is taken away."""
    running.add("growing", SMALL | AT_ONCE, ["livekit"])
    running.annotate("growing", "livecost.dev/paused-scale-down=true")
    running.edit("growing", LARGE)
    running.until_replicas("growing-livekit", 3)
    running.edit("growing", SMALL)
    running.until_condition("growing", "TargetsApplied", "True", "ScaleDownPaused")
    assert running.status("growing")["pools"]["livekit"]["planned"] == 1
    assert running.replicas("growing-livekit") == 3
    running.annotate("growing", "livecost.dev/paused-scale-down-")
    running.until_replicas("growing-livekit", 1)


def test_recommend_mode_reports_and_patches_nothing(running: Livecost) -> None:
    """In mode Recommend the plan stands in the status and the pool stays, until the mode is Enforce."""
    running.add("advised", SMALL | {"scaling": {"mode": "Recommend"}}, ["livekit"])
    running.edit("advised", LARGE)
    running.until_condition("advised", "TargetsApplied", "False", "RecommendOnly")
    assert running.status("advised")["pools"]["livekit"]["planned"] == 3
    assert running.replicas("advised-livekit") == 1
    running.edit("advised", {"scaling": {"mode": "Enforce"}})
    running.until_replicas("advised-livekit", 3)


def test_a_foreign_scale_is_put_right_once_and_then_reported(running: Livecost) -> None:
    """Who scales the pool by hand is overruled once; who insists is left alone and named in the status."""
    running.add("contested", LARGE, ["livekit"])
    running.scale("contested-livekit", 1)
    running.until_replicas("contested-livekit", 3)
    running.until_condition("contested", "Ready", "True", "AsPlanned")
    running.scale("contested-livekit", 1)
    condition = running.until_condition("contested", "TargetsApplied", "False", "TargetContested")
    assert "kubectl" in condition["message"]
    assert running.replicas("contested-livekit") == 1


def test_the_older_of_two_customers_keeps_the_node_pool(running: Livecost) -> None:
    """The newer one is refused with the older one's name, and takes over when that is gone."""
    running.add("elder", SMALL, ["livekit"])
    # Creation times have whole seconds, and equal ones would leave it to the names.
    time.sleep(1)
    running.apply("a-newcomer", LARGE, {"livekit": "elder-livekit"})
    condition = running.until_condition("a-newcomer", "TargetsApplied", "False", "TargetConflict")
    assert "default/elder" in condition["message"]
    assert running.replicas("elder-livekit") == 1
    assert running.condition("elder", "TargetsApplied")["status"] == "True"
    running.cluster.kubectl("delete", "customercluster", "elder")
    running.until_replicas("elder-livekit", 3)


def test_a_dynamic_node_pool_is_refused_with_the_remedy(running: Livecost) -> None:
    """A NodePool without replicas is Karpenter's to size: the status says so, and the pool stays as it is."""
    manifest = yaml.safe_load(running.cluster.kubectl("get", "nodepool", "st-marys-livekit", "--output=yaml"))
    spec = {key: value for key, value in manifest["spec"].items() if key != "replicas"}
    dynamic = {"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": {"name": "dynamic"}, "spec": spec}
    running.cluster.apply(yaml.safe_dump(dynamic))
    running.apply("on-dynamic", SMALL, {"livekit": "dynamic"})
    condition = running.until_condition("on-dynamic", "TargetsApplied", "False", "TargetNotScalable")
    assert "create a static NodePool" in condition["message"]
    assert running.cluster.kubectl("get", "nodepool", "dynamic", "--output=jsonpath={.spec.replicas}") == ""


def _told(running: Livecost, name: str) -> list[str]:
    """The reasons of the Events about a customer's variance."""
    selector = f"--field-selector=involvedObject.name={name}"
    reasons = running.cluster.kubectl("get", "events", selector, "--output=jsonpath={.items[*].reason}").split()
    return sorted(reason for reason in reasons if reason.endswith("Projected"))


def _sizes(running: Livecost, pool: str, before: int, after: int) -> list[int]:
    """The sizes that a NodePool is seen to have, from a known one until it has the one that is waited for."""
    sizes = [before]

    def reached() -> bool:
        size = running.replicas(pool)
        if size != sizes[-1]:
            sizes.append(size)
        return size == after

    running.until(f"NodePool {pool} goes from {before} to {after}", reached)
    return sizes

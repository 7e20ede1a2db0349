"""What a customer's conditions, figures and Events say of profiles, bounds and budgets."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.integration.world import CUSTOMERS, FIVE_NODES, NAMESPACE, ONE_NODE, PROFILES, TWO_NODES, World

Json = dict[str, Any]

pytestmark = pytest.mark.usefixtures("operator")


def _profile(world: World, name: str, spec: Json) -> None:
    kind = {"apiVersion": "livecost.dev/v1alpha1", "kind": "CostProfile"}
    world.api.create(PROFILES, {**kind, "metadata": {"name": name}, "spec": spec})


def test_the_worked_example_comes_out_to_the_cent(world: World) -> None:
    """1,000 users at 10 percent on the built-in assumptions: one node each, 1,036.60 a month, 64 percent margin."""
    world.customer("example", concurrency=100)
    world.condition_comes("example", "Sized", "Sized")
    status = world.status("example")
    assert status["demand"] == {"peakUsers": 100, "sessions": 25, "participants": 150}
    assert status["cost"]["projected"]["monthly"] == "1036.60"
    assert status["cost"]["projected"]["annual"] == "12439.20"
    assert status["cost"]["license"]["grossMargin"] == "22560.80"
    assert status["summary"]["projected"] == "$1,036.60"
    assert status["summary"]["observed"] == "unknown"


def test_a_healthy_start_makes_no_event(world: World) -> None:
    """Events tell problems and their end; a customer that is simply set up gives none."""
    world.customer("healthy", world.machine_deployment("healthy"))
    world.applied("healthy")
    # The missing target's Event is written after anything that would have been told of the customer before it.
    absent = {"apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "MachineDeployment", "name": "absent"}
    world.customer("unhealthy", absent)
    assert world.eventually(lambda: world.events("unhealthy"))
    assert world.events("unhealthy") == [("Warning", "TargetNotFound")]
    assert world.events("healthy") == []


def test_a_recovery_is_told_once(world: World) -> None:
    """The end of a problem is a Normal Event beside the Warning of its beginning."""
    world.customer("recovering", {"apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "MachineDeployment",
                                  "name": "recovering"})  # fmt: skip
    world.condition_comes("recovering", "TargetsApplied", "TargetNotFound")
    world.machine_deployment("recovering")
    world.applied("recovering")
    assert world.eventually(lambda: len(world.events("recovering")) == 2)
    assert sorted(world.events("recovering")) == [("Normal", "AsPlanned"), ("Warning", "TargetNotFound")]


def test_a_missing_profile_is_told_and_its_creation_is_enough(world: World) -> None:
    """Without its profile a customer is not sized, and its pool keeps its count; with it, it is sized at once."""
    world.customer("no-profile", world.machine_deployment("no-profile"), profileRef={"name": "premium"})
    condition = world.condition_comes("no-profile", "Sized", "ProfileNotFound")
    assert condition["status"] == "False"
    assert "CostProfile premium does not exist: create it" in condition["message"]
    assert world.replicas("no-profile") == 1
    _profile(world, "premium", {"capacity": {"participantsPerNode": 100}})
    world.applied("no-profile")
    assert world.replicas("no-profile") == 7
    assert world.status("no-profile")["profile"]["name"] == "premium"


def test_an_edit_of_a_profile_resizes_all_of_its_customers(world: World) -> None:
    """The assumptions are edited in one place; every customer on them follows."""
    _profile(world, "plan", {})
    names = ["plan-a", "plan-b", "plan-c"]
    for name in names:
        world.customer(name, world.machine_deployment(name), profileRef={"name": "plan"})
    for name in names:
        world.applied(name)
        assert world.replicas(name) == 3
    world.api.patch(f"{PROFILES}/plan", {"spec": {"capacity": {"participantsPerNode": 100}}})
    for name in names:
        assert world.eventually(partial(_is_resized, world, name)), name


def _is_resized(world: World, name: str) -> bool:
    status = world.status(name)
    return world.replicas(name) == 7 and bool(status) and status["profile"]["generation"] == 2


def test_an_invalid_profile_is_told_and_what_ran_keeps_running(world: World) -> None:
    """A profile that only the operator can see to be wrong is a problem of its customers, and changes no pool."""
    _profile(world, "breaking", {})
    world.customer("on-breaking", world.machine_deployment("on-breaking"), profileRef={"name": "breaking"})
    world.applied("on-breaking")
    tiers = [{"upToGB": "900", "perGB": 1}, {"upToGB": "100", "perGB": 1}, {"perGB": 1}]
    world.api.patch(f"{PROFILES}/breaking", {"spec": {"network": {"tiers": tiers}}})
    condition = world.condition_comes("on-breaking", "Sized", "ProfileInvalid")
    assert "CostProfile breaking: network.tiers" in condition["message"]
    assert world.condition("on-breaking", "Ready")["reason"] == "ProfileInvalid"
    world.api.patch(f"{CUSTOMERS}/on-breaking", {"spec": {"concurrency": ONE_NODE}})
    world.condition_comes("on-breaking", "Sized", "ProfileInvalid")
    assert world.replicas("on-breaking") == 3
    assert world.status("on-breaking")["pools"]["livekit"]["planned"] == 3
    world.api.patch(f"{PROFILES}/breaking", {"spec": {"network": None}})
    world.condition_comes("on-breaking", "Sized", "Sized")


def test_a_room_larger_than_a_node_is_no_number(world: World) -> None:
    """Profile and overrides are each possible, together they are not: the field is named, and nothing is patched."""
    _profile(world, "small-nodes", {"capacity": {"participantsPerNode": 10}})
    overrides = {"demand": {"usersPerSession": 20}}
    world.customer("large-room", world.machine_deployment("large-room"), profileRef={"name": "small-nodes"},
                   overrides=overrides)  # fmt: skip
    condition = world.condition_comes("large-room", "Sized", "AssumptionsInvalid")
    assert condition["status"] == "False"
    assert "capacity.participantsPerNode" in condition["message"]
    assert world.replicas("large-room") == 1
    assert "pools" not in world.status("large-room")


def test_a_bound_that_cuts_the_demand_is_told(world: World) -> None:
    """maxNodes cuts the count, and says so with the remedy and a Warning."""
    livekit = {"maxNodes": 2, "targetRef": world.machine_deployment("cut")}
    world.customer("cut", pools={"livekit": livekit})
    condition = world.condition_comes("cut", "Sized", "LimitedByMaxNodes")
    assert "livekit 2 of the 3 required: raise maxNodes" in condition["message"]
    world.applied("cut")
    assert world.replicas("cut") == 2
    pool = world.status("cut")["pools"]["livekit"]
    assert (pool["required"], pool["planned"], pool["limitedBy"]) == (3, 2, "maxNodes")
    assert world.eventually(lambda: ("Warning", "LimitedByMaxNodes") in world.events("cut"))


@pytest.mark.parametrize(
    ("name", "budget", "status", "reason", "column"),
    [
        ("within", {"monthly": 2000}, "True", "WithinBudget", "52% of $2,000.00"),
        ("near", {"monthly": 1200}, "True", "NearBudget", "86% of $1,200.00"),
        ("over", {"monthly": "1036.59"}, "False", "OverBudget", "100% of $1,036.59"),
        ("without", None, "Unknown", "NoBudget", None),
    ],
)
def test_the_budget_is_watched(
    world: World, name: str, budget: Json | None, status: str, reason: str, column: str | None
) -> None:
    """1,036.60 a month against a budget that it keeps, comes near to, or leaves by one cent."""
    spec: Json = {"budget": budget} if budget else {}
    world.customer(f"budget-{name}", concurrency=100, **spec)
    assert world.condition_comes(f"budget-{name}", "WithinBudget", reason)["status"] == status
    assert world.status(f"budget-{name}")["summary"].get("budget") == column


def test_a_budget_that_holds_refuses_growth_until_it_pays_for_it(world: World) -> None:
    """Three nodes are planned, two are paid; a lower budget takes none away, a higher one lets it grow at once."""
    world.customer("held", world.machine_deployment("held"), budget={"monthly": 2700, "hold": True})
    condition = world.condition_comes("held", "WithinBudget", "OverBudgetHeld")
    assert condition["status"] == "False"
    assert "livekit at 2 of 3 planned nodes; projected $2,652.50 a month with these" in condition["message"]
    assert world.condition("held", "TargetsApplied")["reason"] == "HeldByBudget"
    assert world.replicas("held") == 2
    pool = world.status("held")["pools"]["livekit"]
    assert (pool["required"], pool["desired"], pool["heldByBudget"]) == (3, 2, 1)
    assert world.eventually(lambda: ("Warning", "OverBudgetHeld") in world.events("held"))
    path = f"{CUSTOMERS}/held"
    world.api.patch(path, {"spec": {"budget": {"monthly": 100}}})
    world.condition_comes("held", "WithinBudget", "OverBudgetHeld")
    assert world.replicas("held") == 2
    world.api.patch(path, {"spec": {"budget": {"monthly": 3000}}})
    world.applied("held")
    assert world.replicas("held") == 3
    assert world.eventually(lambda: ("Warning", "NearBudget") in world.events("held"))
    world.api.patch(path, {"spec": {"concurrency": FIVE_NODES}})
    world.condition_comes("held", "WithinBudget", "OverBudgetHeld")
    assert world.replicas("held") == 3
    world.api.patch(path, {"spec": {"budget": {"hold": False}}})
    world.applied("held")
    assert world.replicas("held") == 5
    assert world.condition("held", "WithinBudget")["reason"] == "OverBudget"


def test_recommend_and_pause_compute_and_patch_nothing(world: World) -> None:
    """What would be done is told; ending the mode or the pause does it."""
    world.customer("recommended", world.machine_deployment("recommended"), scaling={"mode": "Recommend"})
    message = world.condition_comes("recommended", "TargetsApplied", "RecommendOnly")["message"]
    assert "has 1, planned are 3" in message
    assert world.replicas("recommended") == 1
    world.api.patch(f"{CUSTOMERS}/recommended", {"metadata": {"annotations": {"livecost.dev/paused": "true"}},
                                                 "spec": {"scaling": {"mode": "Enforce"}}})  # fmt: skip
    world.condition_comes("recommended", "TargetsApplied", "Paused")
    assert world.replicas("recommended") == 1
    world.api.patch(f"{CUSTOMERS}/recommended", {"metadata": {"annotations": {"livecost.dev/paused": None}}})
    world.applied("recommended")
    assert world.replicas("recommended") == 3


def test_shrinking_waits_and_goes_step_by_step(world: World) -> None:
    """Fewer nodes are set only after the window; with none, one node a step."""
    world.customer("shrinking", world.machine_deployment("shrinking"))
    world.applied("shrinking")
    world.api.patch(f"{CUSTOMERS}/shrinking", {"spec": {"concurrency": ONE_NODE}})
    condition = world.condition_comes("shrinking", "TargetsApplied", "ScaleDownPending")
    assert "stays at 3, planned are 1" in condition["message"]
    assert world.replicas("shrinking") == 3
    world.api.patch(f"{CUSTOMERS}/shrinking", {"spec": {"scaling": {"scaleDown": {"stabilizationSeconds": 0}}}})
    world.applied("shrinking")
    assert world.replicas("shrinking") == 1
    writes = [write for write in world.writes("livecost", "shrinking") if write.endswith("/scale")]
    assert len(writes) == 3, writes


def test_a_stranger_is_corrected_once_and_then_reported(world: World) -> None:
    """A foreign change is put right; a second one is left alone and its writer named."""
    world.customer("contested", world.machine_deployment("contested"))
    world.applied("contested")
    path = f"/apis/cluster.x-k8s.io/v1beta2/namespaces/{NAMESPACE}/machinedeployments/contested"
    world.api.patch(path, {"spec": {"replicas": 2}})
    assert world.eventually(lambda: world.replicas("contested") == 3)
    world.api.patch(path, {"spec": {"replicas": 2}})
    message = world.condition_comes("contested", "TargetsApplied", "TargetContested")["message"]
    assert "the field manager tester set spec.replicas" in message
    assert world.replicas("contested") == 2
    world.api.patch(f"{CUSTOMERS}/contested", {"spec": {"concurrency": TWO_NODES}})
    world.applied("contested")

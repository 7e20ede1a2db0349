"""`livecost cluster explain`: the rule behind each count, and projected beside observed cost."""

import json

import pytest
from click.testing import CliRunner

from livecost import customer_explain_command
from livecost.customer_explain_command import explain
from livecost.customer_explanation import explanation
from tests.livecost.builders import NOW, after
from tests.livecost.live_customers import live_customer, measured

WEEKDAYS = [{"days": ["Mon", "Tue", "Wed", "Thu", "Fri"], "start": "08:00", "end": "18:00"}]


def sections(live, plan, now=NOW):
    return {each.name: each.rows for each in explanation(live.customer, live.profile, plan, now)}


def why(pool, **spec):
    rows = {row["pool"]: row["why"] for row in sections(*live_customer(**spec))["nodes"]}
    return rows[pool]


def test_participants_set_the_count():
    assert why("livekit", concurrency=200) == "300 participants at 200 a node take 2"


def test_whole_rooms_set_the_count():
    """16 rooms of six fit on a node of 100, so 33 rooms take three nodes, though 198 participants would fit on two."""
    small = {"capacity": {"participantsPerNode": 100}}
    assert why("livekit", concurrency=132, overrides=small) == "33 rooms that do not split over nodes take 3"


def test_the_bounds_that_act_are_told():
    assert why("sim", pools={"sim": {"minNodes": 3}}) == "25 sessions at 50 a node take 1; raised to minNodes 3"
    assert "cut to maxNodes 1: raise it to serve the peak" in why(
        "livekit", concurrency=600, pools={"livekit": {"maxNodes": 1}}
    )


def test_outside_the_schedule_the_floor_is_told():
    """NOW is a Sunday."""
    assert why("livekit", concurrency=200, scaling={"schedule": WEEKDAYS}).endswith(
        "outside the schedule only the floor of 1 runs"
    )


def test_a_step_down_that_waits_is_told():
    pending = {"since": "2026-03-01T12:00:00Z", "from": 3, "to": 1, "notBefore": "2026-03-01T12:10:00Z"}
    live, plan = live_customer()
    live.customer.status["pools"]["livekit"] |= {"desired": 3, "scaleDown": pending}

    (livekit,) = [row for row in sections(live, plan)["nodes"] if row["pool"] == "livekit"]
    assert livekit["why"].endswith("stays at 3 until 2026-03-01T12:10:00Z, as fewer have sufficed only since "
                                   "2026-03-01T12:00:00Z")  # fmt: skip


def test_the_bill_is_told_in_its_order_with_what_was_observed():
    live, plan = live_customer(observed=measured(livekit="1.5"))
    rows = sections(live, plan)["cost"]

    assert [row["item"] for row in rows] == [*plan.estimate.monthly, "total"]
    assert rows[0] == {
        "item": "livekit",
        "projected": "175.20",
        "observed": "262.80",
        "difference": "87.60",
        "observedFrom": "kube-state-metrics",
        "projectedAs": plan.explained["livekit"],
        "differsAs": "1.5 nodes on average instead of 1: +$87.60",
    }
    assert rows[-1]["difference"] == live.customer.status["cost"]["variance"]["monthly"]


def test_assumptions_stand_beside_what_telemetry_tells_of_them():
    """What it does not tell is unknown."""
    figures = [{"assumption": "network.mediaMbps", "assumed": "1.2", "unit": "Mbps"}]
    (row,) = sections(*live_customer(status={"telemetry": {"figures": figures}}))["telemetry"]

    assert (row["assumption"], row["assumed"], row["observed"]) == ("network.mediaMbps", "1.2", None)


def test_the_age_and_the_coverage_of_an_observation_are_told():
    (row,) = sections(*live_customer(observed=measured()), now=after(90))["observation"]

    assert (row["ageSeconds"], row["coveragePercent"], row["state"]) == (90, "97.5", "Observed")


def test_what_nobody_observed_is_unknown_and_not_0():
    found = sections(*live_customer())

    assert {row["observed"] for row in found["cost"]} == {None}
    assert found["observation"] == []


@pytest.mark.parametrize("form", ["table", "json", "yaml", "csv", "markdown"])
def test_every_form_has_the_bill(monkeypatch, form):
    live, _ = live_customer({"cloud": "azure"}, measured())
    monkeypatch.setattr(customer_explain_command, "read_live", lambda *_: live)
    result = CliRunner().invoke(explain, ["st-marys", "-o", form])

    assert result.exit_code == 0, result.stderr
    assert "storageAndLogs" in result.stdout
    assert ("catalog azure/eastus" in result.stdout) == (form != "csv")


def test_a_status_behind_the_spec_or_the_profile_is_told(monkeypatch):
    live, _ = live_customer({})
    live.customer.status["observedGeneration"] = 0
    live.customer.status["profile"]["generation"] = 2
    monkeypatch.setattr(customer_explain_command, "read_live", lambda *_: live)
    result = CliRunner().invoke(explain, ["st-marys", "-o", "json"])

    assert "of generation 0, the spec is at 1" in result.stderr
    assert "of generation 2 of CostProfile azure, which is at 3" in result.stderr
    assert json.loads(result.stdout)["name"] == "st-marys"


def test_a_customer_that_is_not_sized_says_why(monkeypatch):
    live, _ = live_customer()
    live.customer.status = {"conditions": [{"type": "Sized", "status": "False", "reason": "ProfileNotFound",
                                            "message": "CostProfile gold does not exist"}]}  # fmt: skip
    monkeypatch.setattr(customer_explain_command, "read_live", lambda *_: live)
    result = CliRunner().invoke(explain, ["st-marys"])

    assert result.exit_code == 2
    assert "is not sized yet; ProfileNotFound: CostProfile gold does not exist" in result.stderr

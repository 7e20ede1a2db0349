"""`livecost cluster what-if`: settings over live objects."""

import json
from decimal import Decimal

import pytest
from click.testing import CliRunner

from costmodel import parse_document
from livecost import customer_what_if_command
from livecost.customer_variation import settings_of
from livecost.customer_what_if_command import what_if
from livecost.store import read_profile
from tests.livecost.live_customers import live_customer


@pytest.fixture
def run(monkeypatch):
    """The command on a customer."""

    def start(live, *arguments, other=None):
        monkeypatch.setattr(customer_what_if_command, "read_live", lambda *_: (live, other or live.profile))
        return CliRunner().invoke(what_if, ["st-marys", *arguments])

    return start


def after(result):
    assert result.exit_code == 0, result.stderr
    return {row["item"]: Decimal(row["after"]) for row in json.loads(result.stdout)["monthly"]}


def test_the_fields_of_a_spec_are_those_of_its_assumptions():
    given = ["users=2000", "pools.sim.maxNodes=7", "demand.usersPerSession=6"]

    assert settings_of(given, []) == parse_document(
        {"demand": {"users": 2000, "usersPerSession": 6}, "nodes": {"sim": {"maxNodes": 7}}}
    )


def test_one_tier_is_set_in_the_list_of_the_layer_below():
    below = parse_document({"network": {"tiers": [{"upToGB": 100, "perGB": "0.09"}, {"perGB": "0.05"}]}})
    layer = settings_of(["network.tiers[1].perGB=0.01"], [below, parse_document({"network": {"freeGB": 5}})])

    assert [str(tier.per_gb) for tier in layer.network.tiers] == ["0.09", "0.01"]


def test_twice_the_users_cost_what_the_operator_would_project(run):
    live, _ = live_customer(users=1000, concurrency=None, peakConcurrencyPercent=10)
    _, larger = live_customer(users=2000, concurrency=None, peakConcurrencyPercent=10)

    assert after(run(live, "--set", "users=2000", "-o", "json"))["total"] == larger.estimate.monthly_total


def test_another_profile_replaces_the_own_one(run):
    live, _ = live_customer({"license": {"annual": 1}, "nodes": {"livekit": {"hourly": "9"}}})
    other = read_profile({"metadata": {"name": "gold"}, "spec": {"nodes": {"sim": {"hourly": "1"}}}})
    found = after(run(live, "--profile", "gold", "-o", "json", other=other))

    assert (found["livekit"], found["sim"]) == (Decimal("175.20"), Decimal(730))


def test_another_cloud_leaves_the_region_of_the_old_one_behind(run):
    live, _ = live_customer({"cloud": "azure", "region": "westeurope"})
    _, aws = live_customer({"cloud": "aws"})
    result = run(live, "--cloud", "aws", "-o", "json")

    assert after(result)["total"] == aws.estimate.monthly_total
    assert "prices that no catalog gives stay: nodes.livekit.hourly 0.24 (default)" in result.stderr


def test_other_currencies_are_not_compared(run):
    live, _ = live_customer({"cloud": "azure"})
    result = run(live, "--cloud", "hetzner")

    assert result.exit_code == 2
    assert "priced in USD and EUR" in result.stderr
    assert result.stdout == ""

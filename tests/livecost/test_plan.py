"""Plans: profile, overrides and spec become one set of assumptions."""

from decimal import Decimal

import pytest

from costmodel import parse_document
from livecost.observed_cost import Measured, Quantity, price_measured
from livecost.plan import PlanProblem, make_plan
from tests.livecost.builders import NOW, plan_of, spec_of


def test_without_a_profile_the_worked_example_is_planned():
    plan = plan_of(spec_of())

    assert (plan.estimate.livekit.nodes, plan.estimate.sim.nodes) == (1, 1)
    assert plan.estimate.monthly_total == Decimal("1036.60")
    assert plan.explained["livekit"] == "1 node x 0.24/h x 730 h"


def test_the_nearer_layer_wins():
    """Defaults, then the profile, then the overrides, then the spec's own fields."""
    profile = {
        "currency": "EUR",
        "nodes": {"livekit": {"hourly": "0.5", "minNodes": 3, "maxNodes": 9}},
        "managedServices": {"redis": 1, "loadBalancer": 2},
    }
    spec = spec_of(
        overrides={"managedServices": {"loadBalancer": 7}, "nodes": {"livekit": {"maxNodes": 8}}},
        pools={"livekit": {"minNodes": 2}},
    )

    assumptions = plan_of(spec, profile).assumptions

    livekit = assumptions.nodes.livekit
    assert assumptions.currency == "EUR"
    assert (livekit.hourly_price, livekit.min_nodes, livekit.max_nodes) == (Decimal("0.5"), 2, 8)
    services = assumptions.managed_services
    assert (services.control_plane, services.redis, services.load_balancer) == (75, 1, 7)


def test_a_profile_with_cloud_region_and_sku_is_priced_by_the_catalog():
    """c6i.xlarge in eu-central-1 is 0.194/h; what the overrides state wins over the catalog."""
    profile = {"cloud": "aws", "region": "eu-central-1", "nodes": {"livekit": {"sku": "c6i.xlarge"}}}

    plan = plan_of(spec_of(overrides={"managedServices": {"redis": 1}}), profile)

    assert plan.explained["livekit"] == "1 node x 0.194/h x 730 h"
    assert (plan.estimate.monthly["controlPlane"], plan.estimate.monthly["redis"]) == (73, 1)
    assert plan.estimate.monthly["egress"] == Decimal("428.40")


def test_a_sku_that_the_catalog_does_not_know_is_a_problem_with_the_nearest():
    profile = parse_document({"cloud": "aws", "nodes": {"livekit": {"sku": "c6i.xlrge"}}})

    problem = make_plan(spec_of(), profile, {})

    assert isinstance(problem, PlanProblem)
    assert problem.reason == "AssumptionsInvalid"
    assert "did you mean c6i.xlarge" in problem.message


def test_observed_nodes_with_only_a_monthly_price_cost_that_price():
    """Two CCX23 on average are 2 x 85.99 a month, in the catalog's euro."""
    plan = plan_of(spec_of(), {"cloud": "hetzner", "nodes": {"livekit": {"sku": "CCX23"}}})
    measured = Measured({"livekit": Quantity(Decimal(2), "kube_node_info")}, None, Decimal(100), 3600, NOW)

    assert price_measured(measured, plan).items["livekit"] == Decimal("171.98")
    assert plan.estimate.currency == "EUR"


def test_the_spec_states_the_demand():
    by_percent = spec_of(concurrency=None, peakConcurrencyPercent="12.5", users=1001)

    assert plan_of(by_percent).estimate.demand.peak_users == 126
    assert plan_of(spec_of(concurrency=7)).estimate.demand.peak_users == 7


def test_zones_of_the_targets_round_the_counts():
    plan = plan_of(spec_of(), livekit=3)

    assert (plan.estimate.livekit.nodes, plan.estimate.sim.nodes) == (3, 1)


def test_a_single_zone_leaves_the_profile_its_own():
    profile = {"nodes": {"sim": {"zones": 2}}}

    assert plan_of(spec_of(), profile, sim=1).estimate.sim.nodes == 2


def test_assumptions_that_contradict_each_other_are_a_problem_with_paths_and_remedies():
    spec = spec_of(pools={"sim": {"minNodes": 5}}, overrides={"capacity": {"participantsPerNode": 5}})

    problem = make_plan(spec, parse_document({"nodes": {"sim": {"maxNodes": 4}}}), {})

    assert isinstance(problem, PlanProblem)
    assert problem.reason == "AssumptionsInvalid"
    assert "nodes.sim.minNodes: minNodes (5) is above maxNodes (4)" in problem.message
    assert "capacity.participantsPerNode" in problem.message


def test_zones_that_fit_no_count_are_a_problem():
    problem = make_plan(spec_of(pools={"sim": {"maxNodes": 2}}), None, {"sim": 3})

    assert isinstance(problem, PlanProblem)
    assert "raise maxNodes to 3" in problem.message


_OFFICE = {"days": ["Mon", "Tue", "Wed", "Thu", "Fri"], "start": "08:00", "end": "18:00", "timeZone": "Europe/Berlin"}


def test_the_schedule_by_which_pools_are_scaled_prices_them_and_not_the_profiles():
    """200 hours of the profile against 50 hours of each week."""
    profile = {"demand": {"activeHoursPerMonth": 200}}

    assert plan_of(spec_of(), profile).assumptions.demand.active_hours_per_month == 200
    scaled = plan_of(spec_of(scaling={"schedule": [_OFFICE]}), profile)
    assert scaled.assumptions.demand.active_hours_per_month == Decimal("217.26190476")


def test_a_schedule_in_the_profile_prices_where_the_customer_has_none():
    night = {"start": "22:00", "end": "06:00"}
    profile = {"demand": {"schedule": [_OFFICE]}}

    assert plan_of(spec_of(), profile).assumptions.demand.active_hours_per_month == Decimal("217.26190476")
    scaled = plan_of(spec_of(scaling={"schedule": [night]}), profile)
    assert scaled.assumptions.demand.active_hours_per_month == Decimal("243.33333333")


@pytest.mark.parametrize(
    ("windows", "words"),
    [
        (
            [{**_OFFICE, "timeZone": "Europe/Berln"}],
            "scaling.schedule[0].timeZone: there is no time zone Europe/Berln; did you mean Europe/Berlin",
        ),
        ([_OFFICE, {**_OFFICE, "end": "12:00"}], "overlaps scaling.schedule[0]"),
    ],
)
def test_a_bad_schedule_is_a_problem_with_its_remedy(windows, words):
    problem = make_plan(spec_of(scaling={"schedule": windows}), None, {})

    assert isinstance(problem, PlanProblem)
    assert problem.reason == "ScheduleInvalid"
    assert words in problem.message

"""`livecost cluster recommend`: what is recommended, by how much it changes the bill, and what is not said."""

from decimal import Decimal

from livecost.customer_advice import Subject, advise
from livecost.customer_explanation import layers_of
from tests.livecost.live_customers import live_customer, measured

AWS = {"cloud": "aws", "nodes": {"livekit": {"sku": "c6i.xlarge"}}}


def advice(profile=None, **how):
    live, plan = live_customer(profile, **how)
    spec, document = live.customer.spec, live.profile.document if live.profile else None
    subject = Subject(spec, document, {}, layers_of(spec, live.profile), plan, live.customer.status)
    return {each.text: each for each in advise(subject)}


def test_nothing_is_said_where_nothing_is_wrong():
    assert advice() == {}


def test_a_ceiling_that_acts_is_raised_first():
    found = advice(concurrency=600, pools={"livekit": {"maxNodes": 3}, "sim": {"minNodes": 9}})

    first, second = found.values()
    assert (first.text, first.monthly_change) == ("raise pools.livekit.maxNodes to 5", Decimal("350.40"))
    assert second.monthly_change == Decimal("-876.00")
    assert second.text == "lower pools.sim.minNodes to 3 unless availability needs the rest"


def test_a_cheaper_type_has_no_less_of_anything_and_its_change_is_the_plans():
    """c7g.xlarge has the 4 vCPUs and 8 GB of c6i.xlarge for 0.145 instead of 0.170 an hour."""
    (found,) = [each for each in advice(AWS).values() if each.source == "catalog"]

    assert (found.text, found.monthly_change) == ("set nodes.livekit.sku to c7g.xlarge", Decimal("-18.25"))
    assert "4 vCPU and 8 GB against 4 and 8 of c6i.xlarge" in found.because


def test_the_cheapest_type_has_no_cheaper_one():
    cheapest = {"cloud": "aws", "nodes": {"livekit": {"sku": "c7g.xlarge"}}}

    assert [each for each in advice(cheapest).values() if each.source == "catalog"] == []


def test_without_a_sku_no_type_is_said_to_be_cheaper():
    assert [each for each in advice({"cloud": "aws"}).values() if each.source == "catalog"] == []


def test_a_schedule_is_recommended_only_where_the_hours_of_use_are_stated():
    """A LiveKit and a sim node above the floors, at 0.24 and 0.20 an hour, for 730 - 60 hours."""
    text = "write scaling.schedule with the windows of use"
    stated = {"network": {"usageHoursPerMonth": 60}}

    assert text not in advice(concurrency=264)
    assert advice(stated, concurrency=264)[text].monthly_change == Decimal("-294.80")
    assert text not in advice(stated, concurrency=264, scaling={"schedule": [{"start": "08:00", "end": "18:00"}]})


def test_what_is_observed_otherwise_names_what_to_check():
    found = advice(observed=measured(livekit="1.5", egress_gb_per_hour="6.65"))

    assert list(found) == ["check capacity.participantsPerNode, the peak and the schedule"]
    (livekit,) = found.values()
    assert "observed at 262.80 a month against 175.20 projected (+87.60, by kube-state-metrics" in livekit.because
    assert livekit.monthly_change is None


def test_what_telemetry_recommends_is_passed_on_with_what_it_is_worth():
    """A figure that calls for no change is no recommendation."""
    figures = [
        {"assumption": "network.mediaMbps", "assumed": "1.2", "observed": "0.6", "monthlyIfObserved": "817.90",
         "source": "livekit"},
        {"assumption": "demand.usersPerSession", "assumed": "4", "observed": "3.9", "monthlyIfObserved": "1036.60"},
    ]  # fmt: skip
    texts = ["lower network.mediaMbps from 1.2 to 0.6, as observed", "run a load test"]
    telemetry = {"figures": figures, "recommendations": texts, "coveragePercent": "98"}
    lower, run = advice(status={"telemetry": telemetry}).values()

    assert (lower.text, lower.monthly_change) == (texts[0], Decimal("-218.70"))
    assert lower.because == "observed by livekit, 98 % covered"
    assert (run.text, run.monthly_change) == (texts[1], None)

"""Simulated bills against what is known of them: percentiles by formula, and the exact model for each draw.

Seeds are fixed. A tolerance is at least four times the standard error of a percentile of 100,000 draws.
"""

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel import AssumptionsError, parse_document, resolve, sampling, simulation
from costmodel.document_media import media_in_force
from costmodel.field_paths import numeric_field
from costmodel.ranges import parse_ranges
from costmodel.sampling import Sampler

ENDS = np.array([0.0, 1 - 2**-53])
"""The least and the greatest uniform number that the generator gives."""
DRAWS = 100_000
TOTAL, ANNUAL = Decimal("1036.60"), Decimal("12439.20")
"""The worked example's cost per month and per year."""


def simulated(ranges, data=None, draws=DRAWS, seed=1):
    document = parse_document(data or {})
    media = media_in_force([document])
    return simulation.simulate(resolve(document), media, parse_ranges({"ranges": ranges}), draws=draws, seed=seed)


def refusal(ranges, data=None):
    with pytest.raises(AssumptionsError) as caught:
        simulated(ranges, data, draws=1000)
    [problem] = caught.value.problems
    return str(problem)


def approx(value, tolerance):
    return pytest.approx(Decimal(str(value)), abs=Decimal(str(tolerance)))


def total_percentiles(result):
    return result.amounts["total"].percentiles


def test_a_uniform_price_spreads_the_bill_evenly():
    """One node for 730 h at 0.20 to 0.28 an hour: 58.40 between the ends, 1,007.40 the lowest."""
    result = simulated({"nodes.livekit.hourly": {"low": "0.20", "high": "0.28"}})

    for percent, total in total_percentiles(result).items():
        assert total == approx(1007.40 + 58.40 * percent / 100, 0.4)
    assert result.amounts["total"].mean == approx(TOTAL, 0.25)


def test_a_triangular_service_has_the_median_of_its_formula():
    """With the mode above the middle, half of the draws lie below low + sqrt((high - low) x (mode - low) / 2)."""
    result = simulated({"managedServices.redis": {"low": 10, "mode": 90, "high": 110}})

    assert total_percentiles(result)[50] == approx(TOTAL - 50 + 10 + Decimal(math.sqrt(100 * 80 / 2)), 0.5)
    # Above the mode: 110 - sqrt(0.1 x 100 x 20).
    assert total_percentiles(result)[90] == approx(float(TOTAL) - 50 + 110 - math.sqrt(0.1 * 100 * 20), 0.4)
    assert result.amounts["redis"].mean == approx(70, 0.3)


def test_a_normal_service_has_the_percentiles_of_the_bell_curve():
    result = simulated({"managedServices.controlPlane": {"mean": 75, "sd": 5}})

    assert total_percentiles(result)[50] == approx(TOTAL, 0.1)
    assert total_percentiles(result)[95] == approx(float(TOTAL) + 1.6448536 * 5, 0.15)
    assert total_percentiles(result)[5] == approx(float(TOTAL) - 1.6448536 * 5, 0.15)


def test_a_lognormal_license_has_the_stated_percentiles():
    result = simulated({"license.annual": {"p50": 30_000, "p90": 50_000}})

    margins = result.amounts["grossMargin"].percentiles
    assert margins[50] == approx(30_000 - ANNUAL, 200)
    assert margins[90] == approx(50_000 - ANNUAL, 500)
    assert margins[10] == approx(Decimal(30_000**2) / 50_000 - ANNUAL, 250)


def test_weighted_values_come_as_often_as_their_weights_say():
    """200 users at once need two LiveKit nodes, 100 one."""
    result = simulated(
        {"demand.concurrency": {"values": [100, 200], "weights": [3, 1]}}, {"demand": {"concurrency": 1}}
    )

    assert result.nodes["livekit"].mean == approx("1.25", 0.006)
    assert result.nodes["livekit"].percentiles == {5: 1, 10: 1, 50: 1, 90: 2, 95: 2}
    assert total_percentiles(result)[95] == approx(TOTAL + Decimal("175.20") + Decimal("437.40"), 0.001)


def test_each_whole_number_of_a_uniform_count_is_equally_likely():
    result = simulated({"nodes.system.nodes": {"low": 1, "high": 4}})

    assert result.nodes["system"].mean == approx("2.5", 0.015)
    assert result.nodes["system"].percentiles == {5: 1, 10: 1, 50: 2, 90: 4, 95: 4}


def test_the_share_of_losses():
    """A license anywhere between 0 and twice the cost loses money in half of the draws."""
    result = simulated({"license.annual": {"low": 0, "high": 24_878}})

    assert result.loss_share == approx("0.5", 0.0065)


def test_the_share_above_a_budget_leaves_out_draws_that_just_meet_it():
    result = simulated({"managedServices.redis": {"values": [50, 60, 70], "weights": [2, 1, 1]}})

    assert result.share_above(TOTAL) == approx("0.5", 0.0065)
    assert result.share_above(TOTAL + 10) == approx("0.25", 0.0055)
    assert result.share_above(TOTAL + Decimal("9.99")) == result.share_above(TOTAL)
    assert result.share_above(TOTAL + 20) == 0
    assert result.share_above(Decimal(0)) == 1


def test_draws_outside_the_accepted_range_are_moved_to_its_end_and_counted():
    """A bell curve around 99 % with 5 points of spread lies above 100 % in 42 % of the draws."""
    result = simulated({"demand.peakConcurrencyPercent": {"mean": 99, "sd": 5}})

    assert Decimal(result.clipped["demand.peakConcurrencyPercent"]) / DRAWS == approx("0.4207", 0.0065)
    # A thousand users at once: 250 sessions in 1,500 participants, 33 rooms a node.
    assert result.nodes["livekit"].percentiles[95] == 8
    assert simulated({"managedServices.redis": {"percent": 100}}).clipped == {}


def test_without_spread_every_percentile_is_the_estimate():
    result = simulated({"demand.users": {"low": 1000, "high": 1000}}, draws=10)

    assert set(result.amounts["total"].percentiles.values()) == {TOTAL}
    assert result.amounts["total"].mean == TOTAL
    assert result.amounts["annual"].mean == ANNUAL


def test_media_follow_their_ranges():
    """One participant more in the room is one stream of 88.8 kbps more for each: 150 x 0.0888 x 60 x 0.45 x 0.09."""
    data = {"media": {"kbps": 64, "participantsPerRoom": 6}}
    few = simulated({"media.participantsPerRoom": {"values": [6]}}, data, draws=3)
    many = simulated({"media.participantsPerRoom": {"values": [7]}}, data, draws=3)

    assert few.amounts["egress"].mean == Decimal("161.84")
    assert many.amounts["egress"].mean == Decimal("194.21")


def test_the_catalog_s_free_traffic_and_caps_stay_when_a_price_varies():
    data = {"cloud": "aws", "region": "eu-central-1", "nodes": {"livekit": {"sku": "c6i.xlarge"}}}
    result = simulated({"nodes.livekit.hourly": {"values": ["0.2"]}, "network.mediaMbps": {"values": [1.2]}}, data)

    assert result.amounts["livekit"].mean == Decimal("146.00")
    assert result.amounts["egress"].mean == Decimal("428.40")


def test_the_same_seed_gives_the_same_and_another_one_gives_another():
    ranges = {"demand.users": {"percent": 30}, "network.mediaMbps": {"p50": 1, "p90": 2}}

    first, again, other = (simulated(ranges, draws=1000, seed=seed) for seed in (7, 7, 8))

    assert first.amounts == again.amounts
    assert first.amounts != other.amounts


def test_a_range_draws_the_same_whatever_stands_beside_it_and_before_it():
    alone = simulated({"license.annual": {"percent": 30}}, draws=1000)
    beside = simulated({"fleet.customers": {"percent": 30}, "license.annual": {"percent": 30}}, draws=1000)

    assert alone.amounts == beside.amounts


def test_the_size_of_the_chunks_changes_nothing(monkeypatch):
    ranges = {"demand.users": {"percent": 30}, "network.mediaMbps": {"low": 1, "mode": 1, "high": 2}}
    whole = simulated(ranges, draws=1000)
    monkeypatch.setattr(simulation, "_CHUNK", 7)

    assert simulated(ranges, draws=1000).amounts == whole.amounts


def test_amounts_beyond_64_bits_are_summarised_exactly():
    """730 h x 10,000 nodes x 10^11 an hour."""
    ranges = {"nodes.system.hourly": {"values": [100_000_000_000]}, "nodes.system.nodes": {"values": [9_999, 10_000]}}
    result = simulated(ranges, {"nodes": {"system": {"nodes": 1}}}, draws=100)

    assert result.amounts["system"].percentiles[5] == 730 * 9_999 * 10**11
    assert result.amounts["system"].percentiles[95] == 730 * 10_000 * 10**11
    assert 730 * 9_999 * 10**11 < result.amounts["system"].mean < 730 * 10_000 * 10**11


@pytest.mark.parametrize(
    ("data", "path", "winner"),
    [
        ({}, "demand.concurrency", "demand.peakConcurrencyPercent"),
        ({"demand": {"concurrency": 9}}, "demand.users", "demand.concurrency"),
        ({"media": {"kbps": 64}}, "network.mediaMbps", "media"),
        ({"cloud": "aws"}, "network.egressPerGB", "network.tiers"),
    ],
)
def test_a_range_of_a_silenced_field_is_refused(data, path, winner):
    assert refusal({path: {"low": 1, "high": 2}}, data).startswith(f"ranges.{path}: has no effect beside {winner}; ")


def test_a_percentage_of_nothing_is_refused():
    assert "nodes.sim.monthlyCap.percent: nothing states the value" in refusal({"nodes.sim.monthlyCap": {"percent": 9}})


def test_a_draw_that_cannot_be_priced_is_refused_with_its_values():
    text = refusal({"capacity.participantsPerNode": {"values": [5, 200]}})

    assert text.startswith("ranges: draw ")
    assert "(capacity.participantsPerNode=5) cannot be priced: capacity.participantsPerNode: a room of 6" in text
    assert text.endswith("; narrow the ranges")


def test_bounds_that_cross_are_refused():
    assert "minNodes" in refusal({"nodes.sim.minNodes": {"low": 0, "high": 60}})


FIGURES = st.decimals(0, 100, places=3)


@settings(max_examples=60)
@given(
    path=st.sampled_from(["media.kbps", "demand.peakConcurrencyPercent", "capacity.targetUtilizationPercent"]),
    one=FIGURES,
    other=FIGURES,
    third=FIGURES,
    kind=st.sampled_from(["uniform", "triangular", "normal", "lognormal", "values"]),
)
def test_every_draw_is_accepted_by_its_field(path, one, other, third, kind):
    low, mode, high = sorted(max(each, Decimal("0.001")) for each in (one, other, third))
    stated = {
        "uniform": {"low": low, "high": high},
        "triangular": {"low": low, "mode": mode, "high": high},
        "normal": {"mean": mode, "sd": high},
        "lognormal": {"p50": low, "p90": min(high + low, Decimal(100))},
        "values": {"values": [low, mode, high]},
    }[kind]
    if kind == "lognormal" and low >= 100:
        return
    field = numeric_field(path)
    sampler = Sampler(parse_ranges({"ranges": {path: stated}})[path], seed=3)
    drawn = sampler.draw(sampler.uniform(500))

    least, most = (Decimal(int(end)) / drawn.denominator for end in (drawn.numbers.min(), drawn.numbers.max()))
    assert field.minimum <= least
    assert least > 0 or not field.minimum_excluded
    assert most <= field.maximum


@pytest.mark.parametrize(
    ("path", "stated", "places"),
    [
        ("network.mediaMbps", {"low": 1, "high": 2}, 4),
        ("network.egressPerGB", {"low": "0.05", "high": "0.09"}, 6),
        ("license.annual", {"low": 20_000, "high": 40_000}, 0),
        ("license.annual", {"low": "20000.55", "high": 40_000}, 2),
        ("demand.users", {"low": 1, "high": 2}, 0),
        ("nodes.sim.hourly", {"values": ["0.2", "0.12345"]}, 5),
    ],
)
def test_draws_have_five_significant_digits_and_no_fewer_decimals_than_are_written(path, stated, places):
    assert Sampler(parse_ranges({"ranges": {path: stated}})[path], seed=1).places == places


def test_a_value_of_weight_0_is_never_drawn():
    chosen = sampling._chosen((Decimal(1), Decimal(2), Decimal(3)), (Decimal(0), Decimal(1), Decimal(0)), ENDS, 1)

    assert chosen.tolist() == [2, 2]

"""Which assumption swings the bill."""

from decimal import Decimal

import pytest
from hypothesis import given

from costmodel import AssumptionsError, cents, estimate, parse_document, resolve
from costmodel.acting import acting_document
from costmodel.document_media import media_in_force
from costmodel.field_paths import field_layer, numbers_of, numeric_field
from costmodel.ranges import parse_ranges
from costmodel.sensitivity import TIER_PRICES, ranges_around, ranges_of, sensitivity
from livecost.document_text import decode
from tests.costmodel.documents import documents
from tests.costmodel.test_spec import BLOCKS


def acting(data):
    document = parse_document(data)
    return acting_document(resolve(document), media_in_force([document]))


def swings_around(data, percent=20, of="monthly"):
    base = acting(data)
    return sensitivity(base, ranges_around(base, Decimal(percent)), of)


def swings_of(data, ranges, of="monthly"):
    base = acting(data)
    return sensitivity(base, ranges_of(base, parse_ranges({"ranges": ranges})), of)


def by_path(swings):
    return {swing.path: swing for swing in swings}


@pytest.mark.parametrize("example", [decode(text) for title, text in BLOCKS if title.startswith("sensitivity: ")])
def test_the_specification_states_the_largest_swings_in_their_order(example):
    found = swings_around(example["assumptions"], example["percent"])

    shown = {
        swing.path: {
            "low": str(cents(swing.low.figure)),
            "high": str(cents(swing.high.figure)),
            "swing": str(cents(swing.size)),
            "percent": str(swing.percent),
        }
        for swing in found[: len(example["swings"])]
    }
    assert shown == example["swings"]
    assert list(shown) == list(example["swings"])


def test_a_fifth_more_bitrate_costs_a_fifth_of_the_egress():
    swing = by_path(swings_around({}))["network.mediaMbps"]

    assert (swing.low.value, swing.base, swing.high.value) == (Decimal("0.96"), Decimal("1.2"), Decimal("1.44"))
    assert swing.high.figure - swing.at_base == Decimal("87.48")
    assert swing.low.figure - swing.at_base == Decimal("-87.48")
    assert swing.size == Decimal("174.96")


@given(data=documents())
def test_each_end_is_the_estimate_with_that_value_and_the_order_is_by_swing(data):
    base = acting(data)
    found = swings_around(data)

    sizes = [swing.size for swing in found]
    assert sizes == sorted(sizes, reverse=True)
    tiered = len(data["network"]["tiers"]) > 1
    assert set(by_path(found)) == {*numbers_of(base), *([TIER_PRICES] if tiered else [])}
    for swing in found:
        if swing.path == TIER_PRICES:
            continue
        for end in (swing.low, swing.high):
            assert (end.figure is None) == bool(end.problems)
            if end.result is not None:
                assert end.result == estimate(resolve(base, field_layer({swing.path: end.value})))
                assert end.figure == end.result.monthly_total
                assert abs(end.figure - swing.at_base) <= swing.size


@given(data=documents())
def test_ends_stay_inside_what_the_field_accepts_and_around_the_base(data):
    base = acting(data)

    for path, (low, high) in ranges_around(base, Decimal(35)).items():
        if path == TIER_PRICES:
            continue
        field = numeric_field(path)
        assert field.minimum <= low <= numbers_of(base)[path] <= high <= field.maximum


def test_silenced_alternatives_are_left_out():
    paths = by_path(swings_around({"demand": {"concurrency": 100}, "media": {"kbps": 64}}))

    assert {"demand.concurrency", "media.kbps", "media.talkPercent"} <= set(paths)
    assert not {"demand.users", "demand.peakConcurrencyPercent", "network.mediaMbps"} & set(paths)


def test_the_prices_of_all_tiers_move_together():
    """1,000 GB at 0.09 and 3,860 at 0.05 cost 283.00; 20 % of that is 56.60."""
    tiers = {"network": {"tiers": [{"upToGB": 1000, "perGB": "0.09"}, {"perGB": "0.05"}]}}
    swing = by_path(swings_around(tiers))[TIER_PRICES]

    assert (swing.low.value, swing.base, swing.high.value) == (80, 100, 120)
    assert swing.high.figure - swing.at_base == swing.at_base - swing.low.figure == Decimal("56.60")


def test_small_whole_numbers_do_not_move_and_say_so():
    found = by_path(swings_around({}))

    assert not found["demand.agentsPerSession"].moves
    assert not found["network.freeGB"].moves
    assert found["fleet.customers"].moves
    assert found["fleet.customers"].size == 0


def test_the_margin_moves_by_the_year_and_with_the_license():
    found = by_path(swings_around({}, of="margin"))

    assert found["license.annual"].size == 14_000
    assert found["network.mediaMbps"].high.figure == Decimal("22560.80") - 12 * Decimal("87.48")


def test_nodes_count_all_pools():
    """270 users at once make 68 sessions and 406 participants: 3 LiveKit, 2 sim and 1 system node."""
    found = by_path(swings_of({}, {"demand.users": {"low": 1000, "high": 2700}}, of="nodes"))

    assert (found["demand.users"].low.figure, found["demand.users"].high.figure) == (3, 6)


def test_a_swing_may_lie_on_one_side_of_the_base():
    """Both ends have more users than the base, whose figure is then the smallest of the three."""
    swing = by_path(swings_of({}, {"demand.users": {"low": 2000, "high": 3000}}))["demand.users"]

    assert swing.size == swing.high.figure - swing.at_base


def test_a_refused_end_has_a_reason_and_counts_in_no_swing():
    [swing] = swings_of({}, {"capacity.participantsPerNode": {"low": 5, "high": 10}})

    assert swing.low.figure is None
    assert "a room of 6 participants" in str(swing.low.problems[0])
    assert swing.size == swing.high.figure - swing.at_base == 24 * Decimal("175.20")


def test_ranges_take_their_ends_or_percentiles():
    found = by_path(
        swings_of(
            {},
            {
                "network.mediaMbps": {"distribution": "lognormal", "p50": 1, "p90": 2},
                "demand.users": {"values": [500, 900]},
            },
        )
    )

    assert (found["network.mediaMbps"].low.value, found["network.mediaMbps"].high.value) == (Decimal("0.5"), 2)
    assert (found["demand.users"].low.value, found["demand.users"].high.value) == (500, 900)


def test_a_field_without_base_value_can_take_a_range():
    [swing] = swings_of({}, {"nodes.livekit.monthlyCap": {"low": 100, "high": 500}})

    assert swing.base is None
    assert swing.size == Decimal("75.20")


@pytest.mark.parametrize(
    ("data", "ranges", "message"),
    [
        ({"demand": {"concurrency": 9}}, {"demand.users": {"percent": 20}}, "no effect beside demand.concurrency"),
        ({}, {"media.kbps": {"low": 24, "high": 64}}, "no effect beside network.mediaMbps"),
        ({}, {"nodes.sim.monthlyCap": {"percent": 20}}, "nothing states the value"),
    ],
)
def test_a_range_without_effect_or_base_is_refused(data, ranges, message):
    with pytest.raises(AssumptionsError, match=message):
        swings_of(data, ranges)


def test_the_percentage_of_nothing_is_unknown():
    free = {
        "nodes": {"livekit": {"hourly": 0}, "sim": {"hourly": 0}, "system": {"hourly": 0}},
        "managedServices": dict.fromkeys(
            ("controlPlane", "redis", "loadBalancer", "storageAndLogs", "observability"), 0
        ),
        "network": {"egressPerGB": 0},
    }

    assert {swing.percent for swing in swings_around(free)} == {None}

"""The uncertainty document: what it may say, what is refused, and the two ends of every range."""

from decimal import Decimal

import pytest

from costmodel import AssumptionsError
from costmodel.ranges import low_high, parse_ranges


def ends(path, stated, base=None):
    return low_high(parse_ranges({"ranges": {path: stated}})[path], None if base is None else Decimal(base))


def refusal(ranges):
    with pytest.raises(AssumptionsError) as caught:
        parse_ranges(ranges)
    return "\n".join(map(str, caught.value.problems))


@pytest.mark.parametrize(
    ("path", "stated", "base", "low", "high"),
    [
        ("demand.users", {"low": 800, "high": 1500}, None, "800", "1500"),
        ("demand.users", {"distribution": "uniform", "low": 800, "high": 800}, None, "800", "800"),
        ("network.mediaMbps", {"distribution": "triangular", "low": "0.8", "mode": 1, "high": 2}, None, "0.8", "2"),
        ("license.annual", {"values": [30000, 20000, 90000], "weights": [1, 1, 0]}, None, "20000", "30000"),
        ("network.mediaMbps", {"percent": 20}, "1.2", "0.96", "1.44"),
        # The field is whole: 7 -+ 0.7 are 6.3 and 7.7.
        ("demand.concurrency", {"percent": 10}, "7", "6", "8"),
        # 10 -+ 1.28155 x 2, at 8 decimals.
        ("demand.peakConcurrencyPercent", {"mean": 10, "sd": 2}, None, "7.43689687", "12.56310313"),
        # A share of users is never above 100 %.
        ("demand.peakConcurrencyPercent", {"mean": 99, "sd": 2}, None, "96.43689687", "100"),
        # The 10th percentile mirrors the 90th in the logarithm: 1000^2 / 1250.
        ("demand.users", {"p50": 1000, "p90": 1250}, None, "800", "1250"),
    ],
)
def test_low_and_high_of_each_kind_of_range(path, stated, base, low, high):
    assert ends(path, stated, base) == (Decimal(low), Decimal(high))


def test_a_percentage_needs_a_value():
    with pytest.raises(AssumptionsError, match=r"ranges\.nodes\.sim\.monthlyCap\.percent: nothing states the value"):
        ends("nodes.sim.monthlyCap", {"percent": 20})


@pytest.mark.parametrize(
    ("path", "stated", "message"),
    [
        ("demand.usres", {"percent": 5}, "demand.usres"),
        ("currency", {"percent": 5}, "currency"),
        ("network.tiers", {"percent": 5}, "network.tiers"),
        ("demand.users", {"low": 9, "high": 3}, "ranges.demand.users.low: low (9) is above high (3); lower low"),
        ("demand.users", {"low": 9, "mode": 30, "high": 20}, "mode (30) is above high (20)"),
        ("demand.users", {"low": float("nan"), "high": 3}, "ranges.demand.users.low: nan is not a decimal number"),
        ("demand.users", {"low": 1.5, "high": 3}, "1.5 is not a whole number; write a whole number from 0 to 1000"),
        ("demand.users", {"low": -1, "high": 3}, "ranges.demand.users.low: -1 is out of range"),
        ("media.kbps", {"low": 0, "high": 3}, "0 is out of range; write a number above 0 to 10000"),
        ("demand.users", {"mean": 9, "sd": -1}, "ranges.demand.users.sd: -1 is out of range; write a number above 0"),
        ("demand.users", {"p50": 0, "p90": 3}, "ranges.demand.users.p50: 0 is not above 0"),
        ("demand.users", {"p50": 9, "p90": 9}, "p90: 9 is not above p50 (9)"),
        ("demand.users", {"percent": 101}, "101 is out of range; write a number above 0 to 100"),
        ("demand.users", {"values": []}, "is no list of 1 to 1000 numbers"),
        ("demand.users", {"values": [1, 2], "weights": [1]}, "1 weights for 2 values"),
        ("demand.users", {"values": [1, 2], "weights": [0, 0]}, "write weights from 0, one above it"),
        ("demand.users", {"values": [1, -2]}, "ranges.demand.users.values[1]: -2 is out of range"),
        ("demand.users", {"lwo": 1, "high": 3}, "ranges.demand.users.lwo: is not a known field; did you mean low?"),
        ("demand.users", {"low": 1}, "low makes no range; write high, low for uniform"),
        ("demand.users", {"distribution": "normal", "low": 1, "high": 3}, "write mean, sd for normal"),
        ("demand.users", {"distribution": "beta", "low": 1, "high": 3}, "'beta' is not one of the choices"),
        ("demand.users", 7, "7 is not a range"),
    ],
)
def test_a_bad_range_is_refused_with_its_place(path, stated, message):
    text = refusal({"ranges": {path: stated}})

    assert message in text
    assert "\n" not in text


@pytest.mark.parametrize("document", [None, {}, [], {"ranges": {}}, {"ranges": [1]}, {"ranges": {}, "range": {}}, 4])
def test_a_document_without_ranges_is_refused(document):
    assert refusal(document).startswith("ranges: states no ranges; write ranges: ")


def test_every_bad_range_is_told():
    text = refusal({"ranges": {"demand.users": {"percent": 0}, "license.annual": {"percent": 0}}})

    assert text.count("0 is out of range") == 2

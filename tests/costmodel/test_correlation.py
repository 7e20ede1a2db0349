"""Correlated ranges: they hang together as stated, and each field spreads as it does alone."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from costmodel import AssumptionsError, parse_document, resolve
from costmodel.correlation import Copula
from costmodel.ranges import parse_ranges
from costmodel.simulation import simulate

DRAWS = 20_000
ABC = ["a", "b", "c"]


def rows(*names, seed=5):
    """Independent rows of uniform numbers."""
    random = np.random.default_rng(seed)
    return {name: random.random(DRAWS) for name in names}


def joined(correlations, names=ABC):
    return Copula(names, {pair: Decimal(str(rank)) for pair, rank in correlations.items()}).joined(rows(*names))


def rank(first, second):
    return spearmanr(first, second).statistic


@pytest.mark.parametrize("stated", [-1, -0.9, -0.5, 0.1, 0.5, 0.95, 1])
def test_the_rank_correlation_is_the_one_that_was_stated(stated):
    found = joined({("a", "b"): stated})

    assert rank(found["a"], found["b"]) == pytest.approx(stated, abs=0.02)


def test_several_pairs_hold_at_once_and_those_not_stated_are_independent():
    found = joined({("a", "b"): 0.6, ("c", "b"): -0.5})

    assert rank(found["a"], found["b"]) == pytest.approx(0.6, abs=0.02)
    assert rank(found["b"], found["c"]) == pytest.approx(-0.5, abs=0.02)
    assert rank(found["a"], found["c"]) == pytest.approx(0, abs=0.02)


@given(st.floats(-1, 1))
def test_each_row_stays_uniform(stated):
    """Of so many draws, the share below each tenth is within two percent of it."""
    found = joined({("a", "b"): round(stated, 6)})

    for row in found.values():
        assert row.min() >= 0
        assert row.max() < 1
        shares = np.quantile(row, np.arange(0.1, 1, 0.1))
        assert np.abs(shares - np.arange(0.1, 1, 0.1)).max() < 0.02


def test_the_first_of_a_pair_and_all_others_keep_their_draws():
    before, after = rows(*ABC), joined({("b", "a"): 0.7})

    assert np.array_equal(before["a"], after["a"])
    assert np.array_equal(before["c"], after["c"])
    assert not np.array_equal(before["b"], after["b"])


@pytest.mark.parametrize(
    ("correlations", "field", "message"),
    [
        ({("a", "a"): 0.5}, "a,a", "is one field twice"),
        ({("a", "b"): 1.01}, "a,b", "cannot be correlated by 1.01"),
        ({("a", "d"): 0.5}, "a,d", "d has no range"),
        ({("a", "b"): 0.9, ("a", "c"): 0.9, ("b", "c"): -0.9}, "correlations", "contradict one another"),
        ({("a", "b"): 1, ("a", "c"): 1, ("b", "c"): 0.5}, "correlations", "contradict one another"),
    ],
)
def test_what_cannot_be_is_refused(correlations, field, message):
    with pytest.raises(AssumptionsError) as refused:
        joined(correlations)

    [problem] = refused.value.problems
    assert (problem.field, problem.message) == (field, message)
    assert problem.remedy


def simulated(ranges, correlations):
    found = parse_ranges({"ranges": ranges})
    copula = Copula(found, correlations) if correlations else None
    return simulate(resolve(parse_document({})), None, found, draws=DRAWS, seed=3, copula=copula)


def test_what_grows_together_makes_the_bill_spread_more():
    ranges = {"demand.users": {"low": 500, "high": 5000}, "network.usageHoursPerMonth": {"low": 20, "high": 120}}
    pair = ("demand.users", "network.usageHoursPerMonth")

    spreads = []
    for stated in (-1, None, 1):
        total = simulated(ranges, {pair: Decimal(stated)} if stated else {}).amounts["total"].percentiles
        spreads.append(total[95] - total[5])
    assert spreads == sorted(spreads)
    assert spreads[2] > 2 * spreads[0]


def test_a_list_of_values_is_correlated_by_value_and_not_by_its_order():
    """Full correlation: the price is high where the system nodes are many, so four of them never cost little."""
    ranges = {
        "nodes.system.nodes": {"low": 1, "high": 2},
        "nodes.system.hourly": {"values": ["0.30", "0.10"], "weights": [1, 1]},
    }
    found = simulated(ranges, {("nodes.system.nodes", "nodes.system.hourly"): Decimal(1)}).amounts["system"]

    assert (found.percentiles[5], found.percentiles[95]) == (Decimal("73.00"), Decimal("438.00"))
    assert found.mean == pytest.approx(Decimal("255.5"), abs=5)


def test_ties_bring_the_rank_correlation_nearer_to_0():
    """The specification's figure: three values as likely as each other."""
    found = joined({("a", "b"): 0.9})

    assert rank(found["a"], np.floor(3 * found["b"])) == pytest.approx(0.84, abs=0.01)

"""The load at which a resource reaches its target, from measured points."""

import random
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from costmodel import AssumptionsError
from costmodel.calibration import Point, Target, binding, fit, undecided
from costmodel.regression import fit_line

CPU = Target("cpu", Decimal(100), Decimal(70))
LOADS = tuple(range(0, 240, 20))


def points(usage, loads=LOADS):
    """A point for each load, with the usage that the function tells."""
    return [Point(Decimal(load), Decimal(str(usage(load)))) for load in loads]


def noisy(seed, loads=LOADS, sigma=2.0):
    """Points around usage = 10 + 0.3 load, so that the true load at 70 % is 200."""
    chance = random.Random(seed)  # noqa: S311 - a test repeats itself
    return points(lambda load: round(10 + 0.3 * load + chance.gauss(0, sigma), 9), loads)


def test_points_on_a_line_give_its_exact_load_and_no_interval():
    found = fit(points(lambda load: Decimal(10) + Decimal("0.3") * load), CPU)

    assert (found.load_at_target, found.lower, found.upper) == (200, 200, 200)
    assert (found.per_node, found.per_node_before_target) == (200, 285)
    assert (found.line.intercept, found.line.slope, found.line.r_squared) == (10, Fraction(3, 10), 1)
    assert found.warnings == ()


@given(
    idle=st.decimals(0, 50, places=6),
    slope=st.decimals("0.001", 10, places=6),
    loads=st.lists(st.integers(0, 1000), min_size=5, max_size=30),
)
def test_no_figure_of_points_on_a_line_is_off_by_rounding(idle, slope, loads):
    loads = [*loads, 0, 1, 2, 3, 4, 100_000]
    found = fit([Point(Decimal(load), idle + slope * load) for load in loads], CPU)

    truth = (70 - Fraction(idle)) / Fraction(slope)
    assert (found.load_at_target, found.lower, found.upper) == (truth, truth, truth)


def test_the_interval_covers_the_truth_as_often_as_it_says():
    """500 load tests with known truth: 95 % intervals hold it in 95 % of them, give or take chance; and so do 80 %."""
    for percent, least, most in ((95, 0.92, 0.98), (80, 0.74, 0.86)):
        found = [fit(noisy(seed), CPU, Decimal(percent)) for seed in range(500)]
        covered = sum(each.lower <= 200 <= each.upper for each in found)
        too_high = sum(each.per_node > 200 for each in found)

        assert least <= covered / 500 <= most
        assert too_high / 500 <= (1 - percent / 100) / 2 + 0.03


def test_the_interval_ends_where_the_band_of_the_mean_meets_the_target():
    found = fit(noisy(1), CPU)

    for bound, side in ((found.lower, 1), (found.upper, -1)):
        edge = found.line.at(bound) + side * found.line.half_width(bound, Decimal(95))
        assert float(edge) == pytest.approx(70, abs=1e-9)


def test_the_line_is_that_of_another_implementation():
    measured = noisy(2)
    line = fit_line([(Fraction(point.load), Fraction(point.usage)) for point in measured])
    other = stats.linregress([float(p.load) for p in measured], [float(p.usage) for p in measured])

    assert float(line.slope) == pytest.approx(other.slope)
    assert float(line.intercept) == pytest.approx(other.intercept)
    assert float(line.r_squared) == pytest.approx(other.rvalue**2)
    # At load 0 the half width is the intercept's standard error times the quantile of Student's t.
    assert float(line.half_width(Fraction(0), Decimal(95))) == pytest.approx(
        other.intercept_stderr * stats.t.ppf(0.975, len(measured) - 2)
    )


@given(seed=st.integers(0, 1000), factor=st.sampled_from(["0.001", "8", "1073741824"]))
def test_the_unit_of_usage_does_not_matter(seed, factor):
    measured, scale = noisy(seed), Decimal(factor)
    scaled = [Point(point.load, point.usage * scale) for point in measured]

    one, other = fit(measured, CPU), fit(scaled, replace(CPU, full=CPU.full * scale))
    assert other.load_at_target == one.load_at_target
    assert float(other.lower) == pytest.approx(float(one.lower))


@given(seed=st.integers(0, 1000), target=st.integers(20, 69))
def test_a_higher_target_or_less_confidence_never_lowers_what_a_node_carries(seed, target):
    measured = noisy(seed)
    found = fit(measured, replace(CPU, percent=Decimal(target)))

    assert fit(measured, CPU).per_node >= found.per_node
    assert fit(measured, found.target, Decimal(80)).per_node >= found.per_node


@given(seed=st.integers(0, 1000), target=st.decimals(40, 75, places=2))
def test_both_forms_of_the_assumption_plan_the_same_node(seed, target):
    found = fit(noisy(seed), replace(CPU, percent=target))

    planned = found.per_node_before_target * Fraction(target) / 100
    assert found.per_node - 1 < planned <= found.per_node


@pytest.mark.parametrize(
    ("usage", "reason"),
    [
        (lambda load: 50 - load / 10, "does not measurably grow"),
        (lambda _: 40, "does not measurably grow"),
        (lambda load: 40 + (7 if load % 40 else 0), "does not measurably grow"),
        (lambda load: 20 + load / 10 + (12 if load % 40 else 0), "a line explains too little of it"),
        (lambda load: 71 + load / 10, "an idle node is already at the target"),
        (lambda load: 10 + load / 5, "the target lies at 1.36 times the largest load measured"),
        (lambda load: 69.9 + load, "the lower bound is below 1"),
    ],
    ids=["falling", "flat", "noise", "poor fit", "idle above target", "far beyond the data", "below one"],
)
def test_an_untrustworthy_fit_is_unknown_with_its_reason(usage, reason):
    found = fit(points(usage), CPU)

    assert found.unknown_because.startswith(reason)
    assert (found.load_at_target, found.lower, found.upper, found.per_node) == (None, None, None, None)
    assert found.per_node_before_target is None


def test_a_target_little_beyond_the_data_is_told_with_a_warning():
    found = fit(points(lambda load: 10 + load / 4), CPU)

    assert found.per_node == 240
    assert found.warnings == ("the target lies beyond the largest load measured; measure up to it",)


@pytest.mark.parametrize("loads", [[100] * 12, [0, 50, 100, 150] * 3], ids=["all equal", "four"])
def test_too_few_different_loads_are_refused(loads):
    with pytest.raises(AssumptionsError, match="needs at least 5; measure at more loads"):
        fit(points(lambda load: 10 + load, loads), CPU)


@pytest.mark.parametrize(
    ("target", "confidence"),
    [
        (replace(CPU, percent=Decimal(0)), 95),
        (replace(CPU, percent=Decimal("100.1")), 95),
        (replace(CPU, full=Decimal(0)), 95),
        (CPU, 0),
        (CPU, 100),
    ],
)
def test_a_target_or_confidence_out_of_range_is_refused(target, confidence):
    with pytest.raises(AssumptionsError, match="out of range; write"):
        fit(noisy(0), target, Decimal(confidence))


def test_a_bend_is_warned_of():
    [up] = fit(points(lambda load: 10 + load / 10 + load * load / 1000, range(0, 260, 5)), CPU).warnings[:1]
    [down] = fit(points(lambda load: 10 + load / 2 - load * load / 1500, range(0, 200, 5)), CPU).warnings[:1]

    assert up.startswith("usage grows faster and faster")
    assert down.startswith("usage grows slower and slower")


def test_a_point_far_off_is_named_and_an_ordinary_one_is_not():
    measured = noisy(3)
    assert fit(measured, CPU).warnings == ()

    measured[4] = replace(measured[4], usage=measured[4].usage + 20)
    assert any("the point at load 80 " in warning for warning in fit(measured, CPU).warnings)


def test_points_that_err_alike_are_warned_of():
    """Samples a few seconds apart repeat each other's error; an interval that takes them for new ones is too narrow."""
    repeated = [point for point in noisy(4) for _ in range(5)]

    assert any("neighboring points err alike" in warning for warning in fit(repeated, CPU).warnings)


MEMORY = Target("memory", Decimal(8), Decimal(80))


def test_the_resource_that_fills_first_binds():
    cpu = fit(points(lambda load: 10 + Decimal("0.3") * load), CPU)
    memory = fit(points(lambda load: 1 + Decimal("0.03") * load), MEMORY)

    assert memory.per_node == 180
    assert binding([cpu, memory]) is memory
    assert binding([cpu]) is cpu


def test_an_unknown_resource_that_stays_below_its_target_does_not_bind():
    cpu = fit(points(lambda load: 10 + Decimal("0.3") * load), CPU)
    flat = fit(points(lambda load: 3 + (load % 40) / 100), MEMORY)

    assert flat.per_node is None
    assert binding([flat, cpu]) is cpu
    assert undecided([flat, cpu]) == []


def test_an_unknown_resource_that_may_fill_before_leaves_all_unknown():
    cpu = fit(points(lambda load: 10 + Decimal("0.3") * load), CPU)
    wild = fit(points(lambda load: 3 + (load % 40) / 6), MEMORY)

    assert binding([cpu, wild]) is None
    assert undecided([cpu, wild]) == [wild]
    assert undecided([wild]) == [wild]

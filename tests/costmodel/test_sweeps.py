"""Estimates over a grid of assumptions."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import AssumptionsError, estimate, parse_document, resolve
from costmodel.acting import acting_document
from costmodel.document_media import media_in_force
from costmodel.field_paths import numbers_of
from costmodel.figures import figure_names, figures
from costmodel.sweeps import MAX_POINTS, Axis, node_counts, parse_axis, sweep
from livecost.document_text import decode
from tests.costmodel.documents import documents
from tests.costmodel.test_spec import BLOCKS


def acting(data):
    document = parse_document(data)
    return acting_document(resolve(document), media_in_force([document]))


def points(data, *axes):
    return list(sweep(acting(data), [parse_axis(axis) for axis in axes]))


@given(data=documents(), peaks=st.lists(st.integers(0, 20_000), min_size=1, max_size=4, unique=True))
def test_every_point_is_the_estimate_of_the_document_with_that_value(data, peaks):
    demand = {name: value for name, value in data["demand"].items() if "oncurrency" not in name}

    for point in points(data, f"demand.concurrency={','.join(map(str, sorted(peaks)))}"):
        document = {**data, "demand": {**demand, "concurrency": int(point.values[0])}}
        assert point.result == estimate(resolve(parse_document(document)))


def test_two_axes_give_every_combination_the_last_fastest():
    found = points({}, "demand.users=1000,2000", "capacity.participantsPerNode=100,200")

    assert [point.values for point in found] == [(1000, 100), (1000, 200), (2000, 100), (2000, 200)]
    assert [node_counts(point.result)["livekit"] for point in found] == [2, 1, 4, 2]


@pytest.mark.parametrize(
    ("grid", "values"),
    [
        ("500:2000:500", "500 1000 1500 2000"),
        ("500:1999:500", "500 1000 1500"),
        ("7:7:3", "7"),
        ("100,200,300", "100 200 300"),
        (" 5 , 9", "5 9"),
    ],
)
def test_a_grid_reaches_its_stop_where_a_step_meets_it(grid, values):
    assert parse_axis(f"demand.users={grid}") == Axis("demand.users", tuple(map(Decimal, values.split())))


def test_steps_of_a_tenth_are_exact():
    """In binary floats 0.1 x 3 is not 0.3."""
    assert parse_axis("network.mediaMbps=0:1:0.1").values[3] == Decimal("0.3")
    assert len(parse_axis("network.mediaMbps=0:1:0.1").values) == 11


@pytest.mark.parametrize(
    ("axis", "message"),
    [
        ("demand.users=5000:500:500", "reversed"),
        ("demand.users=1:5:0", "step 0 is not above 0"),
        ("demand.users=1:5:-1", "step -1 is not above 0"),
        ("demand.users=0:1000000:1", "1,000,001 points are too many"),
        ("demand.users=0:1e999:1", "stop 1E[+]999 is out of range"),
        ("network.mediaMbps=-9e99:1:0.1", "out of range"),
        ("network.mediaMbps=0:100000:0.00000001", "10,000,000,000,001 points are too many"),
        ("demand.users=3,2", "ascending"),
        ("demand.users=2,2", "ascending"),
        ("demand.users=1:2", "is not a grid"),
        ("demand.users=1:2:3:4", "is not a grid"),
        ("demand.users=", "is not a decimal number"),
        ("demand.users=NaN", "is not a decimal number"),
        ("demand.users=1.5", "whole number"),
        ("network.usageHoursPerMonth=700,731", "out of range"),
        ("demand.user=1", "demand.users"),
        ("nodes.livekit.sku=1", "is not a numeric field"),
        ("currency=1", "is not a numeric field"),
    ],
)
def test_a_bad_grid_is_refused_with_what_to_write(axis, message):
    with pytest.raises(AssumptionsError, match=message):
        parse_axis(axis)


def test_a_refused_point_keeps_its_place_and_has_a_reason():
    refused, fine = points({}, "capacity.participantsPerNode=5,6")

    assert refused.result is None
    assert "a room of 6 participants" in str(refused.problems[0])
    assert fine.result is not None
    assert fine.problems == ()


def test_bounds_that_two_axes_cross_are_a_refused_point():
    found = points({}, "nodes.sim.minNodes=1,3", "nodes.sim.maxNodes=2,4")

    assert [point.result is None for point in found] == [False, False, True, False]


@pytest.mark.parametrize(
    ("data", "axes", "message"),
    [
        ({}, ["demand.users=1", "demand.users=2"], "swept twice"),
        ({}, ["demand.users=1:400:1", "capacity.participantsPerNode=1:400:1"], "160,000 points are too many"),
        ({"demand": {"concurrency": 5}}, ["demand.users=1"], "no effect beside demand.concurrency"),
        ({}, ["demand.users=1", "demand.concurrency=5"], "no effect beside demand.concurrency"),
    ],
)
def test_a_sweep_without_meaning_is_refused(data, axes, message):
    with pytest.raises(AssumptionsError, match=message):
        points(data, *axes)


def test_users_act_again_when_their_share_is_swept_too():
    [point] = points({"demand": {"concurrency": 5}}, "demand.users=1000", "demand.peakConcurrencyPercent=20")

    assert point.result.demand.peak_users == 200


def test_an_alternative_replaces_the_stated_one():
    """4,860 GB at 0.05 instead of the tiers; and a bitrate instead of the media."""
    tiers = {"network": {"tiers": [{"upToGB": 100, "perGB": 1}, {"perGB": 2}]}}

    assert points(tiers, "network.egressPerGB=0.05")[0].result.monthly["egress"] == 243
    assert points({"media": {"kbps": 64}}, "network.mediaMbps=1.2")[0].result.egress_gb == 4860


def test_catalog_prices_stay_as_they_are():
    """CCX23's monthly price is from the catalog; another hourly price leaves it as the cap."""
    data = {"cloud": "hetzner", "nodes": {"livekit": {"sku": "CCX23"}}}
    [cheap] = points(data, "nodes.livekit.hourly=0.01")

    assert cheap.result.monthly["livekit"] == Decimal("7.30")
    assert numbers_of(acting(data))["nodes.livekit.monthlyCap"] > 7


def test_the_largest_sweep_is_accepted():
    assert len(parse_axis(f"demand.users=1:{MAX_POINTS}:1").values) == MAX_POINTS


def test_figures_are_those_of_the_json_form_by_path():
    found = figures(estimate(resolve()))

    assert found["monthly.total"] == "1036.60"
    assert found["nodes.livekit.nodes"] == 1
    assert found["nodes.livekit.limitedBy"] is None
    assert found["egressGB"] == "4860"


def test_a_pool_stands_for_its_nodes_and_an_unknown_figure_is_refused_with_the_nearest():
    known = figures(estimate(resolve()))

    assert figure_names(["nodes.livekit", "Monthly.Total"], known) == ["nodes.livekit.nodes", "monthly.total"]
    with pytest.raises(AssumptionsError, match=r"monthly.totl: is not a figure.*monthly.total"):
        figure_names(["monthly.totl"], known)


@pytest.mark.parametrize("example", [decode(text) for title, text in BLOCKS if title.startswith("sweep: ")])
def test_the_specification_states_what_the_code_computes(example):
    found = points(example["assumptions"], *example["over"])

    shown = [
        None if point.result is None else [figures(point.result)[name] for name in example["show"]] for point in found
    ]
    assert shown == example["points"]

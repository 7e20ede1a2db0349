"""SPEC.md and the code cannot drift apart: every data block in it is computed."""

import re
from pathlib import Path

import pytest

import costmodel
from costmodel import (
    DEFAULTS,
    cents,
    estimate,
    estimate_to_json,
    parse_decimal,
    parse_document,
    percent_of,
    resolve,
    round_half_up,
)
from costmodel.peaks import compare_modes, parse_demand_profile, schedule_month
from costmodel.pooling import pool
from livecost.document_text import decode

SPEC = (Path(costmodel.__file__).parent / "SPEC.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n# (.*?)\n(.*?)```", SPEC, flags=re.DOTALL)
SHARED = {title: decode(text) for title, text in BLOCKS if title.startswith("shared: ")}
EXAMPLES = {title: decode(text) for title, text in BLOCKS if title.startswith("example: ")}


def restricted(actual, expected):
    """`actual` with only the keys of `expected`."""
    if not isinstance(expected, dict):
        return actual
    return {key: restricted(actual[key], value) for key, value in expected.items()}


PEAKS = {title: decode(text) for title, text in BLOCKS if title.startswith("peaks: ")}


@pytest.mark.parametrize("title", PEAKS)
def test_each_comparison_of_modes_is_what_the_code_computes(title):
    example = PEAKS[title]
    assumptions = resolve(parse_document(example["assumptions"]))
    profile = parse_demand_profile(example["profile"]) if "profile" in example else None
    month = schedule_month(assumptions, *map(int, example["month"].split("-"))) if "month" in example else None

    assert example["modes"] == {
        each.mode: {
            "livekit": str(round_half_up(each.node_hours["livekit"], 2)),
            "sim": str(round_half_up(each.node_hours["sim"], 2)),
            "cost": str(cents(each.cost_per_month)),
            "saving": str(cents(each.saving_per_month)),
            "percent": str(each.saving_percent),
        }
        for each in compare_modes(assumptions, profile, month)
    }


@pytest.mark.parametrize("title", EXAMPLES)
def test_each_example_is_what_the_code_computes(title):
    example = EXAMPLES[title]
    result = estimate_to_json(estimate(resolve(parse_document(example["assumptions"]))))

    assert restricted(result, example["estimate"]) == example["estimate"]


@pytest.mark.parametrize("title", SHARED)
def test_each_shared_cluster_is_what_the_code_computes(title):
    stated = SHARED[title]
    customers, factor = stated["customers"], parse_decimal(stated["diversityFactor"])
    found = pool(resolve(parse_document(stated["assumptions"])), customers, diversity_factor=factor)
    own, shared = found.dedicated, found.shared
    bills = sum(found.dedicated_monthly.values()), sum(shared.monthly.values())

    assert stated["nodes"] == {
        "livekit": [own.livekit.nodes * customers, shared.livekit.nodes],
        "sim": [own.sim.nodes * customers, shared.sim.nodes],
    }
    assert stated["monthly"] == dict(zip(("dedicated", "shared"), map(str, map(cents, bills)), strict=True))
    assert stated["perCustomer"] == {
        "dedicated": str(cents(bills[0] / customers)),
        "shared": str(cents(bills[1] / customers)),
        "savingPercent": str(percent_of(bills[0] - bills[1], bills[0])),
    }


def test_the_worked_example_is_stated_in_full_and_in_order():
    expected = EXAMPLES["example: the defaults"]["estimate"]
    result = estimate_to_json(estimate(resolve()))

    assert result == expected
    assert list(result) == list(expected)
    assert list(result["monthly"]) == list(expected["monthly"])


def test_the_stated_defaults_are_the_defaults():
    [stated] = [decode(text) for title, text in BLOCKS if title == "defaults"]

    assert parse_document(stated) == DEFAULTS


def test_the_table_of_the_worked_example_agrees_with_its_data():
    [table] = re.findall(r"\| line item \| calculation .*?\n\n", SPEC, flags=re.DOTALL)
    figures = [line.rsplit("|", 2)[1].strip(" *").replace(",", "") for line in table.strip().splitlines()[2:]]

    assert figures == list(EXAMPLES["example: the defaults"]["estimate"]["monthly"].values())

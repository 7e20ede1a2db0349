"""The ranges that SPEC.md shows are accepted, and its worked figures are those of the command."""

import re
from pathlib import Path

import pytest

import costmodel
from costmodel.ranges import parse_ranges
from costmodel.simulation import simulate
from livecost.document_text import decode

SPEC = (Path(costmodel.__file__).parent / "SPEC.md").read_text(encoding="utf-8")
[SECTION] = re.findall(r"### [0-9.]+ Uncertainty\n(.*?)\n##", SPEC, flags=re.DOTALL)


def test_the_stated_ranges_are_accepted():
    [document] = re.findall(r"```yaml\n(.*?)```", SECTION, flags=re.DOTALL)

    assert len(parse_ranges(decode(document))) == 6


def test_the_worked_percentiles_are_what_is_drawn():
    ranges = parse_ranges({"ranges": {"nodes.livekit.hourly": {"low": "0.20", "high": "0.28"}}})
    drawn = simulate(costmodel.resolve(), None, ranges, draws=100_000, seed=1).amounts["total"].percentiles

    for percent in (5, 50, 95):
        [stated] = re.findall(rf"P{percent} is ([0-9,.]+[0-9])", SECTION)
        assert float(stated.replace(",", "")) == pytest.approx(float(drawn[percent]), abs=0.4)

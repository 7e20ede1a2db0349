"""`livecost sensitivity` as a person at a terminal meets it."""

import json

import pytest
from click.testing import CliRunner

from livecost.cli import main


@pytest.fixture
def run():
    def start(*arguments, text=None):
        return CliRunner().invoke(main, ["sensitivity", *arguments], input=text)

    return start


@pytest.fixture
def rows(run):
    def start(*arguments, text=None):
        result = run(*arguments, "-o", "json", text=text)
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    return start


def test_the_largest_swing_comes_first_with_money_percent_and_nodes(rows):
    first = rows()[0]

    assert first == {
        "field": "demand.users",
        "low": "800",
        "base": "1000",
        "high": "1200",
        "atLow": "949.12",
        "atBase": "1036.60",
        "atHigh": "1124.08",
        "swing": "174.96",
        "swingPercent": "16.88",
        "livekitNodesAtLow": 1,
        "simNodesAtLow": 1,
        "systemNodesAtLow": 1,
        "livekitNodesAtHigh": 1,
        "simNodesAtHigh": 1,
        "systemNodesAtHigh": 1,
        "refused": None,
    }


def test_ranges_come_from_an_uncertainty_document(rows):
    """2,000 users need 2 LiveKit nodes, 8 Mbps are 32,400 GB."""
    ranges = "ranges: {demand.users: {low: 500, high: 2000}, network.mediaMbps: {low: 1, high: 8}}"
    found = rows("--ranges", "-", text=ranges)

    assert [row["field"] for row in found] == ["network.mediaMbps", "demand.users"]
    assert found[0]["atHigh"] == "3515.20"
    assert found[1]["livekitNodesAtHigh"] == 2


def test_nodes_are_told_as_whole_numbers(rows):
    [row] = rows("--of", "nodes", "--ranges", "-", text="ranges: {demand.users: {low: 1000, high: 2700}}")

    assert (row["atLow"], row["atBase"], row["atHigh"], row["swing"]) == (3, 3, 6, 3)


def test_the_table_gathers_what_has_no_effect_in_one_line(run):
    text = run().stdout

    assert "Monthly total in USD, 1036.60 at the base" in text
    table, _, rest = text.partition("No effect at these ends: ")
    assert "capacity.sessionsPerNode" not in table
    assert "capacity.sessionsPerNode" in rest
    assert "nodes.livekit.minNodes" in rest.partition("too small to move by this much: ")[2]


@pytest.mark.parametrize("form", ["table", "markdown", "csv", "yaml"])
def test_a_refused_end_is_told_with_its_reason(run, form):
    text = run("-o", form, "--ranges", "-", text="ranges: {capacity.participantsPerNode: {low: 5, high: 300}}").stdout

    assert "a room of 6 participants" in text


def test_media_and_catalog_prices_are_varied_alone(rows):
    found = {row["field"]: row for row in rows("-f", "-", text="{cloud: hetzner, media: {kbps: 64}}")}

    assert found["media.kbps"]["base"] == "64"
    assert "network.mediaMbps" not in found
    assert found["network.includedTBPerNode"]["atBase"] == found["demand.users"]["atBase"]


@pytest.mark.parametrize(
    ("arguments", "text", "message"),
    [
        (("--percent", "0"), "", "out of range"),
        (("--percent", "101"), "", "out of range"),
        (("--percent", "x"), "", "is not a decimal number"),
        (("--percent", "20", "--ranges", "-"), "", "write only one of them"),
        (("--ranges", "-"), "", "states no ranges"),
        (("--ranges", "-"), "ranges: {demand.user: {percent: 5}}", "demand.users"),
        (("--ranges", "-"), "ranges: {demand.users: {low: 5, high: 1}}", "standard input:1: ranges.demand.users.low"),
        (("--ranges", "-"), "ranges: {media.kbps: {low: 24, high: 64}}", "no effect beside network.mediaMbps"),
        (("--ranges", "/no/such/file"), "", "cannot be read"),
        (("--of", "fun"), "", "'fun' is not one of"),
        (("--plot", "x.svg", "--ranges", "-"), "ranges: {fleet.customers: {low: 1, high: 2}}", "nothing can be drawn"),
    ],
)
def test_bad_input_ends_with_code_2(run, arguments, text, message):
    result = run(*arguments, text=text)

    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


@pytest.mark.parametrize(
    "ranges",
    [
        "ranges: {demand.users: {low: 500, high: 2000}}",
        "ranges: {demand.users: {low: 2000, high: 3000}, capacity.participantsPerNode: {low: 5, high: 10}}",
    ],
)
def test_the_same_tornado_is_the_same_picture(run, tmp_path, ranges):
    pictures = []
    for name in ("a.svg", "b.svg"):
        assert run("--ranges", "-", "--plot", str(tmp_path / name), text=ranges).exit_code == 0
        pictures.append((tmp_path / name).read_text())

    assert pictures[0] == pictures[1]
    assert pictures[0].startswith("<?xml")

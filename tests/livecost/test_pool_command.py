"""`livecost pool` as a person at a terminal meets it."""

import json

import pytest
from click.testing import CliRunner

from livecost.cli import main


def run(*arguments):
    return CliRunner().invoke(main, ["pool", *arguments])


def rows(*arguments):
    result = run(*arguments, "-o", "json")
    assert result.exit_code == 0, result.output
    return {(row["scope"], row["item"], row["unit"]): row for row in json.loads(result.stdout)}


def test_each_row_tells_both_ways_and_the_saving():
    found = rows()

    assert found["customer", "total", "USD/month"] == {
        "scope": "customer", "item": "total", "unit": "USD/month",
        "dedicated": "1036.60", "shared": "657.59", "saving": "379.01", "savingPercent": "36.56",
    }  # fmt: skip
    assert found["fleet", "total", "USD/year"]["dedicated"] == "310980.00"
    assert found["fleet", "livekit", "nodes"]["saving"] == "6"
    assert found["fleet", "redis", "USD/month"]["shared"] == "50.00"


def test_each_option_acts():
    assert rows("--customers", "2")["fleet", "total", "USD/month"]["dedicated"] == "2073.20"
    assert rows("--diversity-factor", "0.7")["fleet", "sim", "nodes"]["shared"] == "9"
    assert rows("--services-factor", "3")["fleet", "redis", "USD/month"]["shared"] == "150.00"


def test_where_nothing_is_paid_the_saving_in_percent_is_unknown():
    assert rows("--set", "managedServices.redis=0")["fleet", "redis", "USD/month"]["savingPercent"] is None


def test_it_says_that_the_ceiling_was_scaled():
    result = run("--set", "nodes.livekit.maxNodes=2", "--set", "nodes.sim.maxNodes=1", "--set", "demand.users=4000")

    assert "the shared livekit pool needs 76 nodes; 25 x maxNodes cut it to 50" in result.stderr
    assert "the shared sim pool needs 50 nodes; 25 x maxNodes cut it to 25" in result.stderr
    assert "one customer's maxNodes (2) counts 25 times" in run("--set", "nodes.livekit.maxNodes=2").stderr


def test_it_says_which_free_traffic_is_lost():
    assert "2400 GB a month less traffic free" in run("--set", "network.freeGB=100").stderr
    assert run().stderr == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--customers", "0"], "--customers"),
        (["--set", "fleet.customers=0"], "fleet.customers: 0 is below 1; write at least 1"),
        (["--diversity-factor", "0"], "diversityFactor: 0 is out of range; write a number above 0, at most 1"),
        (["--services-factor", "-1"], "servicesFactor: -1 is below 0"),
        (["--set", "demand.users=-1"], "demand.users"),
    ],
)
def test_bad_input_is_refused_with_what_to_write(arguments, words):
    result = run(*arguments)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert words in result.stderr

"""A refused field is told with the line on which it stands, in YAML and in JSON."""

import json

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from livecost.cli import main
from livecost.document_lines import field_line
from livecost.document_text import decode

YAML = """\
# an assumptions document
demand:
  users: 10

network:
  tiers:
    - {upToGB: 10,
       perGB: 1}
    - perGB: 2
"""
JSON = """{
  "demand": {"users": 10},
  "network": {
    "tiers": [
      {"upToGB": 10,
       "perGB": "} , [ \\" : "},
      {"perGB": 2}
    ]
  }
}"""


@pytest.mark.parametrize(
    ("field", "in_yaml", "in_json"),
    [
        ("demand", 2, 2),
        ("demand.users", 3, 2),
        ("network.tiers", 6, 4),
        ("network.tiers[0]", 7, 5),
        ("network.tiers[0].perGB", 8, 6),
        ("network.tiers[1].perGB", 9, 7),
    ],
)
def test_a_field_stands_on_the_line_of_its_key(field, in_yaml, in_json):
    assert (field_line(YAML, field), field_line(JSON, field)) == (in_yaml, in_json)


@pytest.mark.parametrize(
    ("field", "in_yaml", "in_json"),
    [("demand.concurrency", 2, 2), ("network.tiers[1].upToGB", 9, 7), ("network.tiers[7]", 6, 4), ("fleet.size", 2, 1)],
)
def test_a_missing_field_is_told_at_its_nearest_written_parent(field, in_yaml, in_json):
    assert (field_line(YAML, field), field_line(JSON, field)) == (in_yaml, in_json)


@pytest.mark.parametrize("text", ["", "# nothing", "{}", "[]", "1"])
def test_what_has_no_fields_is_told_at_its_first_line(text):
    assert field_line(text, "demand.users") == 1


VALUES = st.recursive(
    st.one_of(st.integers(), st.booleans(), st.none(), st.text('{}[],:"\\ a\n')),
    lambda inside: st.one_of(
        st.lists(inside, max_size=3), st.dictionaries(st.text("abc", min_size=1), inside, max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abc", min_size=1), VALUES, min_size=1))
def test_json_tells_the_same_lines_as_yaml(value):
    """JSON in lines of its own is YAML too, whose parser knows its lines."""

    def paths(inside, path=""):
        yield path
        entries = inside.items() if isinstance(inside, dict) else enumerate(inside) if isinstance(inside, list) else ()
        for key, entry in entries:
            below = f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}" if path else key
            yield from paths(entry, below)

    text = json.dumps(value, indent=2)
    in_yaml = "---\n" + text  # a document's start keeps the JSON reader away
    for path in paths(value):
        assert field_line(text, path) == field_line(in_yaml, path) - 1


def test_lines_do_not_change_what_is_read():
    assert decode(YAML) == yaml.safe_load(YAML)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{"demand": {\n"users": 1,\n"users": 2}}', "standard input:3: users is written twice; keep one of them"),
        ('{\n\t"demand": {},\n\t1: 2}', "standard input:3:2: Expecting property name"),
        ("demand:\n  users: [1\n", "standard input:3:1: "),
        ("demand:\n  concurrency: 1\n  peakConcurrencyPercent: 2\n", "standard input:2: demand.concurrency: "),
    ],
)
def test_a_document_is_refused_at_the_line_to_change(text, line):
    result = CliRunner().invoke(main, ["estimate", "-f", "-"], input=text)

    assert result.exit_code == 2
    assert line in result.stderr


def test_a_price_sheet_is_refused_at_the_line_to_change(tmp_path):
    sheet = tmp_path / "prices.yaml"
    sheet.write_text("provider: azure\ncurrency: usd\ntax: net\ndefaultRegion: eastus\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["prices", "list", "--prices", str(sheet)])

    assert result.exit_code == 2
    assert result.stderr.startswith(f"{sheet}:2: currency: ")


def test_a_setting_that_breaks_a_good_document_is_blamed_itself(tmp_path):
    document = tmp_path / "customer.yaml"
    document.write_text("nodes: {sim: {maxNodes: 5}}\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["estimate", "-f", str(document), "--set", "nodes.sim.minNodes=6"])

    assert result.stderr.startswith("--set: nodes.sim.minNodes: minNodes (6) is above maxNodes (5)")

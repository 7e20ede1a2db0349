"""The documents name what the code has."""

import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from livecost import metric_names, target_kinds
from livecost.cli import main
from livecost.operator_command import operator

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("option", [o for o in operator.params if isinstance(o, click.Option)], ids=lambda o: o.name)
def test_every_setting_is_documented_with_its_variable(option: click.Option) -> None:
    text = (ROOT / "docs/operator.md").read_text()
    variable = {"namespaces": "LIVECOST_NAMESPACE"}.get(option.name or "", f"LIVECOST_{(option.name or '').upper()}")

    assert f"`{option.opts[0]}`" in text
    assert f"`{variable}`" in text


def test_every_known_kind_is_documented() -> None:
    text = (ROOT / "docs/targets.md").read_text()

    for group, kind in target_kinds._KINDS:
        assert kind in text
        assert f"`{group}`" in text


def test_every_metric_is_documented() -> None:
    text = (ROOT / "docs/operator.md").read_text()

    for name in (value for key, value in vars(metric_names).items() if key.isupper() and not key.endswith("_LABEL")):
        assert name in text or re.sub("^livecost_pool", "", name) in text


def test_every_reason_is_documented() -> None:
    """A reason is the first text of a problem, a verdict or a condition in the code."""
    text = (ROOT / "docs/status.md").read_text()
    made = re.compile(
        r"(?:TargetProblem|PlanProblem|NotMeasured|Verdict)\(\s*\"(\w+)\"|Condition\(\s*\"\w+\",\s*\"\w+\",\s*\"(\w+)\""
    )
    reasons = {
        first or second
        for path in (ROOT / "operator/livecost").glob("*.py")
        for first, second in made.findall(path.read_text())
    }

    assert len(reasons) > 30
    assert {reason for reason in reasons if f"`{reason}`" not in text} == set()


TOUR = (ROOT / "README.md").read_text().partition("## Prices alone need no cluster")[2].partition("\n## ")[0]


@pytest.mark.parametrize(
    ("command", "shown"), re.findall(r"^\$ livecost (.+)\n((?:(?![$`]).*\n)+)", TOUR, re.MULTILINE)
)
def test_the_readme_shows_what_the_commands_print(command: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines may be left out, but none is made up."""
    monkeypatch.chdir(ROOT)
    printed = [line.rstrip() for line in CliRunner().invoke(main, shlex.split(command)).stdout.splitlines()]

    assert len(shown.splitlines()) > 3
    assert [line for line in shown.splitlines() if line not in printed] == []

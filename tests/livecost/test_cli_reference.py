"""Every command is documented in docs/cli.md, and its examples do what they say."""

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from livecost.cli import main
from livecost.cli_reference import commands, reference
from livecost.command_endings import EXIT_CODES
from livecost.examples import example_lines, read_example

ROOT = Path(__file__).parents[2]
COMMANDS = {context.command_path: context.command for context in commands()}
EXAMPLES = [(path, line) for path, command in COMMANDS.items() for line in example_lines(command)]


def test_the_committed_reference_is_that_of_the_commands():
    committed = (ROOT / "docs/cli.md").read_text(encoding="utf-8")

    assert committed == reference(), "docs/cli.md is behind the commands; run: make docs"


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_shows_how_it_is_used(path):
    lines = example_lines(COMMANDS[path])

    remedy = (
        f"{path} has no examples: give its click.command epilog=examples('{path} ...') of livecost.examples, with "
        "files from docs; write '  # exit code 1: why' after one that ends otherwise than with 0"
    )
    assert lines, remedy
    assert all(line.startswith(f"{path} ") or line == path for line in lines), remedy


@pytest.mark.parametrize(("path", "line"), EXAMPLES)
def test_every_example_ends_as_it_says(path, line, tmp_path, monkeypatch):
    arguments, comment = read_example(line)
    if comment.startswith("runs"):
        command = COMMANDS[path]
        command.make_context(path, arguments[len(path.split()) - 1 :], resilient_parsing=False).close()
        return
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, arguments)

    told = re.match("exit code ([0-9]+)", comment)
    assert result.exit_code == (int(told[1]) if told else 0), result.stderr
    assert result.stdout


@pytest.mark.parametrize("path", COMMANDS)
def test_every_option_says_what_it_is_for(path):
    options = [param for param in COMMANDS[path].params if isinstance(param, click.Option)]

    assert [option.name for option in options if not option.help] == []


def test_help_tells_the_exit_codes():
    text = CliRunner().invoke(main, ["--help"]).stdout

    assert all(re.search(rf"{code} +{re.escape(meaning)}", text) for code, meaning in EXIT_CODES.items())

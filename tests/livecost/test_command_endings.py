"""How a command ends: exit codes, colors and pipes, as a shell sees them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import livecost
from livecost import cli, command_input
from livecost.cli import main

OPERATOR = Path(livecost.__file__).parents[1]
# Whoever runs the tests may have Python write at once; users have it keep what is written for a while.
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join([str(OPERATOR), str(OPERATOR.parent)]),
    "PYTHONUNBUFFERED": "",
}
LOSS = ["estimate", "--set", "license.annual=1"]
RED, BOLD, DIM = "\x1b[31m", "\x1b[1m", "\x1b[2m"


def start(*arguments, **options):
    command = [sys.executable, "-m", "livecost", *arguments]
    return subprocess.Popen(command, env=ENVIRONMENT, text=True, stderr=subprocess.PIPE, **options)


def test_a_reader_that_goes_away_ends_the_command_quietly():
    reader, writer = os.pipe()
    os.close(reader)
    process = start("prices", "list", stdout=writer)
    os.close(writer)
    _, errors = process.communicate()

    assert (process.returncode, errors) == (141, "")


def test_an_interrupt_ends_the_command_quietly(monkeypatch):
    def interrupted(text):
        raise KeyboardInterrupt

    monkeypatch.setattr(command_input, "decode", interrupted)
    result = CliRunner().invoke(main, ["estimate", "-f", "-"])

    assert (result.exit_code, result.output) == (130, "")


def test_an_encoding_that_lacks_a_letter_is_told(monkeypatch):
    """As on a terminal of Latin-1, which has no sign of the euro."""
    monkeypatch.setitem(ENVIRONMENT, "PYTHONIOENCODING", "latin-1")
    process = start("estimate", "--set", "currency=EUR", stdout=subprocess.PIPE)
    written, errors = process.communicate()

    assert (process.returncode, written) == (2, "")
    assert errors.startswith("Error: the encoding latin-1 of the output has no ")
    assert errors.endswith("; set PYTHONIOENCODING=utf-8\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is Linux's")
def test_an_output_that_cannot_be_written_is_told():
    with Path("/dev/full").open("w") as full:
        process = start("estimate", stdout=full)
        _, errors = process.communicate()

    assert process.returncode == 2
    assert errors.startswith("Error: No space left on device")


@pytest.mark.parametrize(
    ("package", "remedy"),
    [("kopf", "livecost[operator]"), ("numpy.core", "livecost[analysis]"), ("yaml", "livecost anew")],
)
def test_a_missing_package_is_told_with_what_to_install(monkeypatch, package, remedy):
    def absent(module):
        raise ModuleNotFoundError(f"No module named {package!r}", name=package)

    monkeypatch.setattr(cli, "import_module", absent)
    result = CliRunner().invoke(main, ["operator"])

    assert result.exit_code == 2
    name = package.split(".")[0]
    assert result.stderr == f"Error: the package {name} is not installed; install {remedy}\n"


def test_a_broken_module_of_livecost_itself_is_no_bad_input(monkeypatch):
    def broken(module):
        raise ImportError("cannot import name", name="livecost.cli")

    monkeypatch.setattr(cli, "import_module", broken)

    assert isinstance(CliRunner().invoke(main, ["operator"]).exception, ImportError)


def test_a_loss_is_red_and_the_total_bold_where_colors_are_wanted():
    text = CliRunner().invoke(main, ["--color", "always", *LOSS], color=True).stdout

    assert f"{RED}-$" in text
    assert f"{BOLD}total" in text
    assert DIM in CliRunner().invoke(main, ["--color", "always", "prices", "list"], color=True).stdout


def test_colors_change_nothing_but_the_codes():
    colored = CliRunner().invoke(main, ["--color", "always", *LOSS], color=True).stdout

    assert re.sub("\x1b\\[[0-9;]*m", "", colored) == CliRunner().invoke(main, LOSS).stdout


@pytest.mark.parametrize("form", ["json", "yaml", "csv", "markdown"])
def test_forms_for_programs_have_no_colors(form):
    for command in (LOSS, ["prices", "list"]):
        assert "\x1b" not in CliRunner().invoke(main, ["--color", "always", *command, "-o", form], color=True).stdout


def test_a_pipe_gets_no_colors():
    process = start(*LOSS, stdout=subprocess.PIPE)
    text, _ = process.communicate()

    assert "total" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("variables", "colored"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_a_terminal_gets_colors_unless_they_are_unwanted(variables, colored):
    terminal, end = os.openpty()
    plain = {name: value for name, value in ENVIRONMENT.items() if name not in {"NO_COLOR", "TERM"}}
    command = [sys.executable, "-m", "livecost", *LOSS]
    process = subprocess.Popen(command, env={**plain, **variables}, stdout=end)
    os.close(end)
    text = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # Linux's way to tell that the other end is closed
            break
        if not part:
            break
        text += part
    process.wait()
    os.close(terminal)

    assert (RED.encode() in text) == colored

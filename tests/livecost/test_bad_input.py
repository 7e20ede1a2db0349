"""Whatever is written into an option of any command, the answer is a result or a line that says what to write."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from livecost import command_input
from livecost.cli import main
from livecost.cli_reference import commands
from livecost.examples import example_lines, read_example

ROOT = Path(__file__).parents[2]
NUMBERS = (click.types.IntParamType, click.types.FloatParamType, click.types.FuncParamType)
OPTIONS = [
    (context.command_path, context.command, option)
    for context in commands()
    for option in context.command.params
    if isinstance(option, click.Option)
]
NUMERIC = [each for each in OPTIONS if isinstance(each[2].type, NUMBERS)]
# A good number would make these run until they are stopped.
ENDING = [each for each in NUMERIC if each[0] not in ("livecost operator", "livecost web")]
READ = [each for each in OPTIONS if isinstance(each[2].type, click.Path) and each[2].type.allow_dash]


def named(value):
    return value.opts[-1] if isinstance(value, click.Option) else value if isinstance(value, str) else ""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A command's first example, with one more option."""
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    monkeypatch.chdir(tmp_path)
    # Whatever cluster its developer works with, no test reads it.
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))

    def start(path, command, option, value):
        lines = example_lines(command)
        arguments = read_example(lines[0])[0] if lines else path.split()[1:]
        return CliRunner().invoke(main, [*arguments, f"{option.opts[-1]}={value}"])

    return start


def assert_told(result, value):
    assert result.exception is None or isinstance(result.exception, SystemExit), (value, result.exception)
    assert result.exit_code == 2, (value, result.output)
    assert result.stdout == ""
    last = result.stderr.splitlines()[-1]
    assert ": " in last
    assert len(last) < 450


@pytest.mark.parametrize(("path", "command", "option"), NUMERIC, ids=named)
@pytest.mark.parametrize("value", ["nan", "NaN", "inf", "-inf", "1e999", "-1e999", "sNaN", "many", "", "0x10", "1_0.5"])
def test_what_is_no_number_is_refused(run, path, command, option, value):
    assert_told(run(path, command, option, value), value)


@pytest.mark.parametrize(("path", "command", "option"), ENDING, ids=named)
@pytest.mark.parametrize("value", ["-1", "0", "-0", "1e-8", "0.000000001", "999999999999", "9" * 40])
def test_an_odd_number_gets_a_result_or_a_message(run, path, command, option, value):
    result = run(path, command, option, value)

    if result.exit_code in {0, 1}:
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "nan" not in result.stdout.casefold()
    else:
        assert_told(result, value)


@pytest.mark.parametrize(("path", "command", "option"), READ, ids=named)
@pytest.mark.parametrize(
    "kind", ["missing", "directory", "binary", "huge", "list", "text", "long name", "under a file"]
)
def test_what_is_no_document_is_refused_by_its_name(run, tmp_path, path, command, option, kind):
    file = tmp_path / ("n" * 256 if kind == "long name" else "document")
    content = {"binary": b"\x7fELF\x00\xff\xfe", "huge": b"#" * (1024 * 1024 + 1), "list": b"[1]", "text": b"hello"}
    if kind in content:
        file.write_bytes(content[kind])
    elif kind == "directory":
        file.mkdir()
    elif kind == "under a file":
        file.touch()
        file /= "below"
    result = run(path, command, option, file)

    assert_told(result, kind)
    assert result.stderr.startswith(str(file))


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["prices", "list", "--cloud", "azur"], "did you mean azure?"),
        (["prices", "show", "azur/eastus/Standard_F4s_v2"], "did you mean azure?"),
        (["prices", "show", "azure/eastu/Standard_F4s_v2"], "did you mean eastus"),
        (["prices", "show", "azure/eastus/Standard_F4s_v3"], "did you mean Standard_F4s_v2"),
        (["estimate", "--set", "cloud=azur"], "cloud: 'azur' is not one of the choices; write 'azure', 'gcp'"),
        (["estimate", "--set", "cloud=azure", "--set", "region=eastu"], "region: 'eastu'"),
        (["estimate", "--set", "cloud=azure", "--set", "nodes.sim.sku=F4s_v2"], "did you mean Standard_F4s_v2"),
        (["estimat"], "'estimat' is not a command; did you mean estimate?"),
        (["prices", "lst"], "list"),
        (["estimate", "--budgt", "5"], "--budget"),
        (["compare", "3xCCX32"], "CCX33"),
    ],
)
def test_a_wrong_name_is_answered_with_the_nearest(arguments, line):
    result = CliRunner().invoke(main, arguments)

    assert result.exit_code == 2
    assert line in result.stderr


def test_a_message_never_steers_the_terminal():
    colored = "\x1b[31m"
    for arguments in (["estimate", "-f", f"{colored}.yaml"], ["estimate", "--set", f"{colored}=1"]):
        result = CliRunner().invoke(main, ["--color", "always", *arguments], color=True)

        assert result.exit_code == 2
        assert "\x1b" not in result.stderr
        assert r"\x1b[31m" in result.stderr


def test_standard_input_cannot_be_document_and_prices_at_once():
    result = CliRunner().invoke(main, ["estimate", "-f", "-", "--prices", "-"], input="{}")

    assert result.exit_code == 2
    assert result.stderr == "--prices: standard input is already the document of --file; name a file\n"


def test_a_closed_standard_input_is_told(monkeypatch, capsys):
    monkeypatch.setattr(command_input.sys, "stdin", None)

    with pytest.raises(SystemExit) as ending:
        command_input.read_document("-", "standard input")
    assert ending.value.code == 2
    assert capsys.readouterr().err.startswith("standard input: is closed; name a file")


def test_an_empty_file_is_a_document_that_states_nothing_but_no_price_sheet(tmp_path):
    empty = tmp_path / "empty.yaml"
    empty.touch()

    assert CliRunner().invoke(main, ["estimate", "-f", str(empty)]).exit_code == 0
    assert CliRunner().invoke(main, ["estimate", "--prices", str(empty)]).exit_code == 2

"""What a shell offers after Tab."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import livecost
from livecost.cli import main

OPERATOR = Path(livecost.__file__).parents[1]


@pytest.fixture
def complete(tmp_path):
    """What a real bash offers for the words before the cursor, by the script that livecost prints."""
    program = tmp_path / "livecost"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m livecost "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    script = tmp_path / "completion.bash"
    script.write_text(CliRunner().invoke(main, ["completion", "bash"]).stdout, encoding="utf-8")
    environment = {
        **os.environ,
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([str(OPERATOR), str(OPERATOR.parent)]),
    }

    def offers(*words):
        program = f"""
            compopt() {{ local IFS=' '; echo "compopt $*" >&2; }}
            source {script}
            COMP_WORDS=({" ".join(f"'{word}'" for word in words)})
            COMP_CWORD={len(words) - 1}
            _livecost_completion_goes_on livecost
            for offer in "${{COMPREPLY[@]}}"; do echo "$offer"; done
        """
        result = subprocess.run(
            ["bash", "--norc", "-c", program], env=environment, capture_output=True, text=True, check=True
        )
        return result.stdout.splitlines(), result.stderr.strip()

    return offers


pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["livecost", "est"], ["estimate"]),
        (["livecost", "prices", ""], ["list", "show"]),
        (["livecost", "estimate", "--bud"], ["--budget"]),
        (["livecost", "estimate", "-o", "m"], ["markdown"]),
        (["livecost", "prices", "list", "--cloud", "h"], ["hetzner", "hetzner-document"]),
        (["livecost", "recommend", "--cloud", "hetzner", "--region", "f"], ["fsn1"]),
        (["livecost", "prices", "show", "az"], ["azure/"]),
        (["livecost", "prices", "show", "aws/us-e"], ["aws/us-east-1/"]),
        (["livecost", "prices", "show", "aws/us-east-1/c7"], ["aws/us-east-1/c7g.xlarge", "aws/us-east-1/c7i.xlarge"]),
        (["livecost", "estimate", "--set", "demand.use"], ["demand.users=", "demand.usersPerSession="]),
        (["livecost", "estimate", "--set", "network.tiers[0].p"], ["network.tiers[0].perGB="]),
    ],
)
def test_bash_offers_what_can_stand_there(complete, words, offered):
    assert complete(*words)[0] == offered


def test_a_field_goes_on_without_a_blank(complete):
    assert complete("livecost", "estimate", "--set", "fleet.c") == (["fleet.customers="], "compopt -o nospace")


def test_a_file_is_completed_by_the_shell(complete):
    assert complete("livecost", "estimate", "-f", "cust") == ([], "compopt -o default")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_a_script_of_their_own(shell):
    assert f"_LIVECOST_COMPLETE={shell}_complete" in CliRunner().invoke(main, ["completion", shell]).stdout


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_an_installed_shell_accepts_its_script(shell):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    script = CliRunner().invoke(main, ["completion", shell]).stdout

    subprocess.run([shell, "-n"], input=script, text=True, check=True)

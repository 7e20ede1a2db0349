"""Names and places of live customers, as they are written on the command line."""

import pytest
from click.testing import CliRunner

from livecost.cli import main
from livecost.kubectl import kubectl_livecost

COMMANDS = (
    ["cluster", "explain"],
    ["cluster", "recommend"],
    ["cluster", "what-if", "--set", "users=1"],
    ["export", "focus"],
)


@pytest.fixture(autouse=True)
def no_cluster(monkeypatch, tmp_path):
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "absent"))
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[1])
@pytest.mark.parametrize("name", ["", "a/b", "..", "\x1b[31m", "A", "x" * 254])
def test_what_can_be_no_objects_name_is_refused(command, name):
    for arguments in ([*command, name], [*command, "st-marys", "-n", name]):
        result = CliRunner().invoke(main, arguments)

        assert result.exit_code == 2
        assert "is no object's name" in result.stderr
        assert "\x1b" not in result.stderr


def test_without_a_kubeconfig_its_place_is_told(tmp_path):
    result = CliRunner().invoke(main, ["cluster", "list"])

    assert result.exit_code == 2
    assert result.stderr == f"Error: {tmp_path}/absent does not exist; name a kubeconfig with --kubeconfig\n"
    result = CliRunner().invoke(main, ["cluster", "list", "--kubeconfig", "\x1b[31m"])
    assert result.stderr == "Error: \\x1b[31m does not exist; name a kubeconfig with --kubeconfig\n"


def test_kubectls_recommend_is_the_live_one_and_the_rest_of_livecost_is_there():
    assert "NAME" in CliRunner().invoke(kubectl_livecost, ["recommend", "--help"]).stdout
    assert "--sessions-per-day" in CliRunner().invoke(main, ["recommend", "--help"]).stdout
    listed = CliRunner().invoke(kubectl_livecost, ["--help"]).stdout
    assert all(f"  {name} " in listed for name in ("explain", "what-if", "list", "estimate", "fleet", "export"))

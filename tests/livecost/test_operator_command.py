"""`livecost operator`: every setting is an option, and settings that cannot work are refused."""

import dataclasses

import pytest
from click.testing import CliRunner

from livecost import operator_command
from livecost.cli import main
from livecost.settings import Settings

OPTIONS = {option.name: option for option in operator_command.operator.params}


@pytest.fixture
def started(monkeypatch):
    """The settings that the operator would run with; it never runs."""
    found = []

    async def run(settings):
        found.append(settings)

    monkeypatch.setattr(operator_command, "run", run)
    monkeypatch.setattr(operator_command, "configure_logs", lambda level, log_format: None)
    return found


@pytest.fixture
def invoke(started):
    return lambda *arguments, **environment: CliRunner().invoke(main, ["operator", *arguments], env=environment)


def test_every_setting_is_an_option_with_help_and_the_same_default():
    fields = {field.name: field.default for field in dataclasses.fields(Settings)}

    assert fields.keys() == OPTIONS.keys()
    for name, default in fields.items():
        option = OPTIONS[name]
        assert option.help
        assert (option.default if isinstance(option.default, bool | int | float | str) else default) == default, name


def test_every_setting_is_an_environment_variable_that_help_names(invoke):
    text = invoke("--help").output

    for name, option in OPTIONS.items():
        flag = option.opts[0].removeprefix("--").replace("-", "_").upper()
        assert f"LIVECOST_{flag}" in text.replace("\n", ""), name


def test_without_options_the_settings_are_the_defaults(invoke, started):
    assert invoke().exit_code == 0
    assert started == [Settings()]


def test_options_and_environment_reach_the_settings(invoke, started):
    result = invoke("--namespace", "a", "--namespace", "b", "--no-leader-elect", LIVECOST_WORKERS="3")

    assert result.exit_code == 0
    (settings,) = started
    assert (settings.namespaces, settings.leader_elect, settings.workers) == (("a", "b"), False, 3)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--lease-renew-deadline-seconds", "8"], "--lease-renew-deadline-seconds"),
        (["--lease-duration-seconds", "5"], "--lease-renew-deadline-seconds"),
        (["--lease-retry-seconds", "5"], "--lease-retry-seconds"),
        (["--observation-step-seconds", "300", "--observation-window-seconds", "299"], "--observation-step-seconds"),
        (["--workers", "0"], "--workers"),
        (["--events", "none-at-all"], "--events"),
        (["--log-level", "loud"], "--log-level"),
        (["--listen-port", "65536"], "--listen-port"),
        (["--lease-retry-seconds", "nan"], "--lease-retry-seconds"),
    ],
)
def test_settings_that_cannot_work_are_refused_by_name(invoke, started, arguments, named):
    result = invoke(*arguments)

    assert result.exit_code == 2
    assert named in result.output
    assert started == []

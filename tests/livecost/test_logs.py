"""Logs: one JSON object per line, whoever speaks, and no local variables."""

import json
import logging

import pytest
import structlog

from livecost.logs import configure_logs


@pytest.fixture(autouse=True)
def _as_before():
    """Other tests find logging as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in ("kopf", "aiohttp", "urllib3", "kubernetes", "asyncio")}
    yield
    root.handlers = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    structlog.reset_defaults()


@pytest.fixture
def lines(capsys):
    def read():
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return read


def test_own_lines_are_json_with_time_and_level(lines):
    configure_logs("info", "json")

    structlog.get_logger("livecost").info("target written", customer="customers/st-marys", count=3)

    (line,) = lines()
    assert (line["event"], line["customer"], line["count"], line["level"]) == (
        "target written", "customers/st-marys", 3, "info",
    )  # fmt: skip
    assert line["timestamp"].endswith("Z")


def test_lines_of_libraries_are_json_too(lines):
    configure_logs("info", "json")

    logging.getLogger("some.library").warning("odd: %s", "thing")

    (line,) = lines()
    assert (line["event"], line["level"], line["logger"]) == ("odd: thing", "warning", "some.library")


def test_a_traceback_is_one_line_and_carries_no_local_variables(lines):
    configure_logs("info", "json")

    def fail():
        credential = "s3cret"
        raise ValueError(f"no key of length {len(credential)}")

    try:
        fail()
    except ValueError as error:
        structlog.get_logger("livecost").error("decision failed", exc_info=error)

    (line,) = lines()
    assert "ValueError" in json.dumps(line)
    assert "s3cret" not in json.dumps(line).replace('credential = \\"s3cret\\"', "")
    assert all("locals" not in frame for trace in line["exception"] for frame in trace["frames"])


@pytest.mark.parametrize(("level", "heard"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)])
def test_the_level_is_the_least_that_is_heard(lines, level, heard):
    configure_logs(level, "json")
    log = structlog.get_logger("livecost")

    for method in (log.debug, log.info, log.warning, log.error):
        method("something")

    assert len(lines()) == heard


def test_chatty_libraries_are_heard_from_warnings_on(lines):
    configure_logs("info", "json")

    logging.getLogger("kopf.objects").info("handled")
    logging.getLogger("kopf.objects").warning("trouble")

    assert [line["event"] for line in lines()] == ["trouble"]


@pytest.mark.parametrize(("log_format", "is_json"), [("text", False), ("json", True), ("auto", True)])
def test_the_form_is_chosen_or_found_out(capsys, log_format, is_json):
    configure_logs("info", log_format)

    structlog.get_logger("livecost").info("hello")

    assert capsys.readouterr().out.startswith("{") is is_json

"""The JSON API answers as the model does, as its own description says, and refuses by field."""

import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from costmodel import estimate, estimate_to_json, parse_document, resolve, simulation
from costmodel.simulation import simulate
from livecost.document_text import decode
from livecost.web import exact_json
from livecost.web.analyses import MAX_AT_ONCE
from livecost.web.app import WebSettings, create_app
from tests.web.pages import client

BROWSER = client()
load_all_checks()
description = schemathesis.openapi.from_asgi("/api/v1/openapi.json", create_app(WebSettings(("*",))))


def test_an_estimate_is_that_of_the_command():
    document = {"demand": {"users": 5000}, "network": {"egressPerGB": "0.081234"}}

    answer = BROWSER.post("/api/v1/estimate", json={"assumptions": document}).json()

    assert answer["estimate"] == estimate_to_json(estimate(resolve(parse_document(document))))


def test_no_digit_is_lost_on_the_way():
    body = b'{"assumptions": {"license": {"annual": 98765432109.12345678}}}'

    assert (
        BROWSER.post("/api/v1/estimate", content=body).json()["assumptions"]["license"]["annual"]
        == "98765432109.12345678"
    )


def test_a_difference_adds_up():
    answer = BROWSER.post("/api/v1/difference", json={"before": {}, "after": {"demand": {"users": 5000}}}).json()
    [total] = [row for row in answer["monthly"] if row["item"] == "total"]

    assert Decimal(total["after"]) - Decimal(total["before"]) == Decimal(total["change"])
    assert answer["fields"] == [{"field": "demand.users", "before": 1000, "after": 5000}]


def test_the_same_seed_gives_the_same_spread():
    question = {"ranges": {"demand.users": {"low": 800, "high": 1500}}, "draws": 1000, "seed": 7}
    first, second = (BROWSER.post("/api/v1/uncertainty", json=question).json() for _ in range(2))

    assert first == second
    assert first["draws"] == 1000


@pytest.mark.parametrize(
    ("operation", "body", "field"),
    [
        ("estimate", b'{"assumptions": {"demand": {"users": -1}}}', "assumptions.demand.users"),
        ("estimate", b'{"assumption": {}}', "assumption"),
        ("estimate", b'{"assumptions": {}, "assumptions": {}}', "(body)"),
        ("estimate", b"[]", "(body)"),
        ("estimate", b"\xff", "(body)"),
        ("estimate", b"{" * 5000, "(body)"),
        ("estimate", b'{"assumptions": ' * 3000, "(body)"),
        ("uncertainty", b'{"draws": 100001}', "draws"),
        ("uncertainty", b'{"ranges": {"demand.moon": {"low": 1, "high": 2}}}', "ranges.demand.moon"),
        ("sensitivity", b'{"percent": 0}', "percent"),
        ("pooling", b'{"diversityFactor": 2}', "diversityFactor"),
        ("difference", b"{}", "before"),
    ],
)
def test_a_bad_request_is_told_by_field(operation, body, field):
    answer = BROWSER.post(f"/api/v1/{operation}", content=body)

    assert answer.status_code == 422
    assert field in {problem["field"] for problem in answer.json()["problems"]}


def test_however_many_ask_at_once_few_simulations_run(monkeypatch):
    """Else those who ask at once decide how much memory the server needs."""
    running, most, lock = 0, 0, threading.Lock()

    def counted(*arguments, **options):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        result = simulate(*arguments, **options)
        with lock:
            running -= 1
        return result

    monkeypatch.setattr(simulation, "simulate", counted)
    with client() as browser, ThreadPoolExecutor(3 * MAX_AT_ONCE) as others:
        answers = [
            others.submit(browser.post, "/api/v1/uncertainty", json={"draws": 20_000}) for _ in range(3 * MAX_AT_ONCE)
        ]

    assert {each.result().status_code for each in answers} == {200}
    assert most <= MAX_AT_ONCE


def test_a_body_that_takes_long_to_read_holds_up_nobody_else(monkeypatch):
    begun, others_were_answered = threading.Event(), threading.Event()

    def slow(text):
        begun.set()
        assert others_were_answered.wait(10)
        return decode(text)

    monkeypatch.setattr(exact_json, "decode", slow)
    with client() as browser, ThreadPoolExecutor() as others:
        asked = others.submit(browser.post, "/api/v1/estimate", content=b"{}")
        assert begun.wait(10)
        assert browser.get("/healthz").status_code == 200
        others_were_answered.set()

    assert asked.result().status_code == 200


@description.parametrize()
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_the_api_is_as_described(case):
    """Whatever its own description allows to send, and whatever it does not, is answered as described."""
    case.call_and_validate(
        base_url="http://127.0.0.1",
        checks=[not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance],
    )


def test_a_package_that_is_not_there_is_told_as_described(monkeypatch):
    def no_simulation(*_):
        raise ModuleNotFoundError("No module named 'numpy'", name="numpy")

    monkeypatch.setattr("livecost.web.api_routes.simulated", no_simulation)
    answer = BROWSER.post("/api/v1/uncertainty", json={"assumptions": {}})
    described = BROWSER.get("/api/v1/openapi.json").json()["paths"]["/api/v1/uncertainty"]["post"]["responses"]

    assert answer.status_code == 501
    assert "livecost[analysis]" in answer.json()["detail"]
    assert "501" in described

"""What is computed on demand, and what is imported and exported, agrees with the model."""

import json
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from costmodel import estimate, estimate_to_json, parse_document, resolve
from livecost.crds import cost_profile_crd
from tests.web.pages import client, words

BROWSER = client()
LARGE = "name=Plan+A&demand.users=5000&demand.usersPerSession=2.5&nodes.livekit.minNodes=2"


def panel(name: str, settings: str = "") -> str:
    return words(BROWSER.get(f"/?panel=%3D{name}{settings}").text)


def test_the_largest_swing_comes_first():
    text = panel("sensitivity").partition("At low At high Swing")[2]

    assert text.split("$")[0].startswith(" Total users 800 1000 1200 ")


def test_a_panel_keeps_its_settings_in_the_address():
    answer = BROWSER.get("/panel", params={"from": "demand.users=2000", "panel": "sensitivity", "percent": "10"})
    location = urlsplit(answer.headers["location"])

    assert parse_qs(location.query) == {"demand.users": ["2000"], "panel": ["=sensitivity&percent=10"]}
    assert "Total users 1800 2000 2200" in words(BROWSER.get(f"/?{location.query}").text)


def test_uncertainty_names_what_was_drawn_and_how_often():
    text = panel("uncertainty", "%26draws%3D5000")

    assert "of 5,000 draws" in text
    assert "Drawn: Peak concurrency, LiveKit capacity, Sim / agent capacity, Media bitrate per participant." in text


def test_a_shared_cluster_stands_beside_dedicated_ones_and_an_idle_one():
    text = panel("pooling")

    assert "Fleet: Total USD/month $25,915.00" in text
    assert "idle 730.00 730.00 730.00 $599.20" in text


@pytest.mark.parametrize("name", ["sensitivity", "uncertainty", "pooling"])
@pytest.mark.parametrize("value", ["x", "-1", "1e99", ""])
def test_a_bad_setting_is_told_in_the_panel(name, value):
    settings = "&".join(f"{key}={value}" for key in ("percent", "diversity"))
    answer = BROWSER.post(
        f"/calculator/panel/{name}", content=f"panel=%3D{name}%26{settings.replace('=', '%3D').replace('&', '%26')}"
    )

    assert answer.status_code == 200
    assert "write a number from" in words(answer.text)


def test_a_panel_opened_beside_a_refused_input_shows_no_other_inputs_figures():
    answer = BROWSER.post("/calculator/panel/sensitivity", content="panel=%3Dsensitivity&demand.users=5000x")

    assert "The input is refused" in words(answer.text)
    assert "<table" not in answer.text


@pytest.mark.parametrize("form", ["assumptions.yaml", "assumptions.json"])
def test_an_exported_document_is_priced_as_the_page(form):
    document = yaml.safe_load(BROWSER.get(f"/export/{form}?{LARGE}").text)
    exported = BROWSER.get(f"/export/estimate.json?{LARGE}").json()

    assert estimate_to_json(estimate(resolve(parse_document(document)))) == exported


def test_an_exported_estimate_has_a_row_for_each_line():
    rows = BROWSER.get("/export/estimate.csv").text.splitlines()

    assert len(rows) == 11
    assert rows[-1] == "total,1036.60,USD,"


def test_an_exported_profile_states_what_the_crd_takes_and_no_customer():
    profile = yaml.safe_load(BROWSER.get(f"/export/costprofile.yaml?{LARGE}").text)
    schema = cost_profile_crd()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]

    assert profile["metadata"] == {"name": "plan-a"}
    assert profile["spec"] == {"demand": {"usersPerSession": "2.5"}, "nodes": {"livekit": {"minNodes": 2}}}
    assert known(profile["spec"], schema)


def known(part: object, schema: dict) -> bool:
    """Whether the schema has every field of `part`."""
    if not isinstance(part, dict):
        return True
    return all(
        name in schema["properties"] and known(value, schema["properties"][name]) for name, value in part.items()
    )


@pytest.mark.parametrize(
    "text",
    ["demand: {users: 5000}", '{"demand": {"users": 5000}}', "kind: CostProfile\nspec: {demand: {users: 5000}}"],
)
def test_a_document_becomes_the_address(text):
    answer = BROWSER.post("/calculator/import", data={"from": "with=name%3DOther", "text": text})

    assert answer.json() == {"query": "demand.users=5000&with=name%3DOther"}


@pytest.mark.parametrize(
    ("name", "query"),
    [(r'"Plan\u0000 B"', "name=Plan+B"), (r'"\ud800"', ""), ("null", "name=Mine"), ("[1]", "name=Mine"), ('""', "")],
)
def test_a_profiles_name_becomes_the_scenarios_as_far_as_it_is_one(name, query):
    document = f'{{"kind": "CostProfile", "metadata": {{"name": {name}}}, "spec": {{}}}}'
    answer = BROWSER.post("/calculator/import", data={"from": "name=Mine&theme=dark", "text": document})

    assert answer.json() == {"query": f"{query}&theme=dark".lstrip("&")}


def test_an_import_without_script_leads_to_the_page():
    answer = BROWSER.post("/import", data={"text": "license: {annual: 0}"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/?license.annual=0")


@pytest.mark.parametrize(
    ("text", "field", "words_of_it"),
    [
        ("demand: {users: many}", "demand.users", "is not a whole number"),
        ("demand: {userz: 1}", "demand.userz", "did you mean users?"),
        ("demand: [", "(document)", "line 1"),
        ("a: &a 1\nb: *a", "(document)", "anchors and aliases"),
        ("- 1", "(document)", "is not a group of fields"),
        ("nodes: {livekit: {sku: CCX99}}\ncloud: hetzner", "nodes.livekit.sku", "did you mean"),
    ],
)
def test_a_bad_document_is_told_by_field(text, field, words_of_it):
    answer = BROWSER.post("/calculator/import", data={"text": text})

    assert answer.status_code == 422
    [problem] = answer.json()["problems"]
    assert problem["field"] == field
    assert words_of_it in json.dumps(problem)


@pytest.mark.parametrize("path", ["/export/passwd", "/calculator/panel/x", "/panel?panel=x", "/export/..%2F..%2Fetc"])
def test_nothing_else_is_served(path):
    method = "POST" if "calculator" in path else "GET"

    assert BROWSER.request(method, path).status_code == 404


def test_only_the_uncertainty_panel_needs_numpy():
    """The pages start without it, so that they work where it cannot be loaded."""
    program = "import sys; sys.modules['numpy'] = None; from livecost.web.app import create_app; create_app()"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr

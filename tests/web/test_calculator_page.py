"""The calculator's page shows what the model says, and survives whatever its address says."""

import html
import re
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livecost.web.protection import HEADERS
from tests.web.pages import client, words

BROWSER = client()


def get(query: str = "") -> str:
    return words(BROWSER.get(f"/?{query}").text)


def test_the_page_opens_with_the_cost_pages_figures():
    text = get()

    for figure in ("$1,036.60", "$12,439.20", "$22,560.80", "64 % of license", "$35,000.00"):
        assert figure in text
    for figure in ("$310,980", "$875,000", "$564,020"):
        assert figure in text


def test_the_page_tells_why_a_count_is_what_it_is():
    rooms = "demand.users=20000&capacity.participantsPerNode=100&demand.usersPerSession=49"
    assert "as a room never splits" in get(rooms)
    assert "HA floor: raised from 1 to the minimum of 3" in get("nodes.livekit.minNodes=3")
    assert "cap: cut to the maximum of 2" in get("demand.users=9000&nodes.livekit.maxNodes=2")


def test_prices_show_their_source_their_day_and_a_second_hand_mark():
    text = get("cloud=azure&nodes.livekit.sku=Standard_F4s_v2")

    assert "Azure Retail Prices API" in text
    assert "2026-06-18" in text
    assert "second-hand" in text


def test_a_refused_field_is_told_beside_it_and_the_rest_is_still_there():
    answer = BROWSER.get("/?demand.users=1,000")

    assert answer.status_code == 422
    assert "has a thousands separator; write 1000 without it" in words(answer.text)
    assert 'aria-invalid="true"' in answer.text
    assert "$1,036.60" in words(answer.text)


def test_a_refused_field_leaves_the_figures_of_the_others_and_the_page_says_so():
    text = get("demand.users=5000&license.annual=1,000")
    assert "$3,603.80" in text
    assert "Input refused; the figures are without it" in text

    text = get("demand.users=5000&demand.usersPerSession=500")
    assert "$1,036.60" in text
    assert "Input refused; these are the figures of the defaults" in text


def test_a_refused_field_takes_no_choices_from_the_others():
    page = BROWSER.get("/?cloud=azure&nodes.livekit.sku=Standard_F4s_v2&demand.users=x").text

    assert 'value="Standard_F4s_v2" selected' in page
    assert '<select id="region"' in page


def test_a_form_without_script_states_only_what_was_changed():
    form = {
        "from": "license.annual=40000",
        "demand.users": "5000",
        "license.annual": "40000",
        "demand.agentsPerSession": "2",
    }
    answer = BROWSER.get("/", params=form)

    assert answer.status_code == 303
    assert answer.headers["location"] == "/?license.annual=40000&demand.users=5000"


@pytest.mark.parametrize(
    "query", ["demand.users=5&license.annual=x", "cloud=azure&nodes.livekit.sku=Standard_F4s_v2&license.annual=x"]
)
def test_a_refused_form_sent_again_without_script_states_nothing_more(query):
    page = BROWSER.get(f"/?{query}").text
    inputs = re.findall(r'<input id="[^"]*" name="([^"]*)" type="text"[^>]* value="([^"]*)"', page)
    shown = {name: html.unescape(value) for name, value in inputs}
    assert shown["demand.usersPerSession"] == "4"

    assert BROWSER.get("/", params={"from": query, **shown}).headers["location"] == f"/?{query}"


def test_a_reset_without_script_drops_the_field():
    answer = BROWSER.get("/", params={"from": "license.annual=4&demand.users=5", "reset": "demand.users"})

    assert answer.headers["location"] == "/?license.annual=4"


def test_with_a_cloud_its_machines_are_reset():
    azure = BROWSER.post("/calculator/update?cloud=azure", content="demand.users=5&region=x").json()["query"]

    assert BROWSER.get("/", params={"from": azure, "reset": "cloud"}).headers["location"] == "/?demand.users=5"
    assert BROWSER.post("/calculator/update?cloud=", content=azure).json()["query"] == "demand.users=5"


def test_another_way_to_state_the_peak_replaces_the_first():
    form = {
        "from": "demand.peakConcurrencyPercent=20",
        "demand.peakConcurrencyPercent": "20",
        "demand.concurrency": "7",
    }

    assert BROWSER.get("/", params=form).headers["location"] == "/?demand.concurrency=7"


def test_a_cloud_brings_its_machine_types_and_drops_the_old_ones():
    answer = BROWSER.post("/calculator/update?cloud=hetzner", content="cloud=azure&nodes.livekit.sku=Standard_F4s_v2")
    update = answer.json()

    assert "nodes.livekit.sku=CCX23" in update["query"]
    assert "Standard" not in update["query"]
    assert update["currency"] == "EUR"
    assert 'value="CCX23" selected' in update["form"]


@pytest.mark.parametrize("theme", ["dark", "light", "no such"])
def test_a_link_may_choose_the_colors(theme):
    answer = BROWSER.get(f"/?theme={theme}&demand.users=5000")

    assert answer.status_code == 200
    assert "$3,603.80" in words(answer.text)


def test_scenarios_stand_side_by_side_with_the_reasons():
    text = get("with=name%3DLarge%26demand.users%3D5000")

    assert "$1,036.60 $2,961.40" in text or "Large" in text
    assert "Why Large costs another amount than Current" in text
    assert "Total users: 1000 → 5000" in text


def test_a_difference_names_an_alternative_by_its_own_name():
    other = quote("name=Tiers&network.tiers=0.09 up to 10 GB, 0.05&demand.concurrency=9", safe="")

    text = get(f"with={other}")
    assert "Egress price tiers: none → 0.09 up to 10 GB, 0.05" in text
    assert "Peak concurrent users: none → 9" in text


def test_a_refused_scenario_does_not_hide_the_others():
    text = get("with=name%3DBroken%26demand.users%3Dx")

    assert "Broken" in text
    assert "$1,036.60" in text


@pytest.mark.parametrize(
    "path", ["/", "/?demand.users=x", "/nothing", "/static/base.css", "/api/v1/nothing", "/healthz"]
)
def test_every_answer_forbids_foreign_content(path):
    headers = BROWSER.get(path).headers

    assert {name: headers.get(name) for name in HEADERS} == HEADERS
    assert "set-cookie" not in headers


def test_a_page_loads_nothing_of_another_origin_and_has_no_inline_script_or_style():
    page = BROWSER.get("/").text

    assert "http://" not in page.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "https://" not in page
    assert "style=" not in page
    assert "<script>" not in page
    assert " on" not in "".join(part for part in page.split("<")[1:] if 'onclick="' in part)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "a b"])
def test_another_name_is_not_answered(host):
    assert BROWSER.get("/", headers={"Host": host}).status_code == 400


def test_a_name_that_is_allowed_is_answered_and_the_health_by_any():
    assert client("cost.example.com").get("/", headers={"Host": "cost.example.com"}).status_code == 200
    assert BROWSER.get("/healthz", headers={"Host": "10.1.2.3"}).status_code == 200


def test_a_page_of_another_site_makes_nothing_be_computed():
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}

    assert BROWSER.post("/calculator/update", headers=foreign).status_code == 403
    assert BROWSER.post("/import", headers=foreign, data={"text": "{}"}).status_code == 403
    assert BROWSER.get("/?demand.users=5", headers=foreign).status_code == 200
    assert BROWSER.post("/calculator/update", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/healthz"])
def test_a_probe_may_ask_for_the_head_only(path):
    answer = BROWSER.head(path)

    assert (answer.status_code, answer.headers["X-Frame-Options"]) == (200, "DENY")


def test_too_much_is_refused():
    assert BROWSER.post("/calculator/update", content=b"a" * 70_000).status_code == 413
    assert BROWSER.post("/calculator/update", content=(b"a" * 10_000 for _ in range(7))).status_code == 413
    assert BROWSER.get("/?" + "a" * 40_000).status_code == 414


@settings(max_examples=60)
@given(st.text(max_size=200))
def test_no_address_breaks_the_page(query):
    answer = BROWSER.get("/?" + quote(query, safe="=&%.", errors="replace"))

    assert answer.status_code in {200, 303, 422}


@settings(max_examples=60)
@given(st.binary(max_size=200))
def test_no_edit_breaks_the_page(body):
    assert BROWSER.post("/calculator/update", content=body).status_code in {200, 422}

"""Somebody watches the live customers of a real cluster in a real browser."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from e2e.web.axe import DESKTOP, FLEET_PAGES, PHONE, SCHEMES, Scheme, examine
from e2e.web.axe_report import show_trend
from e2e.web.live_fleet import VIEWER, LiveFleet, live_fleet
from e2e.web.serving import serving

OpenFleet = Callable[..., Page]

PLAN = {
    "name": "Plan A",
    "cloud": "azure",
    "region": "westeurope",
    "nodes.livekit.sku": "Standard_F4s_v2",
    "nodes.livekit.minNodes": "2",
    "nodes.sim.hourly": "0.1875",
    "demand.users": "4000",
    "demand.concurrency": "400",
    "demand.usersPerSession": "2.5",
    "demand.schedule": '[{"days":["Mon","Fri"],"start":"08:00","end":"18:30","timeZone":"Europe/Berlin"}]',
    "network.tiers": "0.09 up to 10240 GB, 0.05",
    "media.kbps": "48",
    "license.annual": "43210.99",
}
"""A state of the calculator with something of each group."""

# Only ends a test that fails.
PATIENCE_MS = 45_000


@pytest.fixture(scope="module")
def fleet() -> Iterator[LiveFleet]:
    """The cluster, the operator and the pages."""
    with live_fleet() as found:
        found.running.until_condition("st-marys", "CostObserved", "True", "Observed")
        yield found


@pytest.fixture
def look(browser: Browser, fleet: LiveFleet) -> Iterator[OpenFleet]:
    """Opens a page below /fleet; a script that fails there fails the test."""
    expect.set_options(timeout=PATIENCE_MS)
    errors: list[str] = []
    contexts = []

    def open_one(path: str = "", **settings: object) -> Page:
        context = browser.new_context(**{"viewport": DESKTOP, "locale": "en-US", **settings})  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{fleet.address}/fleet{path}")
        page.evaluate("window.sameDocument = true")
        return page

    yield open_one
    for context in contexts:
        context.close()
    expect.set_options(timeout=5000)
    assert errors == []


def row(page: Page, name: str) -> Locator:
    """A customer's row."""
    return page.locator(f'tr[data-key="/fleet/default/{name}"]')


def names(page: Page) -> list[str]:
    """The customers in the order of the table."""
    return page.locator("#rows th a").all_text_contents()


def test_the_rows_are_those_of_kubectl(fleet: LiveFleet, look: OpenFleet) -> None:
    page = look()
    for name in ("st-marys", "riverside", "metro-general"):
        summary = fleet.running.status(name)["summary"]
        for figure in ("livekit", "sim", "projected"):
            expect(row(page, name)).to_contain_text(summary[figure])
        expect(row(page, name)).to_contain_text("AsPlanned")
    expect(row(page, "st-marys")).to_contain_text("$1,036.60")
    expect(page.locator("#totals")).to_contain_text("$7,485.05")
    expect(page.locator("#live-fleets")).to_contain_text("everybody")


def test_a_customer_appears_changes_and_goes_without_a_reload(fleet: LiveFleet, look: OpenFleet) -> None:
    page = look()
    expect(row(page, "newcomer")).to_have_count(0)
    fleet.running.apply("newcomer", {"concurrency": 100}, {})
    expect(row(page, "newcomer")).to_contain_text("$1,036.60")
    expect(page.locator("#totals")).to_contain_text("All 4 customers")

    fleet.running.edit("newcomer", {"concurrency": 400})
    shown = fleet.running.until
    shown("it is sized anew", lambda: fleet.running.status("newcomer").get("observedGeneration") == 2)
    expect(row(page, "newcomer")).to_contain_text(fleet.running.status("newcomer")["summary"]["projected"])
    expect(row(page, "newcomer")).not_to_contain_text("$1,036.60")

    fleet.running.cluster.kubectl("delete", "customercluster", "newcomer")
    expect(row(page, "newcomer")).to_have_count(0)
    expect(page.locator("#totals")).to_contain_text("All 3 customers")
    assert page.evaluate("window.sameDocument"), "the page was loaded anew"


def test_the_table_is_sorted_and_filtered_by_keyboard(look: OpenFleet) -> None:
    page = look()
    page.locator("#sort-projected").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#columns [aria-sort=ascending]")).to_have_text("Projected")
    assert names(page) == ["riverside", "st-marys", "metro-general"]
    expect(page.locator("#sort-projected")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#columns [aria-sort=descending]")).to_have_text("Projected")
    assert names(page) == ["metro-general", "st-marys", "riverside"]

    page.get_by_role("searchbox", name="Words").press_sequentially("river")
    expect(page.locator("#rows tr")).to_have_count(1)
    expect(page.locator("#totals")).to_contain_text("1 of 3 customers")
    assert page.url.endswith("/fleet?sort=projected&dir=desc&q=river")
    page.reload()
    assert names(page) == ["riverside"]
    page.get_by_role("link", name="Clear").press("Enter")
    expect(page.locator("#rows tr")).to_have_count(3)
    page.get_by_role("combobox", name="Cloud").select_option("gcp")
    expect(page.locator("#rows tr")).to_have_count(1)
    page.get_by_role("combobox", name="Condition").select_option("Ready:False")
    expect(page.get_by_text("No customer passes the filter.")).to_be_visible()
    page.go_back()
    expect(page.locator("#rows tr")).to_have_count(1)
    expect(page.get_by_role("combobox", name="Condition")).to_have_value("")


def test_a_customers_page_explains_it_and_opens_it_in_the_calculator(fleet: LiveFleet, look: OpenFleet) -> None:
    page = look()
    row(page, "metro-general").get_by_role("link").click()
    status = fleet.running.status("metro-general")
    expect(page.locator("#projected")).to_have_text(status["summary"]["projected"])
    expect(page.locator("#cost")).to_contain_text("kube-state-metrics")
    expect(page.locator("#conditions")).to_contain_text(status["conditions"][0]["message"])
    expect(page.locator("#pools")).to_contain_text("participants at")
    expect(page.locator("#terms")).to_contain_text("always on")
    page.get_by_role("link", name="Open in the calculator").click()
    expect(page.locator("#headline")).to_contain_text(status["summary"]["projected"])
    expect(page.get_by_role("textbox", name="Scenario name")).to_have_value("metro-general")


def test_an_exported_profile_is_taken_by_the_api_server_and_gives_the_same_total(
    fleet: LiveFleet, look: OpenFleet, tmp_path: Path
) -> None:
    page = look(f"/../?{urlencode(PLAN)}")
    expect(page.locator("#peaks")).to_contain_text("save")
    total = page.locator("#headline dd").first.inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="CostProfile manifest").click()
    manifest = tmp_path / "profile.yaml"
    download.value.save_as(manifest)

    cluster = fleet.running.cluster
    assert cluster.kubectl("apply", "--dry-run=server", "-f", str(manifest)).split() == [
        "costprofile.livecost.dev/plan-a", "created", "(server", "dry", "run)",
    ]  # fmt: skip
    cluster.apply(manifest.read_text())
    fleet.running.apply("on-plan-a", {"users": 4000, "concurrency": 400, "profileRef": {"name": "plan-a"}}, {})
    fleet.running.until_condition("on-plan-a", "Sized", "True", "Sized")

    assert fleet.running.status("on-plan-a")["summary"]["projected"] == total
    page.goto(f"{fleet.address}/fleet/default/on-plan-a")
    expect(page.locator("#projected")).to_have_text(total)
    cluster.kubectl("delete", "customercluster", "on-plan-a")
    cluster.kubectl("delete", "costprofile", "plan-a")


def test_a_customers_page_follows_an_edit_and_tells_a_deletion(fleet: LiveFleet, look: OpenFleet) -> None:
    fleet.running.apply("watched", {"concurrency": 100}, {})
    fleet.running.until_condition("watched", "Sized", "True", "Sized")
    page = look("/default/watched")
    expect(page.locator("#projected")).to_have_text("$1,036.60")
    fleet.running.edit("watched", {"concurrency": 120, "budget": {"monthly": 100}})
    expect(page.locator("#conditions")).to_contain_text("OverBudget")
    expect(page.locator("#terms")).to_contain_text("$100.00")
    fleet.running.cluster.kubectl("delete", "customercluster", "watched")
    expect(page.locator("#watch")).to_contain_text("There is no customer watched")
    expect(page.locator("#cost")).to_be_empty()


def test_the_trend_is_that_of_prometheus(look: OpenFleet) -> None:
    for path in ("", "/default/st-marys"):
        page = look(path)
        page.locator("#span-1h").click()
        expect(page.locator("#trend figcaption")).to_contain_text(re.compile(r"Observed run rate \$[0-9]"))
        expect(page.locator("#trend svg")).to_have_attribute("role", "img")


def test_a_broken_watch_is_told_and_mended(fleet: LiveFleet, look: OpenFleet) -> None:
    page = look()
    fleet.way.cut()
    try:
        expect(page.locator("#watch")).to_contain_text("Stale since")
        expect(page.locator("#watch")).to_contain_text("see that the cluster runs")
        expect(row(page, "st-marys")).to_contain_text("$1,036.60")
        page.goto(f"{fleet.address}/")
        expect(page.locator("#headline")).to_contain_text("$1,036.60")
        page.goto(f"{fleet.address}/fleet/default/st-marys")
        expect(page.locator("#cost")).to_contain_text("$437.40")
    finally:
        fleet.way.mend()
    expect(page.locator("#watch")).not_to_contain_text("Stale since")


def test_a_server_that_ends_is_told_and_found_again(fleet: LiveFleet, browser: Browser) -> None:
    kubeconfig = ("--kubeconfig", str(fleet.running.cluster.admin_kubeconfig))
    page = browser.new_context(locale="en-US").new_page()
    with serving(*kubeconfig) as address:
        page.goto(f"{address}/fleet")
        expect(page.locator("#connection")).to_have_text("Live", timeout=PATIENCE_MS)
    expect(page.locator("#connection")).to_contain_text("Stale since", timeout=PATIENCE_MS)
    with serving(*kubeconfig, "--port", address.rpartition(":")[2]):
        expect(page.locator("#connection")).to_have_text("Live", timeout=PATIENCE_MS)
        expect(row(page, "st-marys")).to_contain_text("$1,036.60")
    page.context.close()


def test_missing_rights_are_told_with_the_remedy(fleet: LiveFleet, browser: Browser) -> None:
    page = browser.new_context(locale="en-US").new_page()
    with serving("--kubeconfig", str(fleet.running.cluster.kubeconfig_for("nobody"))) as address:
        page.goto(f"{address}/fleet")
        expect(page.locator("#watch")).to_contain_text("python -m livecost.rbac --viewer", timeout=PATIENCE_MS)
        expect(page.locator("#totals")).to_be_empty()
        page.get_by_role("link", name="calculator", exact=True).click()
        expect(page.locator("#headline")).to_contain_text("$1,036.60")
    page.context.close()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("path", FLEET_PAGES.values(), ids=FLEET_PAGES)
def test_axe_finds_nothing(look: OpenFleet, path: str, viewport: ViewportSize, scheme: Scheme) -> None:
    page = look(path.removeprefix("fleet"), viewport=viewport, color_scheme=scheme)
    show_trend(page)

    assert examine(page).violations == ()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.parametrize("path", ["", "/default/st-marys"])
def test_a_page_can_be_printed(look: OpenFleet, path: str) -> None:
    page = look(path, color_scheme="dark")
    expect(page.locator("#connection")).to_have_text("Live")
    page.emulate_media(media="print")
    text = page.locator("body").inner_text()

    assert "$1,036.60" in text
    assert page.url in text
    pressed = page.locator("button, a.button, input, select")
    assert [each for each in pressed.all() if each.is_visible()] == []
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(23, 32, 43)"
    if path:
        expect(page.get_by_role("rowheader", name="capacity.participantsPerNode")).to_be_visible()


def test_nothing_was_written_by_the_pages(fleet: LiveFleet) -> None:
    if not fleet.running.keeps_audit_log():
        pytest.skip("this cluster keeps no audit log")
    verbs = {event["verb"] for event in fleet.running.cluster.audit_events() if event["user"]["username"] == VIEWER}

    assert verbs == {"get", "list", "watch"}, json.dumps(sorted(verbs))

"""Somebody uses the calculator with the keyboard and reads the page."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import yaml
from playwright.sync_api import Page, Route, expect

from e2e.web.conftest import OpenPage

COST_PAGE = {
    "Total users": "1000",
    "Peak concurrency": "10",
    "Users per session": "4",
    "AI agents per session": "2",
    "LiveKit capacity": "200",
    "Sim / agent capacity": "50",
    "LiveKit node price": "0.24",
    "Sim / agent node price": "0.20",
    "System node price": "0.10",
    "System nodes": "1",
    "Kubernetes control plane": "75",
    "Redis": "50",
    "Load balancer / ingress": "20",
    "Storage and logs": "30",
    "Observability": "30",
    "Media bitrate per participant": "1.2",
    "Usage at the peak": "60",
    "Egress price": "0.09",
    "Annual license": "35000",
    "Customers in the fleet": "25",
}
OTHER = (
    "?demand.users=7&demand.peakConcurrencyPercent=3&demand.usersPerSession=2&demand.agentsPerSession=1&"
    "capacity.participantsPerNode=11&capacity.sessionsPerNode=12&nodes.livekit.hourly=9&nodes.sim.hourly=9&"
    "nodes.system.hourly=9&nodes.system.nodes=4&managedServices.controlPlane=1&managedServices.redis=1&"
    "managedServices.loadBalancer=1&managedServices.storageAndLogs=1&managedServices.observability=1&"
    "network.mediaMbps=3&network.usageHoursPerMonth=1&network.egressPerGB=1&license.annual=1&fleet.customers=2"
)


def write(page: Page, label: str, text: str) -> None:
    """Replace what an input holds, key by key."""
    name = re.compile("^" + label.replace("/", ".") + r"( \(|$)")
    box = page.get_by_role("textbox", name=name)
    box.press("Control+a")
    box.press("Delete")
    box.press_sequentially(text)


def test_the_cost_pages_assumptions_give_its_figures(open_page: OpenPage) -> None:
    page = open_page(OTHER)
    page.evaluate("window.sameDocument = true")
    for label, text in COST_PAGE.items():
        write(page, label, text)

    headline = page.locator("#headline")
    for figure in ("$1,036.60", "$12,439.20", "$22,560.80", "64 % of license", "$35,000.00"):
        expect(headline).to_contain_text(figure)
    fleet = page.locator("#fleet")
    for figure in ("$310,980", "$875,000", "$564,020"):
        expect(fleet).to_contain_text(figure)
    expect(page.locator("#breakdown table")).to_contain_text("$437.40")
    assert page.evaluate("window.sameDocument"), "the page was loaded anew"


def test_the_address_holds_what_was_typed_and_back_is_undo(open_page: OpenPage) -> None:
    page = open_page()
    write(page, "Total users", "5000")
    expect(page.locator("#headline")).to_contain_text("$3,603.80")
    write(page, "Annual license", "50000")
    expect(page.locator("#headline")).to_contain_text("$50,000.00")
    expect(page).to_have_url(re.compile(r"/\?demand\.users=5000&license\.annual=50000$"))

    page.reload()
    expect(page.locator("#headline")).to_contain_text("$3,603.80")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#headline")).to_contain_text("$35,000.00")
    page.get_by_role("button", name="Redo").click()
    expect(page.locator("#headline")).to_contain_text("$50,000.00")
    page.go_back()
    page.go_back()
    expect(page.locator("#headline")).to_contain_text("$1,036.60")
    expect(page.locator("#demand-users")).to_have_value("1000")


def test_bad_input_is_told_at_the_field_and_the_last_good_figures_stay(open_page: OpenPage) -> None:
    page = open_page()
    for text, remedy in (("1,000", "write 1000"), ("1.000,5", "write 1000"), ("many", "whole number"), ("", "reset")):
        write(page, "Total users", "5000")
        expect(page.locator("#headline")).to_contain_text("$3,603.80")
        box = page.locator("#demand-users")
        box.fill(text)
        expect(box).to_have_attribute("aria-invalid", "true")
        expect(box).to_have_accessible_description(re.compile(remedy))
        expect(page.get_by_text("these are the last good figures")).to_be_visible()
        expect(page.locator("#headline")).to_contain_text("$3,603.80")
    write(page, "Total users", "1000")
    expect(page.locator("#headline")).to_contain_text("$1,036.60")
    expect(page.locator("[aria-invalid]")).to_have_count(0)


def test_a_field_and_everything_can_be_reset(open_page: OpenPage) -> None:
    page = open_page("?demand.users=5000&license.annual=1")
    page.get_by_role("button", name="Reset Total users").click()
    expect(page.locator("#headline")).to_contain_text("$1,036.60")
    expect(page.locator("#demand-users")).to_have_value("1000")
    page.get_by_role("button", name="Reset all").click()
    expect(page.locator("#headline")).to_contain_text("$35,000.00")
    expect(page).to_have_url(re.compile("/$"))


def test_a_slider_moves_by_the_arrow_keys(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_role("slider", name="Total users, slider").press("ArrowRight")

    expect(page.locator("#demand-users")).to_have_value("1050")
    expect(page.locator("#sizes")).to_contain_text("105")


def test_a_cloud_brings_its_prices_currency_and_sources(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_role("combobox", name="Cloud").select_option("hetzner")

    expect(page.locator("#nodes-livekit-sku")).to_have_value("CCX23")
    expect(page.locator("#headline")).to_contain_text("€")
    expect(page.locator("#sources")).to_contain_text("2026")
    expect(page.locator("label[for=license-annual]")).to_contain_text("EUR/year")


def test_an_edit_that_overtakes_a_chosen_cloud_loses_neither(open_page: OpenPage) -> None:
    page = open_page()
    held: list[Route] = []
    page.route("**/calculator/update?cloud=*", lambda route: held.append(route))  # noqa: PLW0108 - it is marked
    page.get_by_role("combobox", name="Cloud").select_option("azure")
    users = page.locator("#demand-users")
    users.fill("5000")
    for _ in range(500):
        if len(held) < 2:
            page.wait_for_timeout(10)
    assert len(held) == 2
    held[-1].continue_()

    expect(page.locator("#nodes-livekit-sku")).to_have_value("Standard_F4s_v2")
    expect(page).to_have_url(re.compile(r"demand\.users=5000&cloud=azure"))
    expect(users).to_be_focused()
    users.press("0")
    expect(users).to_have_value("50000")


def test_a_cloud_chosen_beside_a_refused_input_empties_no_other(open_page: OpenPage) -> None:
    page = open_page()
    page.locator("#demand-users").fill("many")
    page.get_by_role("combobox", name="Cloud").select_option("azure")
    expect(page.locator("#nodes-livekit-sku")).to_have_value("Standard_F4s_v2")
    expect(page.locator("#license-annual")).to_have_value("35000")
    page.get_by_role("button", name="Reset Cloud").click()
    expect(page.locator("#nodes-livekit-hourly")).to_have_value("0.24")
    expect(page.get_by_role("combobox", name="Cloud")).to_be_focused()
    expect(page).to_have_url(re.compile(r"/\?demand\.users=many$"))


def test_undo_at_once_and_redo_lose_no_key(open_page: OpenPage) -> None:
    page = open_page()
    write(page, "Total users", "2345")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#demand-users")).to_have_value("1000")
    page.get_by_role("button", name="Redo").click()
    expect(page.locator("#demand-users")).to_have_value("2345")


def test_skipping_to_the_content_is_no_edit(open_page: OpenPage) -> None:
    page = open_page()
    page.locator("#license-annual").fill("5")
    expect(page.locator("#headline")).to_contain_text("$5.00")
    page.get_by_role("link", name="Skip to content").press("Enter")
    expect(page.locator("#content")).to_be_focused()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#headline")).to_contain_text("$35,000.00")


def test_groups_stay_as_the_reader_left_them_and_one_with_something_stated_opens(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_text("Managed services", exact=True).click()
    page.get_by_text("Audio media instead of a bitrate").click()
    page.get_by_role("combobox", name="Cloud").select_option("azure")
    expect(page.locator("#nodes-livekit-sku")).to_have_value("Standard_F4s_v2")
    expect(page.locator("#managedServices-redis")).to_be_hidden()
    expect(page.locator("#media-kbps")).to_be_visible()

    page = open_page("?media.kind=audio&media.kbps=many")
    expect(page.locator("#problem-media-kbps")).to_be_visible()


def test_stating_the_peak_another_way_empties_the_first(open_page: OpenPage) -> None:
    page = open_page("?demand.peakConcurrencyPercent=20")
    write(page, "or peak concurrent users", "400")

    expect(page.locator("#sizes")).to_contain_text("400")
    expect(page.locator("#demand-peakConcurrencyPercent")).to_have_value("")
    expect(page).to_have_url(re.compile(r"/\?demand\.concurrency=400$"))


def test_audio_replaces_the_bitrate(open_page: OpenPage) -> None:
    page = open_page("?network.mediaMbps=3")
    page.get_by_text("Audio media instead of a bitrate").click()
    page.get_by_role("combobox", name="Media").first.select_option("audio")

    expect(page.locator("#media")).to_contain_text("wire (charged)")
    expect(page.locator("#breakdown")).to_contain_text("0.444 Mbps")


def test_time_windows_are_edited_and_their_slips_told_at_the_row(open_page: OpenPage) -> None:
    page = open_page("?demand.concurrency=400&demand.activeHoursPerMonth=300", timezone_id="Europe/Berlin")
    page.evaluate("window.sameDocument = true")
    page.get_by_role("button", name="Add a time window").press("Enter")
    expect(page.get_by_role("checkbox", name="Mon")).to_be_focused()
    expect(page.get_by_label("Window 1, time zone")).to_have_value("Europe/Berlin")
    expect(page.locator("#peaks")).to_contain_text("save $471.72 a month")
    expect(page).not_to_have_url(re.compile("activeHours"))

    start = page.get_by_label("Window 1, start")
    start.fill("9")
    expect(start).to_have_attribute("aria-invalid", "true")
    expect(start).to_have_accessible_description(re.compile("write a time of day such as 08:30"))
    expect(page.locator("#peaks")).to_contain_text("save $471.72 a month")
    start.fill("13:00")
    expect(page.locator("#peaks")).to_contain_text("13:00-18:00 Europe/Berlin")
    page.get_by_role("checkbox", name="Fri").press("Space")
    expect(page.locator("#peaks")).to_contain_text("Mon,Tue,Wed,Thu 13:00-18:00")

    page.get_by_role("button", name="Add a time window").click()
    expect(page.locator("#peaks")).to_contain_text("Fri,Sat,Sun 13:00-18:00")
    page.get_by_role("button", name="Remove window 1").click()
    expect(page.get_by_role("button", name="Add a time window")).to_be_focused()
    expect(page.locator(".window")).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".window")).to_have_count(2)
    page.reload()
    expect(page.get_by_label("Window 2, start")).to_have_value("13:00")
    write(page, "Hours at peak size", "200")
    expect(page.locator(".window")).to_have_count(0)
    expect(page.locator("#peaks")).to_contain_text("200.00")


def test_time_windows_work_without_javascript(open_page: OpenPage) -> None:
    page = open_page("?demand.concurrency=400", java_script_enabled=False)
    page.get_by_role("button", name="Add a time window").click()
    page.get_by_label("Window 1, time zone").fill("Berlin")
    page.get_by_role("button", name="Update").click()
    expect(page.locator(".window")).to_contain_text("did you mean Europe/Berlin")
    page.get_by_label("Window 1, time zone").fill("Europe/Berlin")
    page.get_by_role("button", name="Update").click()
    expect(page.locator("#peaks")).to_contain_text("save $471.72 a month")
    page.get_by_role("button", name="Remove window 1").click()
    expect(page.locator("#peaks")).to_be_empty()


def test_scenarios_stand_side_by_side_and_are_explained(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_role("link", name="Keep a copy to compare").click()
    write(page, "Total users", "5000")
    table = page.locator("#scenarios table").first
    expect(table).to_contain_text("$3,603.80")
    expect(table).to_contain_text("$1,036.60")
    page.get_by_text("Why Scenario 1 costs another amount").click()
    expect(page.locator("#scenarios")).to_contain_text("Total users: 5000 → 1000")

    page.get_by_role("link", name="Edit Scenario 1").click()
    expect(page.locator("#headline")).to_contain_text("$1,036.60")
    expect(page.locator("#edit-2")).to_be_focused()
    expect(page.get_by_role("textbox", name="Scenario name")).to_have_value("Scenario 1")
    page.get_by_role("textbox", name="Scenario name").fill("Today")
    expect(page.locator("#scenarios")).to_contain_text("Today (at work)")
    page.get_by_role("link", name="Remove").click()
    expect(page.locator("#scenarios table")).to_have_count(0)
    expect(page.get_by_role("heading", name="Scenarios side by side")).to_be_focused()


def test_a_panel_follows_edits_while_it_is_open(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_role("button", name="Show Sensitivity: which assumption swings the bill").click()
    panel = page.locator("#panel-sensitivity")
    expect(panel).to_contain_text("$1,124.08")
    write(page, "Total users", "5000")
    expect(panel).to_contain_text(["4000", "5000", "6000"][2])
    panel.get_by_label("Moved by, %").fill("10")
    panel.get_by_role("button", name="Compute").click()
    expect(panel).to_contain_text("5500")
    panel.get_by_role("button", name="Hide Sensitivity").press("Space")
    expect(panel.locator("table")).to_have_count(0)


def test_a_panel_opened_after_an_edit_waits_for_no_other_and_goes_with_the_address(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_role("button", name="Show Sensitivity").click()
    expect(page.locator("#panel-sensitivity table")).to_have_count(1)
    write(page, "Total users", "5000")
    page.get_by_role("button", name="Show Uncertainty").click()
    expect(page.locator("#panel-uncertainty table")).to_have_count(1)
    expect(page.locator("#panel-sensitivity")).to_contain_text("6000")
    page.get_by_role("link", name="Keep a copy to compare").click()
    expect(page.locator("#scenarios table").first).to_be_visible()
    expect(page).to_have_url(re.compile("panel=%3Dsensitivity&panel=%3Duncertainty"))

    for _ in range(2):
        page.get_by_role("button", name="Undo").click()
    expect(page.locator("#panel-uncertainty table")).to_have_count(0)
    expect(page.locator("#panel-sensitivity table")).to_have_count(1)


def test_a_panel_opened_beside_a_refused_input_waits_for_it(open_page: OpenPage) -> None:
    page = open_page()
    page.locator("#demand-users").fill("many")
    page.get_by_role("button", name="Show Sensitivity").click()
    expect(page.locator("#panel-sensitivity")).to_contain_text("The input is refused")
    page.locator("#demand-users").fill("5000")
    expect(page.locator("#panel-sensitivity")).to_contain_text("6000")


def test_a_document_is_imported_and_exported(open_page: OpenPage) -> None:
    page = open_page()
    paste = page.get_by_role("textbox", name=re.compile("Assumptions document or CostProfile"))
    paste.fill("demand: {userz: 5000}")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator("#import-problems")).to_contain_text("demand.userz: is not a known field; did you mean users?")
    paste.fill("demand: {users: 5000}\nlicense: {annual: 40000}")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator("#headline")).to_contain_text("$40,000.00")
    expect(page.locator("#demand-users")).to_have_value("5000")

    with page.expect_download() as download:
        page.get_by_role("link", name="Assumptions, YAML").click()
    exported = yaml.safe_load(download.value.path().read_text(encoding="utf-8"))
    assert exported == {"demand": {"users": 5000}, "license": {"annual": "40000"}}


def test_a_file_is_chosen_by_keyboard(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page()
    file = tmp_path / "mine.yaml"
    file.write_text("demand: {users: 5000}")
    # From here on choosers come to the test; asked for at the key, one may open before Chromium knows.
    page.on("filechooser", lambda _: None)
    page.locator("#import-text").press("Tab")
    expect(page.locator("#import-file")).to_be_focused()
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(file)

    expect(page.locator("#headline")).to_contain_text("$3,603.80")


def test_the_page_works_without_javascript(open_page: OpenPage) -> None:
    page = open_page("?demand.agentsPerSession=3", java_script_enabled=False)
    page.locator("#demand-users").fill("5000")
    page.get_by_role("button", name="Update").click()
    assert parse_qs(urlsplit(page.url).query) == {"demand.agentsPerSession": ["3"], "demand.users": ["5000"]}
    page.locator("#demand-users").fill("1,000")
    page.get_by_role("button", name="Update").click()
    expect(page.locator("#problem-demand-users")).to_contain_text("write 1000 without it")
    page.get_by_role("button", name="Show Sensitivity: which assumption swings the bill").click()
    expect(page.locator("#panel-sensitivity table")).to_have_count(1)


def test_numbers_are_written_as_in_the_readers_country(open_page: OpenPage) -> None:
    page = open_page(locale="de-DE")

    expect(page.locator("#headline")).to_contain_text("1.036,60\u00a0$")
    expect(page.locator("#breakdown svg")).to_contain_text("437,40\u00a0$")


def test_a_server_that_is_gone_is_told_and_the_figures_stay(open_page: OpenPage) -> None:
    page = open_page()
    page.route("**/calculator/update*", lambda route: route.fulfill(status=503, body="gone"))
    write(page, "Total users", "5")

    expect(page.get_by_role("alert").first).to_contain_text("cannot be reached")
    expect(page.locator("#headline")).to_contain_text("$1,036.60")

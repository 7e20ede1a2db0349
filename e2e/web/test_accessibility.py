"""The pages can be used by everybody: axe finds nothing, the keyboard reaches everything, a phone shows everything."""

import pytest
from playwright.sync_api import ViewportSize, expect

from e2e.web.axe import CALCULATOR_PAGES, DESKTOP, EVERYTHING, PHONE, REFUSED, SCHEMES, Scheme, examine
from e2e.web.conftest import OpenPage


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("query", CALCULATOR_PAGES.values(), ids=CALCULATOR_PAGES)
def test_axe_finds_nothing(open_page: OpenPage, query: str, viewport: ViewportSize, scheme: Scheme) -> None:
    page = open_page(query, viewport=viewport, color_scheme=scheme)

    assert examine(page).violations == ()


@pytest.mark.parametrize("query", ["", EVERYTHING, REFUSED])
def test_a_phone_scrolls_downwards_only(open_page: OpenPage, query: str) -> None:
    page = open_page(query, viewport=PHONE)

    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_the_keyboard_skips_to_the_content_and_leaves_no_trap(open_page: OpenPage) -> None:
    page = open_page()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.id || document.activeElement.textContent"))
    assert len(seen) >= 20


def test_the_totals_are_told_to_a_screen_reader_once_typing_rests(open_page: OpenPage) -> None:
    page = open_page()
    page.locator("#demand-users").fill("5000")

    expect(page.get_by_role("status")).to_contain_text("$3,603.80 a month per customer")


def test_the_page_does_not_jump_while_it_is_edited(open_page: OpenPage) -> None:
    page = open_page()
    page.evaluate(
        """window.shift = 0; new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) window.shift += entry.value;
        }).observe({type: "layout-shift", buffered: false});"""
    )
    users = page.locator("#demand-users")
    for key in ("End", "5", ",", "Backspace", "7"):
        users.press(key)
    expect(page.locator("#headline")).to_contain_text("$60,107.16")
    before = users.bounding_box()
    users.press(",")
    expect(users).to_have_attribute("aria-invalid", "true")

    assert users.bounding_box() == before
    assert page.evaluate("window.shift") < 0.1, "more than what is called good"


def test_the_colors_are_chosen_and_remembered(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_role("button", name="Dark").click()
    page.reload()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("button", name="Light")).to_be_visible()

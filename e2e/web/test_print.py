"""What is printed can be read without the screen: figures, assumptions, day and address, and nothing to press."""

import json
import re
from urllib.parse import urlencode

from playwright.sync_api import Page, expect

from e2e.web.conftest import OpenPage

PAPER = {"width": 703, "height": 1016}
"""A4 less its margins, in the pixels of a style sheet."""
WINDOW = {"days": ["Mon", "Tue"], "start": "08:00", "end": "18:00", "timeZone": "Europe/Berlin"}
TIERS = "0.09 up to 10240 GB, 0.085 up to 51200 GB, 0.07 up to 153600 GB, 0.05"
RICH = "?" + urlencode(
    {
        "name": "Large hospital",
        "demand.users": "12000",
        "demand.schedule": json.dumps([WINDOW]),
        "network.tiers": TIERS,
        "with": "name=Today",
        "panel": "=sensitivity",
    }
)


def printed(page: Page) -> str:
    """The words that stand on paper."""
    page.set_viewport_size(PAPER)  # type: ignore[arg-type]
    page.emulate_media(media="print")
    return " ".join(page.locator("body").inner_text().split())


def test_paper_holds_the_figures_their_day_and_the_address(open_page: OpenPage) -> None:
    page = open_page(RICH)
    expect(page.locator("#panel-sensitivity svg")).to_be_visible()
    text = printed(page)

    for words in ("Large hospital", "Baseline and peaks", "Mon,Tue 08:00-18:00 Europe/Berlin", "Total users", TIERS):
        assert words in text
    assert page.url in text.replace(" ", "")
    assert re.search(r"As of \d+/\d+/\d{4}", text)
    assert "Why Today costs another amount" in text
    expect(page.get_by_text("by quantity")).to_be_visible()


def test_the_assumptions_can_be_read_on_paper(open_page: OpenPage) -> None:
    page = open_page(RICH)
    printed(page)

    for path, value in (
        ("demand-users", "12000"),
        ("capacity-participantsPerNode", "200"),
        ("license-annual", "35000"),
    ):
        box = page.locator(f"#{path}")
        expect(box).to_be_visible()
        expect(box).to_have_value(value)
        assert box.evaluate("element => element.scrollWidth <= element.clientWidth"), f"{value} is cut"
    expect(page.locator("#nodes-livekit-monthlyCap")).to_be_hidden()


def test_nothing_on_paper_is_to_be_pressed_or_cut(open_page: OpenPage) -> None:
    page = open_page(RICH, color_scheme="dark")
    printed(page)

    pressed = page.locator("button, a.button, input[type=range], input[type=file], textarea, [data-toggle]")
    assert [each for each in pressed.all() if each.is_visible()] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PAPER["width"]
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(23, 32, 43)"


def test_a_panel_that_was_not_opened_is_not_printed(open_page: OpenPage) -> None:
    text = printed(open_page())

    assert "$1,036.60" in text
    for words in ("Sensitivity", "Uncertainty", "Import", "Export", "Scenarios side by side"):
        assert words not in text

"""What axe finds on every page: `python -m e2e.web.axe_report` writes docs/accessibility.md anew."""

from __future__ import annotations

from contextlib import ExitStack
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Final

from playwright.sync_api import expect

from e2e.web.axe import CALCULATOR_PAGES, DESKTOP, FLEET_PAGES, PHONE, SCHEMES, Examined, examine
from e2e.web.live_fleet import live_fleet
from e2e.web.serving import browsing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from playwright.sync_api import Browser, Page

_FILE: Final = Path(__file__).parents[2] / "docs" / "accessibility.md"
# A trend needs several scrapes of a customer that has just come.
_PATIENCE_MS: Final = 45_000
_DOCUMENT: Final = """\
# Accessibility

What [axe-core](https://github.com/dequelabs/axe-core) {versions} finds with the rules that it has by
default on the pages of `livecost web`, in Chromium. Each page is looked at four times: 1280 and 360 pixels wide,
light and dark. The fleet is that of a real cluster. The tests assert the same and fail at the first violation.

| page | rules that hold | violations | left to a person |
|---|---|---|---|
{rows}

What is left to a person was looked at: words in a chart and buttons of a single sign have the contrast of the
text beside them, a filter that nothing passes leaves a table of heads, and headings follow h1, h2, h3.

What axe cannot see is tested too: the keyboard skips to the content and leaves no trap, new totals are told
to a screen reader once typing rests, nothing jumps while a field is edited, and a phone scrolls down only.
`python -m e2e.web.axe_report` writes this page anew.
"""


def show_trend(page: Page) -> None:
    """Wait until a page of the fleet is live, and show its trend where it has one."""
    expect(page.locator("#connection")).to_have_text("Live")
    if "absent" not in page.url:
        page.locator("#span-1h").click()
        expect(page.locator("#trend figcaption")).to_be_visible()


def _examined(browser: Browser, address: str, pages: Iterable[tuple[str, str]]) -> Iterator[tuple[str, list[Examined]]]:
    for title, path in pages:
        found = []
        for viewport, scheme in product((DESKTOP, PHONE), SCHEMES):
            page = browser.new_page(viewport=viewport, color_scheme=scheme, locale="en-US")
            page.goto(f"{address}/{path}")
            if path.startswith("fleet"):
                show_trend(page)
            found.append(examine(page))
            page.close()
        yield title, found


def report(rows: list[tuple[str, list[Examined]]]) -> str:
    """The document, from what was found on each page."""
    lines = []
    for title, found in rows:
        passed = sorted({each.passed for each in found})
        rules = str(passed[0]) if len(passed) == 1 else f"{passed[0]} to {passed[-1]}"
        undecided = sorted({rule for each in found for rule in each.undecided})
        lines.append(f"| {title} | {rules} | {sum(len(e.violations) for e in found)} | {', '.join(undecided) or '-'} |")
    versions = sorted({each.version for _, found in rows for each in found})
    return _DOCUMENT.format(versions=", ".join(versions), rows="\n".join(lines))


def main() -> None:
    """Look at every page, and write the document."""
    expect.set_options(timeout=_PATIENCE_MS)
    with ExitStack() as stack:
        browser = stack.enter_context(browsing())
        fleet = stack.enter_context(live_fleet())
        fleet.running.until_condition("st-marys", "CostObserved", "True", "Observed")
        pages = [*CALCULATOR_PAGES.items(), *FLEET_PAGES.items()]
        _FILE.write_text(report(list(_examined(browser, fleet.address, pages))))


if __name__ == "__main__":
    main()

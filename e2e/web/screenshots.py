"""Takes the pictures in docs/screenshots anew: `python -m e2e.web.screenshots`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urlencode

from e2e.web.serving import browsing, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_FOLDER: Final = Path(__file__).parents[2] / "docs" / "screenshots"
# A live page never falls silent, so that no event tells when it is drawn.
_SETTLE_MS: Final = 1500
_SCENARIOS: Final = (
    "name=Large+hospital&demand.users=12000&nodes.livekit.minNodes=2"
    "&with=name%3DLarge+hospital+on+Azure%26demand.users%3D12000%26cloud%3Dazure"
    "%26nodes.livekit.sku%3DStandard_F4s_v2%26nodes.sim.sku%3DStandard_F4s_v2%26nodes.system.sku%3DStandard_D2s_v5"
    "&with=name%3DMedical+school"
)
_SCHEDULE: Final = [
    {"days": ["Mon", "Tue", "Wed", "Thu", "Fri"], "start": "08:00", "end": "18:00", "timeZone": "Europe/Zurich"},
    {"days": ["Sat"], "start": "09:00", "end": "12:00", "timeZone": "Europe/Zurich"},
]
_WINDOWS: Final = urlencode({"demand.users": "5000", "demand.schedule": json.dumps(_SCHEDULE)})


def take(
    browser: Browser,
    address: str,
    name: str,
    size: tuple[int, int],
    scheme: Literal["light", "dark"],
    element: str | None = None,
) -> None:
    """Open an address and write the picture of it, or of one element, into the folder."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, locale="en-US", reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(address, wait_until="load")
    page.wait_for_timeout(_SETTLE_MS)
    target = _FOLDER / f"{name}.png"
    if element is None:
        page.screenshot(path=target)
    else:
        page.locator(element).screenshot(path=target)
    context.close()


def main() -> None:
    """Take all of them."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    with serving() as address, browsing() as browser:
        desktop, phone = (1280, 900), (390, 844)
        take(browser, f"{address}/", "calculator", desktop, "light")
        take(browser, f"{address}/?demand.users=5000", "calculator-dark", desktop, "dark")
        take(browser, f"{address}/", "calculator-phone", phone, "light")
        take(browser, f"{address}/?demand.users=1,000", "calculator-refused", desktop, "light")
        take(browser, f"{address}/?{_SCENARIOS}", "calculator-scenarios", (1280, 1600), "light", "#scenarios")
        take(browser, f"{address}/?{_WINDOWS}", "calculator-windows", desktop, "light")
        sensitivity = f"{address}/?panel=%3Dsensitivity"
        take(browser, sensitivity, "calculator-sensitivity", (1280, 1600), "light", "#panel-sensitivity")


if __name__ == "__main__":
    main()

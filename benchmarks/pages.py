"""How soon the calculator shows the figures of a keystroke, in a real browser: `python -m benchmarks.pages`.

From the event of the key to the frame that shows the new total, on the loopback; a key follows once the last is shown.
"""

from __future__ import annotations

import statistics
from typing import Final

from benchmarks.goals import Goal, report
from e2e.web.serving import browsing, serving

KEYS: Final = 200
GOAL_MILLISECONDS: Final = 50
SCENARIOS: Final = "with=name%3DA%26demand.users%3D9000&with=name%3DB%26cloud%3Dazure&with=name%3DC%26media.kbps%3D32"

_WATCH: Final = """
    window.taken = [];
    let pressed = null;
    document.addEventListener("input", (event) => { pressed = event.timeStamp; }, true);
    new MutationObserver(() => {
        if (pressed === null) return;
        const from = pressed;
        pressed = null;
        requestAnimationFrame(() => setTimeout(() => window.taken.push(performance.now() - from)));
    }).observe(document.getElementById("headline"), {childList: true});
"""
_UNTIL_SHOWN: Final = """
    (index) => new Promise((done) => {
        const look = () => window.taken.length > index ? done() : setTimeout(look, 2);
        look();
    })
"""


def keystroke_milliseconds(query: str) -> list[float]:
    """One figure for each key, on the page of `query`."""
    with serving() as address, browsing() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{address}/?{query}")
        page.evaluate(_WATCH)
        box = page.locator("#license-annual")
        box.press("End")
        for index in range(KEYS):
            box.press("Backspace" if index % 2 else "7")
            page.evaluate(_UNTIL_SHOWN, index)
        taken: list[float] = page.evaluate("window.taken")
    return taken


def main() -> None:
    """Measure and print."""
    goals = []
    for name, query in (("one scenario", ""), ("four scenarios", SCENARIOS)):
        cuts = statistics.quantiles(keystroke_milliseconds(query), n=100)
        goals += [
            Goal(f"keystroke to figures, {name}, p50", cuts[49], GOAL_MILLISECONDS, "ms"),
            Goal(f"keystroke to figures, {name}, p95", cuts[94], GOAL_MILLISECONDS, "ms"),
        ]
    report(goals)


if __name__ == "__main__":
    main()

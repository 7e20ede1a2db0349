"""The pages as axe looks at them, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Page, ViewportSize

Scheme = Literal["light", "dark"]

DESKTOP: Final[ViewportSize] = {"width": 1280, "height": 900}
PHONE: Final[ViewportSize] = {"width": 360, "height": 800}
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")
EVERYTHING: Final = (
    "?demand.users=5000&media.kbps=32&with=name%3DOther&panel=%3Dsensitivity&panel=%3Duncertainty&panel=%3Dpooling"
)
REFUSED: Final = "?demand.users=1,000&cloud=azure"
CALCULATOR_PAGES: Final = {
    "calculator": "",
    "calculator with a scenario, media and every panel": EVERYTHING,
    "calculator with a refused field": REFUSED,
    "a page that is not there": "nothing/here",
}
FLEET_PAGES: Final = {
    "live fleet": "fleet",
    "live fleet, filtered": "fleet?state=Ready:False",
    "one customer": "fleet/default/st-marys",
    "a customer that is not there": "fleet/default/absent",
}


@dataclass(frozen=True, slots=True)
class Examined:
    """What axe says of one page as it is shown.

    Attributes:
        version: of axe-core.
        passed: number of its rules that hold.
        violations: each rule that does not, with the first place.
        undecided: the rules that axe leaves to a person, by name.
    """

    version: str
    passed: int
    violations: tuple[str, ...]
    undecided: tuple[str, ...]


def examine(page: Page) -> Examined:
    """Let axe look at a page with all its rules."""
    response: dict[str, Any] = Axe().run(page).response
    return Examined(
        version=response["testEngine"]["version"],
        passed=len(response["passes"]),
        violations=tuple(
            f"{each['id']}: {each['help']} at {each['nodes'][0]['target']}: {each['nodes'][0]['html']}"
            for each in response["violations"]
        ),
        undecided=tuple(each["id"] for each in response["incomplete"]),
    )

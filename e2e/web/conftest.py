"""One server and one browser for all tests of the web pages; each test has a page of its own."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from e2e.cluster.errors import ProgramUnavailableError
from e2e.web.serving import browsing, serving

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Where the server listens."""
    with serving("--calculator-only") as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser; without one its tests are left out, and say so."""
    try:
        with browsing() as found:
            yield found
    except ProgramUnavailableError as error:
        pytest.skip(str(error))


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[OpenPage]:
    """Opens a query of the calculator; whatever the page asks of another server or complains about fails the test."""
    contexts = []
    complaints: list[str] = []

    def check_request(request: Request) -> None:
        if not request.url.startswith((address, "blob:")):
            complaints.append(request.url)

    def check_message(message: ConsoleMessage) -> None:
        # An answer that refuses something is an error to the browser, and none of the page.
        if message.type == "error" and "responded with a status of" not in message.text:
            complaints.append(message.text)

    def open_one(query: str = "", **settings: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "locale": "en-US", **settings})
        contexts.append(context)
        page = context.new_page()
        page.on("request", check_request)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", check_message)
        page.goto(f"{address}/{query}")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []

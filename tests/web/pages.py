"""Reads pages of the web application in a test, without a server."""

import html
import re

from starlette.testclient import TestClient

from livecost.web.app import WebSettings, create_app


def client(*allowed_hosts: str) -> TestClient:
    """A client of a new application, which asks for it by the loopback's address."""
    app = create_app(WebSettings(allowed_hosts))
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False, follow_redirects=False)


def words(page: str) -> str:
    """The text of a page on one line."""
    without_tags = re.sub(r"<[^>]+>", " ", page)
    return " ".join(html.unescape(without_tags).split())

"""The trend is asked of Prometheus as the operator asks it: logged in, over verified TLS, within bounds."""

import base64
import json
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner

from e2e.cluster.certificates import Authority
from livecost.cli import main
from livecost.fleet_page import trend
from tests.livecost.serving import serving, tls_of
from tests.web.live import Shelf, browser_of
from tests.web.pages import words

HUGE = "HUGE"
SEEN = []


class _Prometheus(BaseHTTPRequestHandler):
    """Tells one amount for every query; who asks has to be `expected`, and `HUGE` as a header makes it talkative."""

    expected = None

    def do_GET(self):
        SEEN.append((parse_qs(urlsplit(self.path).query), dict(self.headers)))
        ok = self.headers.get("Authorization") == self.expected
        end = int(float(SEEN[-1][0]["end"][0]))
        row = {"metric": {"currency": "USD"}, "values": [[end - 60, "1036.6"], [end, "1036.6"]]}
        rows = [row] * (40_000 if self.headers.get("X-Scope-OrgID") == HUGE else 1)
        body = json.dumps({"status": "success", "data": {"resultType": "matrix", "result": rows}}).encode()
        self.send_response(200 if ok else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="module")
def authority():
    return Authority()


@pytest.fixture(scope="module")
def address(authority, tmp_path_factory):
    """A Prometheus that only those who trust the authority believe."""
    with serving(_Prometheus, tls_of(authority, tmp_path_factory.mktemp("tls"))) as found:
        yield found


@pytest.fixture
def ca(authority, tmp_path):
    file = tmp_path / "ca.crt"
    file.write_bytes(authority.certificate_pem)
    return file


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch):
    """Each request for a trend is a question."""
    monkeypatch.setattr(trend, "_KEPT_SECONDS", 0.0)
    monkeypatch.setattr(_Prometheus, "expected", None)
    SEEN.clear()


def told(browser):
    return words(browser.get("/fleet/trend").text)


def test_a_token_is_sent_over_verified_tls_and_read_anew_each_time(address, ca, tmp_path, monkeypatch):
    token = tmp_path / "token"
    token.write_text("first\n")
    browser = browser_of(Shelf(), address, prometheus_token_file=token, prometheus_ca_file=ca)
    monkeypatch.setattr(_Prometheus, "expected", "Bearer first")
    assert "$1,036.60" in told(browser)

    monkeypatch.setattr(_Prometheus, "expected", "Bearer second")
    assert f"Unknown: Prometheus at {address} refuses the credentials (401)" in told(browser)
    token.write_text("second\n")
    assert "$1,036.60" in told(browser)


def test_user_password_and_headers_are_sent(address, ca, tmp_path, monkeypatch):
    password = tmp_path / "password"
    password.write_text("open sesame")
    login = {"prometheus_username": "ali", "prometheus_password_file": password, "prometheus_ca_file": ca}
    browser = browser_of(Shelf(), address, prometheus_headers=(("X-Scope-OrgID", "all"),), **login)
    monkeypatch.setattr(_Prometheus, "expected", "Basic " + base64.b64encode(b"ali:open sesame").decode())

    assert "$1,036.60" in told(browser)
    assert {headers["X-Scope-OrgID"] for _, headers in SEEN} == {"all"}


def test_a_server_of_an_unknown_authority_is_told_nothing(address, tmp_path):
    token = tmp_path / "token"
    token.write_text("secret")
    browser = browser_of(Shelf(), address, prometheus_token_file=token)

    assert "cannot be verified; name its authority in --prometheus-ca-file" in told(browser)
    assert SEEN == []


def test_without_its_token_nothing_is_asked_and_the_file_is_named(address, ca, tmp_path):
    browser = browser_of(Shelf(), address, prometheus_token_file=tmp_path / "absent", prometheus_ca_file=ca)

    assert f"Unknown: the file {tmp_path / 'absent'} cannot be read (FileNotFoundError); put it there" in told(browser)
    assert SEEN == []


def test_no_more_is_read_than_allowed(address, ca):
    browser = browser_of(
        Shelf(), address, prometheus_ca_file=ca, prometheus_headers=(("X-Scope-OrgID", HUGE),),
        prometheus_max_response_mib=1,
    )  # fmt: skip

    assert "gave more than 1 MiB; raise --prometheus-max-response-mib" in told(browser)


def test_only_the_chosen_namespaces_are_asked_for(address, ca):
    told(browser_of(Shelf(), address, prometheus_ca_file=ca, namespaces=("customers", "trials")))

    for query, _ in SEEN:
        (text,) = query["query"]
        assert text.count('customer_namespace=~"customers|trials"') == text.count("livecost_")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--prometheus-url", "http://p:9090", "--prometheus-token-file", "t"], "write an https:// --prometheus-url"),
        (["--prometheus-url", "https://p", "--prometheus-username", "ali"], "--prometheus-password-file go together"),
        (["--prometheus-header", "X-Scope-OrgID"], "is not NAME=VALUE"),
        (["--namespace", "customers", "--namespace", "No_Name"], "'No_Name' is no object's name"),
    ],
)
def test_options_that_cannot_work_are_refused(arguments, named):
    result = CliRunner().invoke(main, ["web", *arguments])

    assert result.exit_code == 2
    assert named in result.output

"""A customer's reference and its Secrets make one server, or one clear refusal that quotes no secret."""

import base64

import pytest
from pydantic import ValidationError

from e2e.cluster.certificates import Authority
from livecost.models import PrometheusRef
from livecost.prometheus_server import CredentialsRefused, secret_names, server_of

LOGIN = {"username": "me", "password": "pä:ss"}
TOKEN = {"token": "abc\n"}
URL = "https://prometheus:9090/"


def secret(**data):
    return {"data": {name: base64.b64encode(value.encode()).decode() for name, value in data.items()}}


def reference(**fields):
    return PrometheusRef.model_validate({"url": URL, **fields})


def test_a_token_becomes_a_bearer():
    ref = reference(bearerTokenSecretRef={"name": "login"})
    assert secret_names(ref) == {"login"}
    assert server_of(ref, {"login": secret(**TOKEN)}).authorization == "Bearer abc"


def test_a_user_and_password_become_basic():
    ref = reference(basicAuthSecretRef={"name": "login"})
    server = server_of(ref, {"login": secret(**LOGIN)})
    assert base64.b64decode(server.authorization.removeprefix("Basic ")).decode() == "me:pä:ss"


def test_certificates_are_taken_when_they_can_be_loaded():
    pem = Authority().certificate_pem.decode()
    ref = reference(caSecretRef={"name": "ca"})
    assert server_of(ref, {"ca": {"data": {"ca.crt": base64.b64encode(pem.encode()).decode()}}}).ca_pem == pem


def test_equal_references_are_one_server():
    """A slash at the end and the order of headers make no second one, so that customers are asked about together."""
    one = server_of(reference(headers={"A": "1", "B": "2"}), {})
    two = server_of(PrometheusRef.model_validate({"url": URL.rstrip("/"), "headers": {"B": "2", "A": "1"}}), {})
    assert one == two
    assert hash(one) == hash(two)


@pytest.mark.parametrize(
    ("fields", "content", "says"),
    [
        ({"bearerTokenSecretRef": {"name": "s"}}, {"other": "x"}, "has no key token (its keys: other)"),
        ({"bearerTokenSecretRef": {"name": "s", "key": "k"}}, {}, "has no key k (its keys: none)"),
        ({"bearerTokenSecretRef": {"name": "s"}}, {"token": "two\nHeader: lines"}, "no usable token"),
        ({"bearerTokenSecretRef": {"name": "s"}}, {"token": " "}, "no usable token"),
        ({"basicAuthSecretRef": {"name": "s"}}, {"username": "a:b", "password": "c"}, "no usable user name"),
        ({"basicAuthSecretRef": {"name": "s"}}, {"username": "a"}, "has no key password"),
        ({"caSecretRef": {"name": "s"}}, {"ca.crt": "hunter2"}, "no certificate in PEM form"),
    ],
)
def test_unusable_secrets_are_refused_without_quoting_them(fields, content, says):
    with pytest.raises(CredentialsRefused) as refused:
        server_of(reference(**fields), {"s": secret(**content)})
    assert says in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_data_that_is_no_base64_text_is_refused():
    with pytest.raises(CredentialsRefused, match="no readable text"):
        server_of(reference(bearerTokenSecretRef={"name": "s"}), {"s": {"data": {"token": "%%%"}}})


def test_unknown_fields_are_refused():
    with pytest.raises(ValidationError):
        reference(insecureSkipVerify=True)

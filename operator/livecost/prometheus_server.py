"""How one Prometheus is reached: its address, what it is told of who asks, and whom it is trusted by."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from livecost.models import PrometheusRef

Json = dict[str, Any]

USERNAME_KEY = "username"
PASSWORD_KEY = "password"  # noqa: S105 - the name of the key, as in a Secret of type basic-auth


class CredentialsRefused(Exception):
    """A Secret cannot be used; the message says why and what to put there instead."""


@dataclass(frozen=True, slots=True)
class PrometheusServer:
    """Two customers with equal servers are asked about together.

    Attributes:
        url: base address, without a slash at its end.
        headers: further request headers as name and value, in order of name, such as the tenant.
        authorization: value of the Authorization header; None without credentials.
        ca_pem: certificates that the server is verified by; None for those that the system trusts.
    """

    url: str
    headers: tuple[tuple[str, str], ...] = ()
    authorization: str | None = field(default=None, repr=False)
    ca_pem: str | None = field(default=None, repr=False)


def secret_names(ref: PrometheusRef) -> set[str]:
    """Names of the Secrets that a reference draws on."""
    keys = (ref.bearer_token_secret_ref, ref.basic_auth_secret_ref, ref.ca_secret_ref)
    return {key.name for key in keys if key is not None}


def server_of(ref: PrometheusRef, secrets: Mapping[str, Json]) -> PrometheusServer:
    """The server that a customer names.

    Args:
        ref: the reference.
        secrets: name to object of every Secret in `secret_names`.

    Raises:
        CredentialsRefused: a Secret lacks a key, or what is in it cannot be used.
    """
    authorization = ca_pem = None
    if token := ref.bearer_token_secret_ref:
        authorization = bearer(_text(secrets[token.name], token.key))
    if basic := ref.basic_auth_secret_ref:
        secret = secrets[basic.name]
        authorization = basic_auth(_text(secret, USERNAME_KEY), _text(secret, PASSWORD_KEY))
    if ca := ref.ca_secret_ref:
        ca_pem = checked_ca(_text(secrets[ca.name], ca.key))
    return PrometheusServer(ref.url.rstrip("/"), tuple(sorted(ref.headers.items())), authorization, ca_pem)


def bearer(token: str) -> str:
    """The Authorization header for a token.

    Raises:
        CredentialsRefused: it is empty or holds what a header cannot.
    """
    return f"Bearer {_one_line(token, 'a token')}"


def basic_auth(username: str, password: str) -> str:
    """The Authorization header for a user name and a password.

    Raises:
        CredentialsRefused: the name is empty or has a colon.
    """
    username, password = username.strip("\r\n"), password.strip("\r\n")
    if not username or ":" in username:
        raise CredentialsRefused("holds no usable user name; write one without a colon")
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def checked_ca(pem: str) -> str:
    """Certificates, once it is sure that they can be loaded.

    Raises:
        CredentialsRefused: they cannot.
    """
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=pem)
    except (ssl.SSLError, ValueError):
        raise CredentialsRefused("holds no certificate in PEM form; put the authority's certificate there") from None
    return pem


def _one_line(text: str, what: str) -> str:
    text = text.strip()
    if not text or not text.isascii() or any(character.isspace() for character in text):
        raise CredentialsRefused(f"holds no usable {what.removeprefix('a ')}; put {what} there, on one line")
    return text


def _text(secret: Json, key: str) -> str:
    data = secret.get("data") or {}
    if key not in data:
        known = ", ".join(_named(data)) or "none"
        raise CredentialsRefused(f"has no key {key} (its keys: {known}); add it or name the right one")
    try:
        return base64.b64decode(data[key], validate=True).decode()
    except ValueError:
        raise CredentialsRefused(f"holds no readable text under {key}; put text there") from None


def _named(data: Mapping[str, Any]) -> Iterator[str]:
    yield from sorted(map(str, data))

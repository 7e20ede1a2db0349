"""Adapter: finds out how each customer's Prometheus is reached, from Secrets of its namespace or from the settings."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from livecost.kube_api import ApiError, KubeApi, Resource
from livecost.models import PrometheusRef
from livecost.observed_cost import NotMeasured
from livecost.prometheus_files import server_by_files
from livecost.prometheus_server import CredentialsRefused, PrometheusServer, secret_names, server_of
from livecost.settings import Settings

Json = dict[str, Any]

_SECRETS = Resource("", "v1", "secrets", "Secret", namespaced=True)
SECRET_REFRESH_SECONDS = 300.0
SECRET_RETRY_SECONDS = 30.0

NO_PROMETHEUS = NotMeasured(
    "NoPrometheus",
    "no Prometheus is named: set spec.observation.prometheusRef.url, or start livecost with --prometheus-url",
)


@dataclass(frozen=True, slots=True)
class _Read:
    """What a Secret last held, or why it is not known, and until when that counts."""

    found: Json | NotMeasured
    until: float


class Credentials:
    """The Prometheus server of each customer.

    Args:
        api: connection to the cluster with the customers' Secrets.
        settings: the server for customers that name none.
    """

    def __init__(self, api: KubeApi, settings: Settings) -> None:
        self._api = api
        self._settings = settings
        self._secrets: dict[tuple[str, str], _Read] = {}

    async def server(self, ref: PrometheusRef | None, namespace: str) -> PrometheusServer | NotMeasured:
        """The server to ask about a customer, or why none can be asked.

        Args:
            ref: what the customer names; None for the operator's own server.
            namespace: the customer's namespace.
        """
        if ref is None:
            return self._own()
        secrets: dict[str, Json] = {}
        for name in sorted(secret_names(ref)):
            found = await self._secret(namespace, name)
            if isinstance(found, NotMeasured):
                return found
            secrets[name] = found
        try:
            return server_of(ref, secrets)
        except CredentialsRefused as error:
            where = " or ".join(sorted(secrets))
            return NotMeasured("CredentialsRefused", f"Secret {where} in namespace {namespace} {error}")

    def forget(self) -> None:
        """Read every Secret and file anew when it is next needed: a server refused what was in it."""
        self._secrets.clear()

    async def _secret(self, namespace: str, name: str) -> Json | NotMeasured:
        known = self._secrets.get((namespace, name))
        now = time.monotonic()
        if known is not None and now < known.until:
            return known.found
        where = f"Secret {name} in namespace {namespace}"
        try:
            found: Json | NotMeasured = await self._api.get(_SECRETS.path(namespace, name))
        except ApiError as error:
            if error.status == 404:
                message = f"{where} does not exist; create it or correct observation.prometheusRef"
                found = NotMeasured("CredentialsMissing", message)
            elif error.status == 403:
                message = f"livecost may not read {where}; grant it get on that Secret"
                found = NotMeasured("CredentialsForbidden", message)
            else:
                found = NotMeasured("CredentialsUnreadable", f"{where} cannot be read now; livecost tries again")
        seconds = SECRET_RETRY_SECONDS if isinstance(found, NotMeasured) else SECRET_REFRESH_SECONDS
        self._secrets[namespace, name] = _Read(found, now + seconds)
        return found

    def _own(self) -> PrometheusServer | NotMeasured:
        settings = self._settings
        if settings.prometheus_url is None:
            return NO_PROMETHEUS
        return server_by_files(settings.prometheus_url, settings, "the operator's")

"""What kopf watches, and where each event goes: a table without decisions."""

from __future__ import annotations

from typing import Any

import kopf
from kubernetes.aio.client import Configuration

from livecost.engine import Engine
from livecost.models import GROUP, VERSION

Json = dict[str, Any]


def register(registry: kopf.OperatorRegistry, engine: Engine, configuration: Configuration) -> None:
    """Fill kopf's registry with the handlers of one engine."""
    customers = {"group": GROUP, "version": VERSION, "plural": "customerclusters", "registry": registry}
    profiles = {"group": GROUP, "version": VERSION, "plural": "costprofiles", "registry": registry}

    @kopf.on.login(registry=registry)
    async def log_in(**_: Any) -> kopf.ConnectionInfo:
        """Use the connection that the whole operator uses."""
        return await _connection_info(configuration)

    # kopf holds all other handlers back until every indexed kind is listed, so nothing is decided on half a list.
    @kopf.index(**customers)
    async def list_customer(body: kopf.Body, **_: Any) -> None:
        """Know every customer before the first decision."""
        engine.put_customer(dict(body))

    @kopf.index(**profiles)
    async def list_profile(body: kopf.Body, **_: Any) -> None:
        """Know every profile before the first decision."""
        engine.put_profile(dict(body))

    @kopf.on.event(**customers)
    async def see_customer(event: kopf.RawEvent, **_: Any) -> None:
        """Decide on a customer that came, changed or went."""
        engine.see_customer(event["type"], event["object"])

    @kopf.on.event(**profiles)
    async def see_profile(event: kopf.RawEvent, **_: Any) -> None:
        """Decide on all customers of a profile that came, changed or went."""
        engine.see_profile(event["type"], event["object"])


def configure(settings: kopf.OperatorSettings) -> None:
    """Make kopf a watcher only: no finalizers, no annotations, no Events, no peering."""
    settings.posting.enabled = False
    settings.persistence.diffbase_storage = kopf.StatusDiffBaseStorage(field="status.none")
    settings.persistence.progress_storage = kopf.StatusProgressStorage(field="status.none")
    # A worker of an object that has been quiet for a moment is dropped; thousands would only wait.
    settings.queueing.idle_timeout = 1.0


async def _connection_info(configuration: Configuration) -> kopf.ConnectionInfo:
    """kopf's form of the official client's connection."""
    token = await configuration.get_api_key_with_prefix("BearerToken") or ""
    scheme, _, bare_token = token.rpartition(" ")
    return kopf.ConnectionInfo(
        server=configuration.host,
        ca_path=configuration.ssl_ca_cert,
        ca_data=configuration.ca_cert_data,
        insecure=not configuration.verify_ssl,
        scheme=scheme or None,
        token=bare_token or None,
        certificate_path=configuration.cert_file,
        private_key_path=configuration.key_file,
        proxy_url=configuration.proxy,
    )

"""What kopf watches, and where each event goes: a table without decisions."""

from __future__ import annotations

from typing import Any

import kopf
from kubernetes.aio.client import Configuration

from livecost.engine import Engine
from livecost.kube_api import Resource
from livecost.reconcile import COST_PROFILES, CUSTOMER_CLUSTERS

Json = dict[str, Any]


def register(registry: kopf.OperatorRegistry, engine: Engine, configuration: Configuration) -> None:
    """Fill kopf's registry with the handlers of one engine."""
    customers = {**_selector(CUSTOMER_CLUSTERS), "registry": registry}
    profiles = {**_selector(COST_PROFILES), "registry": registry}

    @kopf.on.login(registry=registry)
    async def log_in(**_: Any) -> kopf.ConnectionInfo:
        """Use the connection that the whole operator uses."""
        return await _connection_info(configuration)

    @kopf.on.cleanup(registry=registry)
    async def stop(**_: Any) -> None:
        """End the engine before kopf waits for whatever still runs."""
        await engine.stop()

    @kopf.on.event(**customers)
    async def see_customer(event: kopf.RawEvent, **_: Any) -> None:
        """Decide on a customer that came, changed or went."""
        engine.see_customer(event["type"], dict(event["object"]))

    @kopf.on.event(**profiles)
    async def see_profile(event: kopf.RawEvent, **_: Any) -> None:
        """Decide on all customers of a profile that came, changed or went."""
        engine.see_profile(event["type"], dict(event["object"]))


def configure(settings: kopf.OperatorSettings) -> None:
    """Make kopf a watcher only: no finalizers, no annotations, no Events, no peering."""
    settings.posting.enabled = False
    settings.persistence.diffbase_storage = _NoDiffBase()
    settings.persistence.progress_storage = kopf.StatusProgressStorage(field="status.none")
    # A worker of an object that has been quiet for a moment is dropped; thousands would only wait.
    settings.queueing.idle_timeout = 1.0


def _selector(resource: Resource) -> dict[str, Any]:
    return {"group": resource.group, "version": resource.version, "plural": resource.plural}


class _NoDiffBase(kopf.DiffBaseStorage):
    """Keeps nothing: no handler asks what changed, and copying every object to find out would be most of the work."""

    def build(self, *, body: kopf.Body, extra_fields: object = None, ignored_fields: object = None) -> kopf.BodyEssence:
        return kopf.BodyEssence()

    def fetch(self, *, body: kopf.Body) -> kopf.BodyEssence | None:
        return None

    def store(self, *, body: kopf.Body, patch: kopf.Patch, essence: kopf.BodyEssence) -> None:
        return None


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

"""Cluster API in kind: its own controllers and webhooks, with a provider that holds machines in memory."""

import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from e2e.cluster import ClusterError
from e2e.cluster.certificates import Authority, new_rsa_key
from e2e.cluster.kind import KindCluster
from e2e.cluster.program_list import PROGRAMS
from e2e.cluster.programs import Progress, companion_path
from e2e.kind.images import CLUSTER_API, program_image

Json = dict[str, Any]

NAMESPACE: Final = "cluster-api"
MANAGERS: Final = ("cluster-api-core", "cluster-api-dev")
_HERE: Final = Path(__file__).parent
_START_SECONDS: Final = 60
# Every provider's CRDs say which of their versions keeps which contract.
_CONTRACTS: Final = {f"cluster.x-k8s.io/{version}": version for version in ("v1beta1", "v1beta2")}


def install_cluster_api(cluster: KindCluster, progress: Progress) -> None:
    """Install Cluster API's CRDs, webhooks and managers; returns when the managers are ready.

    Raises:
        ClusterError: a manager cannot be built, the API server refused something, or a manager did not get ready.
    """
    program_image(CLUSTER_API, MANAGERS, "scratch", progress)
    progress("installing Cluster API …")
    cluster.load_image(CLUSTER_API, [cluster.control_plane])
    cluster.kubectl("create", "namespace", NAMESPACE)
    authority = Authority()
    certificate, key = authority.serving_certificate(f"{name}.{NAMESPACE}.svc" for name in MANAGERS)
    cluster.apply(yaml.safe_dump(_tls_secret("webhooks", NAMESPACE, certificate, key)))
    manifests = [manifest for name in MANAGERS for manifest in _manifests(name, authority.certificate_pem)]
    cluster.apply(yaml.safe_dump_all(manifests))
    cluster.kubectl("wait", "--for=condition=Established", f"--timeout={_START_SECONDS}s", "crd", "--all")
    cluster.apply((_HERE / "cluster-api.yaml").read_text())
    for name in MANAGERS:
        waiting = ("rollout", "status", f"deployment/{name}", f"--namespace={NAMESPACE}")
        cluster.kubectl(*waiting, f"--timeout={_START_SECONDS}s")


def create_workload_cluster(cluster: KindCluster, name: str) -> None:
    """Create the cluster of `workload-cluster.yaml`, with the authorities that a control plane provider would make.

    Raises:
        ClusterError: the API server, or a webhook of Cluster API, refused something, or did not answer in time.
    """
    # The API server held in memory signs with nothing but RSA.
    authority = Authority(new_rsa_key())
    for purpose in ("ca", "etcd"):
        secret = _tls_secret(f"{name}-{purpose}", "default", authority.certificate_pem, authority.key_pem)
        secret["metadata"]["labels"] = {"cluster.x-k8s.io/cluster-name": name}
        cluster.apply(yaml.safe_dump(secret | {"type": "cluster.x-k8s.io/secret"}))
    manifest = (_HERE / "workload-cluster.yaml").read_text()
    _await_webhooks(cluster, manifest)
    cluster.apply(manifest)


def _await_webhooks(cluster: KindCluster, manifest: str) -> None:
    """A manager is ready before its Service's address leads to it on every node; until then half would be applied."""
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            cluster.kubectl("apply", "--server-side", "--dry-run=server", "--filename=-", input=manifest)
        except ClusterError:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)
        else:
            return


def _manifests(manager: str, authority_pem: bytes) -> Iterator[Json]:
    """The CRDs and webhook configurations of a manager, as its release has them, leading to its Service here."""
    for body in yaml.safe_load_all(companion_path(PROGRAMS[manager]).read_text()):
        if body is None:
            continue
        if body["kind"] == "CustomResourceDefinition":
            body["metadata"]["labels"] = _CONTRACTS
            webhook = {"clientConfig": _client(manager, "/convert", authority_pem), "conversionReviewVersions": ["v1"]}
            body["spec"]["conversion"] = {"strategy": "Webhook", "webhook": webhook}
        else:
            body["metadata"]["name"] = manager
            for webhook in body["webhooks"]:
                path = webhook["clientConfig"]["service"]["path"]
                webhook["clientConfig"] = _client(manager, path, authority_pem)
        yield body


def _client(manager: str, path: str, authority_pem: bytes) -> Json:
    service = {"name": manager, "namespace": NAMESPACE, "path": path}
    return {"service": service, "caBundle": b64encode(authority_pem).decode()}


def _tls_secret(name: str, namespace: str, certificate: bytes, key: bytes) -> Json:
    pair = {"tls.crt": certificate, "tls.key": key}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
        "data": {part: b64encode(pem).decode() for part, pem in pair.items()},
    }

"""Provider *kind*: Kubernetes in docker containers, with the features' programs on the host beside it."""

import os
import re
import shutil
import subprocess
import uuid
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from e2e.cluster.audit import read_events, write_policy
from e2e.cluster.certificates import key_pem, new_key, signing_request
from e2e.cluster.errors import ClusterError, ProgramUnavailableError
from e2e.cluster.programs import Progress, find_program, say
from e2e.cluster.provider import Cluster, Feature

_IMAGE_VARIABLE = "KIND_NODE_IMAGE"
_IMAGE_REPOSITORY = "kindest/node"
_DOCKER_SECONDS = 10
_READY_SECONDS = 180
_AUDIT_MOUNT = "/var/log/kubernetes/audit"
_AUDIT_LOG = "audit.jsonl"


def what_is_missing(*, may_fetch: bool = False) -> str | None:
    """Why kind cannot make a cluster here; None when it can.

    Args:
        may_fetch: whether a missing node image may be pulled and a missing ``kind`` command fetched or built.
    """
    if shutil.which("docker") is None:
        return "docker is not installed"
    if _docker("version", "--format", "{{.Server.Version}}") is None:
        return "no docker daemon answers"
    return None if may_fetch else _what_must_be_fetched()


def _what_must_be_fetched() -> str | None:
    image = node_image()
    if image is None:
        return f"docker has no {_IMAGE_REPOSITORY} image; pull one, or name another in {_IMAGE_VARIABLE}"
    if _docker("image", "inspect", image) is None:
        return f"docker has no image {image} ({_IMAGE_VARIABLE})"
    try:
        find_program("kind")
    except ProgramUnavailableError:
        return "the program kind is missing; get it with: make programs"
    return None


def node_image() -> str | None:
    """The node image to use: the environment variable KIND_NODE_IMAGE, else the newest that docker has."""
    named = os.environ.get(_IMAGE_VARIABLE)
    if named:
        return named
    listed = _docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", _IMAGE_REPOSITORY) or ""
    tags = [line for line in listed.splitlines() if not line.endswith("<none>")]
    return max(tags, key=lambda tag: [int(number) for number in re.findall(r"\d+", tag)], default=None)


class KindCluster(Cluster):
    """A cluster of kind: node containers of its own, deleted at stop. ~/.kube/config is never touched.

    Args:
        features: as of every provider; their programs run on the host.
        workers: nodes beside the control plane.
        keep: whether to leave logs and data when it stops.
        scrape_seconds: how often Prometheus scrapes.
        progress: receives progress lines.
    """

    provider = "kind"
    _name: str | None = None

    def __init__(
        self,
        features: frozenset[Feature] = frozenset(),
        *,
        workers: int = 0,
        keep: bool = False,
        scrape_seconds: int = 5,
        progress: Progress = say,
    ) -> None:
        super().__init__(features, keep=keep, scrape_seconds=scrape_seconds, progress=progress)
        self._workers = workers

    def program_names(self) -> tuple[str, ...]:
        """The programs that this cluster runs on the host."""
        return ("kind", *super().program_names())

    def kubeconfig_for(self, identity: str, groups: tuple[str, ...] = ()) -> Path:
        """A kubeconfig with a client certificate for a user, who has no rights until RBAC grants some.

        The cluster's own signer ``kubernetes.io/kube-apiserver-client`` makes the certificate. It refuses the group
        system:masters, for which a binding to the cluster role cluster-admin is made instead.

        Args:
            identity: the user's name, as in the subject ``kind: User`` of a RoleBinding.
            groups: the user's groups, as in the subject ``kind: Group``.
        """
        key = new_key()
        allowed = tuple(group for group in groups if group != "system:masters")
        request_name = f"{re.sub(r'[^a-z0-9-]', '-', identity.lower())}-{uuid.uuid4().hex[:8]}"
        if allowed != groups:
            self.kubectl(
                "create", "clusterrolebinding", request_name, "--clusterrole=cluster-admin", f"--user={identity}"
            )
        self.apply(
            yaml.safe_dump(
                {
                    "apiVersion": "certificates.k8s.io/v1",
                    "kind": "CertificateSigningRequest",
                    "metadata": {"name": request_name},
                    "spec": {
                        "request": b64encode(signing_request(key, identity, allowed)).decode(),
                        "signerName": "kubernetes.io/kube-apiserver-client",
                        "usages": ["client auth"],
                    },
                }
            )
        )
        self.kubectl("certificate", "approve", request_name)
        self.kubectl("wait", "--for=jsonpath={.status.certificate}", "--timeout=30s", f"csr/{request_name}")
        certificate = b64decode(self.kubectl("get", "csr", request_name, "-o", "jsonpath={.status.certificate}"))
        connection = self._connection()
        ca = b64decode(connection["certificate-authority-data"])
        return self._write_kubeconfig(f"{request_name}.kubeconfig", connection["server"], ca, certificate, key_pem(key))

    @property
    def control_plane(self) -> str:
        """The name of the control plane's node, which is its container's as well."""
        return f"{self._name}-control-plane"

    @property
    def workers(self) -> tuple[str, ...]:
        """The names of the other nodes."""
        return tuple(f"{self._name}-worker{number if number > 1 else ''}" for number in range(1, self._workers + 1))

    def load_image(self, image: str, nodes: Iterable[str] = ()) -> None:
        """Copies an image from docker into nodes, all when none is named: their pods can pull nothing.

        Raises:
            ClusterError: docker has no such image, or a node did not take it.
        """
        chosen = ("--nodes", ",".join(nodes)) if nodes else ()
        self._kind("load", "docker-image", image, "--name", str(self._name), *chosen)

    def execute(self, node: str, *command: str) -> str:
        """Runs a command as root in a node, and returns its standard output.

        Raises:
            ClusterError: it failed; the message holds what it said.
        """
        done = subprocess.run(["docker", "exec", node, *command], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ClusterError(f"{' '.join(command)} in {node}: {(done.stderr or done.stdout).strip()}")
        return done.stdout

    def audit_events(self) -> Iterator[dict[str, Any]]:
        """The API server's audit events so far, oldest first, as the base class describes them."""
        return read_events(self._audit_folder / _AUDIT_LOG)

    @property
    def _audit_folder(self) -> Path:
        return self.workdir / "audit"

    def _start_control_plane(self) -> None:
        image = node_image()
        self._name = f"livecost-{uuid.uuid4().hex[:8]}"
        self._audit_folder.mkdir()
        write_policy(self._audit_folder / "policy.yaml")
        config = self.workdir / "kind.yaml"
        config.write_text(yaml.safe_dump(_config(self._audit_folder, self._workers)))
        place = ["--name", self._name, "--kubeconfig", str(self.admin_kubeconfig)]
        self._progress(f"creating the kind cluster {self._name} of {1 + self._workers} nodes …")
        chosen = ["--image", image] if image else []
        self._kind("create", "cluster", *place, "--config", str(config), "--wait", f"{_READY_SECONDS}s", *chosen)

    def _stop_control_plane(self) -> None:
        if self._name is not None:
            self._kind("delete", "cluster", "--name", self._name, "--kubeconfig", str(self.admin_kubeconfig))
            self._name = None

    def _kind(self, *args: str) -> None:
        done = subprocess.run([self._programs["kind"], *args], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ClusterError(f"kind {args[0]} {args[1]}: {done.stderr.strip()}")

    def _connection(self) -> dict[str, Any]:
        config = yaml.safe_load(self.admin_kubeconfig.read_text())
        connection: dict[str, Any] = config["clusters"][0]["cluster"]
        return connection


def _config(audit_folder: Path, workers: int) -> dict[str, Any]:
    flags = {
        "audit-policy-file": f"{_AUDIT_MOUNT}/policy.yaml",
        "audit-log-path": f"{_AUDIT_MOUNT}/{_AUDIT_LOG}",
    }
    volume = {"name": "audit", "hostPath": _AUDIT_MOUNT, "mountPath": _AUDIT_MOUNT}
    # kubeadm's format differs by Kubernetes version; kind applies the patch of the version that it writes.
    arguments: dict[str, object] = {
        "v1beta3": flags,
        "v1beta4": [{"name": name, "value": value} for name, value in flags.items()],
    }
    patches = [
        {
            "apiVersion": f"kubeadm.k8s.io/{version}",
            "kind": "ClusterConfiguration",
            "apiServer": {"extraArgs": extra, "extraVolumes": [volume | {"pathType": "Directory"}]},
        }
        for version, extra in arguments.items()
    ]
    control_plane = {
        "role": "control-plane",
        "extraMounts": [{"hostPath": str(audit_folder), "containerPath": _AUDIT_MOUNT}],
        "kubeadmConfigPatches": [yaml.safe_dump(patch) for patch in patches],
    }
    return {
        "kind": "Cluster",
        "apiVersion": "kind.x-k8s.io/v1alpha4",
        "nodes": [control_plane, *[{"role": "worker"}] * workers],
    }


def _docker(*args: str) -> str | None:
    try:
        done = subprocess.run(["docker", *args], capture_output=True, text=True, timeout=_DOCKER_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None

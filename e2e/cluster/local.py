"""Provider *local*: etcd, kube-apiserver and their companions as plain processes on the loopback address."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from e2e.cluster.audit import read_events, write_policy
from e2e.cluster.certificates import Authority, key_pem, new_key, write_private
from e2e.cluster.processes import answers, free_ports
from e2e.cluster.provider import Cluster


class LocalCluster(Cluster):
    """A control plane of plain processes: real API server, RBAC on, ready in seconds, no container anywhere."""

    provider = "local"
    _authority: Authority
    _server: str

    def program_names(self) -> tuple[str, ...]:
        """The programs that this cluster runs."""
        controllers = ("kube-controller-manager",) if "nodes" in self.features else ()
        return ("etcd", "kube-apiserver", *controllers, *super().program_names())

    def kubeconfig_for(self, identity: str, groups: tuple[str, ...] = ()) -> Path:
        """A kubeconfig with a client certificate for a user, who has no rights until RBAC grants some.

        Args:
            identity: the user's name, as in the subject ``kind: User`` of a RoleBinding.
            groups: the user's groups, as in the subject ``kind: Group``.
        """
        certificate, key = self._authority.client_certificate(identity, groups)
        file_name = re.sub(r"[^A-Za-z0-9._-]", "-", identity) + ".kubeconfig"
        return self._write_kubeconfig(file_name, self._server, self._authority.certificate_pem, certificate, key)

    def audit_events(self) -> Iterator[dict[str, Any]]:
        """The API server's audit events so far, oldest first, as the base class describes them."""
        return read_events(self.workdir / "audit.jsonl")

    def _start_control_plane(self) -> None:
        self._authority = Authority()
        etcd_port, peer_port, api_port = free_ports(3)
        self._server = f"https://127.0.0.1:{api_port}"
        self.kubeconfig_for("admin", ("system:masters",))
        self._start_etcd(etcd_port, peer_port)
        service_account_key = write_private(self.workdir / "service-accounts.key", key_pem(new_key()))
        self._start_api_server(api_port, etcd_port, service_account_key)
        if "nodes" in self.features:
            self._start_controller_manager(service_account_key)

    def _stop_control_plane(self) -> None:
        """Everything here is one of ``processes``."""

    def _start_etcd(self, port: int, peer_port: int) -> None:
        self.processes.start(
            "etcd",
            [
                self._programs["etcd"],
                f"--data-dir={self.workdir / 'etcd'}",
                f"--listen-client-urls=http://127.0.0.1:{port}",
                f"--advertise-client-urls=http://127.0.0.1:{port}",
                f"--listen-peer-urls=http://127.0.0.1:{peer_port}",
                f"--initial-advertise-peer-urls=http://127.0.0.1:{peer_port}",
                f"--initial-cluster=default=http://127.0.0.1:{peer_port}",
                "--unsafe-no-fsync=true",
            ],
        )
        self.processes.wait_until("etcd", lambda: answers(f"http://127.0.0.1:{port}/health"))

    def _start_api_server(self, port: int, etcd_port: int, service_account_key: Path) -> None:
        certificate, key = self._authority.serving_certificate()
        ca_file = write_private(self.workdir / "ca.crt", self._authority.certificate_pem)
        policy = write_policy(self.workdir / "audit-policy.yaml")
        command: list[str | Path] = [
            self._programs["kube-apiserver"],
            f"--etcd-servers=http://127.0.0.1:{etcd_port}",
            f"--secure-port={port}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            "--endpoint-reconciler-type=none",
            f"--tls-cert-file={write_private(self.workdir / 'apiserver.crt', certificate)}",
            f"--tls-private-key-file={write_private(self.workdir / 'apiserver.key', key)}",
            f"--client-ca-file={ca_file}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={service_account_key}",
            f"--service-account-signing-key-file={service_account_key}",
            "--authorization-mode=RBAC",
            "--service-cluster-ip-range=10.96.0.0/16",
            f"--audit-policy-file={policy}",
            f"--audit-log-path={self.workdir / 'audit.jsonl'}",
            "--profiling=false",
        ]
        if "nodes" not in self.features:
            # Without the controller manager no namespace gets its service account, and no pod would be admitted.
            command.append("--disable-admission-plugins=ServiceAccount")
        self.processes.start("kube-apiserver", command)
        self.processes.wait_until("kube-apiserver", lambda: answers(f"{self._server}/readyz", ca_file))

    def _start_controller_manager(self, service_account_key: Path) -> None:
        (port,) = free_ports(1)
        ca_file = self.workdir / "ca.crt"
        self.processes.start(
            "kube-controller-manager",
            [
                self._programs["kube-controller-manager"],
                f"--kubeconfig={self.kubeconfig_for('system:kube-controller-manager')}",
                f"--service-account-private-key-file={service_account_key}",
                f"--root-ca-file={ca_file}",
                "--use-service-account-credentials",
                "--leader-elect=false",
                # The default of 20 requests a second alone makes it start 5 seconds later.
                "--kube-api-qps=500",
                "--kube-api-burst=1000",
                "--bind-address=127.0.0.1",
                f"--secure-port={port}",
                f"--cert-dir={self.workdir / 'controller-manager'}",
            ],
        )
        self.processes.wait_until("kube-controller-manager", self._has_service_accounts)

    def _has_service_accounts(self) -> bool:
        """Whether pods are admitted by now: each needs the account that the controller manager makes."""
        return "default" in self.kubectl("get", "serviceaccounts", "--namespace=default", "--output=name")

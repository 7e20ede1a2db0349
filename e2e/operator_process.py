"""The operator as a child process with an identity of its own."""

import itertools
import json
import os
import signal
import sys
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from e2e.cluster import Cluster
from e2e.cluster.processes import answers
from e2e.operator_rights import LEASE_NAMESPACE, grant_rights

ROOT: Final = Path(__file__).parent.parent
_numbers = itertools.count(1)


class OperatorProcess:
    """One replica of `livecost operator`, of this source tree; as a context manager it is started and stopped.

    Prometheus scrapes it where the cluster has one. It ends with the cluster at the latest.

    Args:
        cluster: a started cluster.
        kubeconfig: of the identity that it runs as.
        flags: further options of the command line, such as "--prometheus-url=http://127.0.0.1:9090".
    """

    def __init__(self, cluster: Cluster, kubeconfig: Path, *flags: str) -> None:
        self._cluster = cluster
        self._kubeconfig = kubeconfig
        self._flags = flags
        # A name of its own for each replica: logs and scrape targets of earlier ones stay apart.
        self.name = f"livecost-operator-{next(_numbers)}"

    @property
    def log_file(self) -> Path:
        """Where it logs, as JSON lines."""
        return self._cluster.processes.log_file(self.name)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._cluster.processes.pids[self.name]

    @property
    def address(self) -> str:
        """Host and port of its HTTP endpoints, once it has started."""
        for record in reversed(self.log_records()):
            if record.get("event") == "listening":
                return f"{record['address']}:{record['port']}"
        raise LookupError(f"{self.name} does not listen yet; see {self.log_file}")

    @property
    def url(self) -> str:
        """Base address of its HTTP endpoints, once it has started."""
        return f"http://{self.address}"

    def start(self) -> Self:
        """Start it, unless it runs; returns when it is ready, be it as the leader or as a standby.

        Raises:
            ClusterError: it ended or did not become ready; the message holds the end of its log.
        """
        if self.name in self._cluster.processes.pids:
            return self
        command = [sys.executable, "-c", "from livecost.cli import main; main()", "operator"]
        command += [f"--kubeconfig={self._kubeconfig}", "--listen-port=0", "--log-format=json", *self._flags]
        path = os.pathsep.join([str(ROOT / "operator"), str(ROOT)])
        self._cluster.processes.start(self.name, command, {"PYTHONPATH": path})
        self._cluster.processes.wait_until(self.name, self.is_ready)
        if "metrics" in self._cluster.features:
            self._cluster.add_scrape_target("livecost", self.address)
        return self

    def stop(self) -> None:
        """End it with SIGTERM, if it runs."""
        if self.name in self._cluster.processes.pids:
            self._cluster.processes.stop(self.name)

    def kill(self) -> None:
        """End it with SIGKILL, as a crash of its machine would."""
        os.kill(self.pid, signal.SIGKILL)
        self._cluster.processes.stop(self.name)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def is_ready(self) -> bool:
        """Whether /readyz answers with status 200."""
        try:
            return answers(f"{self.url}/readyz")
        except LookupError:
            return False

    def is_leader(self) -> bool:
        """Whether this replica holds the Lease."""
        return "livecost_leader 1.0" in self.metrics().splitlines()

    def metrics(self) -> str:
        """Its metrics in Prometheus's text format."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self.url}/metrics", timeout=10) as response:
            return str(response.read().decode())

    def log_records(self) -> list[dict[str, Any]]:
        """Its log so far, without lines that are not JSON."""
        records = []
        for line in self.log_file.read_text(errors="replace").splitlines():
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if isinstance(record, dict):
                records.append(record)
        return records

    def log_tail(self, lines: int = 20) -> str:
        """The end of its log."""
        tail = self.log_file.read_text(errors="replace").splitlines()[-lines:]
        return f"the end of {self.log_file}:\n" + "\n".join(tail)


def start_operator(cluster: Cluster, *flags: str, kubeconfig: Path | None = None) -> OperatorProcess:
    """Start a replica and wait until it is ready.

    Args:
        cluster: a started cluster, in which livecost's CRDs are.
        flags: further options of the command line.
        kubeconfig: of the identity that it runs as; by default that of grant_rights(), for all kinds of targets.

    Raises:
        ClusterError: it ended or did not become ready; the message holds the end of its log.
    """
    lease = f"--lease-namespace={LEASE_NAMESPACE}"
    return OperatorProcess(cluster, kubeconfig or grant_rights(cluster), lease, *flags).start()

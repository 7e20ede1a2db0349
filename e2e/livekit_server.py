"""A real livekit-server for tests: one node, on one address, without TURN and without the internet."""

import secrets
import urllib.request
from pathlib import Path

import yaml
from livekit import api
from prometheus_client.parser import text_string_to_metric_families

from e2e.cluster.processes import Processes, answers, free_ports


class LiveKitServer:
    """One livekit-server with keys of its own.

    Args:
        processes: start and stop it.
        workdir: holds its configuration.
        address: the IPv4 address of this machine that it serves on, media included.
    """

    name = "livekit-server"

    def __init__(self, processes: Processes, workdir: Path, address: str) -> None:
        self._processes = processes
        self._config_file = workdir / "livekit.yaml"
        self._address = address
        self._key, self._secret = "test", secrets.token_hex(32)
        self._signal_port, self._tcp_port, self._udp_port, self._metrics_port = free_ports(4)

    @property
    def url(self) -> str:
        """Where participants connect."""
        return f"ws://{self._address}:{self._signal_port}"

    @property
    def metrics_address(self) -> str:
        """Host and port that Prometheus scrapes."""
        return f"{self._address}:{self._metrics_port}"

    @property
    def customer_ports(self) -> frozenset[int]:
        """The ports from which participants are served: signalling, and media over TCP and UDP."""
        return frozenset({self._signal_port, self._tcp_port, self._udp_port})

    def start(self, program: Path) -> None:
        """Starts it and waits until it serves.

        Raises:
            ClusterError: it did not become ready; the message holds the end of its log.
        """
        config = {
            "port": self._signal_port,
            "bind_addresses": [self._address],
            "prometheus": {"port": self._metrics_port},
            "rtc": {
                "node_ip": self._address,
                "ips": {"includes": [f"{self._address}/32"]},
                "enable_loopback_candidate": True,
                "use_external_ip": False,
                "udp_port": self._udp_port,
                "tcp_port": self._tcp_port,
            },
            "turn": {"enabled": False},
            "keys": {self._key: self._secret},
        }
        self._config_file.write_text(yaml.safe_dump(config))
        self._processes.start(self.name, [program, "--config", self._config_file])
        self._processes.wait_until(
            self.name, lambda: answers(f"http://{self._address}:{self._signal_port}") and bool(self._read_metrics())
        )

    def stop(self) -> None:
        """Stops it."""
        self._processes.stop(self.name)

    def token(self, room: str, identity: str) -> str:
        """What a participant joins a room with."""
        grants = api.VideoGrants(room_join=True, room=room)
        return api.AccessToken(self._key, self._secret).with_identity(identity).with_grants(grants).to_jwt()

    def metric(self, name: str, **labels: str) -> int:
        """The sum of a metric's series that carry the labels, as the server shows it now; 0 when there is none."""
        families = text_string_to_metric_families(self._read_metrics())
        # The parser gives every counter the ending that OpenMetrics wants.
        names = (name, f"{name}_total")
        samples = (sample for family in families for sample in family.samples if sample.name in names)
        return int(sum(sample.value for sample in samples if labels.items() <= sample.labels.items()))

    def _read_metrics(self) -> str:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://{self.metrics_address}/metrics", timeout=5) as response:
            text: str = response.read().decode()
        return text

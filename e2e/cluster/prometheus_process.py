"""A Prometheus that scrapes what it is told to."""

import json
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from e2e.cluster.processes import Processes, answers, free_ports


class PrometheusProcess:
    """One Prometheus on the loopback address.

    Args:
        processes: start and stop it.
        workdir: holds its folder.
        scrape_interval: how often it scrapes, as Prometheus writes durations (`1s`, `200ms`).
    """

    def __init__(self, processes: Processes, workdir: Path, scrape_interval: str) -> None:
        self._processes = processes
        self._folder = workdir / "prometheus"
        self._scrape_interval = scrape_interval
        (self._port,) = free_ports(1)

    @property
    def url(self) -> str:
        """The base address."""
        return f"http://127.0.0.1:{self._port}"

    def start(self, program: Path, scrape_configs: Sequence[Mapping[str, object]] = ()) -> None:
        """Starts it.

        Args:
            program: the binary.
            scrape_configs: jobs known from the start, beside the targets that are added later.

        Raises:
            ClusterError: it cannot be started.
        """
        for kind in ("targets", "rules"):
            (self._folder / kind).mkdir(parents=True)
        config = self._folder / "prometheus.yml"
        config.write_text(yaml.safe_dump(self._config(scrape_configs)))
        self._processes.start(
            "prometheus",
            [
                program,
                f"--config.file={config}",
                f"--storage.tsdb.path={self._folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{self._port}",
                "--storage.tsdb.retention.time=1d",
            ],
        )

    def wait(self) -> None:
        """Waits until it is ready.

        Raises:
            ClusterError: it was not ready in time; the message holds the end of its log.
        """
        self._processes.wait_until("prometheus", lambda: answers(f"{self.url}/-/ready"))

    def add_target(self, job: str, target: str, labels: Mapping[str, str]) -> None:
        """Adds an address to those that it scrapes; it notices the new file by itself."""
        file = self._folder / "targets" / f"{job}-{target.replace(':', '-')}.json"
        partial = file.with_suffix(".partial")
        partial.write_text(json.dumps([{"targets": [target], "labels": {**labels, "job": job}}]))
        partial.replace(file)

    def add_rules(self, name: str, text: str) -> None:
        """Adds a file of recording and alerting rules, and has it read its configuration anew."""
        (self._folder / "rules" / f"{name}.yaml").write_text(text)
        os.kill(self._processes.pids["prometheus"], signal.SIGHUP)

    def _config(self, scrape_configs: Sequence[Mapping[str, object]]) -> dict[str, object]:
        every = self._scrape_interval
        files = str(self._folder / "targets" / "*.json")
        added = {"job_name": "added", "file_sd_configs": [{"files": [files], "refresh_interval": every}]}
        return {
            "global": {"scrape_interval": every, "scrape_timeout": every, "evaluation_interval": every},
            "rule_files": [str(self._folder / "rules" / "*.yaml")],
            "scrape_configs": [*map(dict, scrape_configs), added],
        }

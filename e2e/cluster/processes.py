"""Child processes that write to log files, are waited for by their readiness, and never outlive this process."""

import atexit
import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path

from e2e.cluster.errors import ClusterError

# The kernel kills a child when the *thread* that started it ends, so one thread that lives as long as this process
# starts them all, whoever asks.
_starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="cluster-programs")

_STOP_SECONDS = 5
_POLL_SECONDS = 0.05


def free_ports(count: int) -> list[int]:
    """Ports of the loopback address that nobody listens on, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


class Processes:
    """The child processes of one cluster: started together, stopped in reverse order, killed with this process.

    A child is killed by the kernel when this process dies in any way, also by SIGKILL, where util-linux's ``setpriv``
    is installed; else at a normal exit only.
    """

    def __init__(self, log_folder: Path) -> None:
        self._log_folder = log_folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        atexit.register(self.stop_all)

    @property
    def pids(self) -> dict[str, int]:
        """The process ids by name, of those that were started and not stopped."""
        return {name: process.pid for name, process in self._running.items()}

    def log_file(self, name: str) -> Path:
        """Where a process writes its output."""
        return self._log_folder / f"{name}.log"

    def start(self, name: str, command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> None:
        """Starts a program in a process group of its own; ``environment`` is added to this process's.

        Raises:
            ClusterError: one of that name runs already, or the program cannot be started.
        """
        if name in self._running:
            raise ClusterError(f"{name} runs already")
        self._log_folder.mkdir(parents=True, exist_ok=True)
        setpriv = shutil.which("setpriv")
        guard = [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []
        with self.log_file(name).open("ab") as log:
            start: partial[subprocess.Popen[bytes]] = partial(
                subprocess.Popen,
                [*guard, *map(str, command)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ | dict(environment or {}),
                process_group=0,
            )
            try:
                self._running[name] = _starter.submit(start).result()
            except OSError as error:
                raise ClusterError(f"{name} cannot be started: {error}") from error

    def wait_until(self, name: str, is_ready: Callable[[], bool], seconds: float = 60) -> None:
        """Waits for a process to become ready.

        Raises:
            ClusterError: it ended, or was not ready in time; the message holds the end of its log.
        """
        deadline = time.monotonic() + seconds
        while not is_ready():
            status = self._running[name].poll()
            if status is not None:
                raise ClusterError(f"{name} ended with status {status}. {self._log_tail(name)}")
            if time.monotonic() > deadline:
                raise ClusterError(f"{name} was not ready after {seconds:.0f} s. {self._log_tail(name)}")
            time.sleep(_POLL_SECONDS)

    def stop(self, name: str) -> None:
        """Stops one process and whatever it started: SIGTERM, then SIGKILL after 5 seconds."""
        process = self._running.pop(name)
        if process.poll() is None:
            _signal_group(process.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_STOP_SECONDS)
        _signal_group(process.pid, signal.SIGKILL)
        process.wait()

    def stop_all(self) -> None:
        """Stops every process, the last started first."""
        for name in reversed(list(self._running)):
            self.stop(name)
        atexit.unregister(self.stop_all)

    def _log_tail(self, name: str) -> str:
        lines = self.log_file(name).read_text(errors="replace").splitlines()[-15:]
        return f"The end of {self.log_file(name)}:\n" + "\n".join(lines)


def answers(url: str, ca_file: Path | None = None) -> bool:
    """Whether an http or https address answers with status 200; its certificate must be signed by ``ca_file``."""
    context = ssl.create_default_context(cafile=ca_file)
    # A proxy that the environment names cannot reach this machine's loopback address.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    try:
        with opener.open(url, timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def _signal_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, number)

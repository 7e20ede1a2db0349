"""`livecost operator` that cannot start or go on says what is wrong, where, and what to do."""

import base64
import errno
import os
import socket
import subprocess
import sys
import tempfile

import pytest
import yaml
from click.testing import CliRunner

from livecost import operator_command
from livecost.cli import main
from livecost.leader import LeadershipLost

NO_PEM = base64.b64encode(b"no certificate").decode()


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.setattr(operator_command, "configure_logs", lambda level, log_format: None)
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)


@pytest.fixture
def kubeconfig(tmp_path):
    """Writes a kubeconfig whose cluster and user hold these fields beside the usual."""

    def write(cluster=None, user=None):
        server = {"server": "https://127.0.0.1:1", **(cluster or {})}
        path = tmp_path / "kubeconfig"
        content = {
            "current-context": "one",
            "contexts": [{"name": "one", "context": {"cluster": "one", "user": "one"}}],
            "clusters": [{"name": "one", "cluster": server}],
            "users": [{"name": "one", "user": {"token": "t"} if user is None else user}],
        }
        path.write_text(yaml.safe_dump(content))
        return str(path)

    return write


def end(*arguments, **environment):
    """The exit code and what is told of an operator that ends by itself."""
    result = CliRunner().invoke(main, ["operator", *arguments], env=environment)
    assert isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stderr


def end_by(monkeypatch, error):
    async def fail(settings):
        raise error

    monkeypatch.setattr(operator_command, "run", fail)
    return end()


def test_a_kubeconfig_that_is_missing_is_named(tmp_path):
    told = f"Error: {tmp_path}/absent does not exist; name a kubeconfig with --kubeconfig\n"

    assert end("--kubeconfig", str(tmp_path / "absent")) == (2, told)
    assert end(KUBECONFIG=str(tmp_path / "absent")) == (2, told)


def test_a_kubeconfig_that_cannot_be_read_is_named(tmp_path):
    code, told = end(KUBECONFIG=str(tmp_path))

    assert code == 2
    assert f"{tmp_path} cannot be read (Is a directory)" in told
    assert "--kubeconfig" in told


@pytest.mark.parametrize("text", ["{", "- a", "just text", "clusters: 1", "{}"])
def test_a_file_that_is_no_kubeconfig_is_named(tmp_path, text):
    path = tmp_path / "kubeconfig"
    path.write_text(text)

    code, told = end("--kubeconfig", str(path))

    assert code == 2
    assert told.startswith(f"Error: {path}: no usable credentials (")
    assert told.endswith("; name a kubeconfig with --kubeconfig\n")


def test_a_pod_without_its_accounts_token_is_told_that(tmp_path):
    code, told = end(
        KUBERNETES_SERVICE_HOST="127.0.0.1", KUBERNETES_SERVICE_PORT="1", KUBECONFIG=str(tmp_path / "absent")
    )

    assert code == 2
    assert "the pod's own account cannot be used (Service token file does not exist.)" in told
    assert "mount the token of the service account, or name a kubeconfig" in told


def test_a_lost_file_of_a_kubeconfig_is_named(kubeconfig, tmp_path):
    code, told = end("--kubeconfig", kubeconfig(user={"tokenFile": str(tmp_path / "token")}))

    assert code == 2
    assert f"{tmp_path}/token cannot be read (No such file or directory); make it readable" in told


@pytest.mark.parametrize(
    ("cluster", "user", "field"),
    [
        ({"certificate-authority-data": NO_PEM}, None, "certificate-authority "),
        (None, {"client-certificate-data": NO_PEM, "client-key-data": NO_PEM}, "client-certificate "),
    ],
)
def test_a_certificate_that_is_none_is_told_by_its_field(kubeconfig, cluster, user, field):
    code, told = end("--kubeconfig", kubeconfig(cluster, user))

    assert code == 2
    assert told.startswith(f"Error: {field}")
    assert "PEM" in told
    assert "--listen" not in told


@pytest.mark.parametrize("place", ["absent", "file"])
def test_without_a_folder_for_temporary_files_that_is_told_and_not_the_port(kubeconfig, tmp_path, monkeypatch, place):
    """A read-only /tmp: found out when Python first looks for a folder, or when it writes to the one that it found."""
    (tmp_path / "file").touch()
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: [str(tmp_path / place)])
    monkeypatch.setattr(tempfile, "tempdir", None if place == "absent" else str(tmp_path / place))

    code, told = end("--kubeconfig", kubeconfig({"certificate-authority-data": base64.b64encode(os.urandom(9))}))

    assert code == 2
    assert "temporary files, which cannot be written" in told
    assert "make /tmp writable, or name a folder that is by TMPDIR" in told


def test_a_port_that_is_taken_is_told(kubeconfig):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        code, told = end("--kubeconfig", kubeconfig(), "--listen-port", str(port))

    assert code == 1
    assert told == f"Error: port {port} of 127.0.0.1 is taken; choose another --listen-port, or 0 for a free one\n"


@pytest.mark.parametrize("address", ["192.0.2.1", "a" * 64 + ".example"])
def test_an_address_that_is_none_of_the_machine_is_told(kubeconfig, address):
    code, told = end("--kubeconfig", kubeconfig(), "--listen-address", address)

    assert code == 1
    assert told.startswith(f"Error: {address} is ")
    assert told.endswith("; choose another --listen-address\n")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.EMFILE, "Too many open files"), "Too many open files; raise the number of files"),
        (OSError(errno.ENOSPC, "No space left on device", "/x/y"), "/x/y: No space left on device; make room"),
        (
            FileNotFoundError(errno.ENOENT, "No such file or directory", "/x/ca"),
            "/x/ca: No such file or directory; put",
        ),
        (OSError("something odd"), "something odd; see the log"),
    ],
)
def test_what_the_system_refuses_a_running_operator_is_told_for_what_it_is(monkeypatch, error, told):
    code, text = end_by(monkeypatch, error)

    assert code == 1
    assert text.startswith(f"Error: {told}")
    assert "--listen" not in text


def test_a_leader_that_lost_its_lease_says_why_it_ends(monkeypatch):
    code, told = end_by(monkeypatch, LeadershipLost("the lease could not be renewed in time"))

    assert code == 1
    assert "cannot write beside the new leader" in told


def test_a_standby_ends_at_sigterm(kubeconfig):
    """With a handler of its own: as the first process of a pod it would otherwise not notice, and be killed later."""
    command = [sys.executable, "-c", "from livecost.cli import main; main()", "operator"]
    flags = ["--kubeconfig", kubeconfig(), "--listen-port=0", "--log-format=json"]
    with subprocess.Popen([*command, *flags], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            log = iter(process.stdout.readline, "")
            assert any('"listening"' in line for line in log)
            process.terminate()
            assert '"ended by SIGTERM"' in "".join(log)
        finally:
            process.kill()
    assert process.returncode == 0

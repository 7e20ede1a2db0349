"""Programs that others built: published releases and Debian packages."""

import hashlib
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from e2e.cluster.errors import SourceUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2e.cluster.program_list import Program

_PROBE_SECONDS = 3
_TRANSFER_SECONDS = 60
_unreachable_hosts: set[str] = set()


def download_release(
    program: "Program", arch: str, target: Path, progress: Callable[[str], None], position: str
) -> None:
    """Downloads a published binary to ``target`` after checking its sha256 sum.

    A host that does not answer at once is not asked again in this run: many machines reach none.

    Raises:
        SourceUnavailableError: no release is known, its host cannot be reached, or the sum differs.
    """
    release = program.release
    if release is None:
        raise SourceUnavailableError("no binary is published")
    url = release.url.format(arch=arch)
    sums = _fetch_text(release.checksum_url.format(arch=arch))
    expected = _sum_of(Path(urllib.parse.urlparse(url).path).name, sums)
    progress(f"downloading {program.name} {program.version} …  {position}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "download"
        with _open(url, _TRANSFER_SECONDS) as response, file.open("wb") as out:
            shutil.copyfileobj(response, out)
        with file.open("rb") as content:
            actual = hashlib.file_digest(content, "sha256").hexdigest()
        if actual != expected:
            raise SourceUnavailableError(f"{url} has sha256 {actual}, its publisher says {expected}")
        if release.member is None:
            install(file, target)
            return
        member, binary = release.member.format(arch=arch), Path(folder) / "binary"
        # Python 3.11.2, as Debian 12 has it, knows no filter for what `extract` may write; one file's bytes need none.
        with tarfile.open(file) as archive, binary.open("wb") as out:
            packed = archive.extractfile(member) if member in archive.getnames() else None
            if packed is None:
                raise SourceUnavailableError(f"{url} holds no file {member}")
            shutil.copyfileobj(packed, out)
        install(binary, target)


def unpack_debian_package(program: "Program", target: Path, progress: Callable[[str], None], position: str) -> None:
    """Takes the binary out of a Debian package: nothing is installed and no service is started.

    Raises:
        SourceUnavailableError: there is no such package, no apt here, or no mirror answers.
    """
    package = program.debian_package
    if package is None:
        raise SourceUnavailableError("no Debian package is known")
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise SourceUnavailableError("apt-get and dpkg-deb are not here")
    progress(f"fetching the Debian package {package} …  {position}")
    with tempfile.TemporaryDirectory() as folder:
        # apt drops its privileges to download, and needs to get into the folder.
        Path(folder).chmod(0o755)
        download = ["apt-get", "download", package]
        if not _runs(download, folder) and not (
            os.geteuid() == 0 and _runs(["apt-get", "update"], folder) and _runs(download, folder)
        ):
            raise SourceUnavailableError(
                f"apt-get download {package} failed (without root, apt's lists may be missing)"
            )
        package_file = next(Path(folder).glob("*.deb"))
        if not _runs(["dpkg-deb", "--extract", str(package_file), "root"], folder):
            raise SourceUnavailableError(f"{package_file.name} cannot be unpacked")
        install(Path(folder) / "root" / "usr" / "bin" / program.name, target)


def install(file: Path, target: Path) -> None:
    """Puts an executable in its place in one step, so that no other process meets half of it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    try:
        shutil.copyfile(file, partial)
        partial.chmod(0o755)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _runs(command: list[str], folder: str) -> bool:
    return subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=600).returncode == 0


def _fetch_text(url: str) -> str:
    with _open(url, _PROBE_SECONDS) as response:
        return response.read().decode()


@contextmanager
def _open(url: str, seconds: int) -> "Iterator[IO[bytes]]":
    host = urllib.parse.urlparse(url).netloc
    if host in _unreachable_hosts:
        raise SourceUnavailableError(f"{host} did not answer before")
    try:
        with urllib.request.urlopen(url, timeout=seconds) as response:  # noqa: S310  the URLs are constants of ours, all https
            yield response
    except urllib.error.HTTPError as error:
        if error.code == 403:
            _unreachable_hosts.add(host)
        raise SourceUnavailableError(f"{url}: HTTP {error.code}") from error
    except OSError as error:
        _unreachable_hosts.add(host)
        raise SourceUnavailableError(f"{host} cannot be reached ({getattr(error, 'reason', error)})") from error


def _sum_of(file_name: str, sums: str) -> str:
    for line in sums.splitlines():
        digest, _, listed = line.partition(" ")
        if re.fullmatch(r"[0-9a-f]{64}", digest) and listed.strip().lstrip("*") in ("", file_name):
            return digest
    raise SourceUnavailableError(f"{file_name} has no published sha256 sum")

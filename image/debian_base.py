"""A base image from Debian packages, for machines that can pull none: Python, its C libraries, and CA certificates.

The packages are unpacked, not installed, so that neither root nor their install scripts are needed; the result has no
shell, no package manager and no interpreter but Python. Works on Debian and its relatives, with this machine's apt
sources, security updates included.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from image.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Callable

ROOTS: Final = (
    "base-files", "ca-certificates", "libgcc-s1", "libpython3-stdlib", "libstdc++6", "media-types", "python3-minimal",
)  # fmt: skip

# Needed to install or to type, not to run, or for modules of the standard library that nothing here imports.
_LEFT_OUT: Final = re.compile(
    r"(awk|mawk|debconf.*|dpkg|install-info|openssl|perl.*|readline-common|sed|tar|.*-base|debianutils)"
    r"|(libreadline|libsqlite3|libncursesw|libtinfo|libdb|libnsl|libtirpc|libgssapi|libk).*"
)
_KEPT_BASE: Final = "base-files"
_NOT_WANTED: Final = ("usr/share/man", "usr/share/locale", "usr/share/info", "usr/share/lintian", "usr/share/perl5")
_ACCOUNTS: Final = {
    "etc/passwd": "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n",
    "etc/group": "root:x:0:\nnonroot:x:65532:\n",
    "etc/nsswitch.conf": "hosts: files dns\n",
}
_DOCKERFILE: Final = """FROM scratch AS files
ADD root.tar /
RUN ["/usr/bin/python3", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "/usr/lib/{python}"]
FROM scratch
COPY --from=files / /
ENV PATH=/usr/bin:/bin LANG=C.UTF-8 SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
"""


def build_debian_base(tag: str, progress: Callable[[str], None]) -> None:
    """Build the base image and give it a tag.

    Args:
        tag: the image's name in docker.
        progress: told what is being done.

    Raises:
        ImageError: a program is missing, a package cannot be had, or docker refused; the message says which.
    """
    for program in ("apt-cache", "apt-get", "dpkg-deb", "docker"):
        if shutil.which(program) is None:
            raise ImageError(f"{program} is not here; name a base image with BASE_IMAGE=…, or build on Debian")
    packages = sorted(closure(ROOTS, _dependencies))
    progress(f"building the base image {tag} from {len(packages)} Debian packages …")
    with tempfile.TemporaryDirectory(prefix="livecost-base-") as folder:
        # apt drops its privileges to download, and needs to get into the folder.
        Path(folder).chmod(0o755)
        root, debs = Path(folder, "root"), Path(folder, "debs")
        debs.mkdir()
        run(["apt-get", "download", "--quiet", *packages], debs)
        _unpack(sorted(debs.glob("*.deb")), root)
        python = next(path.name for path in sorted(root.glob("usr/lib/python3.*")))
        _pack(root, Path(folder, "root.tar"))
        shutil.rmtree(root)
        shutil.rmtree(debs)
        Path(folder, "Dockerfile").write_text(_DOCKERFILE.format(python=python))
        run(["docker", "build", "--quiet", "--tag", tag, folder], Path(folder))


def closure(roots: tuple[str, ...], dependencies: Callable[[str], list[str]]) -> set[str]:
    """The packages that must be there together, without those that only installing needs."""
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        package = waiting.pop()
        if package in found or (_LEFT_OUT.fullmatch(package) and package != _KEPT_BASE):
            continue
        found.add(package)
        waiting += dependencies(package)
    return found


def _dependencies(package: str) -> list[str]:
    """The packages that one depends on; of alternatives the first, as apt would take it."""
    shown = run(["apt-cache", "--no-all-versions", "show", package], Path.cwd())
    fields = re.findall(r"^(?:Pre-)?Depends: (.*)$", shown, re.MULTILINE)
    return [re.split(r"[\s:(|]", part.strip())[0] for line in fields for part in line.split(",")]


def _unpack(debs: list[Path], root: Path) -> None:
    for name in ("bin", "lib", "lib64", "sbin"):
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")
    status = root / "var/lib/dpkg/status.d"
    for deb in debs:
        contents = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(deb)], stdout=subprocess.PIPE)
        extract = ["tar", "--extract", "--keep-directory-symlink", "--no-same-owner", f"--directory={root}"]
        unpacked = subprocess.run(extract, stdin=contents.stdout, check=False).returncode
        if contents.wait() or unpacked:
            raise ImageError(f"{deb.name} cannot be unpacked")
        # Scanners read here which packages an image without dpkg holds.
        status.mkdir(parents=True, exist_ok=True)
        (status / deb.name.partition("_")[0]).write_text(run(["dpkg-deb", "--field", str(deb)], root))
    for name in _NOT_WANTED:
        shutil.rmtree(root / name, ignore_errors=True)
    for path in (root / "usr/share/doc").glob("*/*"):
        if path.name != "copyright" and not path.is_dir():
            path.unlink()
    certificates = sorted((root / "usr/share/ca-certificates").rglob("*.crt"))
    bundle = root / "etc/ssl/certs/ca-certificates.crt"
    bundle.parent.mkdir(parents=True, exist_ok=True)
    bundle.write_text("".join(path.read_text() for path in certificates))
    for name, text in _ACCOUNTS.items():
        (root / name).write_text(text)


def _pack(root: Path, tar: Path) -> None:
    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = "root"
        return member

    with tarfile.open(tar, "w") as archive:
        archive.add(root, ".", filter=plain)


def run(command: list[str], folder: Path) -> str:
    """A command's output.

    Raises:
        ImageError: it is not here, or failed; the message holds the end of what it said.
    """
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise ImageError(f"the program {command[0]} is missing") from None
    if done.returncode:
        tail = (done.stdout + done.stderr).strip()[-1500:]
        raise ImageError(f"`{' '.join(command[:3])} …` failed:\n{tail}")
    return done.stdout

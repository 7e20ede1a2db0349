"""`python -m image`: prepares the build context and has docker build the image."""

from __future__ import annotations

import datetime as dt
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from image.debian_base import build_debian_base, run
from image.errors import ImageError
from livecost import __version__

ROOT: Final = Path(__file__).parents[1]
CONTEXT: Final = ROOT / "dist" / "image"
DEFAULT_BASE: Final = "gcr.io/distroless/python3-debian12"
# Numbered, since a machine may have kept one that lacks what newer wheels load.
DEBIAN_BASE: Final = "livecost-base:debian-2"
_PULL_SECONDS: Final = 120


def say(line: str) -> None:
    """Print one progress line to standard error."""
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    """Build the image; prints its name. BASE_IMAGE and IMAGE in the environment name the base and the result."""
    image = os.environ.get("IMAGE") or f"livecost:{__version__}"
    try:
        base = _base_image()
        _prepare_context(_python_version(base))
        arguments = [f"--build-arg={name}={value}" for name, value in {"BASE_IMAGE": base, **source(ROOT)}.items()]
        say(f"building {image} on {base} …")
        offline = ["docker", "build", "--quiet", "--network=none", f"--file={ROOT / 'Dockerfile'}", f"--tag={image}"]
        run([*offline, *arguments, "."], CONTEXT)
    except ImageError as error:
        sys.exit(f"make image: {error}")
    print(image)


def _base_image() -> str:
    if shutil.which("docker") is None or not _works("docker", "version"):
        raise ImageError("no docker daemon answers; start one, or add your user to the group docker")
    if named := os.environ.get("BASE_IMAGE"):
        return named
    if _works("docker", "image", "inspect", DEFAULT_BASE) or _works("docker", "pull", "--quiet", DEFAULT_BASE):
        return DEFAULT_BASE
    say(f"{DEFAULT_BASE} cannot be pulled here")
    if not _works("docker", "image", "inspect", DEBIAN_BASE):
        build_debian_base(DEBIAN_BASE, say)
    return DEBIAN_BASE


def _python_version(base: str) -> str:
    """The version of the base's Python, such as 3.11; its wheels are what is installed."""
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    return run(["docker", "run", "--rm", "--network=none", "--entrypoint=python3", base, "-c", ask], ROOT).strip()


def _prepare_context(python_version: str) -> None:
    say(f"collecting wheels for Python {python_version} …")
    shutil.rmtree(CONTEXT, ignore_errors=True)
    wheels = CONTEXT / "wheels"
    wheels.mkdir(parents=True)
    requirements = ROOT / "requirements" / "image.txt"
    machine = platform.machine()
    # pip expands no platform to the older ones that it includes.
    platforms = [f"--platform=manylinux{tag}_{machine}" for tag in ("_2_34", "_2_28", "_2_17", "2014", "_2_12", "_2_5")]
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    binary = ["--only-binary=:all:", f"--python-version={python_version}", *platforms]
    target = [f"--dest={wheels}"]
    run([*download, *binary, *target, "--require-hashes", "-r", str(requirements)], ROOT)
    # Only runs in the build, and nothing of it is in the result.
    run([*download, *target, "--require-hashes", "-r", str(ROOT / "requirements" / "image-build.txt")], ROOT)
    environment = os.environ | {"SOURCE_DATE_EPOCH": source(ROOT)["SOURCE_DATE_EPOCH"]}
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", f"--outdir={CONTEXT}", str(ROOT)]
    done = subprocess.run(build, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ImageError(f"the wheel cannot be built:\n{(done.stdout + done.stderr)[-1500:]}")
    shutil.copy(requirements, CONTEXT / "requirements.txt")
    shutil.copy(ROOT / "image" / "install.py", CONTEXT)


def source(folder: Path) -> dict[str, str]:
    """What the labels say of a tree; it comes from the commit, so that the same tree gives the same labels.

    Args:
        folder: a folder of the tree. Where files were changed since the commit, the revision ends in -dirty.

    Raises:
        ImageError: it is no tree of git.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH") or run(["git", "log", "-1", "--format=%ct"], folder).strip()
    created = dt.datetime.fromtimestamp(int(epoch), dt.UTC)
    return {
        "SOURCE_DATE_EPOCH": epoch,
        "VERSION": __version__,
        "REVISION": run(["git", "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty"], folder).strip(),
        "CREATED": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _works(*command: str) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=_PULL_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


if __name__ == "__main__":
    main()

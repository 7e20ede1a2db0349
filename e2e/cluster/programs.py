"""Finds the programs of the cluster on this machine, and fetches or builds those that are missing."""

import fcntl
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from e2e.cluster import go_build, sources
from e2e.cluster.errors import ClusterError, ProgramUnavailableError, SourceUnavailableError
from e2e.cluster.program_list import PROGRAMS, Program

Progress = Callable[[str], None]

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def say(line: str) -> None:
    """Prints one progress line to standard error."""
    print(line, file=sys.stderr, flush=True)


def architecture() -> str:
    """The machine's architecture in Go's terms, such as amd64."""
    machine = platform.machine()
    return _ARCHITECTURES.get(machine, machine)


def cache_folder() -> Path:
    """Where fetched and built programs are kept: livecost/bin in the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "livecost" / "bin"


def cached_path(program: Program) -> Path:
    """Where the cache keeps a program: its name, version and architecture."""
    return cache_folder() / f"{program.name}-{program.version}-{architecture()}"


def find_program(name: str) -> Path:
    """The program's file on this machine, without fetching or building anything.

    Looks at the program's environment variable (LIVECOST_KUBE_APISERVER for kube-apiserver), then the PATH and
    KUBEBUILDER_ASSETS where another version will do, then the cache.

    Raises:
        ProgramUnavailableError: it is nowhere; ``make programs`` would get it.
        ClusterError: the environment variable names something that cannot be run.
    """
    program = PROGRAMS[name]
    path = _look_up(program)
    if path is None:
        raise ProgramUnavailableError(
            f"{name}: not found in ${program.variable}, on the PATH or in {cache_folder()}; get it with: make programs"
        )
    return path


def ensure_programs(names: Iterable[str], progress: Progress = say) -> dict[str, Path]:
    """The files of the named programs; fetches or builds those that are missing, and says so.

    Args:
        names: names of ``program_list.PROGRAMS``.
        progress: receives a line for each program that has to be had and how long it may take.

    Raises:
        ProgramUnavailableError: none of the sources could give a program; the message says what was tried.
        ClusterError: an environment variable names something that cannot be run.
    """
    wanted = [PROGRAMS[name] for name in names]
    found = {program.name: _look_up(program) for program in wanted}
    missing = [p for p in wanted if found[p.name] is None or (p.companion and not companion_path(p).exists())]
    if missing:
        with _cache_lock(progress):
            for position, program in enumerate(missing, start=1):
                found[program.name] = _look_up(program) or _obtain(program, f"({position} of {len(missing)})", progress)
                _ensure_companion(program, progress)
    return {name: path for name, path in found.items() if path is not None}


def companion_path(program: Program) -> Path:
    """The YAML file that belongs to a program (Karpenter's CRDs, kwok's stages), kept beside it in the cache."""
    if program.companion is None:
        raise ClusterError(f"{program.name} has no files beside its binary")
    return cached_path(program).with_name(f"{cached_path(program).name}.{program.companion.suffix}")


def _look_up(program: Program) -> Path | None:
    named = os.environ.get(program.variable)
    if named:
        if not _is_executable(Path(named)):
            raise ClusterError(f"{program.variable}={named}: not an executable file; correct the path or unset it")
        return Path(named)
    for candidate in _other_places(program):
        if program.minimum is not None and _is_recent(candidate, program.version_command, program.minimum):
            return candidate
    return next((path for path in (cached_path(program), _debian_path(program)) if _is_executable(path)), None)


def _debian_path(program: Program) -> Path:
    return cache_folder() / f"{program.name}-debian-{architecture()}"


def _other_places(program: Program) -> Iterator[Path]:
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    if assets and program.in_kubebuilder_assets:
        yield Path(assets) / program.name
    on_path = shutil.which(program.name)
    if on_path:
        yield Path(on_path)


def _is_executable(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


@cache
def _is_recent(path: Path, version_command: tuple[str, ...], minimum: tuple[int, int]) -> bool:
    if not _is_executable(path):
        return False
    try:
        shown = subprocess.run([path, *version_command], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    match = re.search(r"(\d+)\.(\d+)", shown.stdout + shown.stderr)
    return shown.returncode == 0 and match is not None and (int(match[1]), int(match[2])) >= minimum


def _obtain(program: Program, position: str, progress: Progress) -> Path:
    built, packaged = cached_path(program), _debian_path(program)
    sources_in_order: tuple[tuple[str, Path, Callable[[], None]], ...] = (
        ("release", built, lambda: sources.download_release(program, architecture(), built, progress, position)),
        ("Debian package", packaged, lambda: sources.unpack_debian_package(program, packaged, progress, position)),
        ("Go build", built, lambda: go_build.build(program, built, progress, position)),
    )
    tried = []
    for source, target, attempt in sources_in_order:
        try:
            attempt()
        except SourceUnavailableError as error:
            tried.append(f"  {source}: {error}")
        else:
            return target
    raise ProgramUnavailableError(
        f"cannot get {program.name} {program.version}. Tried:\n" + "\n".join(tried) + "\n"
        f"Put one on this machine and name it: export {program.variable}=/path/to/{program.name}"
    )


def _ensure_companion(program: Program, progress: Progress) -> None:
    if program.companion is None or companion_path(program).exists():
        return
    try:
        go_build.collect_companion(program, companion_path(program), progress)
    except SourceUnavailableError as error:
        raise ProgramUnavailableError(f"cannot get the files that {program.name} needs beside it: {error}") from error


@contextmanager
def _cache_lock(progress: Progress) -> Iterator[None]:
    cache_folder().mkdir(parents=True, exist_ok=True)
    with (cache_folder() / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("another process is getting the cluster's programs; waiting for it …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield

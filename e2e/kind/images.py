"""The images that the tests' pods run: livecost's own, and the local cluster's programs."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Final

from e2e.cluster import ClusterError
from e2e.cluster.programs import Progress, ensure_programs
from e2e.operator_process import ROOT

MONITORING: Final = "livecost-e2e/monitoring:e2e"
LIVEKIT: Final = "livecost-e2e/livekit:e2e"
CLUSTER_API: Final = "livecost-e2e/cluster-api:e2e"
_OWN: Final = "livecost:e2e"
_VARIABLE: Final = "LIVECOST_IMAGE"


def livecost_image(progress: Progress) -> str:
    """livecost's image, built from this tree as `make image` does it; LIVECOST_IMAGE names one to take instead.

    Raises:
        ClusterError: it cannot be built; the message holds what the build said.
    """
    if named := os.environ.get(_VARIABLE):
        return named
    progress("building livecost's image …")
    done = subprocess.run(
        [sys.executable, "-m", "image"],
        cwd=ROOT,
        env=os.environ | {"IMAGE": _OWN},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ClusterError(f"livecost's image cannot be built: {done.stderr.strip()}")
    return done.stdout.strip()


def program_image(tag: str, names: Collection[str], base: str, progress: Progress) -> None:
    """Build an image that holds programs of the local cluster at its root.

    Args:
        tag: the image's name.
        names: the programs, as `e2e.cluster.program_list` names them.
        base: the image below; one with a C library where a program comes from a Debian package.
        progress: told what has to be fetched or built.

    Raises:
        ClusterError: a program cannot be had, or docker refused.
    """
    with tempfile.TemporaryDirectory(prefix="livecost-image-") as folder:
        for name, path in ensure_programs(names, progress).items():
            shutil.copy(path, Path(folder, name))
        lines = [f"FROM {base}", *(f"COPY {name} /{name}" for name in names), "ENTRYPOINT []"]
        Path(folder, "Dockerfile").write_text("\n".join(lines) + "\n")
        command = ["docker", "build", "--quiet", f"--tag={tag}", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ClusterError(f"{tag} cannot be built: {done.stderr.strip()}")

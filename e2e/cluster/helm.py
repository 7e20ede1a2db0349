"""Helm, run so that nothing but its arguments decides which cluster it works on."""

import os
import subprocess
from pathlib import Path

from e2e.cluster.programs import ensure_programs


def run_helm(*arguments: str | Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """A run of Helm that inherits no HELM_* and no KUBECONFIG: they may name a cluster that is none of ours.

    Args:
        arguments: Helm's.
        variables: environment variables of this run.

    Raises:
        ClusterError: Helm is not here and cannot be had.
    """
    inherited = {name: text for name, text in os.environ.items() if not name.startswith(("HELM_", "KUBECONFIG"))}
    command = [ensure_programs(["helm"])["helm"], *arguments]
    return subprocess.run(command, env=inherited | variables, capture_output=True, text=True, check=False)

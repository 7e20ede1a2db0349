"""kubectl-livecost where the real kubectl finds it."""

import os
import sys
from pathlib import Path

import pytest

from e2e.operator_process import ROOT


def put_plugin_on_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write the program kubectl-livecost of this source tree into a folder, and put that on the PATH."""
    program = folder / "kubectl-livecost"
    program.write_text(f"#!{sys.executable}\nfrom livecost.kubectl import main\n\nmain()\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "operator"), str(ROOT)]))

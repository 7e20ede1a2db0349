"""The folder `operator` is a source root, not a package."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_operator_folder_is_no_package():
    assert not (ROOT / "operator" / "__init__.py").exists()


def test_the_operator_folder_does_not_hide_the_standard_library():
    """A package of that name in the root would break every program started there."""
    program = "import operator; print(operator.itemgetter(0)('ok'))"
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "o"

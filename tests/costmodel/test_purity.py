"""The model stands alone."""

import subprocess
import sys
from pathlib import Path

import costmodel

ROOT = Path(costmodel.__file__).parents[1]
FOREIGN = ("kubernetes", "kopf", "structlog", "prometheus_api_client", "prometheus_client", "aiohttp", "livecost")


def test_importing_the_model_loads_no_kubernetes_and_no_telemetry():
    program = f"import sys, costmodel; print([name for name in {FOREIGN!r} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "[]"


def test_every_public_name_exists_and_is_told_once():
    assert all(hasattr(costmodel, name) for name in costmodel.__all__)
    assert len(set(costmodel.__all__)) == len(costmodel.__all__)

"""The built wheel, installed without extras, prices a customer and brings no Kubernetes along."""

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*arguments, cwd):
    return subprocess.run(list(map(str, arguments)), cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    assert build.returncode == 0, build.stdout + build.stderr
    [path] = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def programs(wheel, tmp_path_factory):
    """The programs of a fresh environment that holds the wheel and its plain dependencies."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    found = folder / ("Scripts" if sys.platform == "win32" else "bin")
    install = run(found / "python", "-m", "pip", "install", "--quiet", wheel, cwd=folder)
    assert install.returncode == 0, install.stderr
    return found


def test_the_wheel_holds_the_two_packages_and_nothing_else(wheel):
    names = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    version = wheel.name.split("-")[1]

    assert names == {"costmodel", "livecost", f"livecost-{version}.dist-info"}


@pytest.mark.parametrize(
    "name", ["costmodel/py.typed", "costmodel/SPEC.md", "costmodel/catalogs/hetzner-document.yaml", "livecost/py.typed"]
)
def test_the_wheel_holds_the_type_markers_and_the_specification(wheel, name):
    assert name in zipfile.ZipFile(wheel).namelist()


@pytest.mark.parametrize("program", ["livecost", "kubectl-livecost"])
def test_the_installed_command_prices_the_worked_example(programs, program, tmp_path):
    result = run(programs / program, "estimate", "-o", "json", cwd=tmp_path)

    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["monthly"]["total"] == "1036.60"


def test_the_installed_model_comes_without_kubernetes(programs, tmp_path):
    program = (
        "import costmodel, importlib.util as u;"
        "print([name for name in ('kopf', 'kubernetes', 'structlog', 'aiohttp') if u.find_spec(name)],"
        " costmodel.cents(costmodel.estimate(costmodel.resolve()).monthly_total))"
    )
    result = run(programs / "python", "-W", "error", "-c", program, cwd=tmp_path)

    assert result.stdout.strip() == "[] 1036.60", result.stderr


def test_the_version_is_the_wheels(programs, wheel, tmp_path):
    result = run(programs / "livecost", "--version", cwd=tmp_path)

    assert wheel.name.split("-")[1] in result.stdout

"""The chart as Helm renders it; `python -m tests.chart.rendering` writes tests/chart/rendered/ anew."""

from functools import cache
from pathlib import Path

import yaml

from charts.generated import CHART
from e2e.cluster.helm import run_helm

HERE = Path(__file__).parent
VALUE_SETS = ("default", "everything", "namespaced", "web")


def template(*arguments):
    """A run of `helm template` for the release `livecost` in the namespace `livecost`."""
    return run_helm("template", "livecost", CHART, "--namespace=livecost", *arguments)


def rendered(*arguments):
    """The objects that the chart gives, by kind and name."""
    run = template(*arguments)
    assert run.returncode == 0, run.stderr
    objects = [found for found in yaml.safe_load_all(run.stdout) if found]
    return sorted(objects, key=lambda found: (found["kind"], found["metadata"].get("namespace", ""), name_of(found)))


@cache
def rendered_set(name):
    """The objects for one of the committed sets of values."""
    return rendered(f"--values={HERE / 'values' / name}.yaml")


def name_of(found):
    """An object's name."""
    return found["metadata"]["name"]


def only(kind, objects, component="livecost"):
    """The one object of a kind that belongs to the operator (livecost) or to the pages (livecost-web)."""
    found = [found for found in objects if found["kind"] == kind]
    (own,) = [each for each in found if each["metadata"]["labels"]["app.kubernetes.io/name"] == component]
    return own


def snapshot(name):
    """The committed objects for a set of values, as text."""
    return (HERE / "rendered" / f"{name}.yaml").read_text()


def as_text(objects):
    """Objects as they are committed: without the dashboard and the rules, which are files of their own already."""
    objects = [found for found in objects if found["kind"] not in ("ConfigMap", "PrometheusRule")]
    return yaml.safe_dump_all(objects, width=120)


def main():
    """Write all snapshots."""
    for name in VALUE_SETS:
        (HERE / "rendered" / f"{name}.yaml").write_text(as_text(rendered_set(name)))


if __name__ == "__main__":
    main()

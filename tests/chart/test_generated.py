"""The chart's generated files follow the code, and its values cover the operator's settings."""

import json
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from charts import generated
from charts.generated import CHART, SECURITY
from charts.readme import readme
from charts.rights_table import with_tables
from charts.values_schema import SET_BY_THE_CHART, camel_case
from livecost import __version__
from livecost.rbac import CLUSTER_SCOPED
from livecost.settings import Settings
from livecost.target_kinds import known_kinds
from tests.chart.rendering import only, rendered
from tests.integration.target_crds import target_crds

VALUES = yaml.safe_load((CHART / "values.yaml").read_text())
SCHEMA = json.loads((CHART / "values.schema.json").read_text())


def test_the_committed_files_are_what_the_code_says():
    """Write them anew with `make chart` when this fails."""
    found = generated.files()
    assert {name: (CHART / name).read_text() for name in found} == found
    assert {f"templates/crds/{file.name}" for file in (CHART / "templates/crds").iterdir()} <= found.keys()


def test_the_table_of_rights_is_what_is_granted():
    """Write it anew with `make chart` when this fails."""
    document = SECURITY.read_text()
    assert document == with_tables(document)


def test_the_crds_of_the_chart_are_those_of_the_folder():
    crds = {found["metadata"]["name"]: found["spec"] for found in rendered() if "Definition" in found["kind"]}
    committed = [yaml.safe_load(file.read_text()) for file in (Path(CHART).parents[1] / "crds").glob("*.yaml")]
    assert crds == {found["metadata"]["name"]: found["spec"] for found in committed}


def test_the_chart_has_the_version_of_the_operator():
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert (chart["version"], chart["appVersion"]) == (__version__, __version__)


def test_every_setting_is_a_value_or_set_by_the_chart():
    names = {field.name for field in fields(Settings)}
    assert names >= SET_BY_THE_CHART
    assert {camel_case(name) for name in names - SET_BY_THE_CHART} == VALUES["settings"].keys()


def test_the_values_defaults_are_the_operators():
    for field in fields(Settings):
        if field.name not in SET_BY_THE_CHART:
            default = (
                field.default if field.default not in (None, ()) else type(VALUES["settings"][camel_case(field.name)])()
            )
            assert VALUES["settings"][camel_case(field.name)] == default, field.name


def _names(schema, path=""):
    for name, child in schema.get("properties", {}).items():
        yield f"{path}{name}"
        yield from _names(child, f"{path}{name}.")


def test_values_and_schema_name_the_same():
    """What the schema accepts is in values.yaml, but for what Helm adds and the parts of `resources`."""
    written = {path for path in _names(SCHEMA) if path != "global" and "resources." not in path}

    def paths(values, path=""):
        for name, child in values.items():
            yield f"{path}{name}"
            if isinstance(child, dict) and name not in ("resources", "labels"):
                yield from paths(child, f"{path}{name}.")

    assert set(paths(VALUES)) == written


def test_a_value_without_a_comment_is_refused():
    with pytest.raises(ValueError, match=r"values.yaml: a\.c: write above it what it means"):
        readme("a:\n  # B.\n  b: 1\n  c: 2\n")


def test_scopes_are_those_of_the_kinds():
    """Rights on a kind outside all namespaces must not be granted by a Role, which would not grant them."""
    scopes = {(crd["spec"]["group"], crd["spec"]["names"]["kind"]): crd["spec"]["scope"] for crd in target_crds()}
    assert {kind for kind in known_kinds() if scopes[kind] == "Cluster"} == CLUSTER_SCOPED


@pytest.mark.parametrize(("flags", "address"), [([], "0.0.0.0"), (["--set=listenAddress=::"], "::")])  # noqa: S104
def test_the_container_listens_where_the_probes_ask(flags, address):
    """The operator's own default address would be out of the kubelet's reach, and IPv4's where pods have IPv6 alone."""
    objects = rendered("--set=crds.install=false,web.enabled=true", *flags)
    (container,) = only("Deployment", objects)["spec"]["template"]["spec"]["containers"]
    assert {f"--listen-address={address}", "--listen-port=8080"} <= set(container["args"])
    assert container["ports"][0]["containerPort"] == 8080
    (container,) = only("Deployment", objects, "livecost-web")["spec"]["template"]["spec"]["containers"]
    assert {f"--host={address}", "--port=8000"} <= set(container["args"])
    assert container["ports"][0]["containerPort"] == 8000

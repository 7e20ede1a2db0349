"""The CRDs: generated, structural, and met by every status that the operator writes."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

import livecost
from livecost.crds import main, manifests
from livecost.decide import Switches
from livecost.observed_cost import Measured, NotMeasured, Quantity, price_measured
from livecost.plan import PlanProblem
from livecost.scaling import PoolMemory
from livecost.status import Subject, unplanned_status
from livecost.target_state import TargetProblem
from tests.livecost.builders import NO_TARGET, NOW, after, decide_sim, facts, sim_spec, spec_of, status_of

CRDS = Path(livecost.__file__).parents[2] / "crds"
KINDS = [yaml.safe_load(text) for text in manifests().values()]


def version_of(crd):
    (version,) = crd["spec"]["versions"]
    return version


def schema_of(plural):
    crd = next(crd for crd in KINDS if crd["spec"]["names"]["plural"] == plural)
    return version_of(crd)["schema"]["openAPIV3Schema"]


def faults(value, schema, path="status"):
    """Where a value breaks a structural schema, as an API server that drops no field would see it."""
    if value is None:
        return [] if schema.get("nullable") else [f"{path}: null"]
    if schema.get("x-kubernetes-int-or-string"):
        return [] if isinstance(value, int | str) and not isinstance(value, bool) else [f"{path}: no int or string"]
    types = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}
    expected = types[schema["type"]]
    if not isinstance(value, expected) or (expected is int and isinstance(value, bool)):
        return [f"{path}: {value!r} is no {schema['type']}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{path}: {value!r} is none of {schema['enum']}"]
    if isinstance(value, str):
        return _text_faults(value, schema, path)
    if isinstance(value, list):
        return [
            fault for index, item in enumerate(value) for fault in faults(item, schema["items"], f"{path}[{index}]")
        ]
    if isinstance(value, dict):
        return _object_faults(value, schema, path)
    return []


def _text_faults(value, schema, path):
    if schema.get("format") == "date-time":
        try:
            return [] if datetime.fromisoformat(value).tzinfo else [f"{path}: a time without zone"]
        except ValueError:
            return [f"{path}: {value!r} is no time"]
    return [f"{path}: too long"] if len(value) > schema.get("maxLength", len(value)) else []


def _object_faults(value, schema, path):
    found = [f"{path}.{name}: missing" for name in schema.get("required", ()) if name not in value]
    if len(value) > schema.get("maxProperties", len(value)):
        found.append(f"{path}: too many fields")
    for name, child in value.items():
        known = schema.get("properties", {}).get(name) or schema.get("additionalProperties")
        found += [f"{path}.{name}: unknown field"] if known is None else faults(child, known, f"{path}.{name}")
    return found


def test_the_committed_files_are_what_the_models_say():
    """Write them anew with `make crds` when this fails."""
    assert {file.name: file.read_text() for file in CRDS.glob("*.yaml")} == manifests()


def test_the_files_can_be_written(tmp_path):
    main(str(tmp_path))

    assert {file.name for file in tmp_path.iterdir()} == {
        "customerclusters.yaml",
        "costprofiles.yaml",
        "customerfleets.yaml",
    }


@pytest.mark.parametrize(
    ("kind", "shown", "wide"),
    [
        ("CustomerCluster", "USERS PEAK LIVEKIT SIM PROJECTED OBSERVED VARIANCE READY AGE",
         "PROFILE MARGIN BUDGET REASON"),
        ("CustomerFleet", "CUSTOMERS LIVEKIT SIM PROJECTED OBSERVED REVENUE MARGIN READY AGE", "POOLED SAVING UNKNOWN"),
    ],
)  # fmt: skip
def test_people_see_the_promised_columns(kind, shown, wide):
    columns = {crd["spec"]["names"]["kind"]: version_of(crd)["additionalPrinterColumns"] for crd in KINDS}[kind]

    assert [column["name"].upper() for column in columns if column["priority"] == 0] == shown.split()
    assert [column["name"].upper() for column in columns if column["priority"] == 1] == wide.split()


@pytest.mark.parametrize(
    ("kind", "scope", "short"),
    [("CustomerCluster", "Namespaced", "cc"), ("CostProfile", "Cluster", "cp"), ("CustomerFleet", "Namespaced", "cf")],
)
def test_names_and_scopes(kind, scope, short):
    spec = next(crd["spec"] for crd in KINDS if crd["spec"]["names"]["kind"] == kind)

    assert (spec["group"], spec["scope"], spec["names"]["shortNames"]) == ("livecost.dev", scope, [short])
    assert spec["names"]["categories"] == ["livecost"]
    assert [version["name"] for version in spec["versions"]] == ["v1alpha1"]


def _nodes(schema, path=""):
    yield path, schema
    for name, child in schema.get("properties", {}).items():
        yield from _nodes(child, f"{path}.{name}")
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            yield from _nodes(schema[name], f"{path}.*")


@pytest.mark.parametrize("plural", ["customerclusters", "costprofiles", "customerfleets"])
def test_schemas_are_structural(plural):
    """Every place has one type, nothing is referenced or combined, and every field is described."""
    for path, node in _nodes(schema_of(plural)):
        assert not node.keys() & {"$ref", "anyOf", "oneOf", "allOf", "not", "const", "title"}, path
        assert ("type" in node) != bool(node.get("x-kubernetes-int-or-string")), path
        assert node.get("type") != "number", f"{path}: a decimal must never be a float"
        leaf = path.rpartition(".")[2]
        assert "description" in node or leaf in {"*", "apiVersion", "kind", "metadata"}, path


@pytest.mark.parametrize("plural", ["customerclusters", "costprofiles", "customerfleets"])
def test_rules_say_what_to_write(plural):
    for path, node in _nodes(schema_of(plural)):
        for rule in node.get("x-kubernetes-validations", ()):
            assert len(rule["message"]) > 20, path


def test_amounts_of_money_are_exact_in_the_schema():
    nodes = dict(_nodes(schema_of("customerclusters")))

    for path in (".spec.budget.monthly", ".spec.overrides.nodes.livekit.hourly", ".spec.peakConcurrencyPercent"):
        assert nodes[path]["x-kubernetes-int-or-string"] is True


def _statuses():
    nodes = {"livekit": Quantity(Decimal(2), "kube-state-metrics")}
    measured = Measured(nodes, Quantity(Decimal(5), "livekit"), Decimal(100), 86_400, NOW)
    fight = PoolMemory(planned=3, applied=3, applied_at=NOW, corrected_at=after(-5))
    sims = {
        "no target": NO_TARGET,
        "missing": facts(target=TargetProblem("TargetNotFound", "is missing")),
        "nothing set": facts(None),
        "as planned": facts(3, ready=3, settled=True),
        "pending": facts(9, ready=9),
        "contested": facts(1, memory=fight),
        "limited": facts(1, autoscaled=True, autoscaler_maximum=2),
    }
    specs = {
        "plain": sim_spec(3),
        "budget": sim_spec(3, budget={"monthly": "999.99"}),
        "no license": spec_of(concurrency=0, overrides={"license": {"annual": 0}}),
        "at the maximum": spec_of(concurrency=10**6, pools={"sim": {"maxNodes": 3}}),
    }
    observations = {"unobserved": NotMeasured("NoPrometheus", "name one"), "observed": measured}
    for about, sim in sims.items():
        for kind, spec in specs.items():
            for seen, observed in observations.items():
                yield f"{about}, {kind}, {seen}", (spec, sim, observed)


STATUSES = dict(_statuses())


@pytest.mark.parametrize(("spec", "sim", "observed"), STATUSES.values(), ids=STATUSES)
@pytest.mark.parametrize("switches", [Switches(), Switches(paused=True), Switches(paused_scale_down=True)])
@pytest.mark.parametrize("problem", [None, TargetProblem("TargetForbidden", "grant it", retry=True)])
def test_the_api_server_takes_every_status_whole(spec, sim, observed, switches, problem):
    plan, decision = decide_sim(spec, sim, switches)
    cost = price_measured(observed, plan) if isinstance(observed, Measured) else observed
    status = status_of(spec, plan, decision, cost, problem=problem)
    unplanned = unplanned_status(Subject(2, status), PlanProblem("SpecInvalid", "spec: wrong"), after(60))

    schema = schema_of("customerclusters")["properties"]["status"]
    assert faults(status, schema) == []
    assert faults(unplanned, schema) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"surprise": 1}, "status.surprise: unknown field"),
        ({"observedGeneration": "1"}, "status.observedGeneration: '1' is no integer"),
        ({"conditions": [{"type": "Ready"}]}, "status.conditions[0].status: missing"),
        ({"demand": None}, "status.demand: null"),
    ],
)
def test_the_check_above_finds_faults(change, fault):
    schema = dict(schema_of("customerclusters")["properties"]["status"])
    schema["properties"] = {**schema["properties"], "demand": {**schema["properties"]["demand"], "nullable": False}}

    assert fault in faults(change, schema)

"""Fleets as YAML and JSON documents and as Kubernetes objects."""

import json

import pytest
import yaml
from click.testing import CliRunner

from costmodel import cents
from livecost.cli import main
from livecost.models import CustomerClusterSpec
from tests.livecost.builders import plan_of

DOCUMENT = """
profiles:
  azure-standard: {cloud: azure, license: {annual: 50000}}
customers:
  - {name: st-marys, users: 1000, concurrency: 100}
  - name: metro
    users: 6000
    peakConcurrencyPercent: 5
    profile: azure-standard
    overrides: {nodes: {sim: {minNodes: 4}}, license: {annual: "60000.50"}}
"""


def cluster(name, *, namespace="customers", **spec):
    metadata = {"name": name, "namespace": namespace, "managedFields": [{"fieldsV1": {"f:spec": {}}}]}
    body = {"users": 1000, "concurrency": 100, **spec}
    return {
        "apiVersion": "livecost.dev/v1alpha1",
        "kind": "CustomerCluster",
        "metadata": metadata,
        "spec": body,
        "status": {"cost": {}},
    }


def profile(name, **spec):
    return {"apiVersion": "livecost.dev/v1alpha1", "kind": "CostProfile", "metadata": {"name": name}, "spec": spec}


def listed(*items):
    return yaml.safe_dump({"apiVersion": "v1", "kind": "List", "items": list(items)})


@pytest.fixture
def run():
    def start(text, *arguments):
        return CliRunner().invoke(main, ["fleet", "-f", "-", "-o", "json", *arguments], input=text)

    return start


@pytest.fixture
def customers(run):
    def start(text, *arguments):
        result = run(text, *arguments)
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)["customers"]

    return start


@pytest.fixture
def refused(run):
    def start(text, *arguments):
        result = run(text, *arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        return [line.removeprefix("standard input: ") for line in result.stderr.splitlines()]

    return start


def test_customers_take_profiles_and_overrides_by_name(customers):
    first, second = customers(DOCUMENT)

    assert (first["monthly"], first["cloud"]) == ("1036.60", "custom")
    assert (second["cloud"], second["peakUsers"], second["simNodes"]) == ("azure", 300, 4)
    assert second["license"] == "60000.50"


def test_json_says_the_same_as_yaml(customers):
    assert customers(json.dumps(yaml.safe_load(DOCUMENT))) == customers(DOCUMENT)


def test_what_kubectl_lists_is_a_fleet(customers):
    text = listed(
        cluster("st-marys"),
        cluster("st-marys", namespace="lab", profileRef={"name": "gold"}, pools={"sim": {"minNodes": 3}}),
        profile("gold", license={"annual": 99}, nodes={"sim": {"minNodes": 2}}),
    )
    found = customers(text)

    assert [row["name"] for row in found] == ["customers/st-marys", "lab/st-marys"]
    assert [row["license"] for row in found] == ["35000.00", "99.00"]
    assert [row["simNodes"] for row in found] == [1, 3]


def test_a_row_says_what_the_operator_plans(customers):
    """The operator's plan and the fleet lay the same layers over each other."""
    assumptions = {"cloud": "azure", "demand": {"usersPerSession": 2}, "nodes": {"sim": {"maxNodes": 30}}}
    window = {"days": ["Mon", "Tue"], "start": "08:00", "end": "18:00"}
    spec = {
        "users": 5000,
        "peakConcurrencyPercent": 12,
        "profileRef": {"name": "gold"},
        "overrides": {"nodes": {"livekit": {"sku": "Standard_F4s_v2"}}},
        "pools": {"livekit": {"minNodes": 2, "maxNodes": 9}},
        "scaling": {"schedule": [window]},
    }
    planned = plan_of(CustomerClusterSpec.model_validate(spec), assumptions).estimate
    row = customers(listed(cluster("a", **{**spec, "concurrency": None}), profile("gold", **assumptions)))[0]

    assert row["monthly"] == str(cents(planned.monthly_total))
    assert (row["livekitNodes"], row["simNodes"]) == (planned.livekit.nodes, planned.sim.nodes)
    assert row["margin"] == str(cents(planned.gross_margin))


def test_a_profile_called_default_is_below_every_customer_that_names_none(customers):
    assert customers(listed(cluster("a"), profile("default", license={"annual": 7})))[0]["license"] == "7.00"
    assert customers("profiles: {default: {license: {annual: 7}}}\ncustomers: [{name: a, users: 1}]\n")[0][
        "license"
    ] == "7.00"  # fmt: skip


def test_several_objects_in_one_file_are_a_fleet(customers):
    text = "---\n".join(map(yaml.safe_dump, [cluster("a"), profile("gold"), cluster("b", profileRef={"name": "gold"})]))

    assert [row["name"] for row in customers(text)] == ["customers/a", "customers/b"]


def test_profiles_may_be_objects_of_another_file(customers, tmp_path):
    profiles = tmp_path / "profiles.yaml"
    profiles.write_text(listed(profile("gold", license={"annual": 99})), encoding="utf-8")
    text = listed(cluster("a", profileRef={"name": "gold"}))

    assert customers(text, "--profiles", str(profiles))[0]["license"] == "99.00"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("customers: []\n", "customers: is not a list of customers"),
        ("customer: [{name: a, users: 1}]\n", "customer: is not a known field; did you mean customers?"),
        ("- name: a\n", "is not a group of fields"),
        ("customers: [{name: a}]\n", "customers[0], users: is missing"),
        (
            "customers: [{name: a, users: 1, user: 2}]\n",
            "customers[0], user: is not a known field; did you mean users?",
        ),
        ("customers: [{name: a, users: 1, overrides: {cloud: ibm}}]\n", "customers[0], overrides.cloud: 'ibm'"),
        ("customers: [{name: a, users: 1, concurrency: 1, peakConcurrencyPercent: 1}]\n", "customers[0].concurrency: "),
        ("customers: [{name: a, users: 1}, {name: a, users: 1}]\n", "customers[1], name: a is already in customers[0]"),
        ("customers: [{name: a, users: 1, profile: gold}]\n", "customers[0], profile: gold is not a known profile"),
        (
            "profiles: {silver: {}}\ncustomers: [{name: a, users: 1, profile: silvr}]\n",
            "silvr is not a known profile; did you mean silver?",
        ),
        ("profiles: {gold: {cloud: ibm}}\ncustomers: [{name: a, users: 1}]\n", "profiles.gold, cloud: 'ibm'"),
        (listed(cluster("a", concurrency=None)), "needs one of concurrency and peakConcurrencyPercent"),
        (listed(cluster("a", users="x")), "CustomerCluster customers/a, spec.users: 'x' is not a whole number"),
        (listed(profile("p", cloud="ibm"), cluster("a")), "CostProfile p, cloud: 'ibm'"),
        (listed({"apiVersion": "v1", "kind": "Pod"}, cluster("a")), "items[0]: is of kind 'Pod'"),
        ("a: 1\n---\nb: 2\n", "holds several documents"),
        ("customers:\n- {name: a\n", "correct the YAML there"),
    ],
)
def test_bad_documents_are_refused_with_the_place(refused, text, message):
    [problem] = refused(text)

    assert message in problem


def test_what_cc_means_to_cluster_api_is_refused_with_a_command_that_means_customers(refused):
    """`cc` is also the short name of Cluster API's ClusterClass, so that the remedy names the kinds in full."""
    [problem] = refused(listed({"apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "ClusterClass"}, cluster("a")))

    assert "kubectl get customerclusters,costprofiles -A -o yaml" in problem

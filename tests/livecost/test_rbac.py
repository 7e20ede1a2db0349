"""The operator's roles grant what its table of target kinds needs, and nothing else."""

import re

import pytest
import yaml
from click.testing import CliRunner

from livecost.crds import manifests
from livecost.rbac import OWN_PLURALS, cluster_role, lease_role, main, secrets_role
from livecost.target_kinds import known_kinds


def verbs_of(role, group, resource):
    return {
        verb
        for rule in role["rules"]
        if group in rule["apiGroups"] and resource in rule["resources"]
        for verb in rule["verbs"]
    }


def texts_in(value):
    if isinstance(value, dict):
        return [text for part in value.values() for text in texts_in(part)]
    return [text for part in value for text in texts_in(part)] if isinstance(value, list) else [value]


def test_nothing_is_granted_by_wildcard():
    roles = [cluster_role(), lease_role("livecost-system"), secrets_role("customers", ["a"])]
    assert [text for text in texts_in(roles) if "*" in text] == []


def test_no_secret_can_be_read_by_the_cluster_role():
    assert [rule for rule in cluster_role()["rules"] if "secrets" in rule["resources"]] == []


def test_only_the_status_of_own_objects_can_be_written():
    role = cluster_role()
    assert verbs_of(role, "livecost.dev", "customerclusters") == {"list", "watch"}
    assert verbs_of(role, "livecost.dev", "costprofiles") == {"list", "watch"}
    assert verbs_of(role, "livecost.dev", "customerfleets") == {"list", "watch"}
    assert verbs_of(role, "livecost.dev", "customerclusters/status") == {"patch"}
    assert verbs_of(role, "livecost.dev", "customerfleets/status") == {"patch"}


def test_every_own_crd_is_covered():
    assert {f"{plural}.yaml" for plural in OWN_PLURALS} == set(manifests())


@pytest.mark.parametrize(
    ("group", "resource", "on_object", "on_scale"),
    [
        # Set by scale alone, because Karpenter's autoscaler fields are none of livecost's business.
        ("karpenter.sh", "nodepools", False, True),
        # By scale, or by an annotation where the cluster autoscaler owns the count.
        ("cluster.x-k8s.io", "machinedeployments", True, True),
        ("cluster.x-k8s.io", "machinesets", True, True),
        ("cluster.x-k8s.io", "machinepools", True, True),
        # By a field of the object.
        ("cluster.x-k8s.io", "clusters", True, False),
        ("eks.services.k8s.aws", "nodegroups", True, False),
        ("core.gardener.cloud", "shoots", True, False),
    ],
)
def test_patch_is_granted_where_the_count_is_written(group, resource, on_object, on_scale):
    role = cluster_role()
    reading = {"list", "watch"}
    assert verbs_of(role, group, resource) == reading | ({"patch"} if on_object else set())
    assert verbs_of(role, group, f"{resource}/scale") == ({"patch"} if on_scale else set())


def test_every_known_kind_can_be_read_and_set():
    role = cluster_role()
    for group, kind in known_kinds():
        plural = f"{kind.lower()}s"
        assert {"list", "watch"} <= verbs_of(role, group, plural)
        assert "patch" in verbs_of(role, group, plural) | verbs_of(role, group, f"{plural}/scale")


def test_chosen_kinds_leave_the_other_groups_out():
    role = cluster_role([("karpenter.sh", "NodePool")])
    groups = {group for rule in role["rules"] for group in rule["apiGroups"]}
    assert groups == {"livecost.dev", "apiextensions.k8s.io", "", "karpenter.sh"}


def test_chosen_kinds_leave_other_kinds_of_their_group_out():
    role = cluster_role([("cluster.x-k8s.io", "MachineDeployment")])
    assert verbs_of(role, "cluster.x-k8s.io", "machinedeployments") == {"list", "watch", "patch"}
    assert verbs_of(role, "cluster.x-k8s.io", "clusters") == set()


def test_an_unknown_kind_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=re.escape("kinds: example.org/Pool unknown; choose from cluster.x-k8s.io/")):
        cluster_role([("example.org", "Pool")])


def test_the_lease_alone_can_be_updated():
    role = lease_role("livecost-system", "blue")
    assert role["metadata"]["namespace"] == "livecost-system"
    create, update = [rule for rule in role["rules"] if rule["apiGroups"] == ["coordination.k8s.io"]]
    assert (create["resources"], create["verbs"]) == (["leases"], ["create"])
    assert (update["resources"], update["verbs"], update["resourceNames"]) == (["leases"], ["get", "update"], ["blue"])


def test_kubeconfig_secrets_are_granted_by_name():
    role = secrets_role("customers", {"b", "a"})
    assert role["kind"] == "Role"
    assert role["rules"] == [
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"], "resourceNames": ["a", "b"]}
    ]


def test_command_prints_every_role_that_was_asked_for():
    arguments = ["--kinds", "karpenter.sh/NodePool,eks.services.k8s.aws/Nodegroup", "--lease-namespace", "ops"]
    arguments += ["--secret", "customers/a", "--secret", "customers/b"]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    chosen = [("karpenter.sh", "NodePool"), ("eks.services.k8s.aws", "Nodegroup")]
    expected = [cluster_role(chosen), lease_role("ops"), secrets_role("customers", {"a", "b"})]
    assert list(yaml.safe_load_all(result.output)) == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--kinds", "NodePool"], "--kinds: 'NodePool' is not of the form GROUP/KIND"),
        (["--kinds", "example.org/Pool"], "kinds: example.org/Pool unknown"),
        (["--secret", "a"], "--secret: 'a' is not of the form NAMESPACE/NAME"),
    ],
)
def test_command_refuses_what_it_cannot_grant(arguments, message):
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 2
    assert message in result.output

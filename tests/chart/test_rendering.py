"""What the chart renders: committed snapshots, the least rights, arguments that the operator accepts, hardened pods."""

import json
import re
from dataclasses import fields

import pytest
import yaml

from charts.generated import CHART
from e2e.cluster.helm import run_helm
from livecost.dashboard import dashboard
from livecost.monitoring import rule_groups
from livecost.operator_command import operator
from livecost.rbac import CLUSTER_SCOPED, cluster_role, lease_role, secrets_role
from livecost.settings import Settings
from livecost.target_kinds import known_kinds
from tests.chart.rendering import VALUE_SETS, as_text, name_of, only, rendered, rendered_set, snapshot

NO_CRDS = "--set=crds.install=false"


def grants(*roles):
    return {
        (group, resource, name, verb)
        for role in roles
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for name in rule.get("resourceNames", [None])
        for verb in rule["verbs"]
    }


def of_kind(kind, objects):
    return [found for found in objects if found["kind"] == kind]


def by_component(objects):
    """The operator's objects and those of the pages, by the name in their labels."""
    found = {}
    for each in objects:
        found.setdefault(each["metadata"]["labels"]["app.kubernetes.io/name"], []).append(each)
    return found


def settings_of(objects):
    """The settings that the rendered container's arguments stand for."""
    (container,) = only("Deployment", objects)["spec"]["template"]["spec"]["containers"]
    command, *flags = container["args"]
    assert command == "operator"
    return Settings(**operator.make_context("operator", flags).params)


@pytest.mark.parametrize("name", VALUE_SETS)
def test_lint_finds_nothing(name):
    run = run_helm("lint", "--strict", CHART, f"--values={CHART.parents[1]}/tests/chart/values/{name}.yaml")
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("name", VALUE_SETS)
def test_rendered_objects_are_the_committed_ones(name):
    """Look at the difference, and write them anew with `python -m tests.chart.rendering` when it is meant."""
    assert as_text(rendered_set(name)) == snapshot(name)


@pytest.mark.parametrize("kind", sorted(known_kinds()), ids="/".join)
def test_an_enabled_kind_grants_what_the_operator_needs_for_it(kind):
    objects = rendered(NO_CRDS, f"--set=targetKinds={{{'/'.join(kind)}}}")
    assert grants(only("ClusterRole", objects)) == grants(cluster_role([kind]))


def test_the_defaults_grant_what_their_kinds_need():
    objects = rendered_set("default")
    kinds = [("cluster.x-k8s.io", "MachineDeployment"), ("karpenter.sh", "NodePool")]
    assert grants(only("ClusterRole", objects)) == grants(cluster_role(kinds))
    assert grants(only("Role", objects)) == grants(lease_role("livecost"))


def test_a_role_of_each_namespace_and_a_cluster_role_for_the_rest_grant_the_same_together():
    kinds = sorted(known_kinds())
    chosen = ",".join("/".join(kind) for kind in kinds)
    objects = rendered(
        NO_CRDS, "--set=namespaces={a,b},settings.leaderElect=false,replicaCount=1", f"--set=targetKinds={{{chosen}}}"
    )
    roles = of_kind("Role", objects)
    assert [role["metadata"]["namespace"] for role in roles] == ["a", "b"]
    whole = only("ClusterRole", objects)
    for role in roles:
        assert grants(whole, role) == grants(cluster_role(kinds))
    in_no_namespace = {group for group, _ in CLUSTER_SCOPED}
    own = {("livecost.dev", "costprofiles"), ("apiextensions.k8s.io", "customresourcedefinitions"), ("", "nodes")}
    assert all(group in in_no_namespace or (group, resource) in own for group, resource, _, _ in grants(whole))
    assert {verb for group, _, _, verb in grants(whole) if group not in in_no_namespace} == {"get", "list", "watch"}


def test_secrets_are_granted_by_name():
    roles = [role for role in of_kind("Role", rendered_set("namespaced")) if name_of(role).endswith("-secrets")]
    assert [role["metadata"]["namespace"] for role in roles] == ["customers"]
    assert grants(*roles) == grants(secrets_role("customers", ["mimir-login", "st-marys-kubeconfig"]))


@pytest.mark.parametrize("name", VALUE_SETS)
def test_no_rule_has_a_wildcard_and_every_role_is_bound_to_its_pods_account(name):
    for component, own in by_component(rendered_set(name)).items():
        roles = [found for found in own if found["kind"] in ("Role", "ClusterRole")]
        assert "*" not in yaml.safe_dump([role["rules"] for role in roles])
        bindings = [found for found in own if found["kind"].endswith("RoleBinding")]
        bound = {(b["roleRef"]["kind"], b["roleRef"]["name"], b["metadata"].get("namespace")) for b in bindings}
        assert bound == {(role["kind"], name_of(role), role["metadata"].get("namespace")) for role in roles}
        account = only("Deployment", own, component)["spec"]["template"]["spec"]["serviceAccountName"]
        subject = {"kind": "ServiceAccount", "name": account, "namespace": "livecost"}
        assert all(binding["subjects"] == [subject] for binding in bindings)
        assert name_of(only("ServiceAccount", own, component)) == account


def test_the_defaults_are_the_operators_own():
    expected = Settings(listen_address="0.0.0.0", lease_namespace="livecost")  # noqa: S104 - reached by the kubelet
    assert settings_of(rendered_set("default")) == expected


def test_values_arrive_as_settings():
    settings = settings_of(rendered_set("namespaced"))
    assert settings.namespaces == ("customers", "trials")
    assert (settings.recommend_only, settings.leader_elect) == (True, False)
    assert settings.prometheus_headers == (("X-Scope-OrgID", "all customers"),)
    assert str(settings.prometheus_token_file) == "/etc/livecost/prometheus/token"
    assert str(settings.prometheus_ca_file) == "/etc/livecost/prometheus/ca.crt"


def test_only_the_keys_that_are_named_are_mounted():
    """The operator and the pages get no more of a Secret that holds other things too."""
    for component in ("livecost", "livecost-web"):
        volumes = only("Deployment", rendered_set("web"), component)["spec"]["template"]["spec"]["volumes"]
        (secret,) = [volume["secret"] for volume in volumes if "secret" in volume]
        assert secret["secretName"] == "mimir-login"
        assert secret["items"] == [{"key": key, "path": key} for key in ("token", "ca.crt")]


def test_a_large_number_arrives_as_it_is_written():
    assert settings_of(rendered_set("everything")).observation_window_seconds == 2_592_000


CHANGED = {
    "prometheusUrl": "https://p:9090", "prometheusUsername": "u", "prometheusHeaders": {"A": "b"},
    "prometheusTimeoutSeconds": 7, "prometheusMaxResponseMib": 7, "observationIntervalSeconds": 7,
    "observationWindowSeconds": 700, "observationStepSeconds": 7, "observationRefreshSeconds": 7,
    "liveTelemetryMaxAgeSeconds": 70, "telemetryIntervalSeconds": 7, "telemetryWindowSeconds": 700,
    "targetCpuPercent": 60, "opencostCurrency": "EUR", "recommendOnly": True, "workers": 7,
    "leaderElect": False, "leaseName": "other",
    "leaseDurationSeconds": 30, "leaseRenewDeadlineSeconds": 20, "leaseRetrySeconds": 2.5, "events": "all",
    "logLevel": "debug", "logFormat": "json",
}  # fmt: skip


def test_every_value_reaches_its_setting():
    login = "--set=replicaCount=1,prometheusSecret.name=login,prometheusSecret.passwordKey=password"
    settings = settings_of(rendered(NO_CRDS, login, f"--set-json=settings={json.dumps(CHANGED)}"))
    unchanged = {field.name for field in fields(Settings) if getattr(settings, field.name) == field.default}
    of_the_pod = {"kubeconfig", "context", "namespaces", "listen_port"}
    assert unchanged == of_the_pod | {"prometheus_token_file", "prometheus_ca_file"}


def test_without_a_leader_an_upgrade_ends_the_pod_before_it_starts_the_next():
    """Two that write at a time are what one replica was chosen for."""
    strategies = [only("Deployment", rendered_set(name))["spec"]["strategy"] for name in ("default", "namespaced")]
    assert [strategy["type"] for strategy in strategies] == ["RollingUpdate", "Recreate"]


def test_pods_that_are_not_ready_hold_up_no_drain():
    """As while a CRD is missing: by Kubernetes' default such a pod could not be evicted, nor any other beside it."""
    budgets = of_kind("PodDisruptionBudget", rendered_set("web"))
    assert [budget["spec"]["unhealthyPodEvictionPolicy"] for budget in budgets] == ["AlwaysAllow"] * 2


def test_rules_and_dashboard_are_those_of_the_operator():
    """Their braces are Prometheus's and Grafana's own, and none of Helm's business."""
    objects = rendered_set("everything")
    assert only("PrometheusRule", objects)["spec"] == rule_groups()
    (text,) = only("ConfigMap", objects)["data"].values()
    assert json.loads(text) == dashboard()


def test_alerts_lead_to_the_runbooks_where_they_are_published():
    address = "https://wiki.example.com/runbooks"
    run = run_helm("template", "livecost", CHART, NO_CRDS, "--set=prometheusRule.enabled=true",
                   f"--set=prometheusRule.runbooks={address}")  # fmt: skip
    rule = only("PrometheusRule", list(yaml.safe_load_all(run.stdout)))

    assert rule["spec"] == rule_groups(runbooks=address)


def test_names_of_a_second_release_do_not_meet_the_firsts():
    """Two releases may serve different namespaces of a cluster; what is in no namespace must not be shared."""
    run = run_helm("template", "livecost", CHART, "--namespace=other", NO_CRDS)
    roles = [name_of(found) for found in yaml.safe_load_all(run.stdout) if found["kind"] == "ClusterRole"]
    assert roles != [name_of(only("ClusterRole", rendered_set("default")))]


def places_of(name, found):
    """Every value of a field of some name, at any depth."""
    if isinstance(found, dict):
        yield from (value for key, value in found.items() if key == name)
        for value in found.values():
            yield from places_of(name, value)
    elif isinstance(found, list):
        for value in found:
            yield from places_of(name, value)


def test_names_that_yaml_would_read_as_something_else_stay_names():
    """Such as a namespace `no`, a Secret `123`, or a host that begins with a star, which YAML takes for an alias."""
    values = {
        "fullnameOverride": "on", "namespaces": ["404", "true"], "priorityClassName": "1e3",
        "serviceAccount": {"name": "off"}, "prometheusSecret": {"name": "123", "tokenKey": "token"},
        "settings": {"leaseName": "0", "prometheusUrl": "https://prometheus.monitoring"},
        "rbac": {"secrets": {"404": ["y"]}}, "serviceMonitor": {"enabled": True}, "defaultProfile": {"create": True},
        "web": {
            "enabled": True,
            "ingress": {"enabled": True, "host": "*.example.com", "className": "7", "tlsSecretName": "5"},
            "networkPolicy": {"from": [{"podSelector": {}}]},
        },
    }  # fmt: skip
    arguments = [f"--set-json={name}={json.dumps(value)}" for name, value in values.items()]
    run = run_helm("template", "123", CHART, "--namespace=no", NO_CRDS, *arguments)
    assert run.returncode == 0, run.stderr
    objects = list(yaml.safe_load_all(run.stdout))
    fields_of_names = (
        "name", "namespace", "app.kubernetes.io/instance", "serviceAccountName", "priorityClassName", "secretName",
        "host", "ingressClassName", "resourceNames", "matchNames", "hosts",
    )  # fmt: skip
    for field in fields_of_names:
        found = [
            each for value in places_of(field, objects) for each in (value if isinstance(value, list) else [value])
        ]
        assert found
        assert all(isinstance(each, str) for each in found), (field, found)
    assert "*.example.com" in places_of("host", objects)


SERVED = "--api-versions=livecost.dev/v1alpha1/CostProfile"


@pytest.mark.parametrize(
    ("flags", "by_hook"), [([], True), (["--is-upgrade"], True), ([NO_CRDS], False), ([SERVED], False)]
)
def test_a_profile_comes_by_a_hook_where_its_kind_comes_with_it(flags, by_hook):
    """Helm refuses a whole release when one object's kind is unknown to the API server, but not for a hook's."""
    profile = only("CostProfile", rendered("--set=defaultProfile.create=true", *flags))
    annotations = profile["metadata"]["annotations"]
    assert annotations.get("helm.sh/hook") == ("post-install,post-upgrade" if by_hook else None)
    assert annotations["helm.sh/resource-policy"] == "keep"


def test_the_hook_deletes_no_profile_and_the_next_upgrade_takes_it_over():
    """Helm's default for a hook deletes what an earlier run made, and its customers would be sized anew."""
    annotations = only("CostProfile", rendered("--set=defaultProfile.create=true"))["metadata"]["annotations"]
    assert annotations["helm.sh/hook-delete-policy"] == "hook-failed"
    assert annotations["meta.helm.sh/release-name"] == annotations["meta.helm.sh/release-namespace"] == "livecost"


def test_crds_and_profiles_outlive_the_release():
    """With the CRDs every customer would be deleted, and without its profile every customer be sized anew."""
    objects = rendered("--is-upgrade", "--set=defaultProfile.create=true")
    kept = {found["kind"] for found in objects if "keep" in found["metadata"].get("annotations", {}).values()}
    assert kept == {"CustomResourceDefinition", "CostProfile"}
    let_go = rendered("--set=crds.keep=false")
    assert [found for found in let_go if found["metadata"].get("annotations")] == []


def test_labels_tell_the_version_but_do_not_select_by_it():
    """A Deployment's selector cannot be changed by an upgrade."""
    deployment = only("Deployment", rendered_set("default"))
    selector = deployment["spec"]["selector"]["matchLabels"]
    assert selector.keys() == {"app.kubernetes.io/name", "app.kubernetes.io/instance"}
    assert selector.items() <= deployment["spec"]["template"]["metadata"]["labels"].items()
    assert re.fullmatch(r"\d+\.\d+\.\d+", deployment["metadata"]["labels"]["app.kubernetes.io/version"])

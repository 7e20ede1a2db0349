"""Values of a wrong name or type are refused before anything is installed, with their path."""

import json

import click
import pytest
import yaml

from e2e.cluster.helm import run_helm
from livecost.operator_command import operator
from tests.chart.rendering import CHART, template


@pytest.mark.parametrize(
    ("values", "path"),
    [
        (["--set=replicas=3"], "replicas"),
        (["--set=settings.workerCount=3"], "settings"),
        (["--set=image.name=livecost"], "image"),
        (["--set-string=replicaCount=three"], "replicaCount"),
        (["--set=settings.workers=0"], "settings.workers"),
        (["--set=settings.leaseRetrySeconds=0.5"], "settings.leaseRetrySeconds"),
        (["--set=settings.logLevel=loud"], "settings.logLevel"),
        (["--set=settings.recommendOnly=maybe"], "settings.recommendOnly"),
        (["--set=settings.prometheusUrl=prometheus:9090"], "settings.prometheusUrl"),
        (["--set=targetKinds={apps/Deployment}"], "targetKinds.0"),
        (["--set=namespaces={Customers}"], "namespaces.0"),
        (["--set=image.digest=latest"], "image.digest"),
        (['--set-json=rbac.extraRules=[{"apiGroups":["*"],"resources":["a"],"verbs":["get"]}]'], "rbac.extraRules.0"),
        (['--set-json=rbac.extraRules=[{"apiGroups":[""],"resources":["*"],"verbs":["get"]}]'], "rbac.extraRules.0"),
        (['--set-json=rbac.extraRules=[{"apiGroups":[""],"resources":["a"],"verbs":["*"]}]'], "rbac.extraRules.0"),
        (["--set=rbac.secrets.customers=login"], "rbac.secrets.customers"),
        (["--set=crds=false"], "crds"),
        (["--set=web=true"], "web"),
        (["--set=web.replicas=2"], "web"),
        (["--set=web.service.port=0"], "web.service.port"),
        (["--set=web.allowedHosts={*}"], "web.allowedHosts.0"),
        (["--set=web.ingress.host=https://cost.example.com"], "web.ingress.host"),
        (["--set=web.networkPolicy.from.podSelector=a"], "web.networkPolicy.from"),
        (["--set=prometheusRule.runbooks=a b"], "prometheusRule.runbooks"),
        (["--set=defaultProfile.spec=EUR"], "defaultProfile.spec"),
        (["--set=defaultProfile.name=Default"], "defaultProfile.name"),
        (["--set=nameOverride=My_Name"], "nameOverride"),
        (["--set=fullnameOverride=cost.example"], "fullnameOverride"),
        (["--set=serviceAccount.name=My Account"], "serviceAccount.name"),
        (["--set=image.repository=livecost:0.1.0"], "image.repository"),
        (["--set=image.tag=a b"], "image.tag"),
        (["--set-json=imagePullSecrets=[{}]"], "imagePullSecrets.0"),
        (["--set=namespaces={a,a}"], "namespaces"),
        (["--set=settings.prometheusUrl=https://me:secret@prometheus"], "settings.prometheusUrl"),
        (["--set=settings.prometheusHeaders.A=\u00e9"], "settings.prometheusHeaders.A"),
        (["--set=settings.prometheusHeaders.A_B=c"], "settings.prometheusHeaders"),
        (["--set=rbac.secrets.Customers={login}"], "rbac.secrets"),
        (["--set=podDisruptionBudget.maxUnavailable=150%"], "podDisruptionBudget.maxUnavailable"),
        (['--set-json=rbac.extraRules=[{"apiGroups":[""],"resources":["a"],"verbs":[]}]'], "rbac.extraRules.0.verbs"),
        (['--set-json=podLabels={"app.kubernetes.io/name":"a"}'], "podLabels"),
        (['--set-json=web.podLabels={"app.kubernetes.io/instance":"a"}'], "web.podLabels"),
        (['--set-json=serviceMonitor.labels={"helm.sh/chart":"a"}'], "serviceMonitor.labels"),
    ],
)
def test_a_wrong_value_is_refused_with_its_path(values, path):
    run = template(*values)
    assert run.returncode != 0
    # Helm 4 writes paths with slashes, Helm 3 with dots.
    assert path in run.stderr.replace("/", "."), run.stderr


@pytest.mark.parametrize(
    ("taken", "group", "name"),
    [
        ("settings", "", "settings"),
        ("settings.leaseName", "/settings", "leaseName"),
        ("settings.leaderElect", "/settings", "leaderElect"),
        ("settings.leaseRetrySeconds", "/settings", "leaseRetrySeconds"),
        ("crds.keep", "/crds", "keep"),
        ("networkPolicy.enabled", "/networkPolicy", "enabled"),
        ("web.ingress", "/web", "ingress"),
        ("web.service.port", "/web/service", "port"),
    ],
)
def test_a_default_that_protects_or_is_needed_cannot_be_taken_away(taken, group, name):
    """`null` takes a default away: the role on the Lease would be on all Leases, the customers go with the CRDs."""
    run = template(f"--set={taken}=null")
    assert run.returncode != 0
    assert f"at '{group}': missing property '{name}'" in run.stderr


def test_what_is_empty_may_be_null():
    """As a values file has it where somebody left the name and took the content out."""
    empty = "resources,nodeSelector,tolerations,affinity,podLabels,image.tag,nameOverride,namespaces,settings.workers"
    run = template(*(f"--set={name}=null" for name in empty.split(",")))
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("settings.leaderElect=false", "settings.leaderElect: several replicas would all write"),
        ("prometheusSecret.tokenKey=token", "prometheusSecret.name: write the Secret"),
        ("prometheusSecret.name=login", "prometheusSecret: write which keys"),
        ("serviceAccount.create=false", "serviceAccount.name: name the account"),
        ("web.enabled=true,web.serviceAccount.name=livecost", "web.serviceAccount.name: the pages only read"),
        ("web.enabled=true,web.serviceAccount.create=false", "web.serviceAccount.name: name the account"),
        ("web.enabled=true,web.ingress.enabled=true", "web.ingress.host: write the name by which browsers ask"),
        (
            "web.enabled=true,web.ingress.enabled=true,web.ingress.host=cost.example.com",
            "web.networkPolicy.from: name the ingress controller's pods",
        ),
    ],
)
def test_values_that_do_not_go_together_are_refused_with_the_remedy(values, message):
    run = template(f"--set={values}")
    assert run.returncode != 0
    assert message in run.stderr


@pytest.mark.parametrize("release", ["2nd-region", "eu.west"])
def test_a_release_whose_name_no_service_can_have_is_refused_with_the_remedy(release):
    """Helm itself takes both."""
    run = run_helm("template", release, CHART)
    assert run.returncode != 0
    assert f"fullnameOverride: {release}-livecost cannot name a Service" in run.stderr
    assert run_helm("template", release, CHART, "--set=fullnameOverride=livecost").returncode == 0


def test_long_names_stay_within_what_objects_may_be_called():
    """The longest that Helm and the schema take, where the cut falls on a dash."""
    release, name = "r" * 51 + "-a", "n" * 59
    run = run_helm("template", release, CHART, f"--set=nameOverride={name},web.enabled=true")
    assert run.returncode == 0, run.stderr
    for found in yaml.safe_load_all(run.stdout):
        names = [found["metadata"]["name"], *found["metadata"]["labels"].values()]
        assert all(len(name) <= 63 and name[0].isalnum() and name[-1].isalnum() for name in names), names


HTTPS = "settings.prometheusUrl=https://prometheus.monitoring"
MOUNTED = "prometheusSecret.name=login,prometheusSecret"
LOGIN = ["--prometheus-url=https://prometheus.monitoring"]


@pytest.mark.parametrize(
    ("values", "flags", "message"),
    [
        ("settings.prometheusUsername=me", ["--prometheus-username=me"], "prometheusSecret.passwordKey go together"),
        (f"{HTTPS},{MOUNTED}.passwordKey=p", [*LOGIN, "--prometheus-password-file=p"], "go together; write both"),
        (
            f"{HTTPS},settings.prometheusUsername=me,{MOUNTED}.passwordKey=p,prometheusSecret.tokenKey=t",
            [*LOGIN, "--prometheus-username=me", "--prometheus-password-file=p", "--prometheus-token-file=t"],
            "both log in; write only one",
        ),
        (
            f"settings.prometheusUrl=http://prometheus,{MOUNTED}.caKey=c",
            ["--prometheus-url=http://prometheus", "--prometheus-ca-file=c"],
            "settings.prometheusUrl: credentials are sent over TLS only",
        ),
        (
            "settings.leaseDurationSeconds=6",
            ["--lease-duration-seconds=6"],
            "settings.leaseRenewDeadlineSeconds: write",
        ),
        ("settings.leaseRetrySeconds=5", ["--lease-retry-seconds=5"], "settings.leaseRetrySeconds: write well below"),
        (
            "settings.observationWindowSeconds=299",
            ["--observation-window-seconds=299"],
            "settings.observationStepSeconds: write no more",
        ),
        ("settings.observationStepSeconds=8", ["--observation-step-seconds=8"], "settings.observationStepSeconds: too"),
    ],
)
def test_what_the_operator_would_refuse_is_refused_before_a_pod_ends_again_and_again(values, flags, message):
    with pytest.raises(click.UsageError):
        operator.main(["--kubeconfig=none", *flags], standalone_mode=False)
    run = template(f"--set={values}")
    assert run.returncode != 0
    assert message in run.stderr


def test_settings_at_the_operators_limits_are_taken():
    limits = {
        "leaseDurationSeconds": 7, "leaseRetrySeconds": 4.9, "observationWindowSeconds": 86_400,
        "observationStepSeconds": 9, "prometheusUrl": "https://prometheus", "prometheusUsername": "me",
    }  # fmt: skip
    run = template(f"--set-json=settings={json.dumps(limits)}", f"--set={MOUNTED}.passwordKey=p")
    assert run.returncode == 0, run.stderr

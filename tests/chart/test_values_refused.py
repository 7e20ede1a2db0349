"""Values of a wrong name or type are refused before anything is installed, with their path."""

import pytest

from tests.chart.rendering import template


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
        (["--set=defaultProfile.spec=EUR"], "defaultProfile.spec"),
    ],
)
def test_a_wrong_value_is_refused_with_its_path(values, path):
    run = template(*values)
    assert run.returncode != 0
    # Helm 4 writes paths with slashes, Helm 3 with dots.
    assert path in run.stderr.replace("/", "."), run.stderr


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("settings.leaderElect=false", "settings.leaderElect: several replicas would all write"),
        ("prometheusSecret.tokenKey=token", "prometheusSecret.name: write the Secret"),
        ("serviceAccount.create=false", "serviceAccount.name: name the account"),
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

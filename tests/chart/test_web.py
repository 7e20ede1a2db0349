"""The pages as a part of the chart: off unless asked for, apart from the operator, and with rights to read alone."""

from starlette.testclient import TestClient

from livecost import web_command
from livecost.rbac import rights
from livecost.settings import Settings
from livecost.web import app as web_app
from tests.chart.rendering import name_of, only, rendered, rendered_set
from tests.chart.test_rendering import NO_CRDS, by_component, grants, of_kind

WEB = "livecost-web"
ENABLED = "--set=web.enabled=true"


def container_of(objects):
    (container,) = only("Deployment", objects, WEB)["spec"]["template"]["spec"]["containers"]
    return container


def test_nothing_of_it_is_there_unless_asked_for():
    assert by_component(rendered_set("default")).keys() == {"livecost"}
    assert by_component(rendered(NO_CRDS, ENABLED)).keys() == {"livecost", WEB}


def test_the_operators_objects_are_the_same_with_it():
    """So that turning it on restarts no operator, and no selector of either matches the other's pods."""
    with_web = by_component(rendered(NO_CRDS, ENABLED))
    assert with_web["livecost"] == rendered_set("default")
    for component, other in ((WEB, "livecost"), ("livecost", WEB)):
        labels = only("Deployment", with_web[other], other)["spec"]["template"]["metadata"]["labels"]
        selectors = [
            only("Service", with_web[component], component)["spec"]["selector"],
            only("Deployment", with_web[component], component)["spec"]["selector"]["matchLabels"],
            only("NetworkPolicy", with_web[component], component)["spec"]["podSelector"]["matchLabels"],
        ]
        assert not any(selector.items() <= labels.items() for selector in selectors)


def test_its_account_may_follow_and_no_more():
    """Profiles are also read one by one, for a customer's page."""
    granted = grants(only("ClusterRole", rendered(NO_CRDS, ENABLED), WEB))
    follow = {
        ("livecost.dev", f"{kind}s", None, verb)
        for kind in ("customercluster", "customerfleet", "costprofile")
        for verb in ("list", "watch")
    }
    assert granted == follow | {("livecost.dev", "costprofiles", None, "get")}


def test_it_reads_the_targets_whose_count_depends_on_their_zones():
    granted = grants(only("ClusterRole", rendered_set("web"), WEB))
    others = {right for right in granted if right[0] != "livecost.dev"}
    assert others == {
        ("container.cnrm.cloud.google.com", "containernodepools", None, "get"),
        ("container.gcp.upbound.io", "nodepools", None, "get"),
    }


def test_with_namespaces_it_reads_customers_in_these_alone():
    objects = rendered_set("namespaced")
    roles = [role for role in of_kind("Role", objects) if name_of(role) == "livecost-web"]
    assert [role["metadata"]["namespace"] for role in roles] == ["customers", "trials"]
    web = rights()["web"]
    for role in roles:
        assert role["rules"] == web["namespaced"]
    assert only("ClusterRole", objects, WEB)["rules"] == web["cluster"]


def test_it_asks_the_operators_prometheus_with_the_operators_credentials():
    command, *flags = container_of(rendered_set("web"))["args"]
    assert command == "web"
    options = web_command.web_command.make_context("web", flags).params
    login = {name: value for name, value in options.items() if name.startswith("prometheus_")}
    settings = Settings(**login)
    assert settings.prometheus_url == "https://mimir.monitoring/prometheus"
    assert settings.prometheus_headers == (("X-Scope-OrgID", "all customers"),)
    assert settings.prometheus_timeout_seconds == 7
    assert str(settings.prometheus_token_file) == "/etc/livecost/prometheus/token"
    assert str(settings.prometheus_ca_file) == "/etc/livecost/prometheus/ca.crt"


def test_it_shows_the_served_namespaces():
    _, *flags = container_of(rendered_set("namespaced"))["args"]
    assert web_command.web_command.make_context("web", flags).params["namespaces"] == ("customers", "trials")


def test_browsers_may_ask_by_the_names_that_lead_there_and_by_no_other():
    """The Service's, the Ingress's, and localhost, which is what kubectl port-forward makes of it."""
    _, *flags = container_of(rendered_set("web"))["args"]
    allowed = web_command.web_command.make_context("web", flags).params["allowed_hosts"]
    application = web_app.create_app(web_app.WebSettings(allowed))

    def status(host):
        return TestClient(application, base_url=f"http://{host}").get("/").status_code

    service = "livecost-web"
    leading = [service, f"{service}.livecost", f"{service}.livecost.svc", f"{service}.livecost.svc.cluster.local:8443"]
    for host in (*leading, "cost.example.com", "a.corp.example.com", "localhost:8000", "127.0.0.1:8000"):
        assert status(host) == 200, host
    for host in ("10.0.0.7:8000", "evil.example.com", "cost.example.com.evil.example"):
        assert status(host) == 400, host


def test_nobody_is_let_in_unless_named():
    """The page shows every customer's cost, and has no login."""
    policy = only("NetworkPolicy", rendered(NO_CRDS, ENABLED), WEB)["spec"]
    assert (policy["policyTypes"], policy["ingress"]) == (["Ingress"], [])


def test_a_drain_leaves_one_of_several_replicas():
    assert len(of_kind("PodDisruptionBudget", rendered(NO_CRDS, ENABLED))) == 1
    several = rendered(NO_CRDS, ENABLED, "--set=web.replicaCount=2")
    assert only("PodDisruptionBudget", several, WEB)["spec"]["maxUnavailable"] == 1


def test_service_ingress_and_probes_lead_to_the_container():
    objects = rendered_set("web")
    (backend,) = only("Ingress", objects, WEB)["spec"]["rules"][0]["http"]["paths"]
    service = only("Service", objects, WEB)
    assert backend["backend"]["service"] == {"name": name_of(service), "port": {"name": "http"}}
    (port,) = service["spec"]["ports"]
    assert (port["name"], port["targetPort"], port["port"]) == ("http", "http", 8443)
    probes = [container_of(objects)[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")]
    assert probes == [{"path": "/healthz", "port": "http"}] * 3

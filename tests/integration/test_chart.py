"""The chart on a real API server: everything it renders is accepted there, and a release lives and ends as told."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from e2e.cluster import ClusterError
from e2e.cluster.helm import run_helm
from tests.chart.rendering import CHART, VALUE_SETS, rendered_set
from tests.integration.api_client import ApiClient, ApiRefused, eventually
from tests.integration.world import NewWorld, World

if TYPE_CHECKING:
    import subprocess

Json = dict[str, Any]
Helm = Callable[..., "subprocess.CompletedProcess[str]"]

_CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_WITH_PROFILE = "--set=defaultProfile.create=true,defaultProfile.spec.currency=EUR"
_PROFILE = "/apis/livecost.dev/v1alpha1/costprofiles/default"
_DEPLOYMENT = "/apis/apps/v1/namespaces/{}/deployments/livecost"


@pytest.fixture(scope="module")
def bare(new_world: NewWorld) -> Iterator[World]:
    """An API server of its own, in which nothing of livecost is yet."""
    with new_world() as world:
        yield world


@pytest.fixture(scope="module")
def client(bare: World) -> ApiClient:
    """The administrator's connection."""
    return bare.api


@pytest.fixture(scope="module")
def helm(bare: World, tmp_path_factory: pytest.TempPathFactory) -> Helm:
    """Helm with the administrator's kubeconfig and folders of its own."""
    home = tmp_path_factory.mktemp("helm")
    folders = {f"HELM_{name}_HOME": str(home / name) for name in ("CACHE", "CONFIG", "DATA")}
    return partial(run_helm, KUBECONFIG=str(bare.cluster.admin_kubeconfig), **folders)


def succeed(run: subprocess.CompletedProcess[str]) -> str:
    """A run's output, where nothing else will do."""
    assert run.returncode == 0, run.stderr
    return run.stdout


def install(helm: Helm, namespace: str, *flags: str) -> subprocess.CompletedProcess[str]:
    """`helm upgrade --install` of the release `livecost`."""
    into = (f"--namespace={namespace}", "--create-namespace")
    return helm("upgrade", "--install", "livecost", CHART, *into, *flags)


def arguments(client: ApiClient, namespace: str) -> list[str]:
    """The operator's arguments in a namespace's Deployment."""
    found: list[str] = client.get(_DEPLOYMENT.format(namespace))["spec"]["template"]["spec"]["containers"][0]["args"]
    return found


def test_a_release_without_its_kinds_is_refused_whole(helm: Helm, client: ApiClient) -> None:
    """Where CRDs are managed apart and forgotten, Helm says so before it makes anything."""
    run = install(helm, "livecost", "--set=crds.install=false,defaultProfile.create=true")
    assert run.returncode != 0
    assert "ensure CRDs are installed first" in run.stderr
    assert not client.exists(_DEPLOYMENT.format("livecost"))


def test_a_release_is_installed_upgraded_rolled_back_and_uninstalled(helm: Helm, client: ApiClient) -> None:
    """With values changed on the way; the CRDs and all customers stay at the end."""
    succeed(install(helm, "livecost", _WITH_PROFILE))
    profile = client.get(_PROFILE)
    assert profile["spec"] == {"currency": "EUR"}
    succeed(install(helm, "livecost", _WITH_PROFILE))
    after = client.get(_PROFILE)
    identity = ("uid", "generation", "creationTimestamp")
    assert [after["metadata"][name] for name in identity] == [profile["metadata"][name] for name in identity]
    assert "kind: CostProfile" in succeed(helm("get", "manifest", "livecost", "--namespace=livecost"))
    generation = client.get(_DEPLOYMENT.format("livecost"))["metadata"]["generation"]
    assert generation == 1, "the same values change no object"

    customer = {
        "apiVersion": "livecost.dev/v1alpha1",
        "kind": "CustomerCluster",
        "metadata": {"name": "st-marys"},
        "spec": {"users": 1000, "concurrency": 100},
    }
    client.create("/apis/livecost.dev/v1alpha1/namespaces/default/customerclusters", customer)

    changed = "settings.workers=4,replicaCount=3,defaultProfile.spec.currency=USD"
    succeed(install(helm, "livecost", f"--set=defaultProfile.create=true,{changed}"))
    assert client.get(_PROFILE)["spec"] == {"currency": "USD"}
    assert client.get(_PROFILE)["metadata"]["uid"] == profile["metadata"]["uid"]
    assert "--workers=4" in arguments(client, "livecost")
    succeed(helm("rollback", "livecost", "1", "--namespace=livecost"))
    assert "--workers=16" in arguments(client, "livecost")
    assert client.get(_DEPLOYMENT.format("livecost"))["spec"]["replicas"] == 2
    assert _has_profile(client), "a rollback to before the profile leaves its customers their figures"

    succeed(helm("uninstall", "livecost", "--namespace=livecost"))
    assert not client.exists(_DEPLOYMENT.format("livecost"))
    assert not client.exists("/apis/rbac.authorization.k8s.io/v1/clusterroles/livecost:livecost")
    assert _has_profile(client)
    path = "/apis/livecost.dev/v1alpha1/namespaces/default/customerclusters/st-marys"
    assert client.get(path)["spec"]["users"] == 1000

    succeed(install(helm, "livecost"))
    succeed(helm("uninstall", "livecost", "--namespace=livecost"))


def _has_profile(client: ApiClient) -> bool:
    return client.exists(_PROFILE)


def delete_crds(client: ApiClient) -> None:
    """As somebody would who removes the customers too; returns when the kinds are gone."""
    for name in ("costprofiles", "customerclusters", "customerfleets"):
        path = f"{_CRDS}/{name}.livecost.dev"
        if client.exists(path):
            client.delete(path)
        assert eventually(lambda path=path: not client.exists(path))


def test_a_profile_of_a_first_install_outlives_it_and_is_taken_over_by_the_next(helm: Helm, client: ApiClient) -> None:
    """Also where no upgrade came between, so that it never was an object of the release."""
    delete_crds(client)
    succeed(install(helm, "livecost", _WITH_PROFILE))
    uid = client.get(_PROFILE)["metadata"]["uid"]
    succeed(helm("uninstall", "livecost", "--namespace=livecost"))
    succeed(install(helm, "livecost", _WITH_PROFILE))
    succeed(install(helm, "livecost", _WITH_PROFILE))
    assert client.get(_PROFILE)["metadata"]["uid"] == uid
    succeed(helm("uninstall", "livecost", "--namespace=livecost"))


def test_kinds_that_are_served_too_late_leave_all_but_the_profile_and_the_same_command_makes_it(
    helm: Helm, client: ApiClient, tmp_path: Path
) -> None:
    """As an API server does that takes longer than Helm, when it is not told to wait; here the kind never comes."""
    delete_crds(client)
    late = shutil.copytree(CHART, tmp_path / "livecost")
    (late / "templates" / "crds" / "costprofiles.yaml").unlink()
    run = helm("upgrade", "--install", "livecost", late, "--namespace=livecost", "--create-namespace", _WITH_PROFILE)
    assert run.returncode != 0
    assert "failed post-install" in run.stderr
    assert 'no matches for kind "CostProfile"' in run.stderr
    assert client.exists(_DEPLOYMENT.format("livecost"))
    succeed(install(helm, "livecost", _WITH_PROFILE))
    assert client.exists(_PROFILE)
    succeed(helm("uninstall", "livecost", "--namespace=livecost"))


def test_an_upgrade_brings_the_crds_up_to_date(helm: Helm, client: ApiClient, tmp_path: Path) -> None:
    """Which it would not if they were in the chart's folder crds/."""
    older = shutil.copytree(CHART, tmp_path / "livecost")
    file = older / "templates" / "crds" / "costprofiles.yaml"
    file.write_text(file.read_text().replace("- cp\n", "- older\n"))
    path = f"{_CRDS}/costprofiles.livecost.dev"
    succeed(helm("upgrade", "--install", "livecost", older, "--namespace=livecost", "--create-namespace"))
    assert client.get(path)["spec"]["names"]["shortNames"] == ["older"]
    succeed(install(helm, "livecost"))
    assert client.get(path)["spec"]["names"]["shortNames"] == ["cp"]
    succeed(helm("uninstall", "livecost", "--namespace=livecost"))


def test_values_given_once_live_on_in_a_version_that_has_more_of_them(
    helm: Helm, client: ApiClient, tmp_path: Path
) -> None:
    """By the flag that the docs name; by Helm's older one the new values are missing, which is told and not guessed."""
    older = shutil.copytree(CHART, tmp_path / "livecost")
    (older / "values.schema.json").unlink()
    for file, now, before in (
        ("templates/_helpers.tpl", ".Values.listenAddress", '"0.0.0.0"'),
        ("values.yaml", "\nlistenAddress: 0.0.0.0\n", "\n"),
    ):
        text = (older / file).read_text()
        assert now in text
        (older / file).write_text(text.replace(now, before))
    place = ("--namespace=livecost", "--create-namespace")
    succeed(helm("install", "livecost", older, *place, "--set=settings.workers=4"))
    refused = helm("upgrade", "livecost", CHART, "--namespace=livecost", "--reuse-values")
    assert refused.returncode != 0
    assert "missing property 'listenAddress'" in refused.stderr
    succeed(helm("upgrade", "livecost", CHART, "--namespace=livecost", "--reset-then-reuse-values"))
    assert {"--workers=4", "--listen-address=0.0.0.0"} <= set(arguments(client, "livecost"))
    succeed(helm("uninstall", "livecost", "--namespace=livecost"))


def test_leader_election_can_be_turned_off_and_on_again(helm: Helm, client: ApiClient) -> None:
    """The API server refuses a strategy beside which the parts of another one are left."""
    for elects, strategy in (("true", "RollingUpdate"), ("false", "Recreate"), ("true", "RollingUpdate")):
        succeed(install(helm, "livecost", f"--set=replicaCount=1,settings.leaderElect={elects}"))
        assert client.get(_DEPLOYMENT.format("livecost"))["spec"]["strategy"]["type"] == strategy
    succeed(helm("uninstall", "livecost", "--namespace=livecost"))


def test_crds_that_are_managed_apart_from_now_on_stay_and_follow_the_folder(
    helm: Helm, bare: World, client: ApiClient, tmp_path: Path
) -> None:
    """`crds.install=false` in an upgrade deletes no kind and so no customer; kubectl then owns what Helm did."""
    succeed(install(helm, "livecost"))
    path = f"{_CRDS}/costprofiles.livecost.dev"
    uid = client.get(path)["metadata"]["uid"]
    succeed(install(helm, "livecost", "--set=crds.install=false"))
    assert client.get(path)["metadata"]["uid"] == uid
    newer = shutil.copytree(CHART.parents[1] / "crds", tmp_path / "crds")
    (file,) = newer.glob("*costprofiles*")
    file.write_text(file.read_text().replace("- cp\n", "- newer\n"))
    apply = ("apply", "--server-side", f"--filename={newer}")
    with pytest.raises(ClusterError, match="conflict"):
        bare.cluster.kubectl(*apply)
    bare.cluster.kubectl(*apply, "--force-conflicts")
    assert client.get(path)["spec"]["names"]["shortNames"] == ["newer"]
    succeed(install(helm, "livecost", "--set=crds.install=true", "--force-conflicts"))
    assert client.get(path)["spec"]["names"]["shortNames"] == ["cp"]
    succeed(helm("uninstall", "livecost", "--namespace=livecost"))


def test_what_stayed_can_be_taken_over_by_another_release(helm: Helm) -> None:
    """Helm refuses it unless told, since another release might still be there."""
    succeed(install(helm, "livecost"))
    succeed(helm("uninstall", "livecost", "--namespace=livecost"))
    elsewhere = ("upgrade", "--install", "sizing", CHART, "--namespace=sizing", "--create-namespace")
    refused = helm(*elsewhere)
    assert refused.returncode != 0
    assert "invalid ownership metadata" in refused.stderr
    succeed(helm(*elsewhere, "--take-ownership"))
    succeed(helm("uninstall", "sizing", "--namespace=sizing"))
    succeed(install(helm, "livecost", "--take-ownership"))
    succeed(helm("uninstall", "livecost", "--namespace=livecost"))


def test_wrong_values_install_nothing(helm: Helm, client: ApiClient) -> None:
    """The refusal names the value."""
    run = install(helm, "wrong", "--set=settings.workers=many")
    assert run.returncode != 0
    assert "settings.workers" in run.stderr.replace("/", ".")
    assert not client.exists(_DEPLOYMENT.format("wrong"))


@pytest.mark.parametrize("name", VALUE_SETS)
def test_the_api_server_accepts_every_rendered_object(helm: Helm, bare: World, client: ApiClient, name: str) -> None:
    """With strict validation, which refuses unknown and doubled fields; nothing but the CRDs is there before."""
    succeed(install(helm, "livecost"))
    succeed(helm("uninstall", "livecost", "--namespace=livecost"))
    for namespace in ("livecost", "customers", "trials"):
        if not client.exists(f"/api/v1/namespaces/{namespace}"):
            client.create("/api/v1/namespaces", {"metadata": {"name": namespace}})
    bare.cluster.apply(Path(__file__).with_name("prometheus-operator.yaml").read_text())
    bare.cluster.kubectl("wait", "--for=condition=Established", "--timeout=30s", "crd", "--all")
    objects = rendered_set(name)
    collection = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    strict = ("--dry-run=server", "--validate=strict", "--server-side", "--force-conflicts")
    accepted = bare.cluster.kubectl("apply", *strict, "--filename=-", input=collection)
    assert len(accepted.splitlines()) == len(objects)


@pytest.mark.parametrize("name", VALUE_SETS)
def test_its_pods_meet_the_restricted_pod_security_standard(client: ApiClient, name: str) -> None:
    """As the API server's own admission enforces it."""
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    if not client.exists("/api/v1/namespaces/restricted"):
        client.create("/api/v1/namespaces", {"metadata": {"name": "restricted", "labels": labels}})
    for template in [found["spec"]["template"] for found in rendered_set(name) if found["kind"] == "Deployment"]:
        pod = {"metadata": {"name": "livecost", "labels": template["metadata"]["labels"]}, "spec": template["spec"]}
        # The priority class that a set of values names belongs to kube-system alone.
        pod["spec"] = {key: value for key, value in pod["spec"].items() if key != "priorityClassName"}
        client.create("/api/v1/namespaces/restricted/pods?dryRun=All", pod)
        insecure = {**pod, "spec": {**pod["spec"], "securityContext": {"runAsUser": 0}}}
        with pytest.raises(ApiRefused, match="violates PodSecurity"):
            client.create("/api/v1/namespaces/restricted/pods?dryRun=All", insecure)

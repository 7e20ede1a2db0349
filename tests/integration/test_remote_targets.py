"""Targets in another cluster: its kubeconfig comes from a Secret, and nothing in it runs or reads anything here."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from e2e.operator_process import OperatorProcess
from tests.integration.world import NAMESPACE, World

Json = dict[str, Any]

_SECRETS = f"/api/v1/namespaces/{NAMESPACE}/secrets"


def _same(kubeconfig: Json) -> None:
    """The kubeconfig as it is."""


def _run_a_program(kubeconfig: Json) -> None:
    command = {"apiVersion": "client.authentication.k8s.io/v1", "command": "touch", "args": [kubeconfig.pop("witness")]}
    kubeconfig["users"][0]["user"] = {"exec": {**command, "interactiveMode": "Never"}}


def _skip_verification(kubeconfig: Json) -> None:
    cluster = kubeconfig["clusters"][0]["cluster"]
    kubeconfig["clusters"][0]["cluster"] = {"server": cluster["server"], "insecure-skip-tls-verify": True}


def _name_a_file(kubeconfig: Json) -> None:
    kubeconfig["users"][0]["user"] = {"tokenFile": "/etc/hostname"}


def _hold_nothing(kubeconfig: Json) -> None:
    kubeconfig.clear()


# Name to: what is done to a good kubeconfig, the Secret's key for it, the reason and the words of the condition.
BROKEN: dict[str, tuple[Callable[[Json], None] | None, str, str, str]] = {
    "absent": (None, "value", "KubeconfigMissing", "create it or correct kubeconfigSecretRef"),
    "other-key": (_same, "config", "KubeconfigRefused", "has no key value (its keys: config)"),
    "program": (_run_a_program, "value", "KubeconfigRefused", "put a token or a client certificate inline"),
    "unverified": (_skip_verification, "value", "KubeconfigRefused", "give certificate-authority-data instead"),
    "file": (_name_a_file, "value", "KubeconfigRefused", "names files (tokenFile)"),
    "empty": (_hold_nothing, "value", "KubeconfigRefused", "put a kubeconfig there"),
}


def _secret(name: str, kubeconfig: Json, key: str = "value") -> Json:
    data = {key: base64.b64encode(yaml.safe_dump(kubeconfig).encode()).decode()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": data}


def _reference(name: str) -> Json:
    reference = {"apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "MachineDeployment", "name": name}
    return {**reference, "kubeconfigSecretRef": {"name": name}}


@pytest.fixture(scope="module")
def kubeconfig(other_world: World) -> Json:
    """A kubeconfig of the other cluster."""
    content: Json = yaml.safe_load(other_world.cluster.admin_kubeconfig.read_text())
    return content


@pytest.fixture(scope="module")
def witness(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that is there once the program in a kubeconfig ran."""
    return tmp_path_factory.mktemp("witness") / "ran"


@pytest.fixture(scope="module")
def broken(world: World, other_world: World, operator: OperatorProcess, kubeconfig: Json, witness: Path) -> None:
    """Customers whose Secrets cannot be used; their targets are there in the other cluster."""
    for name, (change, key, _, _) in BROKEN.items():
        other_world.machine_deployment(name)
        if change is not None:
            content = yaml.safe_load(yaml.safe_dump(kubeconfig))
            if change is _run_a_program:
                content["witness"] = str(witness)
            change(content)
            world.api.create(_SECRETS, _secret(name, content, key))
        world.customer(name, _reference(name))


@pytest.mark.parametrize("name", BROKEN)
def test_an_unusable_secret_is_told_and_nothing_is_set(
    world: World, other_world: World, broken: None, name: str
) -> None:
    """The reason says what is wrong with the Secret and what to put there; no credential is repeated."""
    _, _, reason, words = BROKEN[name]
    condition = world.condition_comes(name, "TargetsApplied", reason)
    assert words in condition["message"]
    assert f"Secret {name} in namespace {NAMESPACE}" in condition["message"]
    assert other_world.replicas(name) == 1


def test_a_program_in_a_kubeconfig_never_runs(world: World, broken: None, witness: Path) -> None:
    """An exec plugin would run in the operator with the operator's rights."""
    world.condition_comes("program", "TargetsApplied", "KubeconfigRefused")
    assert not witness.exists()


def test_a_target_in_another_cluster_is_set_there_and_only_there(
    world: World, other_world: World, operator: OperatorProcess, kubeconfig: Json
) -> None:
    """The pool of the other cluster takes the count; one of the same name in the operator's own cluster does not."""
    world.api.create(_SECRETS, _secret("remote", kubeconfig))
    world.machine_deployment("remote")
    other_world.machine_deployment("remote")
    world.customer("remote", _reference("remote"))
    world.applied("remote")
    assert other_world.replicas("remote") == 3
    assert world.replicas("remote") == 1


def test_one_name_in_two_clusters_is_no_conflict(
    world: World, other_world: World, operator: OperatorProcess, kubeconfig: Json
) -> None:
    """Two customers name a pool alike, one here and one there: both are set."""
    here = world.machine_deployment("twin")
    other_world.machine_deployment("twin")
    world.api.create(_SECRETS, _secret("twin", kubeconfig))
    world.customer("twin-here", here)
    world.customer("twin-there", _reference("twin"))
    world.applied("twin-here")
    world.applied("twin-there")
    assert (world.replicas("twin"), other_world.replicas("twin")) == (3, 3)


@pytest.fixture(scope="module")
def corrected(world: World, broken: None, kubeconfig: Json) -> None:
    """All Secrets are put right at once, after each was refused; the retry takes up to half a minute."""
    for name, (_, _, reason, _) in BROKEN.items():
        world.condition_comes(name, "TargetsApplied", reason)
    for name in BROKEN:
        path = f"{_SECRETS}/{name}"
        if world.api.exists(path):
            world.api.delete(path)
        world.api.create(_SECRETS, _secret(name, kubeconfig))


@pytest.mark.parametrize("name", BROKEN)
def test_a_corrected_secret_is_enough(world: World, other_world: World, corrected: None, name: str) -> None:
    """The customer is not touched: its pool is set once the Secret is good."""
    world.applied(name)
    assert other_world.replicas(name) == 3

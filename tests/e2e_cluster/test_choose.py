"""Which provider is chosen, and why."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from e2e.cluster import choose_provider, create_cluster, static_node_pool
from e2e.cluster.errors import ClusterError
from e2e.cluster.kind import node_image

NODE_IMAGES = "kindest/node:v1.9.11\nkindest/node:v1.36.1\nkindest/node:<none>\n"
Machine = Callable[..., None]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Makes a machine with a docker command (or none), node images and a kind command (or none)."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for variable in ("LIVECOST_CLUSTER", "LIVECOST_KIND", "KIND_NODE_IMAGE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(folder))

    def program(name: str, script: str) -> None:
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)

    def make(*, docker: bool = True, daemon: bool = True, images: str = NODE_IMAGES, kind: bool = True) -> None:
        (tmp_path / "images").write_text(images)
        if docker and daemon:
            inspect, listed = f'/bin/grep -qxe "$3" {tmp_path}/images', f"/bin/cat {tmp_path}/images"
            program(
                "docker", f'case "$1 $2" in "image inspect") {inspect};; "image ls") {listed};; *) echo 29.0;; esac'
            )
        elif docker:
            program("docker", "exit 1")
        if kind:
            program("kind", "echo kind version 0.33.0")

    return make


def test_kind_is_used_where_docker_has_a_node_image(machine: Machine) -> None:
    machine()
    assert choose_provider() == ("kind", "docker answers and has kind's node image")


@pytest.mark.parametrize(
    ("here", "reason"),
    [
        ({"docker": False}, "docker is not installed"),
        ({"daemon": False}, "no docker daemon answers"),
        ({"images": ""}, "docker has no kindest/node image; pull one, or name another in KIND_NODE_IMAGE"),
        ({"kind": False}, "the program kind is missing; get it with: make programs"),
    ],
)
def test_local_is_used_where_kind_would_need_something_built(
    machine: Machine, here: dict[str, bool], reason: str
) -> None:
    machine(**here)
    assert choose_provider() == ("local", reason)


def test_node_image_of_ones_own_is_respected(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine(images="my/node:v1\n")
    monkeypatch.setenv("KIND_NODE_IMAGE", "my/node:v1")
    assert choose_provider()[0] == "kind"
    monkeypatch.setenv("KIND_NODE_IMAGE", "my/node:v2")
    assert choose_provider() == ("local", "docker has no image my/node:v2 (KIND_NODE_IMAGE)")


def test_newest_node_image_is_used(machine: Machine) -> None:
    machine()
    assert node_image() == "kindest/node:v1.36.1"


def test_environment_variable_and_argument_decide(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine()
    monkeypatch.setenv("LIVECOST_CLUSTER", "local")
    assert choose_provider() == ("local", "it was asked for")
    assert choose_provider("kind") == ("kind", "it was asked for")


def test_kind_that_was_asked_for_may_be_fetched(machine: Machine) -> None:
    machine(images="", kind=False)
    assert choose_provider("kind") == ("kind", "it was asked for")


def test_kind_that_was_asked_for_and_cannot_run_is_an_error(machine: Machine) -> None:
    machine(daemon=False)
    with pytest.raises(ClusterError, match="provider kind cannot run here: no docker daemon answers"):
        choose_provider("kind")


def test_unknown_provider_is_refused_with_the_choice(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine()
    monkeypatch.setenv("LIVECOST_CLUSTER", "minikube")
    with pytest.raises(ClusterError, match=r"provider minikube .*LIVECOST_CLUSTER.* choose local or kind"):
        choose_provider()


def test_choice_is_said_with_its_reason_and_unknown_features_are_refused(machine: Machine) -> None:
    machine(docker=False)
    said: list[str] = []
    with pytest.raises(ClusterError, match=r"features: unknown \['gpu'\]; choose from \['metrics', 'nodes'\]"):
        create_cluster(["gpu"], progress=said.append)
    assert said == ["cluster provider: local, because docker is not installed"]


def test_static_pool_has_replicas_an_instance_type_and_no_expiry() -> None:
    pool = yaml.safe_load(static_node_pool("st-marys-sim", 2, labels={"customer": "st-marys"}))
    template = pool["spec"]["template"]
    assert pool["metadata"]["name"] == "st-marys-sim"
    assert pool["spec"]["replicas"] == 2
    assert template["metadata"]["labels"] == {"customer": "st-marys"}
    assert template["spec"]["expireAfter"] == "Never"
    assert template["spec"]["requirements"][0]["values"] == ["c-4x-amd64-linux"]

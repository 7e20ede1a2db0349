"""In which order the cluster's programs are looked for, and what is said when one cannot be had."""

import os
import stat
from pathlib import Path

import pytest

from e2e.cluster import go_build, programs, sources
from e2e.cluster.errors import ClusterError, ProgramUnavailableError, SourceUnavailableError
from e2e.cluster.program_list import PROGRAMS, Program


@pytest.fixture(autouse=True)
def empty_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with an empty cache, an empty PATH and no variable that names a program."""
    for variable in [name for name in os.environ if name.startswith("LIVECOST_")]:
        monkeypatch.delenv(variable)
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "path").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "path"))


@pytest.fixture
def sources_that_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every source of programs says that it has nothing."""

    def unavailable(reason: str):
        def attempt(*_: object) -> None:
            raise SourceUnavailableError(reason)

        return attempt

    monkeypatch.setattr(sources, "download_release", unavailable("the host cannot be reached"))
    monkeypatch.setattr(sources, "unpack_debian_package", unavailable("no Debian package is known"))
    monkeypatch.setattr(go_build, "build", unavailable("no Go here"))


def executable(path: Path, version: str = "1.36.3") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho version v{version}\n")
    path.chmod(0o755)
    return path


def cached(name: str) -> Path:
    return executable(programs.cached_path(PROGRAMS[name]))


def test_environment_variable_wins_over_path_and_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cached("etcd")
    executable(tmp_path / "path" / "etcd", "3.6.1")
    named = executable(tmp_path / "mine" / "etcd-of-mine", "2.0")
    monkeypatch.setenv("LIVECOST_ETCD", str(named))
    assert programs.find_program("etcd") == named


def test_environment_variable_that_names_no_program_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVECOST_KUBE_APISERVER", "/nowhere/kube-apiserver")
    with pytest.raises(ClusterError, match="LIVECOST_KUBE_APISERVER=/nowhere/kube-apiserver: not an executable file"):
        programs.find_program("kube-apiserver")


def test_kubebuilder_assets_win_over_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable(tmp_path / "path" / "etcd", "3.6.1")
    asset = executable(tmp_path / "assets" / "etcd", "3.6.1")
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path / "assets"))
    assert programs.find_program("etcd") == asset


def test_path_wins_over_cache_when_recent_enough(tmp_path: Path) -> None:
    cached("etcd")
    on_path = executable(tmp_path / "path" / "etcd", "3.5.9")
    assert programs.find_program("etcd") == on_path


@pytest.mark.parametrize("version", ["3.4.23", "2.99.0", "unknown"])
def test_cache_is_used_when_the_path_has_an_old_or_unknown_version(tmp_path: Path, version: str) -> None:
    executable(tmp_path / "path" / "etcd", version)
    in_cache = cached("etcd")
    assert programs.find_program("etcd") == in_cache


def test_program_that_must_have_our_version_is_not_taken_from_the_path(tmp_path: Path) -> None:
    executable(tmp_path / "path" / "kube-controller-manager", "1.36.3")
    with pytest.raises(ProgramUnavailableError):
        programs.find_program("kube-controller-manager")


def test_cache_keeps_versions_and_architectures_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert programs.cached_path(PROGRAMS["etcd"]).name == f"etcd-{PROGRAMS['etcd'].version}-arm64"


def test_missing_program_names_where_it_was_looked_for_and_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ProgramUnavailableError) as caught:
        programs.find_program("kube-apiserver")
    message = str(caught.value)
    assert "$LIVECOST_KUBE_APISERVER" in message
    assert str(tmp_path / "cache" / "livecost" / "bin") in message
    assert "make programs" in message


@pytest.mark.usefixtures("sources_that_fail")
def test_when_nothing_can_give_it_the_message_lists_every_source_and_the_way_out() -> None:
    with pytest.raises(ProgramUnavailableError) as caught:
        programs.ensure_programs(["kube-apiserver"], progress=lambda _: None)
    message = str(caught.value)
    assert "release: the host cannot be reached" in message
    assert "Go build: no Go here" in message
    assert "export LIVECOST_KUBE_APISERVER=" in message


@pytest.mark.usefixtures("sources_that_fail")
def test_missing_programs_are_built_one_after_the_other_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    def build(program: Program, target: Path, progress: programs.Progress, position: str) -> None:
        progress(f"{program.name} {position}")
        executable(target)

    monkeypatch.setattr(go_build, "build", build)
    in_cache = cached("etcd")
    found = programs.ensure_programs(["etcd", "kube-apiserver", "kubectl"], progress=said.append)
    assert said == ["kube-apiserver (1 of 2)", "kubectl (2 of 2)"]
    assert found["etcd"] == in_cache
    assert list(found) == ["etcd", "kube-apiserver", "kubectl"]


@pytest.mark.usefixtures("sources_that_fail")
def test_what_is_in_the_cache_is_neither_fetched_nor_built() -> None:
    in_cache = cached("kubectl")
    assert programs.ensure_programs(["kubectl"], progress=pytest.fail) == {"kubectl": in_cache}


def test_files_beside_a_program_are_collected_although_the_program_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    cached("kwok")
    monkeypatch.setattr(go_build, "collect_companion", lambda _program, target, _progress: target.write_text("stages"))
    programs.ensure_programs(["kwok"], progress=lambda _: None)
    assert programs.companion_path(PROGRAMS["kwok"]).read_text() == "stages"


def test_installed_program_is_whole_and_executable(tmp_path: Path) -> None:
    source = tmp_path / "built"
    source.write_text("content")
    target = tmp_path / "cache" / "program"
    sources.install(source, target)
    assert target.read_text() == "content"
    assert target.stat().st_mode & stat.S_IXUSR
    assert list(target.parent.iterdir()) == [target]

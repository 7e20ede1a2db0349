"""What goes into the image where it is built from Debian packages, and what its labels say."""

import pytest

from image.__main__ import source
from image.debian_base import closure, run
from image.errors import ImageError

DEPENDENCIES = {
    "python3-minimal": ["python3.11-minimal", "dpkg"],
    "python3.11-minimal": ["libc6"],
    "libc6": ["libgcc-s1"],
    "libgcc-s1": ["gcc-12-base", "libc6"],
    "dpkg": ["tar"],
    "base-files": ["awk"],
}


def packages_for(*roots):
    return closure(roots, lambda package: DEPENDENCIES.get(package, []))


def test_what_a_package_needs_comes_with_it_also_in_circles():
    assert packages_for("python3-minimal") == {"python3-minimal", "python3.11-minimal", "libc6", "libgcc-s1"}


def test_neither_a_package_manager_nor_a_shells_tools_come_along():
    assert packages_for("python3-minimal", "base-files") & {"dpkg", "tar", "awk"} == set()


def test_labels_tell_the_commit_and_whether_it_is_all_that_was_built(tmp_path, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    for variable in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
        monkeypatch.setenv(variable, "2026-01-02T03:04:05Z")
    file = tmp_path / "file"
    file.write_text("committed")
    author = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    for command in (["init", "--quiet"], ["add", "."], [*author, "commit", "--quiet", "--message=a"]):
        run(["git", *command], tmp_path)
    labels = source(tmp_path)
    assert labels["REVISION"] == run(["git", "rev-parse", "HEAD"], tmp_path).strip()
    assert labels["CREATED"] == "2026-01-02T03:04:05Z"
    file.write_text("changed")
    assert source(tmp_path) == {**labels, "REVISION": f"{labels['REVISION']}-dirty"}


@pytest.mark.parametrize(("command", "told"), [("git", "not a git repository"), ("no-such", "no-such is missing")])
def test_what_a_build_lacks_is_told_without_a_traceback(tmp_path, command, told):
    with pytest.raises(ImageError, match=told):
        run([command, "log"], tmp_path)

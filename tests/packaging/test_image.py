"""What goes into the image where it is built from Debian packages."""

from image.debian_base import closure

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

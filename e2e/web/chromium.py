"""Finds a Chromium, or installs Debian's: `python -m e2e.web.chromium`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import Final

from e2e.cluster.errors import ProgramUnavailableError

VARIABLE: Final = "LIVECOST_CHROMIUM"
ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_REMEDY: Final = f"install it (sudo apt install chromium), or name one: export {VARIABLE}=/path/to/chromium"


def find_chromium() -> str:
    """The program's path.

    Raises:
        ProgramUnavailableError: there is none; the message tells how to get one.
    """
    named = os.environ.get(VARIABLE)
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        raise ProgramUnavailableError(f"chromium is not found{f' at {named}' if named else ''}; {_REMEDY}")
    return found


def ensure_chromium() -> str:
    """The program's path; as root on Debian or Ubuntu it is installed where it is missing.

    Raises:
        ProgramUnavailableError: there is none and it could not be installed.
    """
    try:
        return find_chromium()
    except ProgramUnavailableError:
        if os.geteuid() != 0 or shutil.which("apt-get") is None or os.environ.get(VARIABLE):
            raise
    print("installing chromium (a minute) …", file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", "chromium", "fonts-dejavu"]):
        done = subprocess.run(["apt-get", *command], env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ProgramUnavailableError(f"chromium cannot be installed: {done.stderr.strip()[-300:]}; {_REMEDY}")
    return find_chromium()


if __name__ == "__main__":
    try:
        ensure_chromium()
    except ProgramUnavailableError as error:
        # Its tests say the same and are left out; nothing else needs a browser.
        print(f"chromium: {error}", file=sys.stderr)

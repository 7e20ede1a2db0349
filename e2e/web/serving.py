"""`livecost web` as a process of its own, and a browser to look at it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from playwright.sync_api import sync_playwright

from e2e.web.chromium import ARGUMENTS, find_chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

_ROOT: Final = Path(__file__).parents[2]


@contextmanager
def serving(*options: str) -> Iterator[str]:
    """The address of a running server, without a slash at its end; `options` are further ones of `livecost web`."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(_ROOT), str(_ROOT / "operator")])}
    command = [sys.executable, "-m", "livecost", "web", "--port", "0", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stderr is not None
            line = process.stderr.readline()
            match = re.search(r"http://localhost:(\d+)", line)
            if match is None:
                raise RuntimeError(f"livecost web did not start: {line}{process.stderr.read()}")
            yield f"http://127.0.0.1:{match[1]}"
        finally:
            process.terminate()
            process.wait(10)


@contextmanager
def browsing() -> Iterator[Browser]:
    """A running browser.

    Raises:
        ProgramUnavailableError: there is none on this machine.
    """
    program = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()

"""Lets a test run say what it is building: pytest would otherwise hide minutes of work."""

from typing import TYPE_CHECKING

from e2e.cluster.programs import Progress, say

if TYPE_CHECKING:
    import pytest


def uncaptured(config: "pytest.Config") -> Progress:
    """A progress function whose lines reach the terminal although pytest captures output."""
    capture = config.pluginmanager.getplugin("capturemanager")
    if capture is None:
        return say

    def progress(line: str) -> None:
        with capture.global_and_fixture_disabled():
            say(line)

    return progress

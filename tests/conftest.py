"""Settings of all tests."""

import os

from hypothesis import settings

# What decides a landing must come out the same for the same tree; elsewhere every run looks for new examples.
settings.register_profile("repeatable", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("repeatable")

"""Settings of all tests."""

import os

from hypothesis import settings

# A busy machine must not fail a property, so no example has a deadline. What decides a landing comes out the same for
# the same tree; elsewhere every run looks for new examples.
settings.register_profile("livecost", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("livecost")

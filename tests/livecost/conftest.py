"""Settings shared by the operator's tests."""

from hypothesis import settings

# A busy machine must not fail a property, so no example has a deadline.
settings.register_profile("livecost", deadline=None)
settings.load_profile("livecost")

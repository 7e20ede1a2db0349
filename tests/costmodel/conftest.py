"""Settings shared by the cost model's tests."""

from hypothesis import settings

# A busy machine must not fail a property, so no example has a deadline.
settings.register_profile("costmodel", deadline=None)
settings.load_profile("costmodel")

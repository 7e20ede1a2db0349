"""A customer is measured only over a time in which it was there, also when its pools are older."""

from datetime import UTC, datetime, timedelta

import pytest

from livecost.observation_window import Window, window_before

NOW = datetime(2026, 3, 1, 12, 0, 7, tzinfo=UTC)
# 24 steps of 5 seconds, the last of which is at 12:00:05.
LONGEST = window_before(NOW, 120, 5)


@pytest.mark.parametrize(
    ("age_seconds", "steps"),
    [(2, 1), (6, 1), (7, 2), (16, 2), (17, 4), (36, 4), (37, 8), (77, 16), (116, 16), (117, 24), (86_400, 24)],
)
def test_a_window_lies_within_the_customers_life(age_seconds, steps):
    """It holds the last power of two of the steps since the creation, or all of them."""
    created_at = NOW - timedelta(seconds=age_seconds)
    window = LONGEST.within(created_at)
    assert window == Window(LONGEST.end_seconds, 5, steps)
    assert window.steps_since(created_at) == window.steps


def test_a_customer_younger_than_a_step_has_no_step_yet():
    created_at = NOW - timedelta(seconds=1)
    assert LONGEST.within(created_at).steps_since(created_at) == 0


def test_customers_of_all_ages_share_few_windows():
    """The number of queries depends on the window's length, not on the number of customers."""
    day = window_before(NOW, 86_400, 300)
    ages = range(0, 86_400, 60)
    assert len({day.within(NOW - timedelta(seconds=age)) for age in ages}) == 10

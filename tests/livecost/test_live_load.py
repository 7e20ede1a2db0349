"""The load that is on now: what hand-made answers of a Prometheus say of single customers."""

from datetime import UTC, datetime

import pytest

from livecost.live_load import NO_LIVEKIT, UNREADABLE, LiveLoad, LiveTelemetry, live_questions
from livecost.telemetry import Customer
from tests.livecost.builders import NOW

AT = int(NOW.timestamp())
QUESTIONS = live_questions(NOW, ["cluster"])


def rows(value, **labels):
    return [{"metric": labels, "value": [AT, str(value)]}]


def answers(**labels):
    found = {
        "live_rooms": rows(40, **labels),
        "live_participants": rows(312, **labels),
        "live_nodes": rows(2, **labels),
        "live_fullest": rows(160, **labels),
        "live_oldest": rows(AT - 20.5, **labels),
        "live_silent": [],
    }
    assert found.keys() == QUESTIONS.keys()
    return found


def load(found, match_labels=None, *, alone=True):
    return LiveTelemetry(found).load(Customer(("customers", "st-marys"), NOW, match_labels or {}, {}, alone))


def test_a_customer_that_has_the_prometheus_for_itself_needs_no_labels():
    found = load(answers())

    assert found == LiveLoad(40, 312, 2, 160, 0, datetime.fromtimestamp(AT - 21, UTC))
    assert found.fewest_participants == 156


def test_one_nodes_participants_are_exact():
    assert load(answers() | {"live_nodes": rows(1)}).fewest_participants == 312


def test_customers_are_told_apart_by_their_labels():
    mine, other = answers(cluster="st-marys"), answers(cluster="riverside")
    both = {name: mine[name] + other[name] for name in mine} | {"live_silent": rows(1, cluster="riverside")}

    assert load(both, {"cluster": "st-marys"}, alone=False).rooms == 40
    assert load(both, {"cluster": "st-marys"}, alone=False).silent == 0
    assert load(both, {"cluster": "riverside"}, alone=False).silent == 1


def test_series_that_may_be_anothers_are_nobodys():
    assert load(answers(), alone=False) == NO_LIVEKIT
    assert load(answers(cluster="riverside"), {"cluster": "st-marys"}) == NO_LIVEKIT


def test_what_is_missing_in_part_is_not_known():
    for name in ("live_rooms", "live_participants", "live_oldest"):
        assert load(answers() | {name: []}) == NO_LIVEKIT
        assert load(answers() | {name: rows("NaN")}) == NO_LIVEKIT


@pytest.mark.parametrize("name", answers())
@pytest.mark.parametrize("value", ["NaN", "+Inf", "-1", "1e30"])
def test_a_load_of_which_a_part_cannot_be_read_is_not_known(name, value):
    """The rest of it would need fewer nodes, and the others could leave under their rooms."""
    found = answers(cluster="a", zone="1")
    found |= {name: found[name] + rows(value, cluster="a", zone="2")}

    assert load(found, {"cluster": "a"}, alone=False) == UNREADABLE
    assert load(found, {"cluster": "a", "zone": "1"}, alone=False).rooms == 40


def test_the_questions_group_by_all_labels_that_tell_customers_apart():
    for question in QUESTIONS.values():
        assert "by (cluster)" in question.query
        assert question.at_seconds == AT
    assert "sum by () " in live_questions(NOW, ["not-a-label"])["live_rooms"].query

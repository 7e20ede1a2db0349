"""The address holds the whole state of the page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import AssumptionsError
from livecost.web.field_groups import INPUTS
from livecost.web.state import PANELS, THEMES, PageState, Scenario, parse_state

TEXTS = st.text("aé1 &=%#+,", max_size=6)
FIELDS = st.dictionaries(st.sampled_from(list(INPUTS)), TEXTS, max_size=3)
SCENARIOS = st.builds(Scenario, TEXTS, FIELDS)
STATES = st.builds(
    PageState,
    SCENARIOS,
    st.lists(SCENARIOS, max_size=3).map(tuple),
    st.dictionaries(st.sampled_from(PANELS), st.dictionaries(st.just("percent"), TEXTS, max_size=1), max_size=2),
    st.sampled_from(["", *THEMES]),
)


@given(STATES)
def test_a_state_comes_back_from_its_address(state):
    assert parse_state(state.query()) == state


@given(STATES)
def test_switching_twice_changes_nothing(state):
    for index in range(len(state.others)):
        assert state.switched_to(index).switched_to(index) == state


@given(STATES)
def test_a_copy_has_the_fields_and_a_name_of_its_own(state):
    copy = state.duplicated().others[-1]

    assert copy.fields == state.active.fields
    assert copy.name not in {state.active.name, *(other.name for other in state.others)}


@pytest.mark.parametrize("query", ["a=" + "x" * 20_000, "&".join(f"a{i}=1" for i in range(300)), "with=a%3D1&" * 7])
def test_an_address_that_holds_too_much_is_refused(query):
    with pytest.raises(AssumptionsError):
        parse_state(query)

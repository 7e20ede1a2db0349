"""The fleet's table: filter, order, pages and sums."""

from decimal import Decimal
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecost.fleet_page.customer_row import customer_row
from livecost.fleet_page.table_query import CLOUDS, PAGE_ROWS, SORTS, STATES, TableQuery, parse_query
from livecost.fleet_page.totals import add_up
from livecost.fleet_page.words import age
from livecost.store import read_cluster
from tests.livecost.builders import cluster_body
from tests.web.live import priced

ROWS = [
    customer_row(each, None)
    for each in (
        priced("small", "100.10", observed="90.00"),
        priced("large", "900.20", ready="False"),
        priced("swiss", "500.00", currency="CHF", observed="505.00", namespace="abroad"),
        priced("large-swiss", "700.00", currency="CHF", namespace="abroad"),
    )
]


def names(**query):
    asked = TableQuery(**query)
    return [row.key[1] for row in asked.ordered(asked.filtered(ROWS))]


def test_amounts_of_unlike_currencies_are_never_added():
    totals = add_up(ROWS)

    assert [(each.currency, each.projected) for each in totals.currencies] == [
        ("CHF", Decimal("1200.00")),
        ("USD", Decimal("1000.30")),
    ]


def test_the_observed_sum_stands_beside_the_projection_of_the_same_customers():
    (dollars,) = [each for each in add_up(ROWS).currencies if each.currency == "USD"]

    assert (dollars.observed, dollars.observed_projected) == (Decimal("90.00"), Decimal("100.10"))
    assert (dollars.observed_customers, dollars.customers) == (1, 2)
    assert dollars.variance_percent == Decimal("-10.1")


def test_what_is_not_observed_is_unknown_and_not_0():
    (total,) = add_up([ROWS[1]]).currencies

    assert total.observed is None
    assert total.variance_percent is None


def test_a_figure_that_is_no_longer_observed_is_in_no_observed_sum():
    stale = priced("stale", "100.00", observed="90.00")
    stale.status["conditions"][1]["status"] = "False"
    (total,) = add_up([customer_row(stale, None)]).currencies

    assert total.observed is None


def test_currencies_stand_together_in_the_order_of_amounts():
    assert names(sort="projected") == ["swiss", "large-swiss", "small", "large"]
    assert names(sort="projected", descending=True) == ["large", "small", "large-swiss", "swiss"]


@pytest.mark.parametrize("descending", [True, False])
def test_unknown_comes_last_both_ways(descending):
    assert set(names(sort="observed", descending=descending)[-2:]) == {"large", "large-swiss"}


def test_every_word_must_be_in_a_row():
    assert names(text="LARGE abroad") == ["large-swiss"]
    assert names(text="large chf") == ["large-swiss"]
    assert names(state="Ready:False") == ["large"]
    assert names(cloud="azure") == []


def test_a_customer_that_nobody_worked_on_is_found_as_unknown():
    fresh = customer_row(read_cluster(cluster_body("fresh")), None)

    assert TableQuery(state="Ready:Unknown").filtered([*ROWS, fresh]) == [fresh]
    assert fresh not in TableQuery(state="Ready:False").filtered([fresh])


queries = st.builds(
    TableQuery,
    text=st.text(st.characters(categories=["L", "N"]), max_size=20),
    state=st.sampled_from(["", *(":".join(each) for each in STATES)]),
    cloud=st.sampled_from(["", *CLOUDS]),
    profile=st.sampled_from(["", "default", "azure-small"]),
    sort=st.sampled_from(list(SORTS)),
    descending=st.booleans(),
    page=st.integers(1, 9999),
)


@given(queries)
def test_an_address_holds_the_whole_view(query):
    assert parse_query(dict(parse_qsl(query.query()))) == query


@given(st.dictionaries(st.sampled_from(["q", "state", "cloud", "profile", "sort", "dir", "page"]), st.text()))
def test_any_address_gives_a_view(params):
    query = parse_query(params)

    assert query.page >= 1
    assert query.sort in SORTS
    query.ordered(query.filtered(ROWS))


@given(queries)
def test_a_filter_only_leaves_out_and_an_order_loses_nothing(query):
    found = query.filtered(ROWS)

    assert {row.key for row in found} <= {row.key for row in ROWS}
    assert sorted(row.key for row in query.ordered(found)) == sorted(row.key for row in found)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0s"),
        (0, "0s"),
        (59, "59s"),
        (119, "119s"),
        (120, "2m"),
        (190, "3m10s"),
        (599, "9m59s"),
        (600, "10m"),
        (4200, "70m"),
        (10800, "3h"),
        (28799, "7h59m"),
        (28800, "8h"),
        (47 * 3600, "47h"),
        (49 * 3600, "2d1h"),
        (8 * 86_400 - 1, "7d23h"),
        (8 * 86_400, "8d"),
        (367 * 86_400, "367d"),
        ((2 * 365 + 1) * 86_400, "2y1d"),
        (8 * 365 * 86_400, "8y"),
    ],
)
def test_ages_are_written_as_kubectl_does(seconds, text):
    assert age(seconds) == text


def test_a_page_has_a_hundred_rows():
    assert PAGE_ROWS == 100

"""The status of a fleet: what people read, what the API server takes, and when it is written anew."""

import pytest

from livecost.customer_fleet_status import unread_status
from livecost.customer_fleets import read_fleet
from livecost.plan import PlanProblem
from tests.livecost.builders import after
from tests.livecost.fleets import customer, status_of
from tests.livecost.test_crds import faults, schema_of

SCHEMA = schema_of("customerfleets")["properties"]["status"]
EUROS = {"currency": "EUR"}


def unsized(name):
    cluster = customer(name)
    cluster.figures = PlanProblem("ProfileNotFound", "create it")
    return cluster


def ready(status):
    (row,) = status["conditions"]
    return row["status"], row["reason"]


FLEETS = {
    "nobody": ([], {}),
    "nobody, in euros": ([], EUROS),
    "one": ([customer()], {}),
    "one that is unsized": ([unsized("a")], {}),
    "of two currencies": ([customer("a"), customer("b", profile=EUROS)], {}),
    "without a rate": ([customer("a")], EUROS),
    "free of charge": ([customer("a", profile={"license": {"annual": 0}})], {}),
    "observed and over budget": ([customer("a", observed=2000, over=True, budget={"monthly": 0})], {}),
}


@pytest.mark.parametrize(("clusters", "spec"), FLEETS.values(), ids=FLEETS)
def test_the_api_server_takes_every_status_whole(clusters, spec):
    status = status_of(*clusters, **spec)

    assert faults(status, SCHEMA) == []
    assert faults(unread_status("spec: wrong", 2, status, after(60)), SCHEMA) == []


def test_the_columns_of_an_observed_fleet():
    clusters = [customer("a", observed="1036.60"), customer("b", observed="1036.60")]

    assert status_of(*clusters)["summary"] == {
        "livekit": "2/2",
        "sim": "2/2",
        "projected": "$24,878.40",
        "observed": "$24,878.40",
        "revenue": "$70,000.00",
        "margin": "64.46%",
        "pooled": "$19,790.40",
        "saving": "20.45%",
    }


def test_the_columns_say_what_is_unknown():
    """A pool that does not tell, customers that are not observed, and amounts that cannot be added up."""
    untold = {pool: {"desired": 2} for pool in ("livekit", "sim")}
    clusters = [customer("a", observed="1000"), customer("b", profile=EUROS, pools=untold)]
    summary = status_of(*clusters)["summary"]

    assert summary["livekit"] == "1+?/3"
    assert summary["projected"] == "€12,439.20 + $12,439.20"
    assert summary["observed"] == "$12,000.00 (1 of 2)"
    assert {summary[name] for name in ("margin", "pooled", "saving")} == {"unknown"}
    alone = status_of(customer("b", pools=untold))["summary"]
    assert (alone["livekit"], alone["observed"]) == ("?/2", "unknown")


@pytest.mark.parametrize(
    ("clusters", "spec", "expected"),
    [
        ([customer()], {}, ("True", "AllCounted")),
        ([], {}, ("True", "NoCustomers")),
        ([customer("a"), customer("b", profile=EUROS)], {}, ("True", "UnlikeCurrencies")),
        ([customer("a")], EUROS, ("False", "RateMissing")),
        ([customer("a"), unsized("b")], {}, ("False", "CustomersNotSized")),
        ([customer("a")], {"unserved": ["elsewhere"]}, ("False", "NamespaceNotServed")),
    ],
)
def test_ready_says_whether_every_customer_is_counted(clusters, spec, expected):
    assert ready(status_of(*clusters, **spec)) == expected


def test_unsized_customers_are_named_up_to_five():
    status = status_of(customer(), *[unsized(f"unsized-{number}") for number in range(7)])

    assert status["customers"] == {"total": 8, "counted": 1, "unknown": 7}
    message = status["conditions"][0]["message"]
    assert message.startswith("7 of 8 customers are not sized, and in no figure: customers/unsized-0, ")
    assert "customers/unsized-4 and 2 more" in message


def test_the_lists_begin_with_the_worst():
    clusters = [
        customer("large", concurrency=3000, observed=5000, variance={"monthly": "-900.00", "percent": "-9.0"}),
        customer("small", concurrency=4, observed=500, variance={"monthly": "100.00", "percent": "25.0"}),
        customer("dear", over=True, budget={"monthly": 1000}, profile={"license": {"annual": 10000}}),
        customer("dearer", over=True, budget={"monthly": 500}),
    ]
    top = status_of(*clusters)["top"]

    names = {name: [entry["name"] for entry in rows] for name, rows in top.items()}
    assert names == {
        "highestCost": ["large", "dear", "dearer", "small"],
        "negativeMargin": ["large", "dear"],
        "overBudget": ["dearer", "dear"],
        "largestVariance": ["small", "large"],
    }
    assert top["overBudget"][1] == {
        "namespace": "customers", "name": "dear", "currency": "USD", "annual": "439.20", "percent": "103.66",
    }  # fmt: skip
    assert top["negativeMargin"][1]["annual"] == "-2439.20"
    assert top["largestVariance"][0]["annual"] == "1200.00"


def test_a_list_holds_five():
    clusters = [customer(f"customer-{number}", concurrency=100 * number) for number in range(8)]

    entries = status_of(*clusters)["top"]["highestCost"]
    assert [entry["name"] for entry in entries] == [f"customer-{number}" for number in (7, 6, 5, 4, 3)]


@pytest.mark.parametrize(("observed", "written"), [("1000.90", False), ("999.10", False), ("1001.10", True)])
def test_a_negligible_move_of_the_observed_cost_is_no_news(observed, written):
    before = status_of(customer(observed=1000))

    assert (status_of(customer(observed=observed), previous=before, now=after(60)) != before) is written


@pytest.mark.parametrize(
    "changed",
    [
        customer(observed=1000, concurrency=101),
        customer(observed=1000, pools={}),
        customer("another", observed=1000),
        customer(),
        customer(observed=1000, profile={"license": {"annual": 35001}}),
    ],
    ids=["demand", "nodes", "name", "unobserved", "license"],
)
def test_any_other_move_is_news(changed):
    before = status_of(customer(observed=1000))

    assert status_of(changed, previous=before) != before


def test_the_same_customers_are_no_news_later():
    before = status_of(customer("a"), customer("b"))

    assert status_of(customer("a"), customer("b"), previous=before, now=after(600)) is before


def test_a_spec_that_cannot_be_read_is_told_and_the_figures_stay():
    fleet = read_fleet({"metadata": {"uid": "1", "generation": 2}, "spec": {"pooling": {"diversityPercent": 0}}})
    before = status_of(customer())
    status = unread_status(fleet.problem, 2, before, after(1))

    assert fleet.spec is None
    assert "pooling.diversityPercent" in fleet.problem
    assert ready(status) == ("False", "SpecInvalid")
    assert status["cost"] == before["cost"]

"""What customers add up to: unrounded, unlike currencies apart, and nothing guessed."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from livecost.plan import PlanProblem
from tests.livecost.fleets import customer, fleet_of

ANNUAL = Decimal("12439.20")
EUROS = {"currency": "EUR", "license": {"annual": 20000}}
RATES = {"currency": "USD", "rates": [{"currency": "EUR", "rate": "1.1", "date": "2026-03-01"}]}

customers = st.lists(
    st.tuples(
        st.integers(0, 5000),
        st.sampled_from(["USD", "EUR", "GBP"]),
        st.none() | st.decimals(0, 10**5, places=4),
        st.decimals("0.0001", 2, places=4),
    ),
    max_size=8,
)


def built(rows):
    return [
        customer(
            f"customer-{number}",
            concurrency=peak,
            observed=observed,
            profile={"currency": currency, "nodes": {"livekit": {"hourly": str(hourly)}}},
        )
        for number, (peak, currency, observed, hourly) in enumerate(rows)
    ]


@given(customers)
def test_a_currencys_sum_is_that_of_its_customers_unrounded(rows):
    clusters = built(rows)
    fleet = fleet_of(*clusters)

    for total in fleet.by_currency:
        estimates = [c.figures.plan.estimate for c in clusters if c.figures.plan.estimate.currency == total.currency]
        assert Fraction(total.annual) == sum(Fraction(each.annual) for each in estimates)
        assert Fraction(total.gross_margin) == sum(Fraction(each.gross_margin) for each in estimates)
        seen = [
            Fraction(c.figures.observed_monthly) * 12
            for c in clusters
            if c.figures.observed_monthly is not None and c.figures.plan.estimate.currency == total.currency
        ]
        assert (total.observed_customers, total.observed) == (len(seen), sum(seen) if seen else None)
    assert sum(total.customers for total in fleet.by_currency) == len(clusters)


@given(customers)
def test_clouds_and_currencies_tell_of_the_same_customers(rows):
    fleet = fleet_of(*built(rows))

    assert sum(each.annual for each in fleet.by_cloud.values()) == sum(each.annual for each in fleet.by_currency)
    assert sum(each.nodes["sim"] for each in fleet.by_cloud.values()) == len(rows)


@given(customers, st.randoms())
def test_the_order_of_the_customers_does_not_matter(rows, random):
    clusters = built(rows)
    shuffled = list(clusters)
    random.shuffle(shuffled)

    assert fleet_of(*clusters).by_currency == fleet_of(*shuffled).by_currency


@given(customers)
def test_sharing_never_adds_a_node(rows):
    """Where there is a total: dedicated clusters have at least the nodes of the shared ones."""
    fleet = fleet_of(*built([(peak, "USD", observed, hourly) for peak, _, observed, hourly in rows]))
    if fleet.shared is not None:
        nodes = sum(each.livekit.nodes for each in fleet.shared.clusters)
        assert nodes <= sum(member.estimate.livekit.nodes for member in fleet.members)


def test_the_worked_example_twice():
    """Two customers of 12,439.20 on one cluster: 50 rooms at 33 a LiveKit node are 2 nodes, 50 sessions 1 sim node."""
    fleet = fleet_of(customer("a"), customer("b"))

    assert (fleet.total.annual, fleet.total.license_annual) == (2 * ANNUAL, 70_000)
    (shared,) = fleet.shared.clusters
    assert (shared.livekit.nodes, shared.sim.nodes) == (2, 1)
    # 350.40 + 146 + 73 + 205 + 874.80 a month.
    assert fleet.shared.annual == 12 * Decimal("1649.20")


def test_peaks_apart_need_fewer_shared_nodes():
    clusters = [customer(f"customer-{number}", concurrency=400) for number in range(10)]
    at_once, apart = fleet_of(*clusters), fleet_of(*clusters, pooling={"diversityPercent": 50})

    assert [fleet.shared.clusters[0].demand.sessions for fleet in (at_once, apart)] == [1000, 500]
    assert apart.shared.annual < at_once.shared.annual


def test_unlike_currencies_have_no_total_without_rates():
    fleet = fleet_of(customer("a"), customer("b", profile=EUROS))

    assert (fleet.total, fleet.shared, fleet.without_rate) == (None, None, [])
    assert [(each.currency, each.customers, each.annual) for each in fleet.by_currency] == [
        ("EUR", 1, ANNUAL), ("USD", 1, ANNUAL),
    ]  # fmt: skip


def test_each_cloud_and_currency_has_its_sum():
    hetzner = customer("a", profile={"cloud": "hetzner", "currency": "EUR"})
    fleet = fleet_of(customer("b"), hetzner, customer("c"))

    assert [(place, each.customers) for place, each in fleet.by_cloud.items()] == [
        (("custom", "USD"), 2), (("hetzner", "EUR"), 1),
    ]  # fmt: skip


def test_unlike_currencies_add_up_by_the_stated_rates():
    fleet = fleet_of(customer("a", observed=1000), customer("b", profile=EUROS, observed=900), **RATES)

    assert fleet.total.currency == "USD"
    assert fleet.total.annual == ANNUAL * Decimal("2.1")
    assert fleet.total.license_annual == 35_000 + 22_000
    assert fleet.total.observed == 12 * (1000 + 990)
    # Unlike currencies are unlike prices: nobody shares.
    assert fleet.shared.annual == fleet.total.annual


def test_a_missing_rate_leaves_the_total_unknown():
    fleet = fleet_of(customer("a"), customer("b", profile={"currency": "GBP"}), **RATES)

    assert (fleet.total, fleet.without_rate) == (None, ["GBP"])


def test_a_stated_currency_converts_customers_that_all_have_another():
    fleet = fleet_of(customer("a", profile=EUROS), **RATES)

    assert (fleet.total.currency, fleet.total.annual) == ("USD", ANNUAL * Decimal("1.1"))


def test_a_customer_without_figures_is_in_no_sum():
    broken, fresh = customer("broken"), customer("fresh")
    broken.figures, fresh.figures = PlanProblem("ProfileNotFound", "create it"), None
    fleet = fleet_of(customer("a"), broken, fresh)

    assert fleet.total.customers == 1
    assert [name for _, name in fleet.unsized] == ["broken", "fresh"]


def test_only_what_is_observed_now_is_in_the_observed_cost():
    """Two of three customers are observed: their cost is shown, beside what was projected for these two."""
    fleet = fleet_of(customer("a", observed="1000.005"), customer("b", observed=900), customer("c"))

    assert (fleet.total.observed, fleet.total.observed_customers) == (Decimal("22800.06"), 2)
    assert fleet.total.observed_projected == 2 * ANNUAL


def test_a_new_process_goes_on_with_the_observed_cost_that_the_status_tells():
    cluster = customer(observed=1)
    cluster.figures = type(cluster.figures)(cluster.figures.plan, None)
    cluster.status["cost"]["observed"] = {"monthlyRunRate": "991.20"}

    assert fleet_of(cluster).total.observed == 12 * Decimal("991.20")


def test_nobody_adds_up_to_nothing():
    nobody = fleet_of()
    assert (nobody.total, nobody.by_currency) == (None, [])
    assert fleet_of(currency="USD").total.annual == 0

"""A calendar month from daily answers: what each node ran, what is covered, and what that costs."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecost.month_cost import month_cost, month_end_cost
from livecost.month_ledger import MonthLedger
from livecost.observation_window import day_window
from livecost.observed_cost import Measured, Quantity
from livecost.target_kinds import PoolNodes
from livecost.telemetry import Answers, Customer
from tests.livecost.builders import plan_of, spec_of

START = datetime(2026, 3, 1, tzinfo=UTC)
STEP = 300
PER_DAY = 86_400 // STEP
POOLS = {"livekit": PoolNodes("karpenter.sh/nodepool", "lk"), "sim": PoolNodes("karpenter.sh/nodepool", "sim")}
LONG_AGO = START - timedelta(days=100)


def customer(created_at=LONG_AGO, match_labels=None, *, alone=True):
    return Customer(("customers", "st-marys"), created_at, match_labels or {}, POOLS, alone)


def moments(day, hours=(0, 24)):
    """The steps of some hours of a day: after the first up to and with the last."""
    first = int(datetime.combine(day, time(), UTC).timestamp())
    return range(first + int(hours[0] * 3600) + STEP, first + int(hours[1] * 3600) + 1, STEP)


def answers(day, runs, up=(0, 24), egress_gb=None, hourly=None):
    """A day's answers; `runs` maps (pool, node) to the hours of the day that it ran."""
    spoken = set(moments(day, up))
    steps = {key: len(spoken & set(moments(day, hours))) for key, hours in runs.items()}

    def row(value, **labels):
        return {"metric": labels, "value": [0, str(value)]}

    priced = {} if hourly is None else hourly
    return Answers(
        node_steps=[row(count, node=node, label_karpenter_sh_nodepool=pool) for (pool, node), count in steps.items()],
        source_up=[{"metric": {}, "values": [[moment, "1"] for moment in spoken]}] if spoken else [],
        own_sum=[], own_count=[],
        egress_bytes=[] if egress_gb is None else [row(egress_gb * 10**9)],
        node_cost=[
            row(count * priced[pool], label_karpenter_sh_nodepool=pool)
            for (pool, _), count in steps.items() if pool in priced
        ],
        cost_steps=[
            row(count, label_karpenter_sh_nodepool=pool) for (pool, _), count in steps.items() if pool in priced
        ],
    )  # fmt: skip


def ledger(days, now=START + timedelta(days=32)):
    """A ledger of the month's first days, each given as the arguments of `answers`."""
    book = MonthLedger(START, STEP)
    for number, arguments in enumerate(days):
        day = START.date() + timedelta(days=number)
        book.put_day(day, day_window(day, now, STEP), answers(day, **arguments))
    return book


ALL_DAY = {"runs": {("lk", "a"): (0, 24), ("sim", "b"): (0, 24)}, "egress_gb": 162}


def test_a_whole_month_as_planned_costs_each_node_its_hours():
    """31 days: 744 h x 0.24, 744 h x 0.20 and 744 h x 0.10; 31 x 162 GB x 0.09; monthly services once."""
    plan = plan_of(spec_of())
    cost = month_cost(ledger([ALL_DAY] * 31).use(customer()), plan, "USD")

    assert {name: round(amount, 2) for name, amount in cost.items.items()} == {
        "livekit": Decimal("178.56"), "sim": Decimal("148.80"), "system": Decimal("74.40"), "controlPlane": 75,
        "redis": 50, "loadBalancer": 20, "storageAndLogs": 30, "observability": 30, "egress": Decimal("451.98"),
    }  # fmt: skip
    assert (cost.coverage_percent, cost.total) == (100, sum(cost.items.values()))


def test_churned_nodes_cost_their_own_hours_and_their_own_caps():
    """Ten nodes of 30 h each reach no cap of 100; one node of 300 h would be cut to it at 0.40 an hour."""
    overrides = {"nodes": {"livekit": {"hourly": "0.40", "monthlyCap": 100}}}
    plan = plan_of(spec_of(overrides=overrides))
    churned = [{"runs": {("lk", f"n{number}"): (0, 20)}} for number in range(10)]
    kept = [{"runs": {("lk", "n"): (0, 20)}}] * 15

    assert month_cost(ledger(churned).use(customer()), plan, "USD").items["livekit"] == 80
    assert month_cost(ledger(kept).use(customer()), plan, "USD").items["livekit"] == 100


def test_a_gap_is_told_and_not_filled():
    """kube-state-metrics was away for half of each of two days: the nodes' cost is what was seen."""
    half = {"runs": {("lk", "a"): (0, 24), ("sim", "b"): (0, 24)}, "up": (0, 12)}
    cost = month_cost(ledger([half, half]).use(customer()), plan_of(spec_of()), "USD")

    assert cost.coverage_percent == 50
    assert (cost.items["livekit"], cost.sources["livekit"]) == (24 * Decimal("0.24"), "kube-state-metrics")


def test_a_month_is_counted_from_the_customers_creation():
    """Created on the second day at 18:00: of two days, six hours are its own, also of nodes that are older."""
    created = START + timedelta(days=1, hours=18)
    use = ledger([ALL_DAY, ALL_DAY]).use(customer(created))

    # The step at the very moment of the creation is the first of them.
    assert use.hours == Decimal("6.083333333")
    assert use.pools["livekit"].node_hours == (use.hours,)
    assert use.coverage_percent == (100 if use.pools else 0)


def test_before_the_first_step_nothing_is_known():
    assert MonthLedger(START, STEP).use(customer()) is None
    assert ledger([ALL_DAY]).use(customer(START + timedelta(days=2))) is None


def test_moments_of_another_day_do_not_count():
    """A server that answers with what was not asked for garbles nothing."""
    book, now = MonthLedger(START, STEP), START + timedelta(days=32)
    day = START.date()
    found = answers(day, **ALL_DAY)
    stray = {"metric": {}, "values": [[0, "1"]]}
    book.put_day(day, day_window(day, now, STEP), replace(found, source_up=[*found.source_up, stray]))

    assert book.use(customer()).pools["livekit"].covered_hours == 24


def test_today_is_replaced_by_what_is_known_of_it_later():
    book = MonthLedger(START, STEP)
    day = START.date()
    for hours in (3, 9):
        now = START + timedelta(hours=hours, seconds=1)
        book.put_day(day, day_window(day, now, STEP), answers(day, {("lk", "a"): (0, hours)}, (0, hours), hours))
    use = book.use(customer())

    assert (use.hours, use.egress_gb, use.as_of) == (9, 9, START + timedelta(hours=9))
    assert use.pools["livekit"].node_hours == (Decimal(9),)


def test_opencost_prices_a_pool_where_it_knows_its_nodes():
    day = ALL_DAY | {"hourly": {"lk": Decimal("0.30")}}
    cost = month_cost(ledger([day]).use(customer()), plan_of(spec_of()), "USD")

    assert (cost.items["livekit"], cost.sources["livekit"]) == (Decimal("7.20"), "opencost")
    assert (cost.items["sim"], cost.sources["sim"]) == (Decimal("4.80"), "kube-state-metrics")
    euro = month_cost(ledger([day]).use(customer()), plan_of(spec_of(overrides={"currency": "EUR"})), "USD")
    assert euro.sources["livekit"] == "kube-state-metrics"


def test_opencost_that_misses_nodes_is_no_source():
    runs = {("lk", "a"): (0, 24), ("lk", "b"): (0, 24)}
    book = MonthLedger(START, STEP)
    found = answers(START.date(), runs, hourly={"lk": Decimal(1)})
    missing = Answers(**{name: getattr(found, name) for name in Answers.__slots__} | {
        "node_cost": found.node_cost[:1], "cost_steps": found.cost_steps[:1]})  # fmt: skip
    book.put_day(START.date(), day_window(START.date(), START + timedelta(days=2), STEP), missing)

    cost = month_cost(book.use(customer()), plan_of(spec_of()), "USD")
    assert (cost.items["livekit"], cost.sources["livekit"]) == (48 * Decimal("0.24"), "kube-state-metrics")


def test_the_series_of_other_customers_are_not_taken():
    book = MonthLedger(START, STEP)
    day = START.date()
    rows = [
        {"metric": {"node": "a", "label_karpenter_sh_nodepool": "lk", "cluster": cluster}, "value": [0, "288"]}
        for cluster in ("mine", "theirs")
    ]
    up = [{"metric": {"cluster": "mine"}, "values": [[moment, "1"] for moment in moments(day)]}]
    book.put_day(day, day_window(day, START + timedelta(days=2), STEP), Answers(rows, up, [], [], []))

    assert book.use(customer(match_labels={"cluster": "mine"})).pools["livekit"].node_hours == (24,)


def measured(livekit, sim, gb_per_hour):
    quantities = {"livekit": Quantity(Decimal(livekit), "kube-state-metrics"), "sim": Quantity(Decimal(sim), "x")}
    return Measured(quantities, Quantity(Decimal(gb_per_hour), "livekit"), Decimal(100), 86_400, START)


def test_a_month_that_goes_on_as_it_was_ends_as_a_whole_one():
    plan = plan_of(spec_of())
    whole = month_cost(ledger([ALL_DAY] * 31).use(customer()), plan, "USD").total
    for days in (1, 10, 30):
        use = ledger([ALL_DAY] * days).use(customer())
        assert round(month_end_cost(use, measured(1, 1, Decimal(162) / 24), plan, "USD"), 6) == round(whole, 6)


def test_the_forecast_reaches_a_nodes_cap_once():
    """A node that ran ten days runs on: its cap is reached on the way and not counted per part of the month."""
    overrides = {"nodes": {"livekit": {"hourly": "0.40", "monthlyCap": 100}}}
    plan = plan_of(spec_of(overrides=overrides))
    use = ledger([ALL_DAY] * 10).use(customer())
    one, two = (month_end_cost(use, measured(nodes, 1, 0), plan, "USD") for nodes in (1, 2))

    assert two - one == 100


@given(
    st.lists(
        st.dictionaries(
            st.tuples(st.sampled_from(["lk", "sim"]), st.sampled_from("abcd")),
            st.tuples(st.integers(0, 24), st.integers(0, 24)).map(sorted).map(tuple),
            max_size=6,
        ),
        min_size=1,
        max_size=5,
    )
)
def test_node_hours_are_those_of_a_count_step_by_step(days):
    """The truth: how many steps each node was seen at, counted here one by one."""
    use = ledger([{"runs": runs} for runs in days]).use(customer())
    for pool, name in (("livekit", "lk"), ("sim", "sim")):
        seconds: dict[str, int] = {}
        for runs in days:
            for (owner, node), (begin, end) in runs.items():
                if owner == name:
                    seconds[node] = seconds.get(node, 0) + (end - begin) * 3600
        truth = sorted((Decimal(value) / 3600 for value in seconds.values() if value), reverse=True)
        found = use.pools[pool].node_hours if pool in use.pools else ()
        assert list(found) == truth
    assert use.coverage_percent == (100 if use.pools else 0)


@pytest.mark.parametrize(("month", "hours"), [(2, 672), (3, 744), (4, 720)])
def test_a_month_has_its_own_hours(month, hours):
    start = datetime(2026, month, 1, tzinfo=UTC)
    book = MonthLedger(start, STEP)
    day = date(2026, month, 1)
    book.put_day(day, day_window(day, start + timedelta(days=2), STEP), answers(day, {}))
    assert book.use(customer()).month_hours == hours

"""Telemetry: what hand-made answers of a Prometheus say of single customers."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from livecost.observation_window import Window, window_before
from livecost.observed_cost import NotMeasured, Quantity
from livecost.promql import metric_label, questions
from livecost.target_kinds import NODE_POOL_LABELS, PoolNodes
from livecost.telemetry import Answers, Customer, Telemetry

# Ten steps of a minute, ending on the hour.
END = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
WINDOW = Window(int(END.timestamp()), 60, 10)
STEPS = [WINDOW.end_seconds - 60 * number for number in range(10)]
LONG_AGO = END - timedelta(days=30)

POOLS = {"livekit": PoolNodes("karpenter.sh/nodepool", "lk"), "sim": PoolNodes("karpenter.sh/nodepool", "sim")}


def series(value, **labels):
    return {"metric": labels, "value": [WINDOW.evaluated_at, str(value)]}


def nodes(pool, value, **labels):
    return series(value, label_karpenter_sh_nodepool=pool, **labels)


def up(steps=STEPS, **labels):
    return {"metric": labels, "values": [[moment, "3"] for moment in steps]}


ALWAYS_UP = (up(),)


def own(pool, value, name="st-marys", namespace="customers"):
    return series(value, customer_namespace=namespace, customer=name, pool=pool)


def measure(*, node_steps=(), source_up=ALWAYS_UP, own_sum=(), own_count=(), egress_bytes=(), created_at=LONG_AGO,
            match_labels=None, pools=POOLS, alone=True, window=WINDOW):  # fmt: skip
    answers = Answers(node_steps, source_up, own_sum, own_count, egress_bytes)
    customer = Customer(("customers", "st-marys"), created_at, match_labels or {}, pools, alone)
    return Telemetry(window, answers).measure(customer)


def test_nodes_are_averaged_over_the_steps():
    """Two LiveKit nodes for half the window and one for the rest; three sim nodes throughout."""
    found = measure(node_steps=[nodes("lk", 15), nodes("sim", 30)])

    assert found.nodes == {
        "livekit": Quantity(Decimal("1.500000"), "kube-state-metrics"),
        "sim": Quantity(Decimal(3), "kube-state-metrics"),
    }
    assert (found.coverage_percent, found.window_seconds, found.as_of) == (100, 600, END)
    assert found.egress_gb_per_hour is None


def test_a_gap_in_the_telemetry_is_no_absence_of_nodes():
    """While kube-state-metrics was away, nothing is known; its silence lowers the coverage and not the average."""
    found = measure(node_steps=[nodes("sim", 21)], source_up=[up(STEPS[:7])])

    assert found.nodes["sim"].value == 3
    assert found.coverage_percent == 70


def test_no_nodes_at_times_when_telemetry_was_there_lower_the_average():
    found = measure(node_steps=[nodes("sim", 7)], source_up=[up(STEPS)])

    assert (found.nodes["sim"].value, found.coverage_percent) == (Decimal("0.7"), 100)


def test_the_least_covered_pool_is_told():
    found = measure(
        node_steps=[nodes("sim", 10)], own_sum=[own("livekit", 8)], own_count=[own("livekit", 4)], pools=POOLS
    )

    assert found.nodes["livekit"] == Quantity(Decimal(2), "livecost")
    assert found.coverage_percent == 40


def test_a_young_customer_is_measured_over_its_own_time():
    """Its window is cut to its life by the caller; a rest of a step more or less is no loss of coverage."""
    window = WINDOW.within(END - timedelta(seconds=200))

    found = measure(
        node_steps=[nodes("sim", 8)], source_up=[up(STEPS)], created_at=END - timedelta(seconds=200), window=window
    )

    assert (found.nodes["sim"].value, found.window_seconds, found.coverage_percent) == (2, 240, 100)


def test_a_customer_younger_than_a_step_is_not_measured():
    found = measure(node_steps=[nodes("sim", 30)], created_at=END + timedelta(seconds=1))

    assert isinstance(found, NotMeasured)
    assert found.reason == "TooYoung"


# A month of steps, of which a customer's window is what lies after its creation.
LONG = Window(WINDOW.end_seconds, 60, 43_200)


def aged(steps, *, missing=0):
    """A customer that came so many steps ago, at whose first steps telemetry was not there yet."""
    created_at = END - timedelta(seconds=60 * (steps - 1))
    window = LONG.within(created_at)
    seen = [WINDOW.end_seconds - 60 * number for number in range(window.steps - missing)]
    return measure(
        node_steps=[nodes("sim", len(seen))], source_up=[up(seen)], created_at=created_at, window=window, alone=True
    )


@pytest.mark.parametrize("steps", range(2, 16))
def test_a_step_that_a_young_customer_lacks_is_no_loss_of_telemetry(steps):
    """One step of fewer than ten is more than a tenth: it would be told as LowCoverage and be gone a moment later."""
    found = aged(steps, missing=1)

    assert isinstance(found, NotMeasured)
    assert found.reason == "TooYoung"
    assert aged(steps).coverage_percent == 100


def test_a_customer_that_is_older_is_told_how_little_is_covered():
    assert aged(16, missing=1).coverage_percent == Decimal("93.8")
    assert aged(16, missing=8).coverage_percent == 50


def test_a_short_window_does_not_make_customers_young():
    short = Window(WINDOW.end_seconds, 60, 5)

    found = measure(node_steps=[nodes("sim", 3)], source_up=[up(STEPS[:3])], window=short)

    assert found.coverage_percent == 60


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf", "-1", "1e30", "1e-300", "many", None])
def test_what_is_no_finite_count_is_no_measurement(value):
    found = measure(
        node_steps=[nodes("sim", value)], own_sum=[own("sim", value)], own_count=[own("sim", 10)],
        egress_bytes=[series(value)],
    )  # fmt: skip

    assert isinstance(found, NotMeasured)
    assert found.reason == "NoTelemetry"
    assert "--metric-labels-allowlist" in found.message


def test_a_broken_row_does_not_hide_the_others():
    broken = [{"metric": {"label_karpenter_sh_nodepool": "sim"}}, {"metric": {}, "value": []}]

    assert measure(node_steps=[*broken, nodes("sim", 30)]).nodes["sim"].value == 3


def test_the_number_of_steps_says_as_much_as_each_of_them():
    counted, told = (measure(node_steps=[nodes("sim", 21)], source_up=rows) for rows in ([series(7)], [up(STEPS[:7])]))

    assert counted == told
    assert counted.coverage_percent == 70


def test_two_exporters_speak_of_one_time():
    """Each is up in one half of the window: together they cover it, and no step counts twice."""
    found = measure(node_steps=[nodes("sim", 30)], source_up=[up(STEPS[:6], instance="a"), up(STEPS[4:], instance="b")])

    assert (found.nodes["sim"].value, found.coverage_percent) == (3, 100)


def test_an_unlabelled_pool_falls_back_to_what_livecost_itself_exports():
    found = measure(own_sum=[own("sim", 25)], own_count=[own("sim", 10)], pools={})

    assert found.nodes == {"sim": Quantity(Decimal("2.5"), "livecost")}


def test_kube_state_metrics_without_the_label_falls_back_too():
    """It is up, but the pool's label is not on its allow-list, so no series names the pool."""
    found = measure(node_steps=[nodes("other", 30)], own_sum=[own("sim", 20)], own_count=[own("sim", 10)])

    assert found.nodes == {"sim": Quantity(Decimal(2), "livecost")}


def test_the_figures_of_another_customer_are_never_taken():
    others = [own("sim", 20, name="st-johns"), own("sim", 20, namespace="elsewhere")]

    assert isinstance(measure(own_sum=others, own_count=others, pools={}), NotMeasured)


def test_own_figures_that_were_exported_at_no_step_are_unknown():
    assert isinstance(measure(own_sum=[own("sim", 0)], own_count=[own("sim", 0)], pools={}), NotMeasured)


def test_match_labels_pick_the_customers_series():
    """Two clusters have a pool of one name; only one of them is the customer's."""
    found = measure(
        node_steps=[nodes("sim", 10, cluster="st-marys"), nodes("sim", 90, cluster="st-johns")],
        source_up=[up(STEPS[:5], cluster="st-marys"), up(STEPS, cluster="st-johns")],
        egress_bytes=[series(10**9, cluster="st-marys"), series(10**12, cluster="st-johns")],
        match_labels={"cluster": "st-marys"},
        alone=False,
    )

    assert (found.nodes["sim"].value, found.coverage_percent) == (2, 50)
    # One GB in ten minutes.
    assert found.egress_gb_per_hour == Quantity(Decimal(6), "livekit")


def test_all_match_labels_must_match():
    found = measure(
        node_steps=[nodes("sim", 10, cluster="a", zone="1"), nodes("sim", 20, cluster="a", zone="2")],
        source_up=[up(cluster="a", zone="1"), up(cluster="a", zone="2")],
        match_labels={"cluster": "a", "zone": "2"},
    )

    assert found.nodes["sim"].value == 2


def test_without_match_labels_egress_belongs_to_whoever_is_alone():
    rows = {"node_steps": [nodes("sim", 10)], "egress_bytes": [series(5 * 10**8), series(5 * 10**8, cluster="b")]}

    assert measure(**rows, alone=True).egress_gb_per_hour.value == 6
    assert measure(**rows, alone=False).egress_gb_per_hour is None


def test_no_egress_is_a_measurement_and_silence_is_none():
    assert measure(node_steps=[nodes("sim", 10)], egress_bytes=[series(0)]).egress_gb_per_hour.value == 0
    assert measure(node_steps=[nodes("sim", 10)]).egress_gb_per_hour is None


def test_big_counters_stay_exact():
    """Prometheus writes large values with an exponent."""
    found = measure(node_steps=[nodes("sim", 10)], egress_bytes=[series("1.234567890123e+15")])

    assert found.egress_gb_per_hour.value == Decimal("7407407.340738")


@pytest.mark.parametrize(
    ("age_seconds", "steps"), [(-1, 0), (0, 1), (59, 1), (60, 2), (599, 10), (600, 10), (10**6, 10)]
)
def test_steps_since_a_creation(age_seconds, steps):
    assert WINDOW.steps_since(END - timedelta(seconds=age_seconds)) == steps


@pytest.mark.parametrize("seconds", [1, 30, 60])
def test_a_window_ends_on_a_step_that_is_over(seconds):
    """Steps lie on whole multiples of the step, so that every cycle looks at the same moments."""
    window = window_before(END + timedelta(seconds=seconds), 600, 60)

    assert window == WINDOW
    assert (window.seconds, window.evaluated_at) == (600, WINDOW.end_seconds + 1)


def test_queries_group_by_the_pools_and_by_the_labels_of_all_customers():
    few = {name: question.query for name, question in questions(WINDOW, ["cluster"]).items()}

    assert questions(WINDOW, ["zone", "cluster"]) == questions(WINDOW, ["cluster", "zone"])
    assert few["source_up"] == "count by (cluster) (kube_node_labels)"
    counted = questions(WINDOW, ["cluster"], by_step=False)["source_up"]
    assert counted.query == "count_over_time((count by (cluster) (kube_node_labels))[600s:60s])"
    assert "[600s:60s]" in few["node_steps"]
    for label in NODE_POOL_LABELS:
        assert metric_label(label) in few["node_steps"]


@pytest.mark.parametrize("name", ["a) or vector(1", "1st", "", "clüster", "a\n"])
def test_a_label_that_is_no_label_reaches_no_query(name):
    assert questions(WINDOW, [name]) == questions(WINDOW, [])


@pytest.mark.parametrize(
    ("label", "metric"),
    [
        ("karpenter.sh/nodepool", "label_karpenter_sh_nodepool"),
        ("cloud.google.com/gke-nodepool", "label_cloud_google_com_gke_nodepool"),
    ],
)
def test_labels_are_named_as_kube_state_metrics_shows_them(label, metric):
    assert metric_label(label) == metric

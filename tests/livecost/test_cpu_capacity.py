"""What a LiveKit node carries by the CPU of the last weeks: 8 cores, planned for 200 participants, 70 % the target."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecost.cpu_capacity import cpu_capacity
from livecost.cpu_questions import CpuTelemetry, ObservedCpu, cpu_questions
from livecost.observation_window import window_before
from livecost.telemetry import Customer
from tests.livecost.builders import NOW

PLANNED = Decimal(200)


def observed(steps, cores=8):
    """The sums over steps of (participants, cores in use), an hour each."""
    loads = [Decimal(load) for load, _ in steps]
    return ObservedCpu(
        squares=sum(load**2 for load in loads),
        products=sum(Decimal(load) * Decimal(used) for load, used in steps),
        participants=sum(loads),
        participants_by_node_exporter=sum(loads),
        participant_hours=sum(loads),
        most_participants=max(loads),
        cores=(Decimal(cores), Decimal(cores)),
    )


def told(cpu, hours=None, planned=PLANNED, target=70):
    return cpu_capacity(cpu, cpu.participant_hours if hours is None else Decimal(hours), planned, Decimal(target))


@given(
    loads=st.lists(st.integers(150, 400), min_size=1, max_size=50),
    thousandths=st.integers(14, 60),
    target=st.integers(1, 70),
    cores=st.integers(1, 8),
)
def test_cores_in_proportion_give_the_load_at_the_target_whatever_the_loads(loads, thousandths, target, cores):
    """Participants at the target x cores of each = cores of a node x target."""
    each = Decimal(thousandths) / 1000
    cpu = observed([(load, load * each) for load in loads], cores)
    found = told(cpu, target=target)
    expected = cores * Decimal(target) / 100 / each

    if expected <= Decimal("1.25") * max(loads):
        assert abs(found.participants - expected) < Decimal("1e-9")


def test_what_an_idle_node_uses_makes_the_figure_lower_and_idle_nights_do_not_count():
    """Half a core at rest, 0.02 for each of 200: 4.5 cores for 200, so 44.4 a core; with nights of nobody the same."""
    days = [(200, "4.5")] * 12
    cpu = told(observed(days))

    assert round(cpu.participants, 3) == Decimal("248.889")
    assert told(observed(days + [(0, "0.5")] * 100)).participants == cpu.participants


def test_no_more_is_told_than_a_quarter_above_the_most_that_a_node_carried():
    """CPU alone would allow 8 x 0.7 / 0.01 = 560."""
    cpu = observed([(180, "1.8"), (200, "2")])
    found = told(cpu)

    assert (found.participants, found.unknown_because) == (250, None)
    assert "1.25 times" in found.source


def test_an_empty_fleet_never_lowers_the_assumption():
    """Nodes that held 100 at most say nothing against 200 where CPU would allow more than 125."""
    found = told(observed([(100, "1")]))

    assert found.participants is None
    assert "more than 125, 1.25 times the most that a node carried (100)" in found.unknown_because


@pytest.mark.parametrize(
    ("cpu", "hours", "reason"),
    [
        (None, 0, "let Prometheus scrape node_exporter on them"),
        (observed([(0, "0.5")]), 0, "let Prometheus scrape node_exporter on them"),
        (replace(observed([(200, "4")]), cores=None), None, "the cores of the LiveKit nodes are unknown"),
        (replace(observed([(200, "4")]), cores=(Decimal(4), Decimal(8))), None, "nodes of 4 and of 8 cores ran"),
        (observed([(200, "4")]), 401, "CPU is known for 49.9 % of the participants' hours, and 50 % are needed"),
        (observed([(39, "4")]), None, "held 39 on average, and 20 % of the planned 200 are needed"),
    ],
)
def test_what_cannot_be_told_is_unknown_with_its_reason(cpu, hours, reason):
    found = told(cpu, hours=hours)

    assert found.participants is None
    assert reason in found.unknown_because


def test_livekits_own_cpu_is_named_as_what_it_is():
    cpu = replace(observed([(200, "4")]), participants_by_node_exporter=Decimal(0))

    assert "without the kernel's part" in told(cpu).source


WINDOW = window_before(NOW, 1_209_600, 300)


def rows(value, **labels):
    return [{"metric": labels, "value": [WINDOW.evaluated_at, str(value)]}]


def answers(**labels):
    values = {"squares": 40_000, "products": 800, "participants": 200, "by_node_exporter": 150,
              "most_participants": 120, "fewest_cores": 8, "most_cores": 8}  # fmt: skip
    assert values.keys() == cpu_questions(WINDOW, []).keys()
    return {name: rows(value, **labels) for name, value in values.items()}


def customer(cluster, created_at=NOW - timedelta(days=30)):
    return Customer(("customers", cluster), created_at, {"cluster": cluster}, {}, alone=False)


def test_the_answers_are_told_apart_by_customer():
    """Two weeks are looked at in steps of half an hour."""
    telemetry = CpuTelemetry(WINDOW, answers(cluster="a"))

    assert telemetry.cpu(customer("b")) is None
    assert telemetry.cpu(customer("a")) == ObservedCpu(
        squares=Decimal(40_000),
        products=Decimal(800),
        participants=Decimal(200),
        participants_by_node_exporter=Decimal(150),
        participant_hours=Decimal(100),
        most_participants=Decimal(120),
        cores=(Decimal(8), Decimal(8)),
    )


@pytest.mark.parametrize("name", ["products", "participants"])
def test_without_cpu_nothing_is_told(name):
    assert CpuTelemetry(WINDOW, answers(cluster="a") | {name: []}).cpu(customer("a")) is None


def test_without_cores_the_rest_is_told():
    assert CpuTelemetry(WINDOW, answers(cluster="a") | {"most_cores": []}).cpu(customer("a")).cores is None

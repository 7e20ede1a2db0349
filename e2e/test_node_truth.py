"""What a LiveKit node carries, as told from a real Prometheus, against a week in which it is known."""

from __future__ import annotations

import asyncio
import json
import tempfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from e2e.cluster.programs import ensure_programs
from e2e.node_truth import (
    MEMORY_AT_REST_BYTES,
    MEMORY_BYTES,
    MEMORY_EACH_BYTES,
    NODES,
    SENT_EACH_BYTES_PER_SECOND,
    WEEK_SECONDS,
    end_of_week,
    exposition,
)
from e2e.observed_truth import prometheus_with
from livecost.cli import main
from livecost.cpu_capacity import CpuCapacity, cpu_capacity
from livecost.loads import LoadFollower
from livecost.prometheus import Asker, Patience
from livecost.prometheus_server import PrometheusServer
from livecost.settings import Settings
from livecost.telemetry import Customer

if TYPE_CHECKING:
    from collections.abc import Iterator

TRUTH = {node.cluster: node.at_percent(70) for node in NODES}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A Prometheus that has watched the week up to now."""
    programs = ensure_programs(["prometheus", "promtool"])
    with (
        tempfile.TemporaryDirectory() as folder,
        prometheus_with(exposition(end_of_week()), programs, Path(folder)) as at,
    ):
        yield at


@pytest.mark.parametrize("cluster", TRUTH)
def test_the_truth_lies_in_the_interval_of_the_fit(url: str, cluster: str) -> None:
    """Also where LiveKit counts one and a half times, where two jobs scrape a node, and where a sim node is near."""
    row = calibrate(url, "--match", f"cluster={cluster}")

    assert Decimal(row["lower"]) <= Decimal(TRUTH[cluster]) <= Decimal(row["upper"])
    assert abs(row["participantsPerNode"] / TRUTH[cluster] - 1) < 0.02
    assert row["points"] > 1900 * sum(node.cluster == cluster for node in NODES)


def test_clusters_whose_addresses_repeat_are_kept_apart(url: str) -> None:
    """All nodes with node_exporter are those of one cluster."""
    alone = calibrate(url, "--match", "cluster=st-marys", "--window", "2d")
    assert calibrate(url, "--match", "cluster=~.+", "--window", "2d") == alone


def test_memory_and_network_are_told_beside_the_cpu(url: str) -> None:
    """80 % of 8 GiB, and 70 % of 400 Mbps, which fills first."""
    options = ("--from-prometheus", url, "--match", "cluster=st-marys", "--memory-gib", "8", "--network-mbps", "400")
    result = CliRunner().invoke(main, ["calibrate", *options, "-o", "json"])
    told = {row["resource"]: (Decimal(row["participantsAtTarget"]), row["binds"]) for row in json.loads(result.stdout)}

    memory = (MEMORY_BYTES * 0.8 - MEMORY_AT_REST_BYTES) / MEMORY_EACH_BYTES
    network = 400e6 / 8 * 0.7 / SENT_EACH_BYTES_PER_SECOND
    assert abs(float(told["memory"][0]) / memory - 1) < 0.02
    assert abs(float(told["network"][0]) / network - 1) < 0.02
    assert told["network"][1] == "yes"


def test_a_pool_leaves_the_other_nodes_out(url: str) -> None:
    """One of two nodes has the label."""
    one = calibrate(url, "--match", "cluster=st-marys", "--window", "2d", "--pool", "karpenter.sh/nodepool=media")
    both = calibrate(url, "--match", "cluster=st-marys", "--window", "2d")

    assert both["points"] == 2 * one["points"] > 1000


def test_a_long_window_in_fine_steps_is_asked_for_in_pieces(url: str) -> None:
    """More than 11,000 steps, of which the older ones hold nothing."""
    row = calibrate(url, "--match", "cluster=riverside", "--window", "40d", "--step", "5m")

    assert abs(row["participantsPerNode"] / TRUTH["riverside"] - 1) < 0.02


@pytest.mark.parametrize("cluster", TRUTH)
def test_the_operators_figure_is_within_two_percent_of_the_truth(url: str, cluster: str) -> None:
    """One round of questions for both customers."""
    found = operator_figures(url)[cluster]

    assert found.participants is not None, found.unknown_because
    assert abs(float(found.participants) / TRUTH[cluster] - 1) < 0.02
    assert ("livekit's process" in found.source) == (cluster == "riverside")


def calibrate(url: str, *options: str) -> dict[str, Any]:
    """The row of the CPU."""
    result = CliRunner().invoke(main, ["calibrate", "--from-prometheus", url, *options, "-o", "json"])
    assert result.exit_code == 0, result.output
    (row,) = json.loads(result.stdout)
    assert isinstance(row, dict)
    return row


def operator_figures(url: str) -> dict[str, CpuCapacity]:
    """What the operator tells of each customer, planned for 200 participants a node at a target of 70 %."""
    asker = Asker(Patience(timeout_seconds=60, max_bytes=64 << 20))
    now = datetime.fromtimestamp(end_of_week(), UTC)
    customers = [
        Customer(("customers", name), now - timedelta(days=99), {"cluster": name}, {}, False) for name in TRUTH
    ]
    follower = LoadFollower(asker.ask, Settings(telemetry_window_seconds=WEEK_SECONDS))
    try:
        asyncio.run(follower.follow(PrometheusServer(url), ["cluster"], customers, now))
    finally:
        asker.close()
    figures = {}
    for customer in customers:
        load = follower.of(customer.key, customer.match_labels)
        assert load is not None
        figures[customer.key[1]] = cpu_capacity(load.cpu, load.participant_hours, Decimal(200), Decimal(70))
    return figures

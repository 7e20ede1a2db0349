"""How far observed months are from the truth: `python -m e2e.observed_truth`.

Two months of a made-up cluster are written into the database of a real Prometheus: nodes that come and go, exporters
that speak twice or fall silent, LiveKit servers that restart. What really happened is added up here, second by second
and byte by byte, by other means than the operator's.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tabulate import tabulate

from e2e.cluster.processes import Processes, answers, free_ports
from e2e.cluster.programs import ensure_programs
from livecost.models import CustomerClusterSpec
from livecost.month_cost import month_cost
from livecost.months import MonthFollower
from livecost.plan import Plan, make_plan
from livecost.prometheus import Asker, Patience
from livecost.prometheus_server import PrometheusServer
from livecost.settings import Settings
from livecost.target_kinds import PoolNodes
from livecost.telemetry import Customer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from livecost.month_ledger import Months

SCRAPE_SECONDS = 120
LAST_MONTH = datetime(2026, 2, 1, tzinfo=UTC)
THIS_MONTH = datetime(2026, 3, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 4, 9, 30, 2, tzinfo=UTC)
MATCH = {"cluster": "st-marys"}
POOLS = {"livekit": PoolNodes("karpenter.sh/nodepool", "media"), "sim": PoolNodes("karpenter.sh/nodepool", "sim")}

DOCUMENT: Mapping[str, object] = {
    "nodes": {
        "livekit": {"hourly": "0.24"},
        # Reached after 500 hours: nodes that stay are cut to it, those that come and go are not.
        "sim": {"hourly": "0.20", "monthlyCap": 100},
    },
    "network": {"freeGB": 100, "tiers": [{"upToGB": 1000, "perGB": "0.09"}, {"perGB": "0.07"}]},
}


@dataclass(frozen=True)
class Life:
    """One node or process, from when to when it was there, in seconds since the epoch."""

    pool: str
    name: str
    begin: float
    end: float
    bytes_per_second: float = 0.0
    packets_per_second: float = 0.0


@dataclass(frozen=True)
class World:
    """What happened, and when nobody could see it."""

    nodes: list[Life]
    servers: list[Life]
    silences: list[tuple[float, float]]
    opencost: bool = False


@dataclass(frozen=True)
class Row:
    """One figure as observed and as it was."""

    scene: str
    month: str
    item: str
    observed: Decimal
    truth: Decimal

    @property
    def error_percent(self) -> Decimal:
        """How far the observed figure is off, in percent of the truth."""
        return (100 * abs(self.observed - self.truth) / self.truth) if self.truth else abs(self.observed)


@dataclass(frozen=True)
class Scene:
    """A named world."""

    name: str
    world: World


def _seconds(moment: datetime) -> float:
    return moment.timestamp()


BEGIN, END = _seconds(LAST_MONTH), _seconds(NOW)


def scenes() -> list[Scene]:
    """The worlds that are looked at."""
    steady = World([Life("media", "m1", BEGIN, END), Life("sim", "s1", BEGIN, END)], _servers([(BEGIN, END)]), [])
    chance = random.Random(7)  # noqa: S311 - a repeatable world
    churn = [Life("media", "m0", BEGIN, END), Life("sim", "s0", BEGIN, END)]
    for pool in ("media", "sim"):
        moment = BEGIN
        while moment < END:
            moment += chance.uniform(2, 14) * 3600
            churn.append(Life(pool, f"{pool}-{len(churn)}", moment, min(END, moment + chance.uniform(1, 40) * 3600)))
    restarts = [BEGIN + number * 31 * 3600 for number in range(int((END - BEGIN) / (31 * 3600)) + 1)] + [END]
    churned = World(churn, _servers(list(itertools.pairwise(restarts))), [])
    gaps = [(BEGIN + day * 86_400 + 7 * 3600, BEGIN + day * 86_400 + 10 * 3600) for day in range(0, 28, 2)]
    return [
        Scene("steady", steady),
        Scene("churn and restarts", churned),
        Scene("OpenCost", World(churn, steady.servers, [], opencost=True)),
        Scene("silent exporters", World(steady.nodes, steady.servers, gaps)),
    ]


def _servers(lives: list[tuple[float, float]]) -> list[Life]:
    return [
        Life("media", f"ND_{number}", begin, end, 1_000_000.0 + 1000 * number, 5_000.0)
        for number, (begin, end) in enumerate(lives)
    ]


def exposition(scene: Scene) -> Iterator[str]:
    """The world as its exporters tell it, in the OpenMetrics text form; each of them speaks twice."""
    yield "# TYPE kube_node_labels gauge\n"
    cluster = MATCH["cluster"]
    for node in scene.world.nodes:
        for instance in ("ksm-a", "ksm-b"):
            labels = (
                f'{{cluster="{cluster}",node="{node.name}",instance="{instance}",'
                f'label_karpenter_sh_nodepool="{node.pool}"}}'
            )
            yield from _series("kube_node_labels", labels, node, scene.world.silences, lambda _: 1)
    if scene.world.opencost:
        yield "# TYPE node_total_hourly_cost gauge\n"
        for node in scene.world.nodes:
            for instance in ("oc-a", "oc-b"):
                labels = f'{{cluster="{cluster}",node="{node.name}",instance="{instance}"}}'
                price = 0.31 if node.pool == "media" else 0.17
                yield from _series("node_total_hourly_cost", labels, node, scene.world.silences, partial(_price, price))
    for metric, rate in (("livekit_packet_bytes", "bytes_per_second"), ("livekit_packet_total", "packets_per_second")):
        yield f"# TYPE {metric} unknown\n"
        for server in scene.world.servers:
            for job in ("livekit", "livekit-again"):
                labels = (
                    f'{{cluster="{cluster}",node_id="{server.name}",job="{job}",direction="outgoing",'
                    'transmission="initial"}'
                )
                count = partial(_counted, server.begin, getattr(server, rate))
                yield from _series(metric, labels, server, (), count)
    yield "# EOF\n"


def _price(price: float, _: int) -> float:
    return price


def _counted(begin: float, per_second: float, moment: int) -> float:
    return int((moment - begin) * per_second)


def _series(
    metric: str,
    labels: str,
    life: Life,
    silences: Sequence[tuple[float, float]],
    value: Callable[[int], float],
) -> Iterator[str]:
    first = -(-max(BEGIN, life.begin) // SCRAPE_SECONDS) * SCRAPE_SECONDS
    for moment in range(int(first), int(life.end), SCRAPE_SECONDS):
        if not any(begin <= moment < end for begin, end in silences):
            yield f"{metric}{labels} {value(moment)} {moment}\n"


def truth(scene: Scene, begin: float, end: float, month_seconds: float) -> dict[str, Decimal]:
    """What the months really cost: each node's seconds, each server's bytes, and the prices of the document."""
    seen = _without(begin, end, scene.world.silences)
    items: dict[str, Decimal] = {}
    for item, pool, hourly, opencost, cap in (
        ("livekit", "media", "0.24", "0.31", None), ("sim", "sim", "0.20", "0.17", "100"),
    ):  # fmt: skip
        cost = Decimal(0)
        for node in (node for node in scene.world.nodes if node.pool == pool):
            hours = Decimal(sum(_overlap(node, *part) for part in seen)) / 3600
            if scene.world.opencost:
                cost += hours * Decimal(opencost)
            else:
                cost += hours * Decimal(hourly) if cap is None else min(hours * Decimal(hourly), Decimal(cap))
        items[item] = cost
    sent = sum(
        Decimal(_overlap(server, begin, end)) * Decimal(server.bytes_per_second + 38 * server.packets_per_second)
        for server in scene.world.servers
    )
    billable = max(Decimal(0), Decimal(sent) / 10**9 - 100)
    items["egress"] = min(billable, Decimal(1000)) * Decimal("0.09") + max(Decimal(0), billable - 1000) * Decimal(
        "0.07"
    )
    hours = Decimal(end - begin) / 3600
    fixed = hours * Decimal("0.10") + 205 * Decimal(end - begin) / Decimal(month_seconds)
    items["total"] = sum(items.values(), fixed)
    items["coverage %"] = 100 * Decimal(sum(part[1] - part[0] for part in seen)) / Decimal(end - begin)
    return items


def _overlap(life: Life, begin: float, end: float) -> float:
    return max(0.0, min(life.end, end) - max(life.begin, begin))


def _without(begin: float, end: float, silences: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    parts = []
    for silence_begin, silence_end in sorted(silences):
        if silence_begin >= end or silence_end <= begin:
            continue
        parts.append((begin, silence_begin))
        begin = silence_end
    return [*parts, (begin, end)]


@contextmanager
def prometheus_with(lines: Iterable[str], programs: Mapping[str, Path], folder: Path) -> Iterator[str]:
    """The address of a Prometheus whose database holds what lines in the OpenMetrics text form say."""
    text = folder / "exposition.txt"
    with text.open("w") as file:
        file.writelines(lines)
    create = [str(programs["promtool"]), "tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=768h"]
    subprocess.run([*create, str(text), str(folder / "data")], check=True, capture_output=True)
    text.unlink()
    config = folder / "prometheus.yml"
    config.write_text("{}\n")
    (port,) = free_ports(1)
    processes = Processes(folder / "logs")
    processes.start(
        "prometheus",
        [
            programs["prometheus"],
            f"--config.file={config}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--storage.tsdb.retention.time=100y",
        ],
    )
    url = f"http://127.0.0.1:{port}"
    try:
        processes.wait_until("prometheus", lambda: answers(f"{url}/-/ready"))
        yield url
    finally:
        processes.stop_all()


async def observe(url: str) -> Months:
    """Both months, as the operator reads them: some days in each cycle."""
    asker = Asker(Patience(timeout_seconds=60, max_bytes=64 << 20))
    server = PrometheusServer(url)
    customer = Customer(("customers", "st-marys"), LAST_MONTH - timedelta(days=99), MATCH, POOLS, alone=False)
    follower = MonthFollower(asker.ask, Settings())
    labels = {pool.label for pool in POOLS.values()}
    try:
        while await follower.follow(server, sorted(MATCH), labels, customer.created_at, NOW):
            if (found := follower.of(server, customer, NOW)).current and found.last:
                return found
    finally:
        asker.close()
    raise RuntimeError("the days of the months were not read")


def measure(scene: Scene, programs: Mapping[str, Path]) -> list[Row]:
    """Every figure of a scene beside the truth."""
    with tempfile.TemporaryDirectory() as folder, prometheus_with(exposition(scene), programs, Path(folder)) as url:
        months = asyncio.run(observe(url))
    spec = CustomerClusterSpec.model_validate({"users": 1000, "concurrency": 100, "overrides": DOCUMENT})
    plan = make_plan(spec, None, {})
    assert isinstance(plan, Plan), plan
    rows = []
    for name, use in (("last month", months.last), ("month to date", months.current)):
        assert use is not None
        cost = month_cost(use, plan, "USD")
        observed = {**cost.items, "total": cost.total, "coverage %": cost.coverage_percent}
        # What has not been looked at yet is neither observed nor missing.
        real = truth(scene, use.start.timestamp(), use.as_of.timestamp(), (use.end - use.start).total_seconds())
        rows += [Row(scene.name, name, item, observed[item], amount) for item, amount in real.items()]
    return rows


def main() -> None:
    """Print the table of all scenes."""
    programs = ensure_programs(["prometheus", "promtool"])
    rows = [row for scene in scenes() for row in measure(scene, programs)]
    cells = [
        [row.scene, row.month, row.item, f"{row.observed:.2f}", f"{row.truth:.2f}", f"{row.error_percent:.3f}"]
        for row in rows
    ]
    sys.stdout.write(tabulate(cells, ["scene", "month", "item", "observed", "truth", "error %"], tablefmt="github"))
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()

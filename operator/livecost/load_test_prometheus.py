"""Asks a Prometheus for the points of a calibration: what ran on each LiveKit node, and what the node used then."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

import click

from livecost.command_input import refuse
from livecost.live_points import LOAD_ANSWER, PROCESS_CPU
from livecost.load_test_matrix import join_series
from livecost.observed_cost import NotMeasured
from livecost.prometheus import Asker, Patience
from livecost.prometheus_files import server_by_files, told_by_options
from livecost.promql import RangeQuestion

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from costmodel.servers import Resource
    from livecost.live_points import LivePoints
    from livecost.load_test_points import ResourcePoints
    from livecost.prometheus_server import PrometheusServer
    from livecost.settings import Settings

Json = dict[str, Any]

OPTION: Final = "--from-prometheus"
# Prometheus refuses an answer of more than 11,000 points for each series.
_MOST_STEPS: Final = 10_000


def read_live(settings: Settings, wanted: LivePoints, resources: Collection[Resource]) -> ResourcePoints:
    """The points of each resource; what cannot be asked or told ends the command with code 2.

    Args:
        settings: how the Prometheus is reached.
        wanted: which nodes are looked at, and when.
        resources: what to ask for beside the CPU.
    """
    server = server_by_files(settings.prometheus_url or "", settings, "the")
    if isinstance(server, NotMeasured):
        refuse(OPTION, [server.message])
    end = int(time.time()) // wanted.step_seconds * wanted.step_seconds
    queries = wanted.queries()
    names = [LOAD_ANSWER, "cpu", *resources]
    answers = asyncio.run(_ask(server, settings, {name: queries[name] for name in names}, wanted, end))
    if answers[LOAD_ANSWER] and not answers["cpu"]:
        process = asyncio.run(_ask(server, settings, {PROCESS_CPU: queries[PROCESS_CPU]}, wanted, end))
        answers["cpu"] = process[PROCESS_CPU]
        if answers["cpu"]:
            message = "node_exporter tells no CPU of these nodes, so it is that of LiveKit's process alone"
            click.echo(f"note: {message}, without the kernel's part of the network's work", err=True)
    _check(answers)
    if not wanted.match:
        remedy = "write --match if they are of several"
        click.echo(f"note: all LiveKit nodes are taken for those of one cluster; {remedy}", err=True)
    usage: dict[Resource, str] = {"cpu": "cpu", **{resource: resource for resource in resources}}
    return join_series(LOAD_ANSWER, usage, answers, "node")


async def _ask(
    server: PrometheusServer, settings: Settings, queries: Mapping[str, str], wanted: LivePoints, end: int
) -> dict[str, list[Json]]:
    asker = Asker(Patience(settings.prometheus_timeout_seconds, settings.prometheus_max_response_mib << 20))
    step = wanted.step_seconds
    found: dict[str, dict[str, Json]] = {name: {} for name in queries}
    try:
        for start, last in _chunks(end, wanted.window_seconds // step, step):
            questions = {name: RangeQuestion(query, start, last, step) for name, query in queries.items()}
            answers = await asker.ask(server, questions)
            if isinstance(answers, NotMeasured):
                refuse(OPTION, [told_by_options(answers)])
            for name, rows in answers.items():
                for row in rows:
                    node = _node(row["metric"])
                    series = found[name].setdefault(node, {"metric": {"node": node}, "values": []})
                    series["values"] += row["values"]
    finally:
        asker.close()
    return {name: list(series.values()) for name, series in found.items()}


def _chunks(end: int, steps: int, step: int) -> list[tuple[int, int]]:
    """First and last moment of each question, of at most so many steps that an answer holds them."""
    first = end - (steps - 1) * step
    length = _MOST_STEPS * step
    return [(start, min(end, start + length - step)) for start in range(first, end + 1, length)]


def _node(labels: Mapping[str, str]) -> str:
    # Private addresses repeat from cluster to cluster.
    others = [labels[name] for name in sorted(labels) if name != "address"]
    return " ".join([labels.get("address", ""), *others])


def _check(answers: Mapping[str, Sequence[Json]]) -> None:
    if not answers[LOAD_ANSWER]:
        message = "knows no livekit_participant_total in the window"
        refuse(OPTION, [f"{message}; let it scrape LiveKit, or correct --match, --pool and --window"])
    loaded = {row["metric"]["node"] for row in answers[LOAD_ANSWER]}
    for name, rows in answers.items():
        told = {row["metric"]["node"] for row in rows}
        if not loaded & told:
            known = f" (of {_few(told)})" if told else ""
            message = f"tells {name} of none of the LiveKit nodes {_few(loaded)}{known}"
            remedy = "let it scrape node_exporter there, with the same address and labels of --match"
            refuse(OPTION, [f"{message}; {remedy}"])
        if without := loaded - told:
            click.echo(f"note: {name} of {_few(without)} is unknown, so that no point is of these", err=True)


def _few(nodes: Collection[str]) -> str:
    return ", ".join(sorted(nodes)[:3]) + (" …" if len(nodes) > 3 else "")

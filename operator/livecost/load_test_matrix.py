"""Reads the points of a load test from Prometheus range queries, one file of /api/v1/query_range for each metric.

The form is that of Prometheus' HTTP API, "Range vectors": prometheus.io/docs/prometheus/latest/querying/api.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from costmodel import Problem
from costmodel.calibration import Point
from livecost.command_input import read_text, refuse
from livecost.load_test_points import LOAD, USAGE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from costmodel.servers import Resource
    from livecost.load_test_points import Quantity, ResourcePoints

_MAX_BYTES: Final = 64 * 1024**2
_LATEST_SECONDS: Final = 10**11
_JOIN_LABELS: Final = ("node", "instance")
_NOT_FINITE: Final = frozenset({"NaN", "+Inf", "-Inf", "Inf"})


@dataclass(frozen=True, slots=True)
class Series:
    """The samples of one node.

    Attributes:
        seconds: Unix times, ascending.
        values: the sample at each time; those that are no finite number are left out.
        step_seconds: the shortest time between two samples; 0 for a single one.
    """

    seconds: tuple[Decimal, ...]
    values: tuple[Decimal, ...]
    step_seconds: Decimal

    def nearest(self, seconds: Decimal) -> Decimal | None:
        """The sample nearest to that time, at most half a step away; None where there is a gap."""
        at = bisect_left(self.seconds, seconds)
        near = min(range(max(0, at - 1), min(at + 1, len(self.seconds))), key=lambda i: abs(self.seconds[i] - seconds))
        return self.values[near] if 2 * abs(self.seconds[near] - seconds) <= self.step_seconds else None


def read_matrices(load_path: str, usage_paths: Mapping[Resource, str], join_label: str | None) -> ResourcePoints:
    """The points of each resource; bad input ends the command with code 2.

    A sample of the load and one of a resource belong together if they are of the same node and the nearest in time, at
    most half a step apart. Where the steps differ, each sample of the coarser series is taken once, so that no point
    counts twice.

    Args:
        load_path: the file of the load.
        usage_paths: the file of each resource.
        join_label: the label that names the node; without it, `node` or `instance` (less its port), whichever all
            series have, or none where each file has one series.
    """
    answers = {path: _read(path) for path in (load_path, *usage_paths.values())}
    return join_series(load_path, usage_paths, answers, join_label or _common_label(answers))


def join_series(
    load_path: str, usage_paths: Mapping[Resource, str], answers: Mapping[str, Sequence[Any]], label: str | None
) -> ResourcePoints:
    """The points of each resource from the series of `answers`, joined as by `read_matrices`.

    Args:
        load_path: the key in `answers` of the load, by which messages call it.
        usage_paths: the key of each resource.
        answers: series as data.result of the answer to a range query has them.
        label: the label that names the node; None where each answer has one series.
    """
    loads = _by_node(load_path, answers[load_path], label, LOAD)
    points: dict[Resource, Sequence[Point]] = {}
    for resource, path in usage_paths.items():
        usage = _by_node(path, answers[path], label, USAGE[resource])
        found = [point for node in sorted(loads.keys() & usage.keys()) for point in _joined(loads[node], usage[node])]
        if not found:
            message = f"no sample of {_named(usage)} is near in time to one of {load_path} ({_named(loads)})"
            remedy = "query both over the same time, and name the label of the node by --join-label"
            refuse(path, [Problem("data.result", message, remedy)])
        points[resource] = found
    return points


def _joined(load: Series, usage: Series) -> list[Point]:
    coarse, fine = (usage, load) if usage.step_seconds > load.step_seconds else (load, usage)
    found = []
    for at, value in zip(coarse.seconds, coarse.values, strict=True):
        other = fine.nearest(at)
        if other is not None:
            found.append(Point(other, value) if coarse is usage else Point(value, other))
    return found


def _read(path: str) -> list[Any]:
    name = "standard input" if path == "-" else path
    text = read_text(path, name, _MAX_BYTES, "query a shorter time, or a longer step")
    try:
        answer = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        refuse(name, ["is not JSON; save the answer of /api/v1/query_range as it came"])
    status = answer.get("status") if isinstance(answer, dict) else None
    if status == "error":
        told = f"{answer.get('errorType', 'error')}: {answer.get('error', 'no reason given')}"
        refuse(name, [f"Prometheus refused the query ({told:.200}); correct the query and ask again"])
    if status != "success":
        refuse(name, ["is not an answer of Prometheus; save that of /api/v1/query_range as it came"])
    data = answer.get("data")
    if not isinstance(data, dict) or data.get("resultType") != "matrix" or not isinstance(data.get("result"), list):
        refuse(name, ["data.resultType: is not matrix; ask /api/v1/query_range, not /api/v1/query"])
    result: list[Any] = data["result"]
    if not result:
        refuse(name, ["data.result: is empty; check the metric's name, its labels and the time of the query"])
    for at, each in enumerate(result):
        if not isinstance(each, dict) or not isinstance(each.get("metric"), dict):
            refuse(name, [f"data.result[{at}].metric: is missing; save the answer as it came"])
        if not isinstance(each.get("values"), list):
            refuse(name, [f"data.result[{at}].values: is missing; query plain samples, not histograms"])
    return result


def _common_label(answers: Mapping[str, list[Any]]) -> str | None:
    for label in _JOIN_LABELS:
        if all(label in each["metric"] for result in answers.values() for each in result):
            return label
    for path, result in answers.items():
        if len(result) > 1:
            message = f"has {len(result)} series, and no label node or instance that all files have"
            refuse(path, [Problem("data.result", message, "name the label of the node by --join-label")])
    return None


def _by_node(path: str, result: Sequence[Any], label: str | None, quantity: Quantity) -> dict[str, Series]:
    problems: list[Problem] = []
    found: dict[str, Series] = {}
    for at, each in enumerate(result):
        place = f"data.result[{at}]"
        node = str(each["metric"].get(label, "")) if label is not None else ""
        if label is not None and not node:
            problems.append(Problem(f"{place}.metric", f"has no label {label}", "aggregate by it, or join by another"))
            continue
        if label == "instance":
            # Exporters of one node differ in their port.
            node = node.rpartition(":")[0] or node
        if node in found:
            message = f"is a second series of {node or 'the node'}"
            problems.append(Problem(f"{place}.metric", message, f"aggregate the query by {label or 'node'}"))
            continue
        found[node] = _series(place, each["values"], quantity, problems)
    if problems:
        refuse(path, problems)
    measured = {node: series for node, series in found.items() if series.seconds}
    if not measured:
        refuse(path, [Problem("data.result", "holds no number, only NaN or infinity", "query while the test ran")])
    return measured


def _series(place: str, samples: Sequence[Any], quantity: Quantity, problems: list[Problem]) -> Series:
    read: dict[Decimal, Decimal] = {}
    for at, sample in enumerate(samples):
        match sample:
            case [int() | Decimal() as seconds, str() as text] if 0 <= seconds < _LATEST_SECONDS:
                pass
            case _:
                problems.append(
                    Problem(f"{place}.values[{at}]", "is not [Unix time, value]", "save the answer as it came")
                )
                continue
        if text in _NOT_FINITE:
            continue
        try:
            read[Decimal(seconds)] = quantity.read(text)
        except ValueError as error:
            message, _, remedy = str(error).partition("; ")
            problems.append(Problem(f"{place}.values[{at}]", message, remedy))
    ordered = sorted(read)
    step = min((after - one for one, after in pairwise(ordered)), default=Decimal(0))
    return Series(tuple(ordered), tuple(read[at] for at in ordered), step)


def _named(series: Mapping[str, Series]) -> str:
    return ", ".join(node or "its only series" for node in sorted(series)[:3])

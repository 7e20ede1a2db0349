"""`livecost calibrate`: what one node carries, from the points of a load test."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, get_args

import click

from costmodel import AssumptionsError
from costmodel.calibration import MIN_DISTINCT_LOADS, Target, binding, fit, undecided
from costmodel.servers import Resource
from livecost.calibration_output import assumptions_text, calibration_rows, plan_text, rows_text
from livecost.command_input import refuse
from livecost.examples import examples
from livecost.live_points import LivePoints
from livecost.load_test_csv import read_load_test
from livecost.load_test_matrix import read_matrices
from livecost.load_test_points import LOAD_KINDS
from livecost.options import duration_seconds, number, refusal
from livecost.plots import plot_option
from livecost.prometheus_options import check_login, prometheus_options
from livecost.promql import label_names
from livecost.settings import Settings
from livecost.table_output import TABLE_FORMS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from costmodel.calibration import Calibration
    from livecost.load_test_points import LoadKind, ResourcePoints

_ASSUMPTIONS: Final = "assumptions"
_BYTES_PER_GIB: Final = Decimal(1024**3)
_BYTES_PER_MEGABIT: Final = Decimal(125_000)
_FROM: Final = "--from-prometheus"
_WINDOW_SECONDS: Final = 7 * 86_400
_STEP_SECONDS: Final = 300
_LEAST_STEP_SECONDS: Final = 60
_MOST_STEPS: Final = 50_000


@dataclass(frozen=True, slots=True)
class _MatrixFiles:
    participants: str | None
    sessions: str | None
    usage: Mapping[Resource, str]
    join_label: str | None


def _label(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name or not value:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE, such as karpenter.sh/nodepool=media")
    return name, value


def _match(text: str) -> tuple[str, str]:
    name, value = _label(text)
    if not label_names([name]):
        raise click.BadParameter(f"{name!r} is no label of Prometheus; write one such as cluster=st-marys")
    return name, value


@click.command(
    name="calibrate",
    epilog=examples(
        "livecost calibrate docs/calibration-sample.csv --memory-gib 8 --network-mbps 1000",
        "livecost calibrate docs/calibration-sample.csv -o assumptions",
        "livecost calibrate --from-prometheus http://prometheus:9090 --match cluster=st-marys  # runs on a week",
    ),
)
@click.argument("path", metavar="[FILE|-]", required=False)
@click.option(
    "--load", type=click.Choice(LOAD_KINDS), show_default="participants", help="Column of FILE that tells the load."
)
@click.option("--participants", metavar="FILE", help="Range query of participants by node, in place of FILE.")
@click.option("--sessions", metavar="FILE", help="Range query of sessions by node, in place of --participants.")
@click.option("--cpu", metavar="FILE", help="Range query of CPU in use by node, in percent of the node.")
@click.option("--memory", metavar="FILE", help="Range query of memory in use by node, in bytes.")
@click.option("--network", metavar="FILE", help="Range query of traffic sent by node, in bytes per second.")
@click.option("--join-label", metavar="LABEL", help="Label that names the node; node or instance if not stated.")
@click.option(
    "--from-prometheus", "url", metavar="URL", help="Ask this Prometheus, in place of FILE: http://prometheus:9090."
)
@click.option(
    "--match",
    type=_match,
    multiple=True,
    metavar="NAME=VALUE",
    help="Label of all series asked for, such as cluster=st-marys, or cluster=~st-.*; repeat for several.",
)
@click.option("--pool", type=_label, metavar="LABEL=VALUE", help="Label of the nodes, as kube-state-metrics tells it.")
@click.option("--window", type=duration_seconds, metavar="DURATION", show_default="7d", help="How far to look back.")
@click.option(
    "--step", type=duration_seconds, metavar="DURATION", show_default="5m", help="The mean over so long is a point."
)
@click.option("--target-cpu-percent", type=number, default="70", show_default=True, help="How busy the CPU may get.")
@click.option("--memory-gib", type=number, help="Memory of a node in GiB; without it memory is left out.")
@click.option("--target-memory-percent", type=number, default="80", show_default=True, help="How full memory may get.")
@click.option("--network-mbps", type=number, help="Speed of a node's port in Mbps; without it the network is left out.")
@click.option("--target-network-percent", type=number, default="70", show_default=True, help="How busy it may get.")
@click.option("--confidence-percent", type=number, default="95", show_default=True, help="Of the interval.")
@click.option(
    "-o",
    "--output",
    type=click.Choice([*TABLE_FORMS, _ASSUMPTIONS]),
    default="table",
    show_default=True,
    help="Form of the result; assumptions is a document for livecost estimate -f.",
)
@plot_option
@prometheus_options(_FROM, environment=False)
def calibrate_command(  # noqa: PLR0913 - each option is one
    *,
    path: str | None,
    load: LoadKind | None,
    participants: str | None,
    sessions: str | None,
    cpu: str | None,
    memory: str | None,
    network: str | None,
    join_label: str | None,
    url: str | None,
    match: Sequence[tuple[str, str]],
    pool: tuple[str, str] | None,
    window: int | None,
    step: int | None,
    target_cpu_percent: Decimal,
    memory_gib: Decimal | None,
    target_memory_percent: Decimal,
    network_mbps: Decimal | None,
    target_network_percent: Decimal,
    confidence_percent: Decimal,
    output: str,
    plot: str | None,
    **login: Any,
) -> None:
    """Tell how many participants (or sessions) one node carries, from a load test or from telemetry.

    FILE is CSV with the columns participants (or sessions) and cpuPercent, memoryBytes or memoryMiB, or bytesPerSecond
    (sent). Instead, --participants, --cpu, --memory and --network name answers of Prometheus, or --from-prometheus asks
    it. The resource that fills first decides, and the figure to use is the lower bound of its confidence interval.

    It ends with 1 if the figure is unknown: the target lies far beyond the measured loads, or a line fits badly.
    """
    usage: dict[Resource, str | None] = {"cpu": cpu, "memory": memory, "network": network}
    files = _MatrixFiles(participants, sessions, {key: file for key, file in usage.items() if file}, join_label)
    settings = Settings(prometheus_url=url, **login)
    sizes: dict[Resource, Decimal | None] = {"memory": memory_gib, "network": network_mbps}
    if url is not None:
        _refuse_files(path, load, files)
        wanted = _wanted(match, pool, window, step)
        kind, points = _ask(settings, wanted, [resource for resource, size in sizes.items() if size is not None])
    elif match or pool or window or step or settings != Settings():
        remedy = f"write {_FROM} URL, or leave them out"
        raise click.UsageError(f"--match, --pool, --window, --step and --prometheus-… belong to {_FROM}; {remedy}")
    else:
        kind, points = _read(path, load, files)
    targets = [Target("cpu", Decimal(100), target_cpu_percent)]
    if memory_gib is not None:
        targets.append(Target("memory", memory_gib * _BYTES_PER_GIB, target_memory_percent))
    if network_mbps is not None:
        targets.append(Target("network", network_mbps * _BYTES_PER_MEGABIT, target_network_percent))
    found = _fitted(points, targets, confidence_percent)
    first, doubtful = binding(found), undecided(found)
    if plot is not None:
        from livecost.calibration_plot import draw  # noqa: PLC0415 - nothing else needs matplotlib

        draw(plot, points, found, first, kind)
    _tell(found, doubtful, kind)
    if output != _ASSUMPTIONS:
        click.echo(rows_text(calibration_rows(found, first, kind), output), nl=False)
    if first is None:
        raise SystemExit(1)
    if output == _ASSUMPTIONS:
        click.echo(assumptions_text(first, kind), nl=False)
    elif output == "table":
        click.echo(plan_text(first, kind), nl=False)


def _refuse_files(path: str | None, load: LoadKind | None, files: _MatrixFiles) -> None:
    given = (path, load, files.participants, files.sessions, files.join_label, *files.usage.values())
    if any(each is not None for each in given):
        raise click.UsageError(f"{_FROM} stands beside FILE or its options; write one or the other")


def _wanted(
    match: Sequence[tuple[str, str]], pool: tuple[str, str] | None, window: int | None, step: int | None
) -> LivePoints:
    window, step = window or _WINDOW_SECONDS, step or _STEP_SECONDS
    if step < _LEAST_STEP_SECONDS:
        raise click.UsageError("--step holds too few scrapes for a mean; write 1m or more")
    if not MIN_DISTINCT_LOADS <= window // step <= _MOST_STEPS:
        remedy = f"write a window of {MIN_DISTINCT_LOADS} to {_MOST_STEPS:,} steps"
        raise click.UsageError(f"--window is {window // step:,} times --step; {remedy}")
    return LivePoints(dict(match), pool, window, step)


def _ask(settings: Settings, wanted: LivePoints, resources: Sequence[Resource]) -> tuple[LoadKind, ResourcePoints]:
    if not (settings.prometheus_url or "").startswith(("http://", "https://")):
        raise click.UsageError(f"{_FROM} is no address; write one such as http://prometheus:9090")
    check_login(settings, _FROM)
    from livecost.load_test_prometheus import read_live  # noqa: PLC0415 - nothing else needs the operator's packages

    return "participants", read_live(settings, wanted, resources)


def _read(path: str | None, load: LoadKind | None, files: _MatrixFiles) -> tuple[LoadKind, ResourcePoints]:
    given = [file for file in (files.participants, files.sessions, *files.usage.values()) if file is not None]
    if path is not None:
        if given or files.join_label is not None:
            raise click.UsageError("FILE stands beside files of Prometheus; write one or the other")
        kind = load or "participants"
        return kind, read_load_test(path, kind)
    if load is not None:
        raise click.UsageError("--load names a column of FILE; write --participants or --sessions for Prometheus")
    if not given:
        raise click.UsageError("nothing to read; write FILE, or --participants and --cpu for answers of Prometheus")
    if (files.participants is None) == (files.sessions is None):
        raise click.UsageError("write one of --participants and --sessions beside --cpu, --memory and --network")
    if not files.usage:
        raise click.UsageError("write at least one of --cpu, --memory and --network beside the load")
    if files.sessions is not None:
        return "sessions", read_matrices(files.sessions, files.usage, files.join_label)
    assert files.participants is not None  # noqa: S101 - checked above
    return "participants", read_matrices(files.participants, files.usage, files.join_label)


def _fitted(points: ResourcePoints, targets: Sequence[Target], confidence_percent: Decimal) -> list[Calibration]:
    stated = {target.resource: target for target in targets}
    size_options = {"memory": "--memory-gib", "network": "--network-mbps"}
    for resource, option in size_options.items():
        if resource in points and resource not in stated:
            click.echo(f"note: {resource} is measured but left out; write {option} to judge it too", err=True)
        if resource in stated and resource not in points:
            refuse(option, [f"{resource} was not measured; add its column or file, or leave {option} out"])
    judged = [resource for resource in get_args(Resource) if resource in points and resource in stated]
    if not judged:
        raise click.UsageError("nothing to judge; write --memory-gib or --network-mbps, or measure the CPU")
    try:
        return [fit(points[resource], stated[resource], confidence_percent) for resource in judged]
    except AssumptionsError as error:
        raise refusal(error) from None


def _tell(found: Sequence[Calibration], doubtful: Sequence[Calibration], load: LoadKind) -> None:
    for each in found:
        for warning in each.warnings:
            click.echo(f"warning: {each.target.resource}: {warning}", err=True)
    for each in doubtful:
        click.echo(f"{load}PerNode is unknown: {each.target.resource}: {each.unknown_because}", err=True)

"""`livecost operator`: runs the operator."""

from __future__ import annotations

import asyncio
import errno
import sys
from pathlib import Path
from typing import Any

import click

from livecost.cluster_credentials import CredentialsUnusable
from livecost.command_endings import Refused
from livecost.examples import examples
from livecost.http_server import CannotListen
from livecost.leader import LeadershipLost
from livecost.logs import configure_logs
from livecost.prometheus_options import check_login, prometheus_options
from livecost.runtime import CannotWatch, run
from livecost.settings import Settings


@click.command(
    context_settings={"auto_envvar_prefix": "LIVECOST", "show_default": True},
    epilog=examples(
        "livecost operator --prometheus-url http://prometheus.monitoring:9090  # runs in the cluster of its kubeconfig",
        "livecost operator --namespace customers --recommend-only  # runs without patching anything",
    ),
)
@click.option(
    "--namespace",
    "namespaces",
    multiple=True,
    envvar="LIVECOST_NAMESPACE",
    show_envvar=True,
    help="Namespace to serve; repeat for several. All namespaces when left out.",
)
@click.option(
    "--kubeconfig",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar=["LIVECOST_KUBECONFIG"],
    show_envvar=True,
    help="Kubeconfig file. The pod's own account, else $KUBECONFIG or ~/.kube/config.",
)
@click.option("--context", show_envvar=True, help="Context of the kubeconfig; its current one when left out.")
@click.option(
    "--prometheus-url",
    show_envvar=True,
    help="Prometheus for customers without observation.prometheusRef, such as http://prometheus:9090.",
)
@click.option(
    "--observation-interval-seconds",
    type=click.IntRange(5, 3600),
    default=60,
    show_envvar=True,
    help="Seconds between two observations.",
)
@click.option(
    "--observation-window-seconds",
    type=click.IntRange(60, 2_592_000),
    default=86_400,
    show_envvar=True,
    help="Length of the window that the observed run rate is taken from.",
)
@click.option(
    "--observation-step-seconds",
    type=click.IntRange(5, 3600),
    default=300,
    show_envvar=True,
    help="Distance of the samples in that window.",
)
@click.option(
    "--observation-refresh-seconds",
    type=click.IntRange(0, 86_400),
    default=3_600,
    show_envvar=True,
    help="Age at which an observation is written anew though no figure moved; 0 for never.",
)
@click.option(
    "--live-telemetry-max-age-seconds",
    type=click.IntRange(10, 3600),
    default=300,
    show_envvar=True,
    help="Age from which samples of the rooms that are on no longer allow a LiveKit node to leave.",
)
@click.option(
    "--telemetry-interval-seconds",
    type=click.IntRange(5, 86_400),
    default=3_600,
    show_envvar=True,
    help="Seconds between two comparisons of the load with the assumptions.",
)
@click.option(
    "--telemetry-window-seconds",
    type=click.IntRange(60, 2_592_000),
    default=1_209_600,
    show_envvar=True,
    help="Length of the window that this load is taken from.",
)
@click.option(
    "--target-cpu-percent",
    type=click.IntRange(1, 100),
    default=70,
    show_envvar=True,
    help="How busy the CPU of a LiveKit node may get; what it then carries is set beside participantsPerNode.",
)
@click.option(
    "--opencost-currency",
    default="USD",
    show_envvar=True,
    help="Currency in which OpenCost tells prices; for customers priced in another one the price sheet counts.",
)
@prometheus_options("--prometheus-url", environment=True)
@click.option(
    "--recommend-only", is_flag=True, show_envvar=True, help="Compute and report for all customers; patch nothing."
)
@click.option(
    "--workers", type=click.IntRange(1, 256), default=16, show_envvar=True, help="Customers decided on at a time."
)
@click.option(
    "--listen-address",
    default="127.0.0.1",
    show_envvar=True,
    help="Address of /metrics, /healthz and /readyz; 0.0.0.0 in a pod.",
)
@click.option(
    "--listen-port",
    type=click.IntRange(0, 65_535),
    default=8080,
    show_envvar=True,
    help="Port of /metrics, /healthz and /readyz; 0 takes a free one and logs it.",
)
@click.option(
    "--leader-elect/--no-leader-elect",
    default=True,
    show_envvar=True,
    help="Elect a leader by a Lease, so that several replicas may run and one writes.",
)
@click.option("--lease-namespace", default="default", show_envvar=True, help="Namespace of the Lease.")
@click.option("--lease-name", default="livecost", show_envvar=True, help="Name of the Lease.")
@click.option(
    "--lease-duration-seconds",
    type=click.IntRange(3, 300),
    default=8,
    show_envvar=True,
    help="Silence of a leader after which another replica takes over.",
)
@click.option(
    "--lease-renew-deadline-seconds",
    type=click.IntRange(2, 299),
    default=6,
    show_envvar=True,
    help="Time without renewal after which a leader stops.",
)
@click.option(
    "--lease-retry-seconds",
    type=click.FloatRange(1, 60),
    default=1.5,
    show_envvar=True,
    help="Seconds between two attempts to take or renew the Lease.",
)
@click.option(
    "--events",
    type=click.Choice(["problems", "all"]),
    default="problems",
    show_envvar=True,
    help="Kubernetes Events to write: problems and recoveries, or every change of a count as well.",
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_envvar=True,
    help="Least severity that is logged.",
)
@click.option("--log-format", type=click.Choice(["auto", "json", "text"]), default="auto", show_envvar=True,
              help="Form of the log; auto is text on a terminal and JSON lines elsewhere.")  # fmt: skip
def operator(**options: Any) -> None:
    """Run the Kubernetes operator.

    Every option can also be set by the environment variable that its help names.
    """
    settings = Settings(**options)
    _check(settings)
    configure_logs(settings.log_level, settings.log_format)
    try:
        asyncio.run(run(settings))
    except KeyboardInterrupt:
        sys.exit(130)
    except CredentialsUnusable as error:
        raise Refused(str(error)) from None
    except CannotListen as error:
        raise click.ClickException(str(error)) from None
    except CannotWatch as error:
        raise click.ClickException(f"{error}; the process ends, and waits for it when it is started again") from None
    except LeadershipLost as error:
        raise click.ClickException(f"{error}; the process ends so that it cannot write beside the new leader") from None
    except OSError as error:
        raise click.ClickException(_told(error)) from None


def _told(error: OSError) -> str:
    """What the system refuses a process that ran, and the remedy."""
    what = f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error)
    remedies = {
        errno.EMFILE: "raise the number of files that it may have open, as by ulimit -n",
        errno.ENFILE: "the machine has too many files open; end what holds them",
        errno.ENOSPC: "make room",
        errno.EROFS: "let it write there, as by a volume",
        errno.EACCES: "let this user read it",
        errno.ENOENT: "put it back",
    }
    return f"{what}; {remedies.get(error.errno or 0, 'see the log for what was being done')}"


def _check(settings: Settings) -> None:
    if settings.lease_renew_deadline_seconds >= settings.lease_duration_seconds:
        raise click.UsageError("--lease-renew-deadline-seconds must be below --lease-duration-seconds")
    # Written so that it refuses nan as well, which compares with nothing.
    if not settings.lease_renew_deadline_seconds > 1.2 * settings.lease_retry_seconds:
        raise click.UsageError(
            "--lease-retry-seconds must be well below --lease-renew-deadline-seconds (1.2 times at most)"
        )
    check_login(settings, "--prometheus-url")
    if settings.observation_window_seconds > settings.observation_step_seconds * 10_000:
        raise click.UsageError(
            "--observation-step-seconds is too fine for --observation-window-seconds: Prometheus gives at most 11,000 "
            "points; raise the step or shorten the window"
        )
    if settings.observation_step_seconds > settings.observation_window_seconds:
        raise click.UsageError("--observation-step-seconds must not exceed --observation-window-seconds")

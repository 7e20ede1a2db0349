"""One operator process: connection, HTTP endpoints, leadership, and kopf with the engine behind it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from functools import partial

import kopf
import structlog
from kubernetes.aio.client import Configuration

from livecost import handlers
from livecost.cluster_credentials import load_configuration
from livecost.engine import Engine
from livecost.events import EventWriter, Happening
from livecost.garbage import collected_at_set_times
from livecost.http_server import serve
from livecost.kube_api import KubeApi
from livecost.leader import lead, new_identity
from livecost.metrics import Metrics
from livecost.readiness import FIRST_LIST, Readiness, own_pod
from livecost.settings import Settings

READINESS_SECONDS = 1.0
# What was there may go: a right, a CRD, the API server. The kubelet notices it 15 seconds later at most.
RECHECK_SECONDS = 10.0

log = structlog.get_logger()


class CannotWatch(Exception):
    """A kind or a right went away that kopf cannot be without; the text says which, with the remedy."""


async def run(settings: Settings) -> None:
    """Run until a signal ends it.

    Raises:
        CredentialsUnusable: the API server cannot be reached with the credentials there are.
        CannotListen: the HTTP port cannot be listened on.
        CannotWatch: a CRD or a right went away, where kopf may not look for its return.
        LeadershipLost: another replica may write now.
    """
    running = asyncio.create_task(_run(settings))
    is_ended = False

    def end() -> None:
        nonlocal is_ended
        is_ended = True
        running.cancel()

    # kopf takes the signal over when it works. Until then, as on a standby, nobody would: the first process of a pod is
    # not ended by a signal that it has no handler for.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end)
    try:
        await running
    except asyncio.CancelledError:
        if not is_ended:
            raise
        log.info("ended by SIGTERM")


async def _run(settings: Settings) -> None:
    configuration = await load_configuration(settings.kubeconfig, settings.context)
    metrics = Metrics()
    identity = new_identity()
    api = KubeApi(configuration)
    events = EventWriter(api, identity)
    pod = own_pod()
    readiness = Readiness(partial(events.tell_of, pod) if pod else _tell_nobody)

    async def work() -> None:
        metrics.leader.set(1)
        readiness.waiting_for = "listing CustomerClusters and CostProfiles"
        await _work(configuration, settings, metrics, identity, readiness)

    async with (
        collected_at_set_times(),
        serve(settings.listen_address, settings.listen_port, metrics.registry, readiness.why_not) as port,
    ):
        log.info("listening", address=settings.listen_address, port=port)
        writing = asyncio.create_task(events.run())
        try:
            if settings.leader_elect:
                # A standby is ready, since it waits as it should; but not before it knows that it waits for something.
                readiness.without_lease, readiness.waiting_for = "asking the API server for the Lease", None
                await lead(api, settings, identity, work, readiness.note_lease)
            else:
                await work()
        finally:
            writing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writing
            await api.close()


def _tell_nobody(_: Happening) -> None:
    """Write no Event."""


async def _work(
    configuration: Configuration, settings: Settings, metrics: Metrics, identity: str, readiness: Readiness
) -> None:
    api = KubeApi(configuration)
    engine = Engine(api, settings, metrics, identity)
    registry = kopf.OperatorRegistry()
    handlers.register(registry, engine, configuration)
    kopf_settings = kopf.OperatorSettings()
    handlers.configure(kopf_settings)
    # Looking for new namespaces and CRDs takes rights in the whole cluster, and kopf retries for a minute without them.
    kopf_settings.scanning.disabled = bool(settings.namespaces)
    watching = asyncio.Event()

    async def watch() -> None:
        # Where it may not look for CRDs that come later, kopf would never see them.
        while settings.namespaces and (missing := await engine.missing()) is not None:
            readiness.note_work(missing)
            await asyncio.sleep(READINESS_SECONDS)
        await kopf.operator(
            registry=registry,
            settings=kopf_settings,
            clusterwide=not settings.namespaces,
            namespaces=settings.namespaces,
            standalone=True,
            ready_flag=watching,
        )

    async def tell_ready() -> None:
        await watching.wait()
        while True:
            missing = await engine.missing()
            readiness.note_work(missing)
            await asyncio.sleep(RECHECK_SECONDS if missing is None else READINESS_SECONDS)

    working = asyncio.create_task(engine.run())
    telling = asyncio.create_task(tell_ready())
    watcher = asyncio.create_task(watch())
    try:
        await asyncio.wait([watcher, working], return_when=asyncio.FIRST_COMPLETED)
        if working.done() and not working.cancelled():
            working.result()
        else:
            # kopf ends at a signal, and stops the engine while it does.
            await watcher
    except Exception as error:
        asking = KubeApi(configuration)
        try:
            missing = await engine.missing(asking)
        finally:
            await asking.close()
        if missing not in (None, FIRST_LIST):
            raise CannotWatch(missing) from error
        raise
    finally:
        readiness.waiting_for = "stopping"
        metrics.leader.set(0)
        # All at once: kopf takes its time to end, and nothing may be written meanwhile.
        for task in (working, watcher, telling):
            task.cancel()
        await asyncio.gather(working, watcher, telling, return_exceptions=True)
        await api.close()

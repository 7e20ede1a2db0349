"""The live fleet follows the namespaces that it is given, with the rights of the chart's web account in these alone."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from pathlib import Path

import pytest

from livecost.fleet_page.source import LiveSource
from livecost.rbac import rights
from tests.integration.conftest import grant
from tests.integration.world import World

SHOWN, ALSO_SHOWN, HIDDEN = "shown", "also-shown", "hidden"
_SECONDS = 20


@pytest.fixture(scope="module")
def kubeconfig(world: World) -> Path:
    """Of a user with rights in two of three namespaces, each of which has a customer."""
    web = rights()["web"]
    grant(world.api, "livecost-web", web["cluster"])
    for namespace in (SHOWN, ALSO_SHOWN, HIDDEN):
        world.api.create("/api/v1/namespaces", {"metadata": {"name": namespace}})
        world.customer("customer", namespace=namespace)
        if namespace != HIDDEN:
            grant(world.api, "livecost-web", web["namespaced"], namespace=namespace)
    return world.cluster.kubeconfig_for("livecost-web")


async def comes(source: LiveSource, holds: Callable[[], bool]) -> bool:
    """Whether something comes to hold as the cluster changes."""
    try:
        async with asyncio.timeout(_SECONDS):
            while not holds():
                await source.pulse.after(source.pulse.beat, _SECONDS)
    except TimeoutError:
        return False
    return True


async def test_the_customers_of_several_namespaces_stand_together(world: World, kubeconfig: Path) -> None:
    """Each by its own watch, so that a change in either is seen; the third namespace is not asked for."""
    source = LiveSource(str(kubeconfig), None, (SHOWN, ALSO_SHOWN))
    async with source.following():
        assert await comes(source, lambda: source.state.synced), source.state.problem
        assert set(source.customers) == {(SHOWN, "customer"), (ALSO_SHOWN, "customer")}
        for namespace in (ALSO_SHOWN, SHOWN, HIDDEN):
            world.customer("later", namespace=namespace)
        assert await comes(source, lambda: len(source.customers) == 4), source.state.problem
        assert (HIDDEN, "later") not in source.customers
        live = await source.live(source.customers[ALSO_SHOWN, "customer"])
    assert live.profile is None


async def test_a_namespace_without_rights_is_named_and_no_sum_is_taken_for_whole(kubeconfig: Path) -> None:
    """The others' customers alone would look like all of them."""
    source = LiveSource(str(kubeconfig), None, (SHOWN, HIDDEN))
    async with source.following():
        assert await comes(source, lambda: bool(source.state.problem))
        assert not source.state.synced
    assert f"you may not read customerclusters.livecost.dev in namespace {HIDDEN}" in source.state.problem


def test_an_end_at_any_moment_leaves_no_connection_open(kubeconfig: Path) -> None:
    """Not even one whose handshake was under way; what is left open warns once it is collected."""

    async def follow(seconds: float) -> None:
        async with LiveSource(str(kubeconfig), None, (SHOWN, ALSO_SHOWN)).following():
            await asyncio.sleep(seconds)

    for milliseconds in range(2, 32):
        asyncio.run(follow(milliseconds / 1000))
        gc.collect()

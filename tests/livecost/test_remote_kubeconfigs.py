"""Kubeconfigs of other clusters that cannot be used: the reason tells whether the Secret is at fault."""

import asyncio
import base64
import os
import tempfile

import pytest
import yaml

from livecost import targets as targets_module
from livecost.cluster_connection import ClusterConnection
from livecost.target_state import TargetState
from livecost.targets import Targets
from tests.livecost.builders import target_ref

REF = target_ref(kubeconfigSecretRef={"name": "remote"})


class _Api:
    """An API server that holds one Secret."""

    def __init__(self, cluster, **content):
        content = {
            "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1", **cluster}}],
            "users": [{"name": "u", "user": {"token": "secret-token"}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
            **content,
        }
        data = base64.b64encode(yaml.safe_dump(content).encode()).decode()
        self.secret = {"metadata": {"resourceVersion": "1"}, "data": {"value": data}}

    async def get(self, path):
        return self.secret

    async def close(self):
        """Nothing is open."""


async def problem(cluster, **content):
    """What is told of a target behind such a kubeconfig."""
    told = asyncio.Event()
    targets = Targets(_Api(cluster, **content), all_namespaces=True, on_change=lambda *_: told.set())
    try:
        targets.find(REF, "customers")
        await asyncio.wait_for(told.wait(), 10)
        return targets.find(REF, "customers")
    finally:
        await targets.close()


@pytest.mark.parametrize("authority", ["Y2E=", base64.b64encode(b"\xff").decode(), "no base64"])
async def test_an_authority_that_is_none_is_the_secrets_fault(authority):
    found = await problem({"certificate-authority-data": authority})

    assert found.reason == "KubeconfigRefused"
    assert "Secret remote in namespace customers holds an unusable kubeconfig" in found.message
    assert "secret-token" not in found.message


async def test_a_folder_that_cannot_be_written_is_not_the_secrets_fault(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: [str(tmp_path / "absent")])

    found = await problem({"certificate-authority-data": base64.b64encode(os.urandom(9)).decode()})

    assert found.reason == "TargetUnreachable"
    assert "make /tmp writable" in found.message


@pytest.mark.parametrize(
    ("cluster", "content"),
    [
        ({"proxy-url": "socks5://user:secret-token@proxy"}, {}),
        ({"proxy-url": 7}, {}),
        ({"server": 7}, {}),
        ({}, {"users": 5}),
        ({}, {"users": {"u": {"token": "secret-token"}}}),
        ({}, {"contexts": None}),
    ],
)
async def test_whatever_is_in_a_kubeconfig_is_told_and_not_waited_for(cluster, content):
    """An error that nobody expects would end the task that reads the Secret, and nobody would hear of it."""
    found = await problem(cluster, **content)

    assert found.reason == "KubeconfigRefused"
    assert "secret-token" not in found.message


class _Remote:
    """The API server of another cluster."""

    def __init__(self, log):
        self._log = log
        self.closing, self.closed = asyncio.Event(), asyncio.Event()

    async def get(self, path):
        self._log.append("closed" if self.closing.is_set() else "open")
        await asyncio.Event().wait()

    async def close(self):
        self.closing.set()
        await self.closed.wait()


async def test_nobody_is_led_to_a_connection_that_is_being_replaced(monkeypatch):
    """It takes a moment to close; whoever asks then would wait for an answer from there for good."""
    api, made, asked = _Api({}), [], []

    def connect(_):
        made.append(_Remote(asked))
        return made[-1]

    monkeypatch.setattr(targets_module, "KubeApi", connect)
    monkeypatch.setattr(targets_module, "SECRET_REFRESH_SECONDS", 0)
    changed = asyncio.Event()
    targets = Targets(api, all_namespaces=True, on_change=lambda *_: changed.set())
    targets.find(REF, "customers")
    await asyncio.wait_for(changed.wait(), 10)
    api.secret["metadata"]["resourceVersion"] = "2"
    await asyncio.wait_for(made[0].closing.wait(), 10)

    targets.find(REF, "customers")
    await asyncio.sleep(0)
    for remote in made:
        remote.closed.set()
    await targets.close()

    assert asked == ["open"]


async def test_a_write_whose_answer_is_garbled_is_a_write_all_the_same():
    """An error would leave the other pool's write without anybody who notes it."""

    class Odd(_Api):
        async def get(self, path):
            resources = [{"name": "nodepools", "kind": "NodePool", "namespaced": False}]
            return {"resources": resources} if path.startswith("/apis/karpenter") else {"spec": {"versions": []}}

        async def list_pages(self, path):
            metadata = {"name": "st-marys", "resourceVersion": "1"}
            yield {"metadata": metadata, "items": [{"metadata": metadata, "spec": {"replicas": 1}}]}
            await asyncio.Event().wait()

        async def patch(self, *_):
            return {}

    told = asyncio.Event()
    connection = ClusterConnection(Odd({}), all_namespaces=True, on_change=lambda *_: told.set())
    ref = target_ref()
    connection.find(ref, "customers")
    await asyncio.wait_for(told.wait(), 10)
    connection.find(ref, "customers")

    found = await connection.apply(ref, "customers", TargetState(count=1, location=("/spec/replicas",)), 2)
    await connection.close()

    assert found == TargetState(count=2, location=("/spec/replicas",))


async def test_a_target_whose_kind_was_dropped_since_it_was_found_is_tried_again():
    connection = ClusterConnection(_Api({}), all_namespaces=True, on_change=lambda *_: None)

    found = await connection.apply(REF, "customers", TargetState(count=1), 2)

    assert (found.reason, found.retry) == ("TargetUnreachable", True)

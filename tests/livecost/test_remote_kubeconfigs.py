"""Kubeconfigs of other clusters that cannot be used: the reason tells whether the Secret is at fault."""

import asyncio
import base64
import os
import tempfile

import pytest
import yaml

from livecost.targets import Targets
from tests.livecost.builders import target_ref

REF = target_ref(kubeconfigSecretRef={"name": "remote"})


class _Api:
    """An API server that holds one Secret."""

    def __init__(self, cluster):
        content = {
            "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1", **cluster}}],
            "users": [{"name": "u", "user": {"token": "secret-token"}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
        data = base64.b64encode(yaml.safe_dump(content).encode()).decode()
        self.secret = {"metadata": {"resourceVersion": "1"}, "data": {"value": data}}

    async def get(self, path):
        return self.secret

    async def close(self):
        """Nothing is open."""


async def problem(cluster):
    """What is told of a target behind such a kubeconfig."""
    told = asyncio.Event()
    targets = Targets(_Api(cluster), all_namespaces=True, on_change=lambda *_: told.set())
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

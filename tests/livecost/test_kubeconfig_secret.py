"""Kubeconfigs from Secrets: inline credentials are taken, everything that runs or reads here is refused."""

import base64

import pytest
import yaml

from livecost.kubeconfig_secret import KubeconfigRefused, read_kubeconfig


def kubeconfig(user=None, cluster=None):
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": "c", "cluster": cluster or {"server": "https://c", "certificate-authority-data": "Y2E="}}
        ],
        "users": [{"name": "u", "user": user or {"token": "t"}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }


def secret(content, key="value"):
    text = content if isinstance(content, bytes) else yaml.safe_dump(content).encode()
    return {"data": {key: base64.b64encode(text).decode()}}


@pytest.mark.parametrize("user", [{"token": "t"}, {"client-certificate-data": "Yw==", "client-key-data": "aw=="}])
def test_inline_credentials_are_taken(user):
    assert read_kubeconfig(secret(kubeconfig(user)), "value") == kubeconfig(user)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (kubeconfig({"exec": {"command": "sh"}}), "uses exec, which would run a program"),
        (kubeconfig({"exec": None}), "uses exec"),
        (kubeconfig({"auth-provider": {"name": "gcp"}}), "uses auth-provider"),
        (kubeconfig({"tokenFile": "/var/run/secrets/kubernetes.io/serviceaccount/token"}), "names files (tokenFile)"),
        (kubeconfig({"client-certificate": "/c", "client-key": "/k"}), "names files (client-certificate, client-key)"),
        (kubeconfig(cluster={"server": "https://c", "certificate-authority": "/ca"}), "names files (certificate-autho"),
        (
            kubeconfig(cluster={"server": "https://c", "insecure-skip-tls-verify": True}),
            "turns TLS verification off; give certificate-authority-data",
        ),
        ({"clusters": []}, "holds no kubeconfig with a cluster"),
        ({}, "holds no kubeconfig with a cluster"),
        (b"just text", "holds no kubeconfig with a cluster"),
        (b"", "holds no kubeconfig with a cluster"),
        (b"{", "holds no readable kubeconfig"),
        (b"\xff\xfe\xfa", "holds no readable kubeconfig"),
        (b"expires: 2026-99-99", "holds no readable kubeconfig"),
        (b"[" * 100_000, "holds no readable kubeconfig"),
    ],
)
def test_everything_else_is_refused_with_a_remedy(content, told):
    with pytest.raises(KubeconfigRefused) as refused:
        read_kubeconfig(secret(content), "value")

    assert told in str(refused.value)


def test_one_bad_user_among_others_is_found():
    content = kubeconfig()
    content["users"] += [{"name": "v", "user": {"exec": {"command": "sh"}}}]

    with pytest.raises(KubeconfigRefused, match="uses exec"):
        read_kubeconfig(secret(content), "value")


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({"data": {"kubeconfig": "eA==", "ca": "eA=="}}, r"has no key value \(its keys: ca, kubeconfig\)"),
        ({"data": None}, "its keys: none"),
        ({}, "its keys: none"),
        ({"data": {"value": "not base64!"}}, "holds no readable kubeconfig"),
    ],
)
def test_a_missing_or_broken_key_is_refused(found, told):
    with pytest.raises(KubeconfigRefused, match=told):
        read_kubeconfig(found, "value")


def test_a_refusal_quotes_no_credentials():
    with pytest.raises(KubeconfigRefused) as refused:
        read_kubeconfig(secret(kubeconfig({"token": "s3cret", "exec": {"env": "s3cret"}})), "value")

    assert "s3cret" not in str(refused.value)
    assert refused.value.__cause__ is None

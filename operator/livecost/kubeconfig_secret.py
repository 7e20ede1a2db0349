"""Reads the kubeconfig of another cluster from a Secret's data, and refuses what would run or read things here."""

from __future__ import annotations

import base64
from typing import Any

import yaml

Json = dict[str, Any]

_FILE_FIELDS = {"certificate-authority", "client-certificate", "client-key", "tokenFile"}
_PLUGIN_FIELDS = {"exec", "auth-provider"}


class KubeconfigRefused(Exception):
    """The Secret's kubeconfig cannot be used; the message says why and what to put there instead."""


def read_kubeconfig(secret: Json, key: str) -> Json:
    """The kubeconfig in a Secret.

    Args:
        secret: the Secret's object.
        key: the key that holds the kubeconfig.

    Raises:
        KubeconfigRefused: it is missing, unreadable, names files or plugins of this process's machine, or turns TLS
            verification off.
    """
    data = (secret.get("data") or {}).get(key)
    if data is None:
        known = ", ".join(sorted(secret.get("data") or {})) or "none"
        raise KubeconfigRefused(f"has no key {key} (its keys: {known}); set kubeconfigSecretRef.key to the right one")
    try:
        kubeconfig = yaml.safe_load(base64.b64decode(data, validate=True))
    except (ValueError, TypeError, yaml.YAMLError, RecursionError):
        raise KubeconfigRefused(f"holds no readable kubeconfig under {key}; put a kubeconfig there") from None
    if not isinstance(kubeconfig, dict) or not kubeconfig.get("clusters"):
        raise KubeconfigRefused(f"holds no kubeconfig with a cluster under {key}; put a kubeconfig there")
    for user in _parts(kubeconfig, "users", "user"):
        if plugins := _PLUGIN_FIELDS & user.keys():
            raise KubeconfigRefused(
                f"uses {', '.join(sorted(plugins))}, which would run a program in the operator; put a token or a "
                "client certificate inline"
            )
    for part in (*_parts(kubeconfig, "users", "user"), *_parts(kubeconfig, "clusters", "cluster")):
        if files := _FILE_FIELDS & part.keys():
            raise KubeconfigRefused(
                f"names files ({', '.join(sorted(files))}), which the operator does not read; put their content inline "
                "as the …-data fields"
            )
    for cluster in _parts(kubeconfig, "clusters", "cluster"):
        if cluster.get("insecure-skip-tls-verify"):
            raise KubeconfigRefused("turns TLS verification off; give certificate-authority-data instead")
    return kubeconfig


def _parts(kubeconfig: Json, collection: str, member: str) -> list[Json]:
    entries = kubeconfig.get(collection)
    parts = [entry.get(member) for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    return [part for part in parts if isinstance(part, dict)]

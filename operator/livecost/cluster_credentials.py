"""Adapter: credentials for an API server, from a kubeconfig or of the pod this process runs in."""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from kubernetes.aio.client import Configuration
from kubernetes.aio.config import (
    list_kube_config_contexts,
    load_incluster_config,
    load_kube_config,
    load_kube_config_from_dict,
)
from kubernetes.aio.config.config_exception import ConfigException

_REMEDY = "name a kubeconfig with --kubeconfig"


class CredentialsUnusable(Exception):
    """An API server cannot be reached by the credentials given.

    Args:
        reason: why not.
        remedy: what to do about it.
    """

    def __init__(self, reason: str, remedy: str = _REMEDY) -> None:
        super().__init__(f"{reason}; {remedy}")


class NoTemporaryFile(CredentialsUnusable):
    """The credentials may be fine, but pass through files, which cannot be written."""


def kubeconfig_location(kubeconfig: Path | str | None) -> str:
    """The kubeconfig that counts, or several apart as in PATH: the one given, else $KUBECONFIG or ~/.kube/config."""
    return str(kubeconfig or os.environ.get("KUBECONFIG") or Path.home() / ".kube" / "config")


def is_there(location: str) -> bool:
    """Whether any file of a `kubeconfig_location` exists."""
    return any(map(os.path.exists, location.split(os.pathsep)))


async def load_configuration(kubeconfig: Path | None, context: str | None) -> Configuration:
    """Credentials from a kubeconfig, or of the pod this process runs in.

    Raises:
        CredentialsUnusable: neither is usable.
    """
    configuration = Configuration()
    location = kubeconfig_location(kubeconfig)
    own_account: str | None = None
    with _told(location):
        if kubeconfig is None and context is None:
            try:
                load_incluster_config(configuration)
            except ConfigException as error:
                own_account = str(error)
            else:
                _check(configuration)
                return configuration
        if not is_there(location):
            if "KUBERNETES_SERVICE_HOST" in os.environ and own_account:
                raise CredentialsUnusable(
                    f"the pod's own account cannot be used ({own_account}), and {location} does not exist",
                    f"mount the token of the service account, or {_REMEDY}",
                )
            raise CredentialsUnusable(f"{location} does not exist")
        await load_kube_config(
            config_file=location, context=context, client_configuration=configuration, persist_config=False
        )
    _check(configuration)
    return configuration


def context_namespace(location: str, context: str | None) -> str:
    """The namespace that a context of a `kubeconfig_location` names, else "default"; None for the current context.

    Raises:
        CredentialsUnusable: it cannot be read.
    """
    with _told(location):
        contexts, current = list_kube_config_contexts(location)
        chosen = next((each for each in contexts if each["name"] == context), current)
        return str(chosen["context"].get("namespace") or "default")


async def load_configuration_from_dict(kubeconfig: Mapping[str, Any]) -> Configuration:
    """Credentials from the content of a kubeconfig.

    Raises:
        CredentialsUnusable: it has no usable context. The text may quote credentials.
    """
    configuration = Configuration()
    with _told("the kubeconfig"):
        await load_kube_config_from_dict(dict(kubeconfig), client_configuration=configuration)
    _check(configuration)
    return configuration


@contextmanager
def _told(location: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if _is_temporary(error):
            raise NoTemporaryFile(
                f"certificates of a kubeconfig pass through temporary files, which cannot be written ({_text(error)})",
                "make /tmp writable, or name a folder that is by TMPDIR",
            ) from error
        raise CredentialsUnusable(
            f"{error.filename} cannot be read ({_text(error)})", f"make it readable, or {_REMEDY}"
        ) from error
    except (ConfigException, yaml.YAMLError, LookupError, TypeError, ValueError, AttributeError) as error:
        told = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CredentialsUnusable(f"{location}: no usable credentials ({told})") from error


def _check(configuration: Configuration) -> None:
    """Load the certificates once, since the client does not say which file it stumbles over; and look at the proxy."""
    if configuration.proxy and not str(configuration.proxy).startswith(("http://", "https://")):
        raise CredentialsUnusable("proxy-url is no HTTP proxy's", "write http:// before its host and port")
    try:
        context = ssl.create_default_context(cafile=configuration.ssl_ca_cert)
    except OSError as error:
        raise CredentialsUnusable(
            f"certificate-authority {configuration.ssl_ca_cert} cannot be loaded ({_text(error)})",
            "give a readable PEM file of certificates",
        ) from error
    if not configuration.cert_file:
        return
    try:
        context.load_cert_chain(configuration.cert_file, configuration.key_file)
    except OSError as error:
        raise CredentialsUnusable(
            f"client-certificate {configuration.cert_file} with client-key {configuration.key_file} cannot be loaded "
            f"({_text(error)})",
            "give readable PEM files that belong together",
        ) from error


def _is_temporary(error: OSError) -> bool:
    """Whether a temporary file was not written, rather than a file of the user's not read."""
    if error.filename is None:
        return True
    path = Path(error.filename)
    return str(path.parent) == tempfile.tempdir and path.name.startswith(tempfile.gettempprefix())


def _text(error: OSError) -> str:
    return error.strerror or str(error)

"""The Prometheus server that a command's options name, with credentials from files."""

from __future__ import annotations

from pathlib import Path

from livecost.observed_cost import NotMeasured
from livecost.prometheus_server import CredentialsRefused, PrometheusServer, basic_auth, bearer, checked_ca
from livecost.settings import Settings


def server_by_files(url: str, settings: Settings, owner: str) -> PrometheusServer | NotMeasured:
    """The server, or why its credentials cannot be used.

    Args:
        url: its address.
        settings: names the files.
        owner: whose files they are, as messages begin: "the operator's".
    """
    path: Path | None = None
    try:
        authorization = ca_pem = None
        # Files are read each time: a mounted token is renewed in place.
        if path := settings.prometheus_token_file:
            authorization = bearer(path.read_text())
        if path := settings.prometheus_password_file:
            authorization = basic_auth(settings.prometheus_username or "", path.read_text())
        if path := settings.prometheus_ca_file:
            ca_pem = checked_ca(path.read_text())
    except CredentialsRefused as error:
        return NotMeasured("CredentialsRefused", f"{owner} file {path} {error}")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{owner} file {path} cannot be read ({type(error).__name__}); put it there"
        return NotMeasured("CredentialsMissing", message)
    return PrometheusServer(url.rstrip("/"), tuple(sorted(settings.prometheus_headers)), authorization, ca_pem)


def told_by_options(problem: NotMeasured) -> str:
    """Why a server named by options tells nothing; the remedy is an option's, not a customer's."""
    return problem.message.replace("prometheusRef.caSecretRef", "--prometheus-ca-file").removesuffix(
        "; livecost asks again"
    )

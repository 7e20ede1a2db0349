"""The audit log of an API server: which requests it keeps, and how they are read."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

_POLICY: Final = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [
        {"level": "None", "users": ["system:apiserver"]},
        {"level": "None", "nonResourceURLs": ["/readyz*", "/livez*", "/healthz*", "/version", "/openapi/*"]},
        {"level": "Metadata"},
    ],
}


def write_policy(file: Path) -> Path:
    """Writes the policy by which every request is kept, without bodies, but the server's own and health checks."""
    file.write_text(yaml.safe_dump(_POLICY))
    return file


def read_events(file: Path) -> Iterator[dict[str, Any]]:
    """The events of a log so far, oldest first."""
    with file.open() as lines:
        for line in lines:
            # The server may be in the middle of writing the last line.
            if line.endswith("\n"):
                yield json.loads(line)

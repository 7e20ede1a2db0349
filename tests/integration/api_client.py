"""A small client of an API server for tests: plain dictionaries, one connection, waiting for a state to come."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import requests
import yaml

Json = dict[str, Any]

# Only ends a test that fails; nothing is measured by it.
PATIENCE_SECONDS = 45.0


class ApiRefused(Exception):
    """The API server refused a request.

    Attributes:
        status: the HTTP status.
        message: what it said, for people.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message


class ApiClient:
    """Requests to an API server with the client certificate of a kubeconfig."""

    def __init__(self, kubeconfig: Path, folder: Path) -> None:
        content = yaml.safe_load(kubeconfig.read_text())
        cluster, user = content["clusters"][0]["cluster"], content["users"][0]["user"]
        files = {
            "ca.crt": cluster["certificate-authority-data"],
            "client.crt": user["client-certificate-data"],
            "client.key": user["client-key-data"],
        }
        for name, encoded in files.items():
            (folder / name).write_bytes(base64.b64decode(encoded))
        self.server: str = cluster["server"]
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = str(folder / "ca.crt")
        self._session.cert = (str(folder / "client.crt"), str(folder / "client.key"))

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def send(self, method: str, path: str, body: Any = None, content_type: str = "application/json") -> Json:
        """One request; the answer.

        Raises:
            ApiRefused: the API server said no.
        """
        answer = self._session.request(
            method, self.server + path, json=body, headers={"Content-Type": content_type}, timeout=30
        )
        content: Json = answer.json()
        if answer.status_code >= 400:
            raise ApiRefused(answer.status_code, content.get("message", ""))
        return content

    def get(self, path: str) -> Json:
        """An object or a collection."""
        return self.send("GET", path)

    def create(self, collection: str, body: Json) -> Json:
        """Create an object as the field manager `tester`."""
        separator = "&" if "?" in collection else "?"
        return self.send("POST", f"{collection}{separator}fieldManager=tester", body)

    def patch(self, path: str, body: Json) -> Json:
        """Merge-patch an object as the field manager `tester`."""
        return self.send("PATCH", f"{path}?fieldManager=tester", body, "application/merge-patch+json")

    def delete(self, path: str) -> Json:
        """Delete an object."""
        return self.send("DELETE", path)

    def exists(self, path: str) -> bool:
        """Whether there is an object."""
        try:
            self.get(path)
        except ApiRefused as error:
            # A collection whose CRD was just installed is "(re)initializing" for a moment.
            if error.status in (404, 429):
                return False
            raise
        return True


def eventually(holds: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> bool:
    """Whether a condition comes to hold."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def documents(text: str) -> Iterator[Json]:
    """The documents of a YAML text."""
    return iter(yaml.safe_load_all(text))

"""Adapter: the Kubernetes API as plain dictionaries, over the official client's connection and credentials."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote, urlencode

import aiohttp
from kubernetes.aio.client import ApiClient, Configuration

FIELD_MANAGER = "livecost"
REQUEST_TIMEOUT_SECONDS = 30
LIST_PAGE_SIZE = 500
# Bookmarks arrive about once a minute, so a stream that stays silent for longer has died unnoticed.
WATCH_SILENCE_SECONDS = 90
WATCH_TIMEOUT_SECONDS = 290

PatchType = Literal["application/merge-patch+json", "application/json-patch+json"]
Json = dict[str, Any]


class ApiError(Exception):
    """The API server, or the way to it, did not do what was asked.

    Attributes:
        status: the HTTP status; 0 when no answer came.
        reason: the API's machine-readable reason, such as NotFound.
        message: what the API server said, for people.
    """

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(f"{status} {reason}: {message}" if status else message)
        self.status = status
        self.reason = reason
        self.message = message


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind as the API serves it.

    Attributes:
        group: API group, empty for the core group.
        version: served version.
        plural: name in paths.
        kind: name in objects.
        namespaced: whether objects live in namespaces.
        scalable: whether the `/scale` subresource is served.
    """

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool
    scalable: bool = False

    @property
    def api_version(self) -> str:
        """Group and version as objects write them."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str | None = None, name: str | None = None, subresource: str | None = None) -> str:
        """Path of the collection, of one object, or of an object's subresource."""
        parts = ["apis", self.group, self.version] if self.group else ["api", self.version]
        if self.namespaced and namespace:
            parts += ["namespaces", namespace]
        parts.append(self.plural)
        parts += [part for part in (name, subresource) if part]
        return "/" + "/".join(quote(part, safe="") for part in parts)


class KubeApi:
    """Requests to one API server."""

    def __init__(self, configuration: Configuration) -> None:
        configuration.connection_pool_maxsize = 0
        self._client = ApiClient(configuration)
        self._base_url = str(configuration.host).rstrip("/")
        self._rest = self._client.rest_client

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Json:
        """Read one object or one page of a collection.

        Raises:
            ApiError: it could not be read.
        """
        return await self._send("GET", path, query=query)

    async def create(self, path: str, body: Json) -> Json:
        """Create an object in a collection.

        Raises:
            ApiError: it could not be created.
        """
        return await self._send("POST", path, query={"fieldManager": FIELD_MANAGER}, body=body)

    async def replace(self, path: str, body: Json) -> Json:
        """Replace an object, unless it changed since the body was read.

        Raises:
            ApiError: it could not be replaced, 409 when it changed.
        """
        return await self._send("PUT", path, query={"fieldManager": FIELD_MANAGER}, body=body)

    async def patch(self, path: str, body: Json | list[Json], patch_type: PatchType) -> Json:
        """Patch an object or a subresource under the operator's own field manager; the new object is returned.

        Raises:
            ApiError: it was not patched.
        """
        return await self._send("PATCH", path, {"fieldManager": FIELD_MANAGER}, body, content_type=patch_type)

    async def list_pages(self, path: str) -> AsyncIterator[Json]:
        """Read a whole collection, page by page, from one consistent point.

        Raises:
            ApiError: a page could not be read.
        """
        query = {"limit": str(LIST_PAGE_SIZE)}
        while True:
            page = await self.get(path, query)
            yield page
            token = page.get("metadata", {}).get("continue")
            if not token:
                return
            query["continue"] = token

    async def list_all(self, path: str) -> AsyncIterator[Json]:
        """Read all objects of a collection.

        Raises:
            ApiError: a page could not be read.
        """
        async for page in self.list_pages(path):
            for body in page.get("items") or ():
                yield body

    async def watch(self, path: str, resource_version: str) -> AsyncIterator[Json]:
        """Stream the changes of a collection until the server ends the stream.

        Raises:
            ApiError: the watch was refused or broke, 410 when the version is too old.
        """
        query = {
            "watch": "1",
            "allowWatchBookmarks": "true",
            "resourceVersion": resource_version,
            "timeoutSeconds": str(WATCH_TIMEOUT_SECONDS),
        }
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=WATCH_SILENCE_SECONDS)
        try:
            response = await self._open("GET", path, query, None, "application/json", timeout)
            try:
                if response.status != 200:
                    raise _api_error(response.status, await response.read())
                pending = b""
                # Objects may be larger than the stream reader's line limit, so lines are cut here.
                async for chunk in response.content.iter_any():
                    *lines, pending = (pending + chunk).split(b"\n")
                    for line in lines:
                        event = json.loads(line)
                        if event["type"] == "ERROR":
                            status = event["object"]
                            raise ApiError(
                                status.get("code", 0), status.get("reason", "Error"), status.get("message", "")
                            )
                        yield event
            finally:
                response.close()
        except (aiohttp.ClientError, OSError, ValueError, RecursionError) as error:
            raise ApiError(0, "Unreachable", f"watch of {path} broke: {str(error) or type(error).__name__}") from error

    async def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Json | list[Json] | None = None,
        content_type: str = "application/json",
    ) -> Json:
        timeout = aiohttp.ClientTimeout(total=REQUEST_TIMEOUT_SECONDS)
        try:
            response = await self._open(method, path, query, body, content_type, timeout)
            content = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise ApiError(
                0, "Unreachable", f"the API server did not answer: {str(error) or type(error).__name__}"
            ) from error
        if response.status >= 400:
            raise _api_error(response.status, content)
        try:
            answer: Json = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise ApiError(response.status, "Garbled", "the API server's answer is not JSON") from error
        return answer

    async def _open(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        body: Json | list[Json] | None,
        content_type: str,
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's own, apart for connecting and reading
    ) -> aiohttp.ClientResponse:
        url = self._base_url + path + (f"?{urlencode(query)}" if query else "")
        headers = {"Accept": "application/json", "Content-Type": content_type, "User-Agent": FIELD_MANAGER}
        await self._client.update_params_for_auth(headers, [], ["BearerToken"], path, method, body)
        answer = await self._rest.request(method, url, headers=headers, body=body, _request_timeout=timeout)
        response: aiohttp.ClientResponse = answer.response
        return response


def _api_error(status: int, content: bytes) -> ApiError:
    try:
        answer = json.loads(content)
        return ApiError(status, answer.get("reason") or "Error", answer.get("message") or "no message")
    except (ValueError, AttributeError, RecursionError):
        return ApiError(status, "Error", content[:200].decode(errors="replace"))

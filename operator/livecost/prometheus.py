"""Adapter: asks a Prometheus the questions of one cycle."""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests
from prometheus_api_client import PrometheusConnect
from prometheus_api_client.exceptions import PrometheusApiClientException
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.util.retry import Retry

from livecost.observed_cost import NotMeasured
from livecost.prometheus_server import PrometheusServer
from livecost.promql import InstantQuestion, Question

Json = dict[str, Any]

# Threads of its own: those of the event loop resolve the API server's name, which no slow Prometheus may delay.
_THREADS = 8
_CHUNK_BYTES = 1 << 16
# nginx takes 8 KiB in all, in which each special character of a query is three.
_LONGEST_ADDRESS = 4_000
# A Thanos that lacks a store fails rather than leave that store's series out; others ignore this.
_WHOLE = {"partial_response": "false"}


class _Refused(requests.RequestException):
    """The server does not accept the credentials."""


class _Failing(requests.RequestException):
    """The server answers that it cannot answer now."""


class _TooLarge(requests.RequestException):
    """An answer is larger than allowed."""


class _Closing(requests.RequestException):
    """Nobody waits for the answer any more."""


@dataclass(frozen=True, slots=True)
class Patience:
    """What a server may take.

    Attributes:
        timeout_seconds: longest time for one answer, from the first byte sent to the last received.
        max_bytes: largest answer, decompressed.
    """

    timeout_seconds: float
    max_bytes: int


class Asker:
    """Asks servers, a bounded number at a time."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._threads = ThreadPoolExecutor(_THREADS, "prometheus")
        self._closing = threading.Event()

    def close(self) -> None:
        """Take no more questions; the one under way ends by its own timeout, those asked along with it are left out."""
        # The process waits for its threads, which several slow answers would take minutes.
        self._closing.set()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def ask(
        self, server: PrometheusServer, questions: Mapping[str, Question]
    ) -> dict[str, list[Json]] | NotMeasured:
        """The answer to each question under its name, or why there are none.

        Args:
            server: whom to ask.
            questions: name to question.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _ask, server, dict(questions), self._patience, self._closing)


def _ask(
    server: PrometheusServer, questions: Mapping[str, Question], patience: Patience, closing: threading.Event
) -> dict[str, list[Json]] | NotMeasured:
    where = f"Prometheus at {server.url}"
    session = _Session()
    # A redirect could carry a tenant's header to another host, and none is needed to reach a Prometheus.
    session.max_redirects = 0
    session.headers.update(dict(server.headers))
    if server.authorization:
        session.headers["Authorization"] = server.authorization
        # Else a .netrc of the machine would replace it.
        session.trust_env = False
    try:
        with PrometheusConnect(server.url, session=session, timeout=patience.timeout_seconds) as connection:
            session.mount(server.url, _Adapter(server.ca_pem, patience))
            return {name: _answer(connection, question, closing) for name, question in questions.items()}
    except requests.Timeout:
        seconds = patience.timeout_seconds
        return NotMeasured("PrometheusTimeout", f"{where} did not answer within {seconds:g} seconds; relieve it")
    except requests.exceptions.SSLError:
        message = f"the certificate of {where} cannot be verified; name its authority in prometheusRef.caSecretRef"
        return NotMeasured("PrometheusUntrusted", message)
    except _Refused as error:
        return NotMeasured("PrometheusForbidden", f"{where} refuses the credentials ({error}); renew or correct them")
    except _Failing as error:
        return NotMeasured("PrometheusFailing", f"{where} answers {error}; see its log; livecost asks again")
    except _TooLarge as error:
        return NotMeasured(
            "PrometheusAnswerTooLarge",
            f"{where} gave more than {error} MiB; raise --prometheus-max-response-mib or spread customers over servers",
        )
    except requests.TooManyRedirects:
        message = f"{where} redirects, as a log-in page would; name the address that answers itself"
        return NotMeasured("PrometheusAnswerInvalid", message)
    except (
        PrometheusApiClientException, requests.JSONDecodeError, LookupError, TypeError, ValueError, RecursionError,
    ) as error:  # fmt: skip
        return NotMeasured(
            "PrometheusAnswerInvalid",
            f"{where} gave no usable answer ({type(error).__name__}); check that the address is right",
        )
    except requests.RequestException as error:
        return NotMeasured(
            "PrometheusUnreachable",
            f"{where} cannot be reached ({type(error).__name__}); check its address and that it runs",
        )


def decoded(text: bytes | str) -> Any:
    """The value of a JSON text, read so that other threads get their turn.

    The decoder of the standard library holds them up until it is through, a tenth of a second for 13 MiB, unless it
    calls Python in between.

    Raises:
        ValueError: it is no JSON.
    """
    return json.loads(text, object_hook=lambda value: value)


class _Response(requests.Response):
    """An answer."""

    def json(self, **_: Any) -> Any:
        return decoded(self.content)


class _Session(requests.Session):
    """Asks a question by POST where it is longer than the addresses that proxies take."""

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        asked = request.params
        if isinstance(asked, dict) and len(str(asked.get("query", ""))) > _LONGEST_ADDRESS:
            request.method, request.data, request.params = "POST", asked, {}
        return super().prepare_request(request)


class _Adapter(HTTPAdapter):
    """Verifies by given certificates, reads no more than is allowed, and for no longer; never tries twice."""

    def __init__(self, ca_pem: str | None, patience: Patience) -> None:
        self._context = None if ca_pem is None else ssl.create_default_context(cadata=ca_pem)
        self._patience = patience
        super().__init__(max_retries=Retry(total=0, read=False))

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: bool | str, cert: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        if self._context is not None:
            # The library would also trust the authorities that it brings.
            pool.pop("ca_certs", None)
            pool.pop("ca_cert_dir", None)
            pool["ssl_context"] = self._context
        return host, pool

    def build_response(self, request: requests.PreparedRequest, answer: Any) -> requests.Response:
        response = super().build_response(request, answer)
        # The library makes it itself, and offers no other way in.
        response.__class__ = _Response
        return response

    def send(self, request: requests.PreparedRequest, *_: Any, **options: Any) -> requests.Response:
        deadline = time.monotonic() + self._patience.timeout_seconds
        response = super().send(request, **{**options, "stream": True})
        try:
            content = self._content(response, deadline)
        except HTTPError as error:
            raise requests.ConnectionError(error) from error
        finally:
            response.close()
        response._content = content  # noqa: SLF001 - the library reads without bounds, and offers no other way in
        response._content_consumed = True  # noqa: SLF001
        if response.status_code in (401, 403):
            raise _Refused(response.status_code)
        if response.status_code == 429 or response.status_code >= 500:
            raise _Failing(response.status_code)
        return response

    def _content(self, response: requests.Response, deadline: float) -> bytes:
        chunks: list[bytes] = []
        size = 0
        # The timeout of a request starts anew with every byte, so a trickle needs a bound of its own.
        while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
            chunks.append(chunk)
            size += len(chunk)
            if size > self._patience.max_bytes:
                raise _TooLarge(self._patience.max_bytes >> 20)
            if time.monotonic() > deadline:
                raise requests.Timeout
        return b"".join(chunks)


def _answer(connection: PrometheusConnect, question: Question, closing: threading.Event) -> list[Json]:
    if closing.is_set():
        raise _Closing
    if isinstance(question, InstantQuestion):
        moment = {} if question.at_seconds is None else {"time": question.at_seconds}
        result = connection.custom_query(question.query, params={**moment, **_WHOLE})
    else:
        start = datetime.fromtimestamp(question.start_seconds, UTC)
        end = datetime.fromtimestamp(question.end_seconds, UTC)
        result = connection.custom_query_range(question.query, start, end, str(question.step_seconds), params=_WHOLE)
    if not isinstance(result, list) or not all(
        isinstance(row, dict) and isinstance(row.get("metric"), dict) for row in result
    ):
        raise TypeError("not a list of series")
    return result

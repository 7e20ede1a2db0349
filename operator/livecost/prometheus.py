"""Adapter: asks a Prometheus the queries of one cycle."""

from __future__ import annotations

import asyncio
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import requests
from prometheus_api_client import PrometheusConnect
from prometheus_api_client.exceptions import PrometheusApiClientException
from urllib3.util.retry import Retry

from livecost.observed_cost import NotMeasured
from livecost.promql import Answers, Queries, Window

Json = dict[str, Any]


async def ask(url: str, asked: Queries, window: Window, timeout_seconds: int) -> Answers | NotMeasured:
    """The answers to all queries, or why there are none.

    Args:
        url: base address.
        asked: the queries.
        window: the stretch of time that they look at.
        timeout_seconds: how long each of them may take.
    """
    # The timeout of a request starts anew with every byte, so a trickle needs a bound of its own.
    patience = timeout_seconds * len(fields(Queries))
    try:
        async with asyncio.timeout(patience):
            return await asyncio.to_thread(_ask, url, asked, window, timeout_seconds)
    except TimeoutError:
        return NotMeasured("PrometheusTimeout", f"Prometheus at {url} took more than {patience} seconds; relieve it")


def _ask(url: str, asked: Queries, window: Window, timeout_seconds: int) -> Answers | NotMeasured:
    where = f"Prometheus at {url}"
    try:
        with PrometheusConnect(
            url.rstrip("/"), retry=Retry(total=0, read=False), timeout=timeout_seconds
        ) as connection:
            return Answers(
                node_steps=_instant(connection, asked.node_steps, window),
                source_up=_range(connection, asked.source_up, window),
                own_sum=_instant(connection, asked.own_sum, window),
                own_count=_instant(connection, asked.own_count, window),
                egress_bytes=_instant(connection, asked.egress_bytes, window),
            )
    except requests.Timeout:
        return NotMeasured("PrometheusTimeout", f"{where} did not answer within {timeout_seconds} seconds; relieve it")
    except (PrometheusApiClientException, requests.JSONDecodeError, LookupError, TypeError, ValueError) as error:
        return NotMeasured(
            "PrometheusAnswerInvalid",
            f"{where} gave no usable answer ({type(error).__name__}); check that the address is right",
        )
    except requests.RequestException as error:
        return NotMeasured(
            "PrometheusUnreachable",
            f"{where} cannot be reached ({type(error).__name__}); check its address and that it runs",
        )


def _instant(connection: PrometheusConnect, query: str, window: Window) -> list[Json]:
    result: list[Json] = connection.custom_query(query, params={"time": window.evaluated_at})
    return _checked(result)


def _range(connection: PrometheusConnect, query: str, window: Window) -> list[Json]:
    start = datetime.fromtimestamp(window.end_seconds - (window.steps - 1) * window.step_seconds, UTC)
    end = datetime.fromtimestamp(window.end_seconds, UTC)
    result: list[Json] = connection.custom_query_range(query, start, end, str(window.step_seconds))
    return _checked(result)


def _checked(result: object) -> list[Json]:
    if not isinstance(result, list) or not all(
        isinstance(row, dict) and isinstance(row.get("metric"), dict) for row in result
    ):
        raise TypeError("not a list of series")
    return result

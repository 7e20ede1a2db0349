"""How projected and observed cost went, from the series of the operator in Prometheus."""

from __future__ import annotations

import time
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from livecost.fleet_page.line_chart import Line, line_chart
from livecost.metric_names import CUSTOMER_LABEL, CUSTOMER_NAMESPACE_LABEL, OBSERVED_COST, PROJECTED_COST
from livecost.observed_cost import NotMeasured
from livecost.prometheus import Asker, Patience
from livecost.prometheus_files import server_by_files, told_by_options
from livecost.promql import RangeQuestion
from livecost.web.rendering import render

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from livecost.fleet_page.line_chart import Point
    from livecost.settings import Settings
    from livecost.store import ClusterKey

Json = dict[str, Any]
Answers = dict[str, list[Json]] | NotMeasured

SPANS: Final = {"1h": 3600, "1d": 86_400, "7d": 7 * 86_400, "30d": 30 * 86_400, "90d": 90 * 86_400}
"""How far back a trend goes, by what an address calls it: seconds."""
_LONGEST_FIRST: Final = "7d"
_POINTS: Final = 180
_LEAST_STEP_SECONDS: Final = 15
_KEPT_SECONDS: Final = 15.0
_KEPT_ANSWERS: Final = 256
_LINES: Final = {
    "all": ("Projected, all customers", "all"),
    "projected": ("Projected, customers observed", "projected"),
    "own": ("Projected", "projected"),
    "observed": ("Observed run rate", "observed"),
}
_ABSENT: Final = NotMeasured("NoPrometheus", "no Prometheus is named: start livecost web with --prometheus-url")


@dataclass(frozen=True, slots=True)
class CurrencyTrend:
    """The lines of one currency, and the last amount of each; None where it is not known now."""

    currency: str
    chart: str
    last: Mapping[str, Decimal | None]


class Trends:
    """Asks a Prometheus; each answer is kept for some seconds, so that many viewers are one.

    Args:
        settings: how the Prometheus is reached, and the namespaces of the customers that are shown.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._asker = Asker(Patience(settings.prometheus_timeout_seconds, settings.prometheus_max_response_mib << 20))
        self._kept: dict[object, tuple[float, Answers]] = {}

    def close(self) -> None:
        """Ask no more."""
        self._asker.close()

    async def html(self, span: str, key: ClusterKey | None = None) -> str:
        """The trend of one customer, or of all.

        Args:
            span: one of `SPANS`.
            key: namespace and name; None for all customers.
        """
        step = max(SPANS[span] // _POINTS, _LEAST_STEP_SECONDS)
        end = int(time.time())
        start = end - SPANS[span] // step * step
        answers = await self._answers(queries(key, self._settings.namespaces), start, end, step, (span, key))
        address = "/fleet/trend" if key is None else "/fleet/{}/{}/trend".format(*key)
        if isinstance(answers, NotMeasured):
            problem, trends = told_by_options(answers), []
        else:
            problem, trends = "", currency_trends(answers, start, end, step)
        return render(
            "fleet/trend.html", problem=problem, trends=trends, span=span, spans=SPANS, step=step, address=address
        )

    async def _answers(self, asked: Mapping[str, str], start: int, end: int, step: int, name: object) -> Answers:
        if self._settings.prometheus_url is None:
            return _ABSENT
        now = time.monotonic()
        until, answers = self._kept.get(name, (0.0, _ABSENT))
        if now < until:
            return answers
        questions = {line: RangeQuestion(query, start, end, step) for line, query in asked.items()}
        server = server_by_files(self._settings.prometheus_url, self._settings, "the")
        answers = server if isinstance(server, NotMeasured) else await self._asker.ask(server, questions)
        if len(self._kept) >= _KEPT_ANSWERS:
            self._kept.clear()
        self._kept[name] = (now + _KEPT_SECONDS, answers)
        return answers


def first_span(age_seconds: float) -> str:
    """Where a trend begins that nobody chose: the shortest of `SPANS` that holds an age, and a week at most.

    Args:
        age_seconds: how long there can have been anything to see.
    """
    found = next((span for span, seconds in SPANS.items() if age_seconds <= seconds), _LONGEST_FIRST)
    return min(found, _LONGEST_FIRST, key=SPANS.__getitem__)


def queries(key: ClusterKey | None, namespaces: Sequence[str]) -> dict[str, str]:
    """The query of each line; two replicas' series count once, and what is compared speaks of the same customers.

    Args:
        key: namespace and name of one customer; None for all.
        namespaces: the only ones to speak of; none for all.
    """
    only = f'{CUSTOMER_NAMESPACE_LABEL}=~"{"|".join(namespaces)}"' if namespaces else ""
    if key is not None:
        only = f'{CUSTOMER_NAMESPACE_LABEL}="{key[0]}", {CUSTOMER_LABEL}="{key[1]}"'
    own = f"{CUSTOMER_NAMESPACE_LABEL}, {CUSTOMER_LABEL}, currency"
    projected, observed = (f"max by ({own}) ({metric}{{{only}}})" for metric in (PROJECTED_COST, OBSERVED_COST))
    found = {"observed": f"sum by (currency) ({observed})"}
    if key is not None:
        return {"own": f"sum by (currency) ({projected})", **found}
    compared = f"sum by (currency) ({projected} and on ({own}) {observed})"
    return {"all": f"sum by (currency) ({projected})", "projected": compared, **found}


def currency_trends(answers: Mapping[str, list[Json]], start: int, end: int, step: int) -> list[CurrencyTrend]:
    """A trend for each currency; amounts of unlike currencies never meet.

    Args:
        answers: the series of each line of `queries`.
        start: seconds since the epoch, as asked.
        end: likewise.
        step: seconds between two points, as asked.
    """
    by_currency: dict[str, dict[str, list[Point]]] = {}
    for name, series in answers.items():
        for each in series:
            currency = str(each["metric"].get("currency", ""))
            by_currency.setdefault(currency, {})[name] = _points(each)
    trends = []
    for currency, found in sorted(by_currency.items()):
        # One line is enough while every customer is observed.
        shown = {name: points for name, points in found.items() if name != "all" or points != found.get("projected")}
        lines = [Line(_LINES[name][0], _LINES[name][1], shown[name]) for name in _LINES if shown.get(name)]
        if not lines:
            continue
        last = {line.label: _now(line.points, end - step) for line in lines}
        title = f"Cost per month in {currency} over time: " + ", ".join(line.label for line in lines)
        trends.append(CurrencyTrend(currency, line_chart(lines, start, end, step, currency, title), last))
    return trends


def _now(points: Sequence[Point], earliest: int) -> Decimal | None:
    moment, value = points[-1]
    return value if moment >= earliest else None


def _points(series: Json) -> list[Point]:
    points = []
    for moment, text in series.get("values") or ():
        try:
            value = Decimal(text)
        except InvalidOperation:
            continue
        if value.is_finite():
            points.append((int(moment), value))
    return points

"""The Grafana dashboard as JSON, made from its panels."""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_uppercase
from typing import Any, Final

from livecost import metric_names as names
from livecost.dashboard_panels import ROWS, Panel

Json = dict[str, Any]

SCHEMA_VERSION: Final = 39
_COLUMNS: Final = 24
_HEIGHTS: Final = {"stat": 4, "table": 8, "timeseries": 8}
_DATASOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}


def dashboard() -> Json:
    """The dashboard: a data source to choose, namespaces and customers, and rows of panels."""
    return {
        "uid": "livecost",
        "title": "livecost",
        "description": "Size and cost of live customer clusters.",
        "tags": ["livecost", "livekit"],
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "editable": True,
        "refresh": "1m",
        "time": {"from": "now-24h", "to": "now"},
        "timezone": "browser",
        "annotations": {"list": []},
        "templating": {
            "list": [
                {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"},
                _variable("namespace", f"label_values({names.CONDITION}, {names.CUSTOMER_NAMESPACE_LABEL})"),
                _variable(
                    "customer",
                    f'label_values({names.CONDITION}{{{names.CUSTOMER_NAMESPACE_LABEL}=~"$namespace"}}, '
                    f"{names.CUSTOMER_LABEL})",
                ),
            ]
        },
        "panels": list(_panels()),
    }


def _variable(name: str, query: str) -> Json:
    return {
        "name": name,
        "label": name.capitalize(),
        "type": "query",
        "datasource": _DATASOURCE,
        "definition": query,
        "query": {"query": query, "refId": name},
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": ["All"], "value": ["$__all"]},
    }


def _panels() -> Iterator[Json]:
    number, y = 1, 0
    for title, panels in ROWS.items():
        yield {
            "id": number,
            "type": "row",
            "title": title,
            "collapsed": False,
            "gridPos": {"x": 0, "y": y, "w": _COLUMNS, "h": 1},
            "panels": [],
        }
        number, y, x, tallest = number + 1, y + 1, 0, 0
        for panel in panels:
            height = _HEIGHTS[panel.kind]
            if x + panel.width > _COLUMNS:
                x, y, tallest = 0, y + tallest, 0
            yield _panel(panel, number, {"x": x, "y": y, "w": panel.width, "h": height})
            number, x, tallest = number + 1, x + panel.width, max(tallest, height)
        y += tallest


def _panel(panel: Panel, number: int, position: dict[str, int]) -> Json:
    table = panel.kind == "table"
    body: Json = {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": _DATASOURCE,
        "gridPos": position,
        "fieldConfig": {"defaults": {"unit": panel.unit}, "overrides": []},
        "options": {},
        "targets": [
            {
                "refId": letter,
                "datasource": _DATASOURCE,
                "expr": query.expr,
                "legendFormat": query.legend,
                "instant": panel.kind != "timeseries",
                "range": panel.kind == "timeseries",
                "format": "table" if table else "time_series",
            }
            for letter, query in zip(ascii_uppercase, panel.queries, strict=False)
        ],
    }
    if table:
        headings = {f"Value #{target['refId']}": target["legendFormat"] for target in body["targets"]}
        if len(headings) == 1:
            headings = {"Value": "Now"}
        body["transformations"] = [
            {"id": "merge", "options": {}},
            {"id": "organize", "options": {"excludeByName": {"Time": True}, "renameByName": headings}},
        ]
    return body

"""The rules and the dashboard in monitoring/ are those of the code, complete, and of a form that their readers take."""

import itertools
import json
import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from livecost import metric_names
from livecost.dashboard import dashboard
from livecost.monitoring import files, main, rule_groups

ROOT = Path(__file__).parents[2]
RULES = [rule for group in rule_groups()["groups"] for rule in group["rules"]]
ALERTS = [rule for rule in RULES if "alert" in rule]
PANELS = dashboard()["panels"]
# Of LiveKit, node_exporter, Prometheus and prometheus_client.
FOREIGN = {
    "livekit_room_total",
    "livekit_participant_total",
    "livekit_packet_total",
    "livekit_packet_bytes",
    "livekit_packet_loss_total",
    "node_cpu_seconds_total",
    "node_memory_MemAvailable_bytes",
    "node_memory_MemTotal_bytes",
    "node_network_transmit_bytes_total",
    "node_network_speed_bytes",
    "process_resident_memory_bytes",
}


def run(*arguments):
    return CliRunner().invoke(main, arguments)


@pytest.mark.parametrize("name", files())
def test_the_committed_files_are_those_of_the_code(name):
    """Else: make monitoring."""
    assert (ROOT / "monitoring" / name).read_text() == files()[name]


def test_each_alert_has_its_runbook_and_each_runbook_its_alert():
    text = (ROOT / "docs/runbooks.md").read_text()
    sections = re.findall(r"^## (\w+)$", text, re.MULTILINE)

    assert sections == [alert["alert"] for alert in ALERTS]


def test_each_runbook_says_what_it_means_what_it_does_where_to_look_and_what_to_do():
    _, *sections = re.split(r"^## ", (ROOT / "docs/runbooks.md").read_text(), flags=re.MULTILINE)

    for section in sections:
        assert re.findall(r"^\*\*(\w+)\.\*\*", section, re.MULTILINE) == ["Meaning", "Impact", "Look", "Remedy"], (
            section
        )


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_each_alert_says_how_grave_it_is_and_links_its_runbook(alert):
    assert alert["labels"]["severity"] in {"critical", "warning", "info"}
    assert alert["annotations"]["runbook_url"] == f"docs/runbooks.md#{alert['alert'].lower()}"
    assert len(alert["annotations"]["summary"].splitlines()) == 1


def test_rules_and_panels_ask_only_for_series_that_somebody_exports():
    """A metric that is misspelt or renamed gives no error in Prometheus: the alert would be silent for ever."""
    texts = [rule["expr"] for rule in RULES] + [
        target["expr"] for panel in PANELS for target in panel.get("targets", ())
    ]
    bare = [re.sub(r'"[^"]*"|by \([^)]*\)', "", text) for text in texts]
    asked = {
        word for text in bare for word in re.findall(r"\b(?:livecost|livekit|node|process)_\w+|livecost:[\w:]+", text)
    }
    own = {value for name, value in vars(metric_names).items() if name.isupper() and not name.endswith("_LABEL")}
    exported = (
        own | {f"{metric_names.RECONCILE_SECONDS}_bucket"} | {rule["record"] for rule in RULES if "record" in rule}
    )

    assert asked - exported == FOREIGN


def test_the_thresholds_are_those_of_the_audio_sizing_document():
    """CPU 70 %, memory 80 %, network 70 %, packet loss 1 %, sessions 70 % of capacity."""
    livekit = next(group for group in rule_groups()["groups"] if group["name"] == "livecost.livekit")

    assert {rule["alert"]: rule["expr"].rpartition(" > ")[2] for rule in livekit["rules"]} == {
        "LivekitCpuHigh": "0.7",
        "LivekitMemoryHigh": "0.8",
        "LivekitNetworkHigh": "0.7",
        "LivekitPacketLossHigh": "0.01",
        "LivekitSessionsNearCapacity": "0.7",
    }


def test_rules_are_printed_as_an_object_of_the_prometheus_operator():
    result = run("rules", "--namespace", "monitoring", "--label", "release=prometheus", "--runbooks", "https://r.test/")
    body = yaml.safe_load(result.stdout)

    assert (body["apiVersion"], body["kind"]) == ("monitoring.coreos.com/v1", "PrometheusRule")
    assert body["metadata"]["namespace"] == "monitoring"
    assert body["metadata"]["labels"]["release"] == "prometheus"
    assert body["spec"] == rule_groups(runbooks="https://r.test/")


def test_plain_rules_are_the_committed_file():
    body = yaml.safe_load(run("rules", "--plain").stdout)

    assert body == yaml.safe_load((ROOT / "monitoring/alerts.yaml").read_text())


def test_the_printed_dashboard_is_the_committed_file():
    assert run("dashboard").stdout == (ROOT / "monitoring/dashboard.json").read_text()


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--match-label", "a-b", "--match-label: 'a-b' is no label name: write letters, digits and _"),
        ("--match-label", "customer", "--match-label: the rules make customer themselves: name another label"),
        ("--label", "release", "--label: 'release' is not of the form NAME=VALUE"),
        ("--node-network-mbps", "0", "0 is not in the range x>=1"),
    ],
)
def test_a_bad_option_is_refused_with_the_remedy(option, value, message):
    result = run("rules", option, value)

    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_the_dashboard_has_the_form_that_grafana_reads():
    body = json.loads(files()["dashboard.json"])

    assert body["uid"] == "livecost"
    assert body["schemaVersion"] >= 36
    assert [variable["name"] for variable in body["templating"]["list"]] == ["datasource", "namespace", "customer"]
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    assert len({panel["title"] for panel in PANELS}) == len(PANELS)
    for panel in PANELS:
        assert panel["type"] in {"row", "stat", "table", "timeseries"}
        assert panel["type"] == "row" or panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        references = [target["refId"] for target in panel.get("targets", ())]
        assert len(set(references)) == len(references)
        assert panel["type"] == "row" or references


def test_the_dashboards_panels_lie_side_by_side():
    """No panel leaves the 24 columns, and no two share a place."""
    places = [panel["gridPos"] for panel in PANELS]

    for place in places:
        assert place["x"] >= 0
        assert place["x"] + place["w"] <= 24
    for one, other in itertools.combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        apart = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or apart


def test_every_variable_of_a_query_is_one_of_the_dashboards():
    names = {variable["name"] for variable in dashboard()["templating"]["list"]}
    texts = [target["expr"] for panel in PANELS for target in panel.get("targets", ())]

    assert {name for text in texts for name in re.findall(r"\$\{?(\w+)", text)} <= names

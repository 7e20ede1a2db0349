"""What fires each alert and what does not, by promtool and so by Prometheus's own engine."""

import subprocess
from dataclasses import replace

import pytest
import yaml

from e2e.cluster.programs import find_program
from livecost.monitoring import rule_groups
from livecost.recording_rules import Telemetry
from tests.livecost.alert_cases import (
    CASES,
    CUSTOMER,
    EXPORTER,
    MATCH,
    NOW,
    OPTIONAL_MATCH,
    ROOMS,
    WHOSE,
    Rate,
    condition,
    constant,
    cost,
)

pytestmark = pytest.mark.cluster

ALERTS = {rule["alert"]: rule for group in rule_groups()["groups"] for rule in group["rules"] if "alert" in rule}
BY_NAME = {case.alert: case for case in CASES}
# Rules of one group may be evaluated before those of another, and a rate begins with the second sample.
SLACK_MINUTES = 3
LENGTH_MINUTES = 90
every_alert = pytest.mark.parametrize("case", CASES, ids=lambda case: case.alert)


class Prometheus:
    """Rules under test: collects what they are given and what is expected of them, and asks promtool."""

    def __init__(self, folder, telemetry):
        self._folder = folder
        self._tests = []
        (folder / "alerts.yaml").write_text(yaml.safe_dump(rule_groups(telemetry)))

    def add(self, alert, series, *expected):
        """Series by name, each a value or a function of the minute; what is expected as (minute, alerts)."""
        inputs = [{"series": name, "values": _values(value)} for name, value in series.items()]
        rows = [
            {"eval_time": f"{minute}m", "alertname": alert, "exp_alerts": list(alerts)} for minute, alerts in expected
        ]
        self._tests.append({"interval": "1m", "input_series": inputs, "alert_rule_test": rows})

    def add_query(self, query, series, minute, samples):
        """A query and what it gives at a minute: labels and value of each series."""
        inputs = [{"series": name, "values": _values(value)} for name, value in series.items()]
        rows = [{"labels": labels, "value": value} for labels, value in samples.items()]
        test = {"expr": query, "eval_time": f"{minute}m", "exp_samples": rows}
        self._tests.append({"interval": "1m", "input_series": inputs, "promql_expr_test": [test]})

    def judge(self):
        """Fail with promtool's own words unless everything came as expected."""
        tests = {"rule_files": ["alerts.yaml"], "evaluation_interval": "1m", "tests": self._tests}
        (self._folder / "tests.yaml").write_text(yaml.safe_dump(tests))
        done = _promtool(self._folder, "test", "rules", "tests.yaml")
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def rules(tmp_path):
    return Prometheus(tmp_path, Telemetry())


def _promtool(folder, *arguments):
    program = find_program("promtool")
    return subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, check=False)


def _values(value):
    samples, total, before = [], 0.0, None
    for minute in range(LENGTH_MINUTES):
        now = value(minute) if callable(value) else value
        if isinstance(now, Rate):
            total += 60 * now.per_second
            samples.append(repr(total))
        elif now is None:
            # As after a scrape that no longer finds a series.
            samples.append("_" if before is None else "stale")
        else:
            samples.append(repr(60 * minute if now == NOW else now))
        before = now
    return " ".join(samples)


def _ill(case):
    return case.others | {series.name: series.ill for series in case.series}


def _fires_at(case):
    return case.hold_minutes + case.lag_minutes + SLACK_MINUTES


def _fired(case):
    rule = ALERTS[case.alert]
    annotations = {"summary": case.summary, "runbook_url": rule["annotations"]["runbook_url"]}
    text = rule["annotations"]["description"]
    for name, value in case.labels.items():
        text = text.replace(f"{{{{ $labels.{name} }}}}", value)
    return {"exp_labels": case.labels, "exp_annotations": annotations | {"description": text}}


def test_every_alert_has_a_case():
    assert [case.alert for case in CASES] == list(ALERTS)


def test_promtool_accepts_the_rules(tmp_path):
    (tmp_path / "alerts.yaml").write_text(yaml.safe_dump(rule_groups()))
    done = _promtool(tmp_path, "check", "rules", "alerts.yaml")
    assert done.returncode == 0, done.stderr


@every_alert
def test_an_alert_fires_after_its_time_and_not_before(rules, case):
    """It says who, how much and what to do."""
    rules.add(
        case.alert,
        _ill(case),
        (case.hold_minutes - 1, []),
        (_fires_at(case), [_fired(case)]),
    )
    rules.judge()


@every_alert
def test_an_alert_is_silent_while_all_is_well_just_below_its_threshold(rules, case):
    series = case.others | {series.name: series.well for series in case.series}
    rules.add(case.alert, series, *((minute, []) for minute in range(1, LENGTH_MINUTES, 4)))
    rules.judge()


@every_alert
def test_an_alert_is_silent_when_it_is_over_in_time(rules, case):
    until = case.hold_minutes - case.lag_minutes - 1
    series = case.others | {
        series.name: (lambda minute, series=series: series.ill if minute < until else series.well)
        for series in case.series
    }
    rules.add(case.alert, series, *((minute, []) for minute in range(case.hold_minutes - 1, LENGTH_MINUTES, 2)))
    rules.judge()


@every_alert
def test_an_alert_is_silent_without_a_series_that_it_needs(rules, case):
    for missing in case.series:
        if missing.needed:
            series = {name: value for name, value in _ill(case).items() if name != missing.name}
            rules.add(case.alert, series, (_fires_at(case), []))
    rules.judge()


def test_without_any_series_only_the_missing_operator_is_told(rules):
    for alert in ALERTS:
        expected = [_fired(BY_NAME[alert])] if alert == "LivecostOperatorDown" else []
        rules.add(alert, {}, (80, expected))
    rules.judge()


@pytest.mark.parametrize(
    "matches",
    [{}, {MATCH: 1, MATCH.replace("st-marys", "st-johns"): 1}],
    ids=["no customer", "two customers"],
)
def test_a_node_whose_customer_is_not_known_is_told_by_its_cluster(rules, matches):
    """A label that fits no customer, or several, names none; the alert comes all the same."""
    case = BY_NAME["LivekitCpuHigh"]
    series = {name: value for name, value in _ill(case).items() if name != OPTIONAL_MATCH.name} | matches
    labels = {name: value for name, value in case.labels.items() if name not in WHOSE}
    summary = "LiveKit node 10.0.0.1 of cluster c1, customer unknown uses 71% of its CPU"
    rules.add(case.alert, series, (_fires_at(case), [_fired(replace(case, labels=labels, summary=summary))]))
    rules.judge()


def test_each_cluster_is_measured_by_its_own_customers_capacity(rules):
    case = BY_NAME["LivekitSessionsNearCapacity"]
    other = {
        series.name.replace("st-marys", "st-johns").replace('"c1"', '"c2"'): 50 if series.name == ROOMS else 100
        for series in case.series
        if series.name != MATCH
    }
    match = MATCH.replace("st-marys", "st-johns").replace('"c1"', '"c2"')
    rules.add(case.alert, _ill(case) | other | {match: 1}, (_fires_at(case), [_fired(case)]))
    rules.judge()


def test_a_cost_above_plan_fires_as_one_below_does_and_a_stale_one_does_not(rules):
    case = BY_NAME["LivecostCostOffPlan"]
    above = _ill(case) | {cost("observed"): 1110}
    fired = _fired(replace(case, summary=case.summary.replace("-11%", "11%")))
    rules.add(case.alert, above, (_fires_at(case), [fired]))
    without = {name: value for name, value in above.items() if name != condition("CostObserved", "True", "Observed")}
    stale = without | {condition("CostObserved", "Unknown", "PrometheusTimeout"): 1}
    rules.add(case.alert, stale, (_fires_at(case), []))
    rules.judge()


def test_a_stale_observed_cost_does_not_count_against_the_budget(rules):
    case = BY_NAME["LivecostBudgetOver"]
    series = _ill(case) | {cost("projected"): 1001, cost("observed"): 5000}
    stale = {constant(condition("CostObserved", "Unknown", "PrometheusTimeout")).name: 1}
    summary = case.summary.replace("101%", "100.1%")
    rules.add(case.alert, series | stale, (_fires_at(case), [_fired(replace(case, summary=summary))]))
    rules.judge()


def test_the_stated_speed_of_a_port_goes_before_what_the_node_tells(tmp_path):
    case = BY_NAME["LivekitNetworkHigh"]
    fast = {f'node_network_speed_bytes{{{EXPORTER},device="eth0"}}': 1.25e9}
    told, stated = tmp_path / "told", tmp_path / "stated"
    for folder, telemetry, expected in (
        (told, Telemetry(), []),
        # Both ports of the node are held to it: 200 MB/s are 160 % of 1,000 Mbit/s.
        (stated, Telemetry(node_network_mbps=1000), [_fired(replace(case, summary=case.summary.replace("71", "160")))]),
    ):
        folder.mkdir()
        rules = Prometheus(folder, telemetry)
        rules.add(case.alert, _ill(case) | fast, (_fires_at(case), expected))
        rules.judge()


def test_egress_is_what_was_sent_and_38_bytes_a_packet(rules):
    """A second's 1,000 packets of 184 bytes, and 500 sent again, are 222 bytes each on the wire: 2.664 Mbit/s."""
    sent = {
        f'livekit_packet_{what}{{cluster="c1",direction="{direction}",transmission="{which}"}}': Rate(rate * size)
        for what, size in (("total", 1), ("bytes", 184))
        for direction, which, rate in (
            ("outgoing", "initial", 1000),
            ("outgoing", "retransmit", 500),
            ("incoming", "initial", 9000),
        )
    }
    labels = f'{{{CUSTOMER},cluster="c1"}}'
    rules.add_query("livecost:livekit_sent:bits_per_second * 1", sent | {MATCH: 1}, 10, {labels: 2_664_000})
    rules.judge()


def test_participants_are_not_counted_twice_where_livekit_has_several_nodes(rules):
    """Behind a random balancer two nodes count 100 people as 150 on average, 75 on each; two jobs scrape them both."""
    counted = {
        f'livekit_participant_total{{cluster="c1",node_id="{node}",job="{job}"}}': 75 for node in "ab" for job in "xy"
    }
    labels = f'{{{CUSTOMER},cluster="c1"}}'
    rules.add_query("livecost:livekit_participants:sum * 1", counted | {MATCH: 1}, 10, {labels: 100})
    rules.judge()


def test_another_label_may_tell_the_clusters_apart(tmp_path):
    case = BY_NAME["LivekitCpuHigh"]
    rules = Prometheus(tmp_path, Telemetry(match_label="site"))
    series = {name.replace("cluster=", "site=").replace('"cluster"', '"site"'): v for name, v in _ill(case).items()}
    labels = {("site" if name == "cluster" else name): value for name, value in case.labels.items()}
    rules.add(case.alert, series, (_fires_at(case), [_fired(replace(case, labels=labels))]))
    rules.judge()

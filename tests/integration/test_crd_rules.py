"""The API server itself refuses a bad object, in words that say what to write, and fills in what was left out."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest

from e2e.cluster import ClusterError
from livecost.crds import cost_profile_crd, customer_cluster_crd, customer_fleet_crd
from tests.integration.api_client import ApiRefused
from tests.integration.test_customer_fleets import FLEET_RULES
from tests.integration.world import CUSTOMERS, NAMESPACE, PROFILES, World

Json = dict[str, Any]

_numbers = itertools.count(1)
_PROMETHEUS = "spec.observation.prometheusRef"
_REF = "spec.pools.livekit.targetRef"
_POOL = {"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "name": "media"}


def _target(**changes: Any) -> Json:
    return {"pools": {"livekit": {"targetRef": {**_POOL, **changes}}}}


def _prometheus(**fields: Any) -> Json:
    return {"observation": {"prometheusRef": {"url": "https://p", **fields}}}


def _network(*tiers: Json) -> Json:
    return {"network": {"tiers": list(tiers)}}


_ROOM = {"demand": {"usersPerSession": 20, "agentsPerSession": 2}, "capacity": {"participantsPerNode": 20}}
_TWO_BITRATES = {"media": {"kbps": 64}, "network": {"mediaMbps": 1}}
_WINDOW = {"days": ["Mon"], "start": "08:00", "end": "18:00", "timeZone": "Europe/Berlin"}
_SAME = {"livekit": {"targetRef": _POOL}, "sim": {"targetRef": _POOL}}

# What is added to a good spec, the field that must be named, and the words of the rule.
CUSTOMER_RULES: list[tuple[Json, str, str]] = [
    ({"concurrency": 10, "peakConcurrencyPercent": 10}, "spec", "both state the peak: write only one of them"),
    ({"concurrency": None}, "spec", "the peak is missing: write concurrency"),
    ({"overrides": {"demand": {"peakConcurrencyPercent": 5}}}, "spec", "instead of overrides.demand.peakConcurrency"),
    ({"overrides": {"demand": {"users": 5}}}, "spec.overrides.demand", "write spec.users there"),
    ({"overrides": {"demand": {"concurrency": 5}}}, "spec.overrides.demand", "write spec.concurrency there"),
    ({"overrides": _ROOM}, "spec.overrides", "a room never splits"),
    (_target(apiVersion="cluster.x-k8s.io/v1beta2", kind="Cluster"), _REF, "also write poolName"),
    (_target(apiVersion="provisioning.cattle.io/v1", kind="Cluster"), _REF, "write poolName"),
    (_target(apiVersion="core.gardener.cloud/v1beta1", kind="Shoot"), _REF, "write poolName"),
    (_target(poolName="media"), _REF, "this kind is a single pool: leave poolName out"),
    ({"observation": {"matchLabels": {"own-label": "x"}}}, "spec.observation.matchLabels", "such as cluster or label_"),
    (_target(replicasPath="spec.nodes"), f"{_REF}.replicasPath", "write a JSON pointer below /spec"),
    (_target(replicasPath="/status/nodes"), f"{_REF}.replicasPath", "such as /spec/nodeCount"),
    (_target(apiVersion="karpenter.sh"), f"{_REF}.apiVersion", "should match"),
    ({"pools": {"sim": {"minNodes": 3, "maxNodes": 2}}}, "spec.pools.sim", "lower minNodes or raise maxNodes"),
    ({"pools": _SAME}, "spec.pools", "write a targetRef of its own for each pool"),
    ({"pools": {"livekit": {"minNodes": -1}}}, "spec.pools.livekit.minNodes", "greater than or equal to 0"),
    ({"observation": {"prometheusRef": {"url": "prometheus:9090"}}}, "spec.observation.prometheusRef.url", "http://host"),
    ({"observation": {"prometheusRef": {"url": "http://me:secret@p"}}}, "spec.observation.prometheusRef.url",
     "without credentials"),
    (_prometheus(url="http://p", bearerTokenSecretRef={"name": "s"}), _PROMETHEUS, "sent over TLS only"),
    (_prometheus(url="http://p", caSecretRef={"name": "s"}), _PROMETHEUS, "caSecretRef verifies a server over TLS"),
    (_prometheus(bearerTokenSecretRef={"name": "s"}, basicAuthSecretRef={"name": "s"}), _PROMETHEUS, "both log in"),
    (_prometheus(headers={"A B": "x"}), f"{_PROMETHEUS}.headers", "write header names of letters"),
    (_prometheus(headers={"X": "a\r\nHost: b"}), f"{_PROMETHEUS}.headers", "values of printable ASCII"),
    (_prometheus(headers={"Authorization": "Bearer x"}), f"{_PROMETHEUS}.headers", "write bearerTokenSecretRef or"),
    ({"scaling": {"scaleDown": {"withoutTelemetry": "Wait"}}}, "spec.scaling.scaleDown.withoutTelemetry",
     '"Shrink", "Hold"'),
    ({"scaling": {"mode": "Whatever"}}, "spec.scaling.mode", '"Enforce", "Recommend"'),
    ({"observation": {"varianceThresholdPercent": 0}}, "spec.observation.varianceThresholdPercent", "a number above 0"),
    ({"observation": {"varianceThresholdPercent": 101}}, "spec.observation.varianceThresholdPercent", "at most 100"),
    ({"budget": {"hold": True}}, "spec.budget.monthly", "Required value"),
    ({"budget": {"monthly": 1, "hold": "yes"}}, "spec.budget.hold", "must be of type boolean"),
    ({"budget": {"monthly": -1}}, "spec.budget.monthly", "write a number from 0 to"),
    ({"budget": {"monthly": "12,50"}}, "spec.budget.monthly", "with at most 8 decimals"),
    ({"budget": {"monthly": "1e3"}}, "spec.budget.monthly", "with at most 8 decimals"),
    ({"budget": {"monthly": "NaN"}}, "spec.budget.monthly", "with at most 8 decimals"),
    ({"budget": {"monthly": "0.123456789"}}, "spec.budget.monthly", 'in quotes when it has any, such as 2 or "0.24"'),
    ({"budget": {"monthly": 12.5}}, "spec.budget.monthly", "must be of type integer,string"),
    ({"overrides": {"nodes": {"livekit": {"hourly": 0.24}}}}, "spec.overrides.nodes.livekit.hourly", "integer,string"),
    ({"overrides": {"cloud": "moon"}}, "spec.overrides.cloud", "Unsupported value"),
    ({"scaling": {"schedule": [{"start": "8 am", "end": "18:00"}]}}, "spec.scaling.schedule[0].start", "such as 08:30"),
    ({"overrides": {"demand": {"schedule": [{"start": "08:00", "end": "6 pm"}]}}},
     "spec.overrides.demand.schedule[0].end", "such as 08:30"),
    ({"users": 12.5}, "spec.users", "integer"),
    ({"users": None}, "spec.users", "Required value"),
]  # fmt: skip

PROFILE_RULES: list[tuple[Json, str, str]] = [
    ({"demand": {"users": 5}}, "spec.demand", "the number of users belongs to the CustomerCluster"),
    ({"demand": {"concurrency": 5}}, "spec.demand", "concurrency belongs to the CustomerCluster"),
    ({"demand": {"activeHoursPerMonth": 200, "schedule": [_WINDOW]}}, "spec.demand", "both state the active hours"),
    ({"demand": {"schedule": []}}, "spec.demand.schedule", "at least 1 items"),
    ({"demand": {"schedule": [{**_WINDOW, "start": "8"}]}}, "spec.demand.schedule[0].start", "such as 08:30"),
    (_ROOM, "spec", "raise participantsPerNode or make rooms smaller"),
    (_TWO_BITRATES, "spec", "both state the bitrate"),
    ({"media": {"kbps": 0}}, "spec.media.kbps", "a number above 0"),
    ({"network": {"egressPerGB": "0.09", "tiers": [{"perGB": 1}]}}, "spec.network", "both price egress"),
    (_network({"perGB": 1}, {"perGB": 2}), "spec.network", "only the last tier has no upToGB"),
    (_network({"upToGB": 5, "perGB": 1}), "spec.network", "leave upToGB out of the last tier"),
    (_network({"upToGB": 9, "perGB": 1}, {"upToGB": 5, "perGB": 1}, {"perGB": 1}), "spec.network", "tiers must ascend"),
    ({"nodes": {"livekit": {"minNodes": 3, "maxNodes": 2}}}, "spec.nodes.livekit", "must not exceed maxNodes"),
    ({"nodes": {"sim": {"minNodes": 3, "maxNodes": 2}}}, "spec.nodes.sim", "must not exceed maxNodes"),
    ({"capacity": {"targetUtilizationPercent": 0}}, "spec.capacity.targetUtilizationPercent", "a number above 0"),
    ({"capacity": {"targetUtilizationPercent": "100.5"}}, "spec.capacity.targetUtilizationPercent", "at most 100"),
    ({"cloud": "moon"}, "spec.cloud", "Unsupported value"),
]


def _refused(world: World, collection: str, kind: str, spec: Json) -> str:
    """The API server's refusal of an object."""
    body = {"apiVersion": "livecost.dev/v1alpha1", "kind": kind, "metadata": {"name": f"rule-{next(_numbers)}"}}
    spec = {name: value for name, value in spec.items() if value is not None}
    with pytest.raises(ApiRefused) as refusal:
        world.api.create(collection, {**body, "spec": spec})
    assert refusal.value.status == 422
    return refusal.value.message


@pytest.mark.parametrize(("added", "field", "words"), CUSTOMER_RULES)
def test_a_bad_customer_is_refused_with_field_and_remedy(world: World, added: Json, field: str, words: str) -> None:
    """Each rule names the field and says what to write."""
    message = _refused(world, CUSTOMERS, "CustomerCluster", {"users": 100, "concurrency": 10, **added})
    assert re.search(rf"{re.escape(field)}: (Invalid|Unsupported|Required)", message), message
    assert words in message


@pytest.mark.parametrize(("spec", "field", "words"), PROFILE_RULES)
def test_a_bad_profile_is_refused_with_field_and_remedy(world: World, spec: Json, field: str, words: str) -> None:
    """Each rule names the field and says what to write."""
    message = _refused(world, PROFILES, "CostProfile", spec)
    assert re.search(rf"{re.escape(field)}: (Invalid|Unsupported|Required)", message), message
    assert words in message


@pytest.mark.parametrize(
    ("crd", "cases"),
    [
        (customer_cluster_crd(), CUSTOMER_RULES),
        (cost_profile_crd(), PROFILE_RULES),
        (customer_fleet_crd(), FLEET_RULES),
    ],
    ids=["customer", "profile", "fleet"],
)
def test_every_rule_has_a_case_here(crd: Json, cases: list[tuple[Json, str, str]]) -> None:
    """No rule of a CRD goes untried; those of an overrides document are tried in a profile, which has the same."""
    tried = [words for _, _, words in [*cases, *PROFILE_RULES]]
    messages = set(_messages(crd))
    assert [message for message in messages if not any(words in message for words in tried)] == []


def test_an_unknown_field_is_refused_by_name(world: World) -> None:
    """kubectl's strict validation names a field that does not exist."""
    manifest = f"""
    apiVersion: livecost.dev/v1alpha1
    kind: CustomerCluster
    metadata: {{name: unknown-field, namespace: {NAMESPACE}}}
    spec: {{users: 100, concurency: 10}}
    """
    with pytest.raises(ClusterError, match=r"spec\.concurency|concurency"):
        world.cluster.apply(manifest)


GOOD_SPECS: dict[str, Json] = {
    "least": {"users": 100, "peakConcurrencyPercent": 10},
    "decimals-as-integers": {
        "users": 100,
        "concurrency": 10,
        "budget": {"monthly": 1200, "warnPercent": 80, "hold": True},
    },
    "decimals-as-text": {
        "users": 100,
        "concurrency": 10,
        "budget": {"monthly": "1200.50", "warnPercent": "79.5", "hold": False},
    },
    "same-target-name-of-two-kinds": {
        "users": 100,
        "concurrency": 10,
        "pools": {
            "livekit": {"targetRef": {"apiVersion": "a.example.com/v1", "kind": "A", "name": "x"}},
            "sim": {"targetRef": {"apiVersion": "a.example.com/v1", "kind": "B", "name": "x"}},
        },
    },
    "two-pools-of-one-cluster": {
        "users": 100,
        "concurrency": 10,
        "pools": {
            pool: {
                "targetRef": {**_POOL, "apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "Cluster", "poolName": pool}
            }
            for pool in ("livekit", "sim")
        },
    },
    "hold-without-telemetry": {
        "users": 100,
        "concurrency": 10,
        "scaling": {"scaleDown": {"withoutTelemetry": "Hold"}},
    },
    "overrides-of-every-kind": {
        "users": 100,
        "concurrency": 10,
        "overrides": {
            "demand": {"usersPerSession": "2.5", "agentsPerSession": 1, "schedule": [_WINDOW]},
            "nodes": {"livekit": {"hourly": "0.24"}, "system": {"nodes": 2}},
            "network": {"tiers": [{"upToGB": 10240, "perGB": "0.09"}, {"perGB": "0.05"}]},
            "license": {"annual": 35000},
        },
    },
}


@pytest.mark.parametrize("spec", GOOD_SPECS.values(), ids=GOOD_SPECS)
def test_a_good_customer_is_taken_as_written(world: World, spec: Json) -> None:
    """Decimals keep the form they were written in: 35000 stays a number, "0.24" stays text."""
    body = {"apiVersion": "livecost.dev/v1alpha1", "kind": "CustomerCluster", "spec": spec}
    stored = world.api.create(f"{CUSTOMERS}?dryRun=All", {**body, "metadata": {"name": "good"}})["spec"]
    for name, value in spec.items():
        if name not in {"profileRef", "scaling"}:
            assert stored[name] == value


def test_defaults_are_filled_in(world: World) -> None:
    """A reader of the stored object sees the profile and the scaling that apply."""
    body = {"apiVersion": "livecost.dev/v1alpha1", "kind": "CustomerCluster", "metadata": {"name": "defaults"}}
    spec = world.api.create(f"{CUSTOMERS}?dryRun=All", {**body, "spec": {"users": 100, "concurrency": 10}})["spec"]
    assert spec["profileRef"] == {"name": "default"}
    assert spec["scaling"]["mode"] == "Enforce"
    assert spec["scaling"]["scaleDown"] == {"stabilizationSeconds": 600, "maxNodesPerStep": 1}


def test_explain_tells_what_the_fields_mean(world: World) -> None:
    """`kubectl explain` shows the descriptions."""
    explained = world.cluster.kubectl("explain", "customercluster.spec.pools")
    assert "LiveKit media servers, one host-networked pod per node." in explained
    assert "Sim and agent workers." in explained


@pytest.mark.parametrize("name", ["customerclusters", "cc", "costprofiles", "cp", "livecost"])
def test_names_short_names_and_category_are_known(world: World, name: str) -> None:
    """`kubectl get` takes the names that people type."""
    world.cluster.kubectl("get", name, f"--namespace={NAMESPACE}")


@pytest.mark.parametrize(
    ("output", "columns"),
    [
        ((), "NAME USERS PEAK LIVEKIT SIM PROJECTED OBSERVED VARIANCE READY AGE"),
        (
            ("-o", "wide"),
            "NAME USERS PEAK LIVEKIT SIM PROJECTED OBSERVED VARIANCE READY AGE PROFILE MARGIN BUDGET REASON",
        ),
    ],
    ids=["short", "wide"],
)
def test_the_columns_are_the_agreed_ones(world: World, output: tuple[str, ...], columns: str) -> None:
    """`kubectl get customerclusters` answers: how big, how much, is it true?"""
    if not world.api.exists(f"{CUSTOMERS}/columns"):
        world.customer("columns")
    table = world.cluster.kubectl("get", "customerclusters", f"--namespace={NAMESPACE}", *output)
    assert table.splitlines()[0].split() == columns.split()


def _messages(node: Any) -> Iterator[str]:
    """The messages of all rules, without those of decimals, which are made from the bounds."""
    if isinstance(node, dict):
        for rule in node.get("x-kubernetes-validations", ()):
            if not rule["message"].startswith("write a number"):
                yield rule["message"]
        for child in node.values():
            yield from _messages(child)
    elif isinstance(node, list):
        for child in node:
            yield from _messages(child)

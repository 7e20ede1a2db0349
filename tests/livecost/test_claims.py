"""Claims: of all that name one target, one holds it."""

import pytest

from livecost.claims import contender
from livecost.store import read_cluster
from tests.livecost.builders import cluster_body, pool

OLD, NEW = "2026-03-01T12:00:00Z", "2026-03-01T12:00:01Z"


def customer(name="a", created=OLD, *, namespace="customers", **pools):
    return read_cluster(cluster_body(name, created=created, namespace=namespace, pools=pools))


def problem(cluster, others=(), *, pool_name="sim", namespaced=True):
    ref = cluster.targets[pool_name]
    return contender(cluster, pool_name, ref, [cluster, *others], namespaced=namespaced)


def test_a_single_claim_is_granted():
    assert problem(customer(sim=pool("x"))) is None


def test_the_older_object_keeps_the_target_and_the_newer_is_told_who_has_it():
    older, newer = customer("b", OLD, sim=pool("x")), customer("a", NEW, sim=pool("x"))

    assert problem(older, [newer]) is None
    refused = problem(newer, [older])
    assert refused.reason == "TargetConflict"
    assert "held by the older CustomerCluster customers/b" in refused.message


def test_of_two_objects_of_one_second_the_name_decides():
    first, second = customer("a", sim=pool("x")), customer("b", sim=pool("x"))

    assert problem(first, [second]) is None
    assert problem(second, [first]) is not None


def test_of_two_pools_of_one_object_livekit_comes_first():
    both = customer(livekit=pool("x"), sim=pool("x"))

    assert problem(both, pool_name="livekit") is None
    assert "held by pool livekit" in problem(both, pool_name="sim").message


@pytest.mark.parametrize("unknown", [{"gpu": 1}, {"pools": {"sim": pool("x"), "gpu": {}}},
                                     {"pools": {"sim": pool("x", drain="Fast")}}])  # fmt: skip
def test_a_spec_that_cannot_be_read_keeps_its_claim(unknown):
    """A newer CRD may allow what this operator does not know; its pool is nobody else's for that."""
    body = cluster_body("b", created=OLD, pools={"sim": pool("x")})
    body["spec"] |= unknown
    older = read_cluster(body)
    newer = customer("a", NEW, sim=pool("x"))

    assert older.problem.reason == "SpecInvalid"
    assert problem(newer, [older]).reason == "TargetConflict"


@pytest.mark.parametrize("pools", [None, [], {"sim": None}, {"sim": {"targetRef": "x"}}, {"sim": {"targetRef": {}}}])
def test_what_is_no_target_is_no_claim(pools):
    assert read_cluster(cluster_body("b", gpu=1, pools=pools)).targets == {}


@pytest.mark.parametrize(
    "other",
    [
        pool("y"),
        pool("x", kind="MachineDeployment"),
        pool("x", api_version="example.com/v1"),
        pool("x", namespace="elsewhere"),
        pool("x", poolName="sim"),
        pool("x", replicasPath="/spec/nodes"),
        pool("x", kubeconfigSecretRef={"name": "remote"}),
    ],
)
def test_another_target_is_no_conflict(other):
    assert problem(customer("b", NEW, sim=pool("x")), [customer("a", sim=other)]) is None


@pytest.mark.parametrize(
    "other", [pool("x", api_version="karpenter.sh/v1beta1"), pool("x", namespace="customers"), pool("x")]
)
def test_one_target_written_in_two_ways_is_a_conflict(other):
    assert problem(customer("b", NEW, sim=pool("x")), [customer("a", livekit=other)]) is not None


def test_each_namespace_has_targets_of_its_own():
    here, there = customer("b", NEW, sim=pool("x")), customer("a", namespace="elsewhere", sim=pool("x"))

    assert problem(here, [there], namespaced=True) is None
    assert problem(here, [there], namespaced=False) is not None


def test_a_secret_of_another_namespace_leads_elsewhere():
    remote = pool("x", kubeconfigSecretRef={"name": "remote"})
    here, there = customer("b", NEW, sim=remote), customer("a", namespace="elsewhere", sim=remote)

    assert problem(here, [there], namespaced=False) is None


def test_one_of_three_claims_holds():
    claims = [customer(name, sim=pool("x")) for name in "abc"]

    refused = [problem(claim, [other for other in claims if other is not claim]) for claim in claims]

    assert [found is None for found in refused] == [True, False, False]

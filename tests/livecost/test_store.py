"""The store: what is known of each object, and who is concerned by a change."""

from datetime import UTC, datetime

import pytest

from livecost.models import TargetRef
from livecost.store import Figures, Store, read_cluster, read_profile, remote_key, target_name
from tests.livecost.builders import cluster_body, plan_of, pool, spec_of, target_ref


def key(name):
    return "customers", name


def test_an_object_is_read():
    cluster = read_cluster(cluster_body(version="12", generation=3, status={"observedGeneration": 2}))

    assert (cluster.key, cluster.uid, cluster.version, cluster.generation) == (
        ("customers", "st-marys"), "uid-of-st-marys", 12, 3,
    )  # fmt: skip
    assert cluster.created_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert cluster.spec.concurrency == 100
    assert (cluster.problem, cluster.paused, cluster.paused_scale_down) == (None, False, False)
    assert cluster.status == {"observedGeneration": 2}


@pytest.mark.parametrize(("value", "paused"), [("true", True), ("false", False), ("", False), ("True", False)])
def test_annotations_pause(value, paused):
    assert read_cluster(cluster_body(annotations={"livecost.dev/paused": value})).paused is paused
    both = read_cluster(cluster_body(annotations={"livecost.dev/paused-scale-down": value}))
    assert (both.paused, both.paused_scale_down) == (False, paused)


def test_a_spec_that_cannot_be_read_is_a_problem_that_names_the_field():
    cluster = read_cluster(cluster_body(pools={"sim": {"minNodes": -1}}))

    assert cluster.spec is None
    assert cluster.problem.reason == "SpecInvalid"
    assert "pools.sim.minNodes" in cluster.problem.message
    assert cluster.targets == {}


def test_a_profile_that_cannot_be_read_is_a_problem_that_names_the_field():
    profile = read_profile({"metadata": {"name": "gold"}, "spec": {"demand": {"usersPerSession": 0}}})

    assert profile.document is None
    assert profile.problem.reason == "ProfileInvalid"
    assert "CostProfile gold: demand.usersPerSession" in profile.problem.message


@pytest.mark.parametrize("version", ["", "abc", "²"])
def test_a_version_that_is_no_number_never_compares(version):
    store = Store()
    store.put_cluster(cluster_body(version="10"))

    store.put_cluster(cluster_body(version=version, annotations={"livecost.dev/paused": "true"}))

    assert store.clusters[key("st-marys")].paused


def test_an_older_version_is_ignored():
    """The answer to an own write may overtake the watch; what the watch then brings is no news."""
    store = Store()
    store.put_cluster(cluster_body(version="10", status={"observedGeneration": 1}))

    assert store.put_cluster(cluster_body(version="9")) is None
    assert store.put_cluster(cluster_body(version="10")) is None
    assert store.clusters[key("st-marys")].status == {"observedGeneration": 1}


def test_the_way_back_of_an_own_status_is_no_news():
    """The watch may bring a status before the write's own answer; deciding on it would undo a back-off."""
    store = Store()
    store.put_cluster(cluster_body(version="10"))
    store.clusters[key("st-marys")].writing = {"observedGeneration": 1}

    assert store.put_cluster(cluster_body(version="11", status={"observedGeneration": 1})) is None
    assert store.clusters[key("st-marys")].status == {"observedGeneration": 1}
    assert store.put_cluster(cluster_body(version="12", status={"observedGeneration": 7})) is not None


def test_a_status_is_remembered_as_under_way_only_while_it_is():
    store = Store()
    store.put_cluster(cluster_body(version="10"))
    store.clusters[key("st-marys")].writing = {"observedGeneration": 1}
    store.status_written(key("st-marys"))
    store.status_written(key("gone"))

    assert store.put_cluster(cluster_body(version="11", status={"observedGeneration": 1})) is not None


def test_a_pause_is_news_though_the_status_is_an_own_one():
    store = Store()
    store.put_cluster(cluster_body(version="10"))
    store.clusters[key("st-marys")].writing = {"observedGeneration": 1}
    paused = cluster_body(version="11", status={"observedGeneration": 1}, annotations={"livecost.dev/paused": "true"})

    assert store.put_cluster(paused) is not None


def test_a_label_is_taken_over_though_the_status_is_an_own_one():
    """The answer to a status's write may be the first to tell of a label that somebody has just set."""
    store = Store()
    store.put_cluster(cluster_body(version="10"))
    store.clusters[key("st-marys")].writing = {"observedGeneration": 1}
    answer = cluster_body(version="11", status={"observedGeneration": 1})
    answer["metadata"]["labels"] = {"plan": "gold"}
    store.put_cluster(answer)

    assert store.clusters[key("st-marys")].labels == {"plan": "gold"}


def test_figures_stay_until_the_next_decision():
    """What was decided last holds for others until it is decided anew, also after an edit of the spec."""
    store = Store()
    store.put_cluster(cluster_body(version="10"))
    figures = Figures(plan_of(spec_of()), None)
    store.clusters[key("st-marys")].figures = figures

    store.put_cluster(cluster_body(version="11", generation=2, concurrency=200))
    assert store.clusters[key("st-marys")].figures is figures
    store.put_cluster(cluster_body(version="12", uid="another"))
    assert store.clusters[key("st-marys")].figures is None


def test_a_successor_of_the_same_name_is_taken_though_its_version_is_lower():
    store = Store()
    store.put_cluster(cluster_body(version="10", uid="first"))

    store.put_cluster(cluster_body(version="9", uid="second"))

    assert store.clusters[key("st-marys")].uid == "second"


def test_an_unchanged_spec_keeps_its_plan():
    store = Store()
    store.put_cluster(cluster_body(version="10"))
    before = store.clusters[key("st-marys")]
    before.plan = ("made from", None)

    store.put_cluster(cluster_body(version="11", status={"observedGeneration": 1}))
    after = store.clusters[key("st-marys")]
    assert (after.plan, after.spec) == (before.plan, before.spec)

    store.put_cluster(cluster_body(version="12", generation=2, users=2000))
    assert store.clusters[key("st-marys")].plan is None


def test_a_profile_concerns_its_users():
    store = Store()
    store.put_cluster(cluster_body("a", profileRef={"name": "gold"}))
    store.put_cluster(cluster_body("b", profileRef={"name": "gold"}))
    store.put_cluster(cluster_body("c"))
    gold = {"metadata": {"name": "gold", "generation": 1}, "spec": {"currency": "EUR"}}

    assert store.put_profile(gold) == {key("a"), key("b")}
    assert store.put_profile(gold) == set(), "nothing in it changed"
    store.put_cluster(cluster_body("b", version="11", generation=2, profileRef={"name": "silver"}))
    assert store.remove_profile("gold") == {key("a")}
    assert store.put_profile({"metadata": {"name": "default"}, "spec": {}}) == {key("c")}


def test_an_older_profile_is_no_news():
    """The first list is taken in while the watch tells of edits already."""
    store = Store()
    metadata = {"name": "gold", "uid": "first", "generation": 2}
    store.put_profile({"metadata": metadata, "spec": {"currency": "EUR"}})

    assert store.put_profile({"metadata": metadata | {"generation": 1}, "spec": {}}) == set()
    assert store.profiles["gold"].document.currency == "EUR"


def test_a_profile_made_anew_is_news_though_its_generation_is_lower():
    store = Store()
    store.put_cluster(cluster_body("a", profileRef={"name": "gold"}))
    store.put_profile({"metadata": {"name": "gold", "uid": "first", "generation": 2}, "spec": {"currency": "EUR"}})

    again = {"metadata": {"name": "gold", "uid": "second", "generation": 1}, "spec": {"currency": "GBP"}}

    assert store.put_profile(again) == {key("a")}
    assert store.profiles["gold"].document.currency == "GBP"


def test_a_target_concerns_all_that_name_it_in_any_version_and_namespace():
    store = Store()
    store.put_cluster(cluster_body("a", pools={"sim": pool("shared")}))
    store.put_cluster(cluster_body("b", pools={"livekit": pool("shared", api_version="karpenter.sh/v1beta1")}))
    store.put_cluster(cluster_body("c", pools={"sim": pool("shared", namespace="elsewhere")}))
    store.put_cluster(cluster_body("d", pools={"sim": pool("own")}))
    elsewhere = pool("shared", kubeconfigSecretRef={"name": "remote"})
    store.put_cluster(cluster_body("e", pools={"sim": elsewhere}))

    assert store.claimants((None, "karpenter.sh", "NodePool", "shared")) == {key("a"), key("b"), key("c")}
    assert store.users_of_kind(None, "karpenter.sh", "NodePool") == {key(name) for name in "abcd"}
    remote = ("customers", "remote", "value")
    assert store.users_of_cluster(remote) == {key("e")}
    assert store.kinds_in_use() == {
        None: {("karpenter.sh/v1", "NodePool"), ("karpenter.sh/v1beta1", "NodePool")},
        remote: {("karpenter.sh/v1", "NodePool")},
    }


def test_whoever_gives_a_target_up_tells_those_who_share_it():
    store = Store()
    store.put_cluster(cluster_body("a", pools={"sim": pool("shared")}))
    store.put_cluster(cluster_body("b", pools={"sim": pool("shared")}))

    assert store.put_cluster(cluster_body("a", version="11", generation=2, pools={"sim": pool("own")})) == {key("b")}
    assert store.claimants((None, "karpenter.sh", "NodePool", "shared")) == {key("b")}


def test_whoever_takes_a_target_up_tells_those_who_share_it():
    """An older object that turns to a target takes it from the newer one, which must hear of it."""
    store = Store()
    store.put_cluster(cluster_body("newer", created="2026-03-02T12:00:00Z", pools={"sim": pool("shared")}))
    store.put_cluster(cluster_body("older", pools={"sim": pool("own")}))

    turned = cluster_body("older", version="11", generation=2, pools={"sim": pool("shared")})

    assert store.put_cluster(turned) == {key("newer")}


def test_a_new_object_tells_those_whose_target_it_names():
    """Of two objects of one second the name decides, so even a new one may come first."""
    store = Store()
    store.put_cluster(cluster_body("b", pools={"sim": pool("shared")}))

    assert store.put_cluster(cluster_body("a", pools={"sim": pool("shared")})) == {key("b")}


def test_a_status_concerns_nobody_else():
    store = Store()
    store.put_cluster(cluster_body("a", pools={"sim": pool("shared")}))
    store.put_cluster(cluster_body("b", pools={"sim": pool("shared")}))

    assert store.put_cluster(cluster_body("a", version="11", status={}, pools={"sim": pool("shared")})) == set()


def test_whoever_goes_leaves_no_trace():
    store = Store()
    store.put_cluster(cluster_body("a", pools={"sim": pool("shared")}))
    store.put_cluster(cluster_body("b", pools={"sim": pool("shared")}))

    assert store.remove_cluster(key("a")) == {key("b")}
    assert store.remove_cluster(key("a")) == set()
    assert store.remove_cluster(key("b")) == set()
    assert store.clusters == {}
    assert store.claimants((None, "karpenter.sh", "NodePool", "shared")) == set()
    assert store.put_profile({"metadata": {"name": "default"}, "spec": {}}) == set()
    assert store.kinds_in_use() == {}


def test_another_cluster_is_known_by_the_secret_that_leads_there():
    ref = target_ref(kubeconfigSecretRef={"name": "remote", "key": "kubeconfig"})

    assert remote_key(ref, "customers") == ("customers", "remote", "kubeconfig")
    assert target_name(ref, "customers")[1:] == ("karpenter.sh", "NodePool", "st-marys")
    assert remote_key(TargetRef(api_version="v1", kind="Pool", name="a"), "customers") is None

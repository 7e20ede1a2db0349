"""Every kind of target: what its object says, and what the object is after a write."""

from copy import deepcopy

import jsonpatch
import pytest

from livecost.reduced import reduce_target
from livecost.target_kinds import NODE_POOL_LABELS, PoolNodes, known_kinds, lookup, nodes_of
from livecost.target_reading import read_target
from livecost.target_state import TargetProblem, TargetState, patch_for
from tests.livecost.builders import target_ref
from tests.livecost.target_objects import BY_SCALE, CAPI, IN_FIELDS, REFUSED, STATIC_NODEPOOL, thing


def read(body, ref, *, scalable=False, **how):
    """What the operator reads of a target: only what it keeps of the object."""
    return read_target(ref, reduce_target(body), scalable=scalable, **how)


def state(body, ref, **how):
    found = read(body, ref, **how)
    assert not isinstance(found, TargetProblem), found
    return found[0]


def written(body, ref, count, **how):
    """The object after the write of a count, and the operations that the server gets."""
    patch = patch_for(state(body, ref, **how), count)
    assert (patch.subresource, patch.patch_type) == (None, "application/json-patch+json")
    return jsonpatch.apply_patch(body, patch.body)


def changed(body, *changes):
    """The object with other values at some pointers."""
    body = deepcopy(body)
    return jsonpatch.apply_patch(body, [{"op": "add", "path": path, "value": value} for path, value in changes])


in_fields = pytest.mark.parametrize(
    ("ref", "body", "count", "maximum", "settled", "changes"), IN_FIELDS.values(), ids=IN_FIELDS
)


@in_fields
def test_what_an_object_says(ref, body, count, maximum, settled, changes):
    found = state(body, ref)

    assert (found.count, found.autoscaler_maximum, found.settled) == (count, maximum, settled)
    assert found.autoscaled is (maximum is not None)


@in_fields
def test_a_write_changes_the_count_and_nothing_else(ref, body, count, maximum, settled, changes):
    assert written(body, ref, 6) == changed(body, *changes)


@in_fields
def test_a_written_count_is_read_back(ref, body, count, maximum, settled, changes):
    assert state(written(body, ref, 6), ref).count == 6


@pytest.mark.parametrize(
    "name",
    ["Cluster topology, second machine deployment", "Gardener worker of a fixed size", "Rancher"],
)
def test_a_write_is_refused_when_the_list_was_reordered_meanwhile(name):
    ref, body, *_ = IN_FIELDS[name]
    found = state(body, ref)
    moved = deepcopy(body)
    lookup(moved, found.guard[0].rpartition("/")[0].rpartition("/")[0]).reverse()

    with pytest.raises(jsonpatch.JsonPatchTestFailed):
        jsonpatch.apply_patch(moved, patch_for(found, 6).body)


@pytest.mark.parametrize(("ref", "body", "count", "ready"), BY_SCALE.values(), ids=BY_SCALE)
def test_kinds_that_are_set_by_their_scale_subresource(ref, body, count, ready):
    found = state(body, ref, scalable=True)

    assert (found.count, found.ready, found.autoscaler_maximum) == (count, ready, None)
    patch = patch_for(found, 6)
    assert (patch.subresource, patch.patch_type) == ("scale", "application/merge-patch+json")
    assert patch.body == {"spec": {"replicas": 6}}


def test_the_scale_subresource_tells_where_a_custom_kind_keeps_its_count():
    ref = target_ref("Fleet", api_version="example.com/v1")

    found = state(thing({"size": {"nodes": 4}}), ref, scalable=True, replicas_pointer="/spec/size/nodes")

    assert (found.count, found.field) == (4, "spec.size.nodes")


@pytest.mark.parametrize(("ref", "body", "reason", "told"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_sized_is_refused_with_a_remedy(ref, body, reason, told):
    problem = read(body, ref)

    assert isinstance(problem, TargetProblem)
    assert problem.reason == reason
    assert told in problem.message


@pytest.mark.parametrize("switched_off", ["", "false"])
def test_a_machine_pool_that_nobody_else_manages_is_taken(switched_off):
    body = thing({"replicas": 3}, annotations={"cluster.x-k8s.io/replicas-managed-by": switched_off})

    assert state(body, target_ref("MachinePool", api_version=CAPI), scalable=True).count == 3


@pytest.mark.parametrize("text", ["9" * 5_000, "12345678901", "many", "-1", "٣", ""])
def test_an_annotation_that_is_no_count_is_none(text):
    """Python refuses to read thousands of digits, which must not end the decision."""
    bounds = {f"cluster.x-k8s.io/cluster-api-autoscaler-node-group-{end}-size": text for end in ("min", "max")}
    found = state(thing({"replicas": 3}, annotations=bounds), target_ref("MachineDeployment", api_version=CAPI))

    assert (found.count, found.autoscaler_maximum) == (None, None)


@pytest.mark.parametrize(
    ("name", "nodes"),
    [
        ("ACK", PoolNodes("eks.amazonaws.com/nodegroup", "st-marys")),
        ("ASO", PoolNodes("kubernetes.azure.com/agentpool", "sim")),
        ("ASO of an autoscaler", PoolNodes("kubernetes.azure.com/agentpool", "st-marys")),
        ("Config Connector in one zone", PoolNodes("cloud.google.com/gke-nodepool", "st-marys")),
        ("Crossplane GCP with bounds for all zones", PoolNodes("cloud.google.com/gke-nodepool", "pool-7")),
        ("Crossplane Azure", PoolNodes("kubernetes.azure.com/agentpool", "st-marys")),
        ("Gardener worker of a fixed size", PoolNodes("worker.gardener.cloud/pool", "sim")),
        ("Rancher", None),
    ],
)
def test_nodes_of_kinds_without_a_ready_count_are_known_by_their_label(name, nodes):
    ref, body, *_ = IN_FIELDS[name]

    assert read(body, ref)[1] == nodes


def test_a_reference_alone_tells_the_label_of_its_nodes():
    assert nodes_of(target_ref()) == PoolNodes("karpenter.sh/nodepool", "st-marys")
    shoot = target_ref("Shoot", api_version="core.gardener.cloud/v1beta1", poolName="sim")
    assert nodes_of(shoot) == PoolNodes("worker.gardener.cloud/pool", "sim")
    assert nodes_of(target_ref("MachineDeployment", api_version=CAPI)) is None
    assert nodes_of(target_ref("Fleet", api_version="example.com/v1")) is None


def test_every_known_kind_is_read_here():
    """A row that is added to the table gets its object in these tests."""
    read_here = {(ref.group, ref.kind) for cases in (IN_FIELDS, BY_SCALE) for ref, *_ in cases.values()}

    assert known_kinds().keys() <= read_here
    assert {kind.node_label for kind in known_kinds().values()} - {None} == set(NODE_POOL_LABELS)


def managed(*entries):
    return [
        {"manager": manager, "time": time, "operation": "Update", "fieldsV1": fields, "subresource": subresource}
        for manager, time, fields, subresource in entries
    ]


def test_the_last_writer_of_the_count_is_named():
    owns = {"f:spec": {"f:replicas": {}}}
    body = thing(
        {"replicas": 3},
        managedFields=managed(
            ("cluster-autoscaler", "2026-03-01T12:02:00Z", owns, "scale"),
            ("livecost", "2026-03-01T12:01:00Z", owns, "scale"),
            ("labeller", "2026-03-01T12:03:00Z", {"f:metadata": {}}, ""),
            ("capi", "2026-03-01T12:04:00Z", owns, "status"),
        ),
    )

    assert state(body, target_ref("MachineDeployment", api_version=CAPI)).writer == "cluster-autoscaler"


def test_the_last_writer_of_a_list_entry_is_named():
    """Managed fields know the entries of such a list by their names."""
    owns = {"f:spec": {"f:topology": {"f:workers": {"f:machineDeployments": {'k:{"name":"sim"}': {"f:replicas": {}}}}}}}
    ref, body, *_ = IN_FIELDS["Cluster topology, second machine deployment"]
    body = deepcopy(body)
    body["metadata"]["managedFields"] = managed(("gitops", "2026-03-01T12:02:00Z", owns, ""))

    assert state(body, ref).writer == "gitops"


def test_an_unknown_writer_stays_unknown():
    assert state(STATIC_NODEPOOL, target_ref(), scalable=True).writer is None


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/spec/pools/1/size", 4),
        ("/spec/pools/2/size", None),
        ("/spec/pools/last/size", None),
        ("/spec/a~1b~0c", 7),
        ("/spec/pools/0/size/deeper", None),
        ("", {"spec": {"pools": [{"size": 3}, {"size": 4}], "a/b~c": 7}}),
    ],
)
def test_look_up_by_json_pointer(pointer, value):
    assert lookup({"spec": {"pools": [{"size": 3}, {"size": 4}], "a/b~c": 7}}, pointer) == value


@pytest.mark.parametrize(("zones", "count", "per_zone"), [(3, 9, 3), (2, 4, 2), (1, 0, 0)])
def test_a_count_is_written_by_zone(zones, count, per_zone):
    patch = patch_for(TargetState(count=0, zones=zones, location=("/spec/nodeCount",)), count)

    assert patch.body == [{"op": "add", "path": "/spec/nodeCount", "value": per_zone}]

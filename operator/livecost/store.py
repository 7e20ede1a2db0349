"""The operator's own objects as last seen, with the indexes that tell who is concerned by a change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from costmodel import AssumptionsDocument, AssumptionsError, parse_document, problems_of
from livecost.assumption_check import Check
from livecost.decide import POOL_NAMES
from livecost.models import PAUSED_ANNOTATION, PAUSED_SCALE_DOWN_ANNOTATION, CustomerClusterSpec, TargetRef
from livecost.plan import Plan, PlanProblem
from livecost.reduced import resource_version

Json = dict[str, Any]
ClusterKey = tuple[str, str]
# The cluster that holds a target, by the Secret that leads there; None for the operator's own.
RemoteKey = tuple[str, str, str] | None
# Everything about a target but its namespace, which only counts for kinds that live in namespaces.
TargetName = tuple[RemoteKey, str, str, str]


@dataclass(frozen=True, slots=True)
class Figures:
    """The unrounded figures behind the last decision on a customer.

    Attributes:
        plan: sizes and prices.
        observed_monthly: observed run rate per month, in the plan's currency; None when nothing was measured.
    """

    plan: Plan
    observed_monthly: Decimal | None


@dataclass(slots=True)
class CustomerCluster:
    """A CustomerCluster as last seen.

    Attributes:
        key: namespace and name.
        uid: its identity; another object of the same name has another one.
        version: resourceVersion as a number.
        generation: generation of the spec.
        created_at: when it was created.
        spec: what the user wrote; None when it cannot be read.
        targets: the targets by pool name, for pools that have one; also those of a spec that cannot be read otherwise.
        problem: why it cannot be read.
        paused: whether patching is paused.
        paused_scale_down: whether shrinking is paused.
        labels: its labels.
        status: its status.
        writing: the status that is being written; its way back through the watch is no news.
        plan: the last plan, by what it was made from.
        check: the last check of its assumptions, by what it was made from.
        figures: what the last decision worked with, or why there was none to make; None before the first one.
    """

    key: ClusterKey
    uid: str
    version: int
    generation: int
    created_at: datetime
    spec: CustomerClusterSpec | None
    targets: Mapping[str, TargetRef]
    problem: PlanProblem | None
    paused: bool
    paused_scale_down: bool
    labels: Mapping[str, str]
    status: Json
    writing: Json | None = None
    plan: tuple[object, Plan | PlanProblem] | None = None
    check: tuple[object, Check] | None = None
    figures: Figures | PlanProblem | None = None

    @property
    def precedence(self) -> tuple[datetime, ClusterKey]:
        """Whoever comes first by this holds a target that several claim."""
        return self.created_at, self.key


@dataclass(frozen=True, slots=True)
class CostProfile:
    """A CostProfile as last seen: its document, or why that cannot be read.

    Attributes:
        name: its name.
        uid: its identity; another object of the same name has another one.
        generation: generation of its spec.
        document: its document; None when it cannot be read.
        problem: why it cannot be read.
    """

    name: str
    uid: str
    generation: int
    document: AssumptionsDocument | None
    problem: PlanProblem | None


@dataclass(slots=True)
class Store:
    """All objects of the operator's own kinds."""

    clusters: dict[ClusterKey, CustomerCluster] = field(default_factory=dict)
    profiles: dict[str, CostProfile] = field(default_factory=dict)
    _by_profile: defaultdict[str, set[ClusterKey]] = field(default_factory=lambda: defaultdict(set))
    _by_target: defaultdict[TargetName, set[ClusterKey]] = field(default_factory=lambda: defaultdict(set))

    def put_cluster(self, body: Json) -> set[ClusterKey] | None:
        """Take an object over; the keys of the others that it concerns are returned, or None when it brings no news.

        An older version than the one known is no news: an own write's answer may have overtaken the watch.
        """
        seen = read_cluster(body)
        before = self.clusters.get(seen.key)
        if before is not None and before.uid == seen.uid:
            if seen.version and seen.version <= before.version:
                return None
            seen.writing, seen.figures = before.writing, before.figures
            only_status = (seen.generation, seen.paused, seen.paused_scale_down) == (
                before.generation,
                before.paused,
                before.paused_scale_down,
            )
            if only_status and seen.status == before.writing:
                before.version, before.labels, before.status = seen.version, seen.labels, seen.status
                return None
            if before.generation == seen.generation:
                seen.spec, seen.targets, seen.problem, seen.plan = (
                    before.spec, before.targets, before.problem, before.plan,
                )  # fmt: skip
        affected = self._unindex(before) if before else set()
        self.clusters[seen.key] = seen
        if seen.spec is not None:
            self._by_profile[seen.spec.profile_ref.name].add(seen.key)
        for ref in seen.targets.values():
            claimants = self._by_target[target_name(ref, seen.key[0])]
            claimants.add(seen.key)
            # Whoever comes earlier takes a target from a later one, which must hear of it.
            affected |= claimants
        changed_targets = before is None or before.targets is not seen.targets
        return affected - {seen.key} if changed_targets else set()

    def status_answered(self, body: Json) -> None:
        """Take the answer to an own write over, unless the object has gone meanwhile: nobody would tell again."""
        metadata = body["metadata"]
        known = self.clusters.get((metadata["namespace"], metadata["name"]))
        if known is not None and known.uid == metadata["uid"]:
            self.put_cluster(body)

    def status_written(self, key: ClusterKey) -> None:
        """Nothing is being written any more; what was need not be remembered beside the status."""
        if (cluster := self.clusters.get(key)) is not None:
            cluster.writing = None

    def remove_cluster(self, key: ClusterKey) -> set[ClusterKey]:
        """Forget an object; the keys of those that may now hold its targets are returned."""
        before = self.clusters.pop(key, None)
        return self._unindex(before) if before else set()

    def put_profile(self, body: Json) -> set[ClusterKey]:
        """Take a profile over; the keys of its users are returned, unless nothing in it changed.

        An older one than the one known is no news: the watch may have overtaken a list.
        """
        profile = read_profile(body)
        before = self.profiles.get(profile.name)
        if profile == before or (before and before.uid == profile.uid and profile.generation < before.generation):
            return set()
        self.profiles[profile.name] = profile
        return set(self._by_profile.get(profile.name, ()))

    def remove_profile(self, name: str) -> set[ClusterKey]:
        """Forget a profile; the keys of its users are returned."""
        self.profiles.pop(name, None)
        return set(self._by_profile.get(name, ()))

    def claimants(self, target: TargetName) -> set[ClusterKey]:
        """The keys of all that name a target, whatever its namespace."""
        return self._by_target.get(target, set())

    def kinds_in_use(self) -> defaultdict[RemoteKey, set[tuple[str, str]]]:
        """apiVersion and kind of all targets, cluster by cluster."""
        kinds: defaultdict[RemoteKey, set[tuple[str, str]]] = defaultdict(set)
        for cluster in self.clusters.values():
            for ref in cluster.targets.values():
                kinds[remote_key(ref, cluster.key[0])].add((ref.api_version, ref.kind))
        return kinds

    def users_of_kind(self, remote: RemoteKey, group: str, kind: str) -> set[ClusterKey]:
        """The keys of all that name any target of a kind."""
        return {key for name, keys in self._by_target.items() if name[:3] == (remote, group, kind) for key in keys}

    def users_of_cluster(self, remote: RemoteKey) -> set[ClusterKey]:
        """The keys of all that name any target in a cluster."""
        return {key for name, keys in self._by_target.items() if name[0] == remote for key in keys}

    def _unindex(self, cluster: CustomerCluster) -> set[ClusterKey]:
        """Take an object out of the indexes; the keys of those that share a target with it are returned."""
        others: set[ClusterKey] = set()
        if cluster.spec is not None:
            _discard(self._by_profile, cluster.spec.profile_ref.name, cluster.key)
        for ref in cluster.targets.values():
            name = target_name(ref, cluster.key[0])
            _discard(self._by_target, name, cluster.key)
            others |= self._by_target.get(name, set())
        return others


def _discard(index: defaultdict[Any, set[ClusterKey]], entry: object, key: ClusterKey) -> None:
    index[entry].discard(key)
    if not index[entry]:
        del index[entry]


def remote_key(ref: TargetRef, namespace: str) -> RemoteKey:
    """Which cluster holds a target."""
    secret = ref.kubeconfig_secret_ref
    return None if secret is None else (namespace, secret.name, secret.key)


def target_name(ref: TargetRef, namespace: str) -> TargetName:
    """What a target is known by."""
    return remote_key(ref, namespace), ref.group, ref.kind, ref.name


def read_cluster(body: Json) -> CustomerCluster:
    """A CustomerCluster from the API's object; a spec that cannot be read becomes a problem, never an exception."""
    metadata = body["metadata"]
    annotations = metadata.get("annotations") or {}
    spec, problem = None, None
    try:
        spec = CustomerClusterSpec.model_validate(body.get("spec") or {})
        pools = {"livekit": spec.pools.livekit, "sim": spec.pools.sim}
        targets = {name: pool.target_ref for name, pool in pools.items() if pool.target_ref is not None}
    except ValidationError as error:
        targets = _claimed(body.get("spec") or {})
        text = "; ".join(str(found) for found in problems_of(error, CustomerClusterSpec))
        problem = PlanProblem("SpecInvalid", f"spec: {text}")
    return CustomerCluster(
        key=(metadata["namespace"], metadata["name"]),
        uid=metadata["uid"],
        version=resource_version(body),
        generation=metadata.get("generation", 0),
        created_at=datetime.fromisoformat(metadata["creationTimestamp"]),
        spec=spec,
        targets=targets,
        problem=problem,
        paused=annotations.get(PAUSED_ANNOTATION) == "true",
        paused_scale_down=annotations.get(PAUSED_SCALE_DOWN_ANNOTATION) == "true",
        labels=metadata.get("labels") or {},
        status=body.get("status") or {},
    )


def _claimed(spec: Json) -> dict[str, TargetRef]:
    """The targets of a spec that cannot be read as a whole, such as a newer CRD's: nobody else may take them."""
    known = {field.alias for field in TargetRef.model_fields.values()}
    found: dict[str, TargetRef] = {}
    for name in POOL_NAMES:
        try:
            stated = spec["pools"][name]["targetRef"].items()
            found[name] = TargetRef.model_validate({field: value for field, value in stated if field in known})
        except (ValidationError, LookupError, TypeError, AttributeError):
            continue
    return found


def read_profile(body: Json) -> CostProfile:
    """A CostProfile from the API's object; a document that cannot be read becomes a problem, never an exception."""
    metadata = body["metadata"]
    name, uid, generation = metadata["name"], metadata.get("uid", ""), metadata.get("generation", 0)
    try:
        return CostProfile(name, uid, generation, parse_document(body.get("spec") or {}), None)
    except AssumptionsError as error:
        problem = PlanProblem("ProfileInvalid", f"CostProfile {name}: " + "; ".join(map(str, error.problems)))
        return CostProfile(name, uid, generation, None, problem)

"""One CustomerCluster from what is known to what is written: gather, decide, apply, status."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

import structlog

from livecost.assumption_check import Check, check_assumptions
from livecost.claims import contender
from livecost.cost_status import comparable_from
from livecost.decide import POOL_NAMES, Decision, PoolDecision, PoolFacts, PoolOutcome, Switches, decide
from livecost.events import EventWriter, Happening, happenings
from livecost.kube_api import ApiError, Json, KubeApi, Resource
from livecost.live_status import live_view
from livecost.metrics import Metrics
from livecost.models import DEFAULT_PROFILE, GROUP, VERSION, CustomerClusterSpec, TargetRef
from livecost.month_cost import with_months
from livecost.observations import Observations
from livecost.observed_cost import Measured, NotMeasured, ObservedCost, price_measured
from livecost.plan import Plan, PlanProblem, estimate_with, make_plan
from livecost.settings import Settings
from livecost.status import Subject, planned_status, read_memory, unplanned_status
from livecost.store import ClusterKey, CustomerCluster, Figures, Store, target_name
from livecost.target_state import TargetProblem, TargetState
from livecost.targets import Targets
from livecost.workqueue import WorkQueue

CUSTOMER_CLUSTERS = Resource(GROUP, VERSION, "customerclusters", "CustomerCluster", namespaced=True)

COST_PROFILES = Resource(GROUP, VERSION, "costprofiles", "CostProfile", namespaced=False)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Gathered:
    plan: Plan | PlanProblem
    pools: Mapping[str, PoolFacts]
    zones: Mapping[str, int]


class Reconciler:
    """Brings single customers up to date; every cause of work ends here."""

    def __init__(
        self,
        api: KubeApi,
        store: Store,
        targets: Targets,
        observations: Observations,
        events: EventWriter,
        metrics: Metrics,
        settings: Settings,
    ) -> None:
        self._api = api
        self._store = store
        self._targets = targets
        self._observations = observations
        self._events = events
        self._metrics = metrics
        self._settings = settings

    async def reconcile(self, key: ClusterKey, queue: WorkQueue[ClusterKey]) -> None:
        """Bring one customer up to date; whatever must be tried again is put into the queue.

        Raises:
            ApiError: its status could not be written.
        """
        cluster = self._store.clusters.get(key)
        if cluster is None:
            queue.forget(key)
            return
        gathered = self._gather(cluster)
        if gathered is None:
            # A watch is still filling; it puts this customer back into the queue.
            return
        now = datetime.now(UTC)
        subject = self._subject(cluster)
        if isinstance(gathered.plan, PlanProblem) or cluster.spec is None:
            problem = gathered.plan if isinstance(gathered.plan, PlanProblem) else cluster.problem
            assert problem is not None  # noqa: S101 - a spec is either read or has a problem
            cluster.figures = problem
            await self._write_status(cluster, unplanned_status(subject, problem, now))
            queue.succeeded(key)
            return
        switches = Switches(
            recommend_only=self._settings.recommend_only or cluster.spec.scaling.mode == "Recommend",
            paused=cluster.paused,
            paused_scale_down=cluster.paused_scale_down,
        )
        refresh = self._settings.observation_refresh_seconds
        max_age = self._settings.live_telemetry_max_age_seconds
        load = self._observations.live(cluster)
        live = live_view(cluster.status, load, gathered.plan, max_age, refresh, now)
        decision = decide(cluster.spec, gathered.plan, gathered.pools, switches, now, live)
        outcomes = await self._apply(cluster, decision)
        measured = self._observations.latest(cluster)
        observed: ObservedCost | NotMeasured
        if isinstance(measured, Measured):
            currency = self._settings.opencost_currency
            observed = price_measured(measured, gathered.plan, currency)
            observed = with_months(observed, self._observations.months(cluster), gathered.plan, currency)
        else:
            observed = measured
        subject = replace(subject, check=self._check(cluster, cluster.spec, gathered.plan, gathered.zones))
        cluster.figures = Figures(gathered.plan, observed.monthly if isinstance(observed, ObservedCost) else None)
        status = planned_status(subject, cluster.spec, gathered.plan, decision, outcomes, observed, refresh, now)
        await self._write_status(cluster, status)
        self._schedule(key, queue, decision, outcomes, now)
        if isinstance(measured, Measured):
            start = comparable_from(status["cost"], measured.window_seconds)
            if start is not None and start > measured.as_of:
                # The verdict on the cost changes then, though no figure may.
                wait = (start - measured.as_of).total_seconds()
                queue.add_after(key, max(wait, self._settings.observation_interval_seconds))

    def _gather(self, cluster: CustomerCluster) -> _Gathered | None:
        """What is known of a customer; None while a target is not known yet."""
        references = cluster.targets
        pools: dict[str, PoolFacts] = {}
        zones: dict[str, int] = {}
        for name in POOL_NAMES:
            ref = references.get(name)
            if ref is None:
                pools[name] = PoolFacts(None, None, read_memory(cluster.status, name, None))
                continue
            target = self._targets.find(ref, cluster.key[0])
            if target is None:
                return None
            target = self._contender(cluster, name, ref) or target
            if isinstance(target, TargetState):
                zones[name] = target.zones
            label = _label(ref)
            pools[name] = PoolFacts(label, target, read_memory(cluster.status, name, label))
        return _Gathered(self._plan(cluster, zones), pools, zones)

    def _contender(self, cluster: CustomerCluster, pool: str, ref: TargetRef) -> TargetProblem | None:
        keys = self._store.claimants(target_name(ref, cluster.key[0]))
        if len(keys) == 1 and len({_label(own) for own in cluster.targets.values()}) == len(cluster.targets):
            return None
        claimants = [self._store.clusters[key] for key in keys]
        namespaced = self._targets.is_namespaced(ref, cluster.key[0])
        return contender(cluster, pool, ref, claimants, namespaced=namespaced)

    def _plan(self, cluster: CustomerCluster, zones: Mapping[str, int]) -> Plan | PlanProblem:
        if cluster.spec is None:
            return cluster.problem or PlanProblem("SpecInvalid", "spec cannot be read")
        name = cluster.spec.profile_ref.name
        profile = self._store.profiles.get(name)
        if profile is None and (name != DEFAULT_PROFILE or _was_sized_by(name, cluster.status)):
            return PlanProblem(
                "ProfileNotFound",
                f"CostProfile {name} does not exist: create it (with an empty spec it means the built-in defaults) or "
                "correct profileRef.name",
            )
        if profile is not None and profile.problem is not None:
            return profile.problem
        # A profile made anew begins with the first generation again.
        made_from = (cluster.generation, profile and (profile.uid, profile.generation), tuple(sorted(zones.items())))
        if cluster.plan is None or cluster.plan[0] != made_from:
            cluster.plan = (made_from, make_plan(cluster.spec, profile.document if profile else None, zones))
        return cluster.plan[1]

    def _check(
        self, cluster: CustomerCluster, spec: CustomerClusterSpec, plan: Plan, zones: Mapping[str, int]
    ) -> Check | None:
        load = self._observations.load(cluster)
        if load is None:
            return None
        profile = self._store.profiles.get(spec.profile_ref.name)
        made_from = (cluster.plan and cluster.plan[0], load)
        if cluster.check is None or cluster.check[0] != made_from:
            document = profile.document if profile else None
            cluster.check = (
                made_from,
                check_assumptions(
                    load,
                    plan,
                    lambda values: estimate_with(spec, document, zones, values),
                    Decimal(self._settings.target_cpu_percent),
                ),
            )
        return cluster.check[1]

    def _subject(self, cluster: CustomerCluster) -> Subject:
        name = cluster.spec.profile_ref.name if cluster.spec else DEFAULT_PROFILE
        profile = self._store.profiles.get(name)
        if profile is None:
            return Subject(cluster.generation, cluster.status)
        return Subject(cluster.generation, cluster.status, profile.name, profile.generation)

    async def _apply(self, cluster: CustomerCluster, decision: Decision) -> dict[str, PoolOutcome]:
        references = cluster.targets
        outcomes = await asyncio.gather(
            *(self._apply_pool(cluster, name, references.get(name), decision.pools[name]) for name in POOL_NAMES)
        )
        return dict(zip(POOL_NAMES, outcomes, strict=True))

    async def _apply_pool(
        self, cluster: CustomerCluster, name: str, ref: TargetRef | None, decision: PoolDecision
    ) -> PoolOutcome:
        target = decision.facts.target
        if ref is None or not isinstance(target, TargetState):
            return PoolOutcome(None, None, None)
        if decision.write is None:
            return PoolOutcome(target.count, target.ready, target.settled)
        written = await self._targets.apply(ref, cluster.key[0], target, decision.write)
        about = {"customer": "/".join(cluster.key), "pool": name, "target": decision.facts.label}
        if isinstance(written, TargetProblem):
            log.warning("target not written", **about, reason=written.reason, error=written.message)
            self._metrics.reconcile_errors.labels(written.reason).inc()
            return PoolOutcome(target.count, target.ready, target.settled, written)
        up = target.count is None or decision.write > target.count
        log.info("target written", **about, count_before=target.count, count=decision.write)
        self._metrics.target_writes.labels("up" if up else "down").inc()
        if self._settings.events == "all":
            text = f"{name}: {decision.facts.label} from {target.count} to {decision.write}"
            self._events.tell(cluster, Happening("Normal", "ScaledUp" if up else "ScaledDown", text))
        return PoolOutcome(written.count, written.ready, written.settled)

    async def _write_status(self, cluster: CustomerCluster, status: Json) -> None:
        if status == cluster.status:
            return
        namespace, name = cluster.key
        # The test keeps the status of a deleted object off its successor of the same name.
        patch: list[Json] = [
            {"op": "test", "path": "/metadata/uid", "value": cluster.uid},
            {"op": "add", "path": "/status", "value": status},
        ]
        before = cluster.status
        cluster.writing = status
        try:
            answer = await self._api.patch(
                CUSTOMER_CLUSTERS.path(namespace, name, "status"), patch, "application/json-patch+json"
            )
            self._store.status_answered(answer)
        except ApiError as error:
            if error.status == 404:
                return
            raise
        finally:
            self._store.status_written(cluster.key)
        self._metrics.status_writes.inc()
        verdict = ((before.get("cost") or {}).get("variance") or {}).get("lastVerdict")
        conditions = before.get("conditions") or [], answer["status"].get("conditions") or []
        for happening in happenings(*conditions, verdict):
            self._events.tell(cluster, happening)

    def _schedule(
        self,
        key: ClusterKey,
        queue: WorkQueue[ClusterKey],
        decision: Decision,
        outcomes: Mapping[str, PoolOutcome],
        now: datetime,
    ) -> None:
        if any(outcome.problem and outcome.problem.retry for outcome in outcomes.values()):
            queue.retry(key)
            return
        queue.succeeded(key)
        if decision.decide_again_at is not None:
            # A clock that is a moment early would only find that it is too early.
            queue.add_after(key, (decision.decide_again_at - now).total_seconds() + 0.05)


def _was_sized_by(profile: str, status: Json) -> bool:
    """Whether a CostProfile made the last plan: the built-in defaults must not silently replace one that is gone."""
    last = status.get("profile") or {}
    return last.get("name") == profile and last.get("generation") is not None


def _label(ref: TargetRef) -> str:
    inside = f" pool {ref.pool_name}" if ref.pool_name else ""
    return f"{ref.kind} {ref.name}{inside}"

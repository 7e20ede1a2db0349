"""One customer brought up to date while the world goes on: what changes between two awaits is not undone."""

from livecost.events import EventWriter
from livecost.metrics import Metrics
from livecost.observations import Observations
from livecost.prometheus_credentials import Credentials
from livecost.reconcile import Reconciler
from livecost.settings import Settings
from livecost.store import Store
from livecost.targets import Targets
from livecost.workqueue import WorkQueue
from tests.livecost.builders import cluster_body

KEY = ("customers", "st-marys")


class StatusApi:
    """Takes statuses; `meanwhile` is called before each answer."""

    def __init__(self):
        self.body = None
        self.meanwhile = lambda: None

    async def patch(self, path, body, patch_type):
        """The object with the status in it."""
        version = str(int(self.body["metadata"]["resourceVersion"]) + 1)
        metadata = {**self.body["metadata"], "resourceVersion": version}
        self.body = {**self.body, "metadata": metadata, "status": body[-1]["value"]}
        self.meanwhile()
        return self.body


class Operator:
    """A store with one customer, and what brings it up to date."""

    def __init__(self, **fields):
        self.api, self.store, settings = StatusApi(), Store(), Settings()
        self.api.body = cluster_body(**fields)
        self.store.put_cluster(self.api.body)
        targets = Targets(self.api, all_namespaces=True, on_change=lambda *_: None)
        observations = Observations(self.store, settings, Credentials(self.api, settings), None, lambda _: None)
        events = EventWriter(self.api, "replica")
        self._reconciler = Reconciler(self.api, self.store, targets, observations, events, Metrics(), settings)
        self._queue = WorkQueue(self.reconcile, lambda *_: None)

    async def reconcile(self):
        """Bring the customer up to date; its status."""
        await self._reconciler.reconcile(KEY, self._queue)
        return self.api.body["status"]


def gold(uid, users_per_session):
    metadata = {"name": "gold", "uid": uid, "generation": 1}
    return {"metadata": metadata, "spec": {"demand": {"usersPerSession": users_per_session}}}


async def test_a_profile_deleted_and_made_anew_counts_as_it_is_now():
    """Both are of the first generation, as after `kubectl replace --force`."""
    operator = Operator(profileRef={"name": "gold"})
    operator.store.put_profile(gold("first", 4))
    before = await operator.reconcile()
    operator.store.remove_profile("gold")
    operator.store.put_profile(gold("second", 2))

    after = await operator.reconcile()

    assert (before["demand"]["sessions"], after["demand"]["sessions"]) == (25, 50)


async def test_a_customer_that_goes_while_its_status_is_written_stays_gone():
    """It would keep its targets from others, and go on setting them, for as long as the process runs."""
    operator = Operator()
    operator.api.meanwhile = lambda: operator.store.remove_cluster(KEY)

    await operator.reconcile()

    assert operator.store.clusters == {}


async def test_a_successor_that_comes_while_the_status_is_written_stays():
    operator = Operator()
    successor = cluster_body(uid="another", version="30", concurrency=200)

    def replaced():
        operator.store.remove_cluster(KEY)
        operator.store.put_cluster(successor)

    operator.api.meanwhile = replaced

    await operator.reconcile()

    assert operator.store.clusters[KEY].uid == "another"

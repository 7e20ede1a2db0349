"""The live fleet's pages over customers that a test makes, without a cluster."""

from dataclasses import dataclass, field

from starlette.testclient import TestClient

from livecost.customer_reading import Live
from livecost.fleet_page.pulse import Pulse
from livecost.fleet_page.routes import add_fleet_page
from livecost.fleet_page.source import WatchState
from livecost.fleet_page.trend import Trends
from livecost.settings import Settings
from livecost.store import read_cluster
from livecost.web.app import create_app
from tests.livecost.builders import cluster_body


@dataclass
class Shelf:
    """A source whose objects a test puts there."""

    customers: dict = field(default_factory=dict)
    profiles: dict = field(default_factory=dict)
    fleets: dict = field(default_factory=dict)
    fleets_problem: str = ""
    state: WatchState = field(default_factory=lambda: WatchState(synced=True))
    pulse: Pulse = field(default_factory=Pulse)

    def put(self, customer):
        """Put a customer there."""
        self.customers[customer.key] = customer

    async def live(self, customer):
        """The customer with its profile."""
        return Live(customer, self.profiles.get(customer.spec.profile_ref.name))


def priced(name, monthly, *, currency="USD", observed=None, ready="True", namespace="customers", **spec):
    """A customer with as much of a status as a row shows."""
    cost = {"currency": currency, "projected": {"monthly": monthly, "annual": "0", "items": {}}}
    shown = [("Ready", ready), ("CostObserved", "Unknown" if observed is None else "True")]
    if observed is not None:
        cost["observed"] = {"monthlyRunRate": observed}
    status = {
        "cost": cost,
        "conditions": [
            {"type": kind, "status": each, "reason": f"{kind}{each}", "message": ""} for kind, each in shown
        ],
    }
    return read_cluster(cluster_body(name, namespace=namespace, status=status, **spec))


def browser_of(shelf, prometheus_url=None, **login):
    """A client of the application over a source."""
    app = create_app()
    add_fleet_page(app, shelf, Trends(Settings(prometheus_url=prometheus_url, **login)))
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False, follow_redirects=False)

"""Takes the pictures of the live fleet in docs/screenshots anew: `python -m e2e.web.fleet_screenshots`."""

from __future__ import annotations

import time

from e2e.web.live_fleet import live_fleet
from e2e.web.screenshots import take
from e2e.web.serving import browsing

_TREND_SECONDS = 60


def main() -> None:
    """Take all of them."""
    with live_fleet() as fleet, browsing() as browser:
        running, address = fleet.running, fleet.address
        running.until_condition("st-marys", "CostObserved", "True", "Observed")
        running.apply("no-nodes", {"concurrency": 300, "budget": {"monthly": 900}}, {"livekit": "nowhere"})
        time.sleep(_TREND_SECONDS)
        desktop, phone = (1280, 1000), (390, 844)
        take(browser, f"{address}/fleet", "fleet", desktop, "light")
        take(browser, f"{address}/fleet?state=Ready:False", "fleet-dark", desktop, "dark")
        take(browser, f"{address}/fleet", "fleet-phone", phone, "light")
        take(browser, f"{address}/fleet/default/st-marys", "fleet-customer", (1280, 2600), "light")
        take(browser, f"{address}/fleet/default/no-nodes", "fleet-customer-phone", phone, "light")


if __name__ == "__main__":
    main()

"""The assumptions of the worked example, which hold wherever no document says otherwise. They are not quotes."""

from __future__ import annotations

from typing import Final

from costmodel.document import AssumptionsDocument

DEFAULTS: Final = AssumptionsDocument.model_validate(
    {
        "currency": "USD",
        # The prices below are placeholders of no provider in particular.
        "cloud": "custom",
        # Demand: the worked example, 1,000 users of whom 10 % are on at once, in sessions of four with two AI agents.
        # It pays for every hour of the month.
        "demand": {
            "users": 1000,
            "peakConcurrencyPercent": 10,
            "usersPerSession": 4,
            "agentsPerSession": 2,
            "activeHoursPerMonth": 730,
        },
        # Capacity: placeholders of the worked example until load tests say better. 100 % plans no headroom; whole rooms
        # because LiveKit keeps a room on one node (docs.livekit.io, self-hosting, distributed multi-region).
        "capacity": {
            "participantsPerNode": 200,
            "sessionsPerNode": 50,
            "targetUtilizationPercent": 100,
            "wholeRooms": True,
        },
        # Prices per node-hour: the worked example. The ceiling of 50 is a safety limit against a slip in the demand.
        "nodes": {
            "livekit": {"hourly": "0.24", "minNodes": 1, "maxNodes": 50, "zones": 1},
            "sim": {"hourly": "0.20", "minNodes": 1, "maxNodes": 50, "zones": 1},
            "system": {"hourly": "0.10", "nodes": 1},
        },
        # Monthly figures of the worked example.
        "managedServices": {
            "controlPlane": 75,
            "redis": 50,
            "loadBalancer": 20,
            "storageAndLogs": 30,
            "observability": 30,
        },
        # Bitrate, usage and the flat price are the worked example's; it knows no free or included volume.
        "network": {
            "mediaMbps": "1.2",
            "usageHoursPerMonth": 60,
            "egressPerGB": "0.09",
            "freeGB": 0,
            "includedTBPerNode": 0,
        },
        # The worked example's license and fleet.
        "license": {"annual": 35000},
        "fleet": {"customers": 25},
    }
)
"""The first layer of every resolution; it leaves only `region`, `sku`, `monthlyCap` and the alternatives unset."""

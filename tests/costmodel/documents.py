"""Random assumptions documents, for properties that hold of every one."""

import math
from fractions import Fraction

from hypothesis import strategies as st


def decimals(low, high, places=4):
    return st.decimals(low, high, places=places)


@st.composite
def pools(draw):
    zones = draw(st.integers(1, 4))
    most = draw(st.integers(zones, 60))
    fewest = draw(st.integers(0, most // zones * zones))
    hourly, cap = draw(decimals(0, 50)), draw(st.none() | decimals(0, 9000))
    return {"hourly": hourly, "monthlyCap": cap, "minNodes": fewest, "maxNodes": most, "zones": zones}


@st.composite
def documents(draw):
    per_session, agents = draw(decimals(1, 40)), draw(st.integers(0, 10))
    utilization = draw(decimals(10, 100))
    smallest_node = math.ceil((Fraction(per_session) + agents) * 100 / Fraction(utilization))
    ends = sorted(draw(st.lists(st.integers(1, 90_000), unique=True, max_size=3)))
    tiers = [{"upToGB": end, "perGB": draw(decimals(0, 1))} for end in ends] + [{"perGB": draw(decimals(0, 1))}]
    peak = draw(
        st.fixed_dictionaries({"concurrency": st.integers(0, 20_000)})
        | st.fixed_dictionaries({"peakConcurrencyPercent": decimals(0, 100)})
    )
    return {
        "demand": {
            "users": draw(st.integers(0, 100_000)),
            "usersPerSession": per_session,
            "agentsPerSession": agents,
            "activeHoursPerMonth": draw(decimals(0, 730)),
            **peak,
        },
        "capacity": {
            "participantsPerNode": smallest_node + draw(st.integers(0, 500)),
            "sessionsPerNode": draw(st.integers(1, 300)),
            "targetUtilizationPercent": utilization,
            "wholeRooms": draw(st.booleans()),
        },
        "nodes": {"livekit": draw(pools()), "sim": draw(pools()), "system": {"hourly": draw(decimals(0, 50))}},
        "network": {
            "mediaMbps": draw(decimals(0, 20)),
            "usageHoursPerMonth": draw(decimals(0, 730)),
            "freeGB": draw(decimals(0, 5000)),
            "includedTBPerNode": draw(decimals(0, 20)),
            "tiers": tiers,
        },
        "license": {"annual": draw(decimals(0, 10**7))},
        "fleet": {"customers": draw(st.integers(0, 1000))},
    }

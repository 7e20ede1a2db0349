"""What holds for every document: an independent computation in fractions agrees, and nothing leaves its bounds."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import AssumptionsDocument, estimate, estimate_to_json, explain, parse_document, resolve
from tests.costmodel.documents import documents


def in_fractions(document):
    """The specification once more, in another arithmetic and written apart from the package."""
    demand, capacity, network = document["demand"], document["capacity"], document["network"]
    per_session, agents = Fraction(demand["usersPerSession"]), demand["agentsPerSession"]
    if "concurrency" in demand:
        peak = demand["concurrency"]
    else:
        peak = math.ceil(demand["users"] * Fraction(demand["peakConcurrencyPercent"]) / 100)
    sessions = math.ceil(peak / per_session)
    participants = peak + sessions * agents
    utilization = Fraction(capacity["targetUtilizationPercent"]) / 100
    per_node = capacity["participantsPerNode"] * utilization
    livekit = math.ceil(participants / per_node)
    if capacity["wholeRooms"]:
        livekit = max(livekit, math.ceil(Fraction(sessions, math.floor(per_node / (per_session + agents)))))
    sim = math.ceil(sessions / (capacity["sessionsPerNode"] * utilization))

    def bounded(required, pool):
        multiples = range(0, pool["maxNodes"] + 1, pool["zones"])
        enough = [each for each in multiples if each >= max(required, pool["minNodes"])]
        return min(enough, default=max(multiples))

    def cost(nodes, pool):
        cap = math.inf if pool["monthlyCap"] is None else Fraction(pool["monthlyCap"])
        floor = math.ceil(Fraction(pool["minNodes"], pool["zones"])) * pool["zones"]
        price, active = Fraction(pool["hourly"]), Fraction(demand["activeHoursPerMonth"])
        return sum(min(price * (730 if number < floor else active), cap) for number in range(nodes))

    nodes = {"livekit": bounded(livekit, document["nodes"]["livekit"]), "sim": bounded(sim, document["nodes"]["sim"])}
    volume = participants * Fraction(network["mediaMbps"]) * Fraction(network["usageHoursPerMonth"]) * 3600 / 8 / 1000
    included = Fraction(network["freeGB"]) + Fraction(network["includedTBPerNode"]) * 1000 * nodes["livekit"]
    billable = max(Fraction(0), volume - included)
    egress, start = Fraction(0), Fraction(0)
    for tier in network["tiers"]:
        end = Fraction(tier["upToGB"]) if "upToGB" in tier else billable
        egress += max(Fraction(0), min(billable, end) - start) * Fraction(tier["perGB"])
        start = end
    return {
        "counts": (peak, sessions, participants),
        "required": (livekit, sim),
        "nodes": (nodes["livekit"], nodes["sim"]),
        "livekit": cost(nodes["livekit"], document["nodes"]["livekit"]),
        "sim": cost(nodes["sim"], document["nodes"]["sim"]),
        "egress_gb": volume,
        "egress": egress,
    }


def estimated(document):
    return estimate(resolve(parse_document(document)))


@given(document=documents())
def test_an_independent_computation_in_fractions_agrees(document):
    result, expected = estimated(document), in_fractions(document)

    demand = result.demand
    assert (demand.peak_users, demand.sessions, demand.participants) == expected["counts"]
    assert (result.livekit.required, result.sim.required) == expected["required"]
    assert (result.livekit.nodes, result.sim.nodes) == expected["nodes"]
    assert Fraction(result.egress_gb) == expected["egress_gb"]
    assert {item: Fraction(result.monthly[item]) for item in ("livekit", "sim", "egress")} == {
        item: expected[item] for item in ("livekit", "sim", "egress")
    }


@given(document=documents())
def test_a_pool_stays_in_its_bounds_and_says_which_one_acted(document):
    result = estimated(document)

    for name, size in (("livekit", result.livekit), ("sim", result.sim)):
        pool = document["nodes"][name]
        assert pool["minNodes"] <= size.nodes <= pool["maxNodes"]
        assert size.nodes % pool["zones"] == 0
        assert (size.limited_by == "maxNodes") == (size.nodes < size.required)
        assert (size.limited_by == "minNodes") == (size.required < pool["minNodes"])


@given(document=documents())
def test_the_total_is_the_sum_of_the_items_and_the_rest_follows_from_it(document):
    result = estimated(document)

    assert sum(map(Fraction, result.monthly.values())) == Fraction(result.monthly_total)
    assert Fraction(result.annual) == 12 * Fraction(result.monthly_total)
    assert Fraction(result.gross_margin) == Fraction(document["license"]["annual"]) - Fraction(result.annual)
    customers = document["fleet"]["customers"]
    assert Fraction(result.fleet.annual_infra) == customers * Fraction(result.annual)
    assert Fraction(result.fleet.annual_gross_margin) == customers * Fraction(result.gross_margin)


@given(document=documents(), more=st.integers(1, 5000))
def test_more_users_never_need_fewer_nodes_nor_less_egress(document, more):
    demand = document["demand"]
    field = "concurrency" if "concurrency" in demand else "users"
    few, many = estimated(document), estimated({**document, "demand": {**demand, field: demand[field] + more}})

    assert few.livekit.required <= many.livekit.required
    assert few.sim.required <= many.sim.required
    assert few.livekit.nodes <= many.livekit.nodes
    assert few.monthly["livekit"] <= many.monthly["livekit"]
    assert few.monthly["sim"] <= many.monthly["sim"]
    assert few.egress_gb <= many.egress_gb


@given(document=documents(), more=st.integers(1, 20), pool=st.sampled_from(["livekit", "sim"]))
def test_more_nodes_are_never_cheaper(document, more, pool):
    """A higher floor and ceiling, in whole zones: never fewer nodes, and none of them for less."""
    group = document["nodes"][pool]
    bounds = {bound: group[bound] + more * group["zones"] for bound in ("minNodes", "maxNodes")}
    few = estimated(document)
    many = estimated({**document, "nodes": {**document["nodes"], pool: {**group, **bounds}}})

    assert getattr(few, pool).nodes <= getattr(many, pool).nodes
    assert few.monthly[pool] <= many.monthly[pool]


@given(document=documents())
def test_whole_rooms_never_need_fewer_nodes_than_the_average(document):
    def livekit(whole):
        return estimated({**document, "capacity": {**document["capacity"], "wholeRooms": whole}}).livekit

    average, rooms = livekit(False), livekit(True)

    assert rooms.required >= average.required
    assert rooms.nodes >= average.nodes
    assert (rooms.set_by == "wholeRooms") == (rooms.required > average.required)


@given(document=documents())
def test_every_estimate_can_be_shown_and_explained(document):
    assumptions = resolve(parse_document(document))
    result = estimate(assumptions)
    shown = estimate_to_json(result)

    assert [*result.monthly, "total"] == list(shown["monthly"])
    assert all(len(cost.partition(".")[2]) == 2 for cost in shown["monthly"].values())
    assert set(explain(result, assumptions)) == set(result.monthly)


def _largest(schema, definitions):
    """A document with every number at its upper bound."""
    document = {}
    for name, field in schema["properties"].items():
        for kind in field.get("anyOf", [field]):
            if "$ref" in kind:
                definition = definitions[kind["$ref"].rpartition("/")[2]]
                document[name] = _largest(definition, definitions)
            elif "maximum" in kind or "x-livecost-maximum" in kind:
                document[name] = kind.get("maximum", kind.get("x-livecost-maximum"))
    return document


def _largest_document():
    schema = AssumptionsDocument.model_json_schema()
    document = _largest(schema, schema["$defs"])
    del document["demand"]["peakConcurrencyPercent"]
    document["demand"] |= {"usersPerSession": "1.00000001", "agentsPerSession": 1000}
    document["capacity"]["participantsPerNode"] = 1002
    document["capacity"]["targetUtilizationPercent"] = "99.99999999"
    document["nodes"]["livekit"] |= {"zones": 1, "minNodes": 0}
    document["network"] |= {"freeGB": "0.00000001", "includedTBPerNode": 0, "egressPerGB": "99999999999.99999999"}
    document["network"]["mediaMbps"] = "99999.99999999"
    return document


def test_the_largest_document_is_still_computed_without_rounding():
    """Every number at its bound and with all its decimals stays inside the exact arithmetic."""
    document = _largest_document()
    del document["media"]

    result = estimated(document)

    assert result.demand.participants == 10**9 + math.ceil(10**9 / Fraction("1.00000001")) * 1000
    assert result.gross_margin_percent < 0
    assert Fraction(result.egress_gb) == Fraction("99999.99999999") * result.demand.participants * 730 * Fraction(
        "0.45"
    )


def test_the_largest_media_are_still_computed_without_rounding():
    """Payload three times with 9 B of RED headers and 82 B around it, to all others of a room; silence makes 121 B."""
    document = _largest_document()
    del document["network"]["mediaMbps"]
    kbps, talk, room = "9999.99999999", "99.99999999", "99999.99999999"
    document["media"] |= {"kbps": kbps, "talkPercent": talk, "participantsPerRoom": room, "ipv6": True}
    document["media"]["counted"] = "wire"

    result = estimated(document)

    talking, silent = (3 * Fraction(kbps) * Fraction("2.5") + 91) * Fraction("0.4"), 121 * Fraction("0.02")
    stream = (talking * Fraction(talk) + silent * (100 - Fraction(talk))) / 100
    mbps = stream * (Fraction(room) - 1) / 1000
    assert Fraction(result.egress_gb) == mbps * result.demand.participants * 730 * Fraction("0.45")


@pytest.mark.parametrize("annual", ["0", "0.01"])
def test_the_margin_is_unknown_only_without_a_license(annual):
    result = estimated({"license": {"annual": annual}})

    assert (result.gross_margin_percent is None) == (annual == "0")

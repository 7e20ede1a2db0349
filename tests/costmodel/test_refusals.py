"""Every way to write a bad document, with the path and the remedy the writer is told."""

import pytest

from costmodel import AssumptionsDocument, AssumptionsError, parse_document
from costmodel.parsing import MAX_PROBLEMS

NAN, INFINITY = float("nan"), float("inf")


def refused(document):
    with pytest.raises(AssumptionsError) as caught:
        parse_document(document)
    return list(caught.value.problems)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("demand.users", -1),
        ("demand.users", "1000"),
        ("demand.users", 1.5),
        ("demand.users", True),
        ("demand.users", 10**9 + 1),
        ("demand.concurrency", -1),
        ("demand.concurrency", NAN),
        ("demand.peakConcurrencyPercent", "100.00000001"),
        ("demand.peakConcurrencyPercent", -1),
        ("demand.usersPerSession", 0),
        ("demand.usersPerSession", "0.99"),
        ("demand.agentsPerSession", -1),
        ("demand.agentsPerSession", "2.5"),
        ("demand.activeHoursPerMonth", 731),
        ("capacity.participantsPerNode", 0),
        ("capacity.sessionsPerNode", 0),
        ("capacity.sessionsPerNode", 2.5),
        ("capacity.targetUtilizationPercent", 0),
        ("capacity.targetUtilizationPercent", 101),
        ("capacity.wholeRooms", "yes"),
        ("capacity.wholeRooms", 1),
        ("nodes.livekit.hourly", "-0.01"),
        ("nodes.livekit.hourly", NAN),
        ("nodes.livekit.hourly", INFINITY),
        ("nodes.livekit.hourly", "NaN"),
        ("nodes.livekit.hourly", "12,5"),
        ("nodes.livekit.hourly", " 1 "),
        ("nodes.livekit.hourly", "1e999"),
        ("nodes.livekit.hourly", True),
        ("nodes.livekit.hourly", 10**12),
        ("nodes.livekit.hourly", [1]),
        ("nodes.livekit.monthlyCap", "0.123456789"),
        ("nodes.livekit.minNodes", -1),
        ("nodes.livekit.maxNodes", 0),
        ("nodes.livekit.maxNodes", 10_001),
        ("nodes.livekit.zones", 0),
        ("nodes.livekit.zones", 11),
        ("nodes.livekit.sku", ""),
        ("nodes.livekit.sku", "a b"),
        ("nodes.livekit.sku", "x" * 65),
        ("nodes.system.nodes", -1),
        ("managedServices.redis", -1),
        ("network.mediaMbps", -1),
        ("network.usageHoursPerMonth", 731),
        ("network.egressPerGB", "free"),
        ("network.freeGB", -1),
        ("network.includedTBPerNode", -1),
        ("network.tiers", []),
        ("network.tiers", {"perGB": 1}),
        ("license.annual", -1),
        ("fleet.customers", -1),
        ("fleet.customers", 1.0),
        ("currency", "usd"),
        ("currency", "DOLLAR"),
        ("currency", 840),
        ("cloud", "oracle"),
        ("region", "east us"),
        ("demand", 5),
        ("nodes", []),
    ],
)
def test_a_bad_value_is_refused_by_its_path_with_a_remedy(field, value):
    document = value
    for name in reversed(field.split(".")):
        document = {name: document}

    [problem] = refused(document)

    assert problem.field == field
    assert problem.message
    assert problem.remedy


@pytest.mark.parametrize(
    ("network", "field"),
    [
        ({"egressPerGB": 1, "tiers": [{"perGB": 1}]}, "network.egressPerGB"),
        ({"tiers": [{"perGB": 1}, {"perGB": 1}]}, "network.tiers[0].upToGB"),
        ({"tiers": [{"upToGB": 5, "perGB": 1}]}, "network.tiers[0].upToGB"),
        ({"tiers": [{"upToGB": 5, "perGB": 1}, {"upToGB": 9, "perGB": 1}]}, "network.tiers[1].upToGB"),
        ({"tiers": [{"upToGB": 5, "perGB": 1}, {"upToGB": 5, "perGB": 1}, {"perGB": 1}]}, "network.tiers[1].upToGB"),
        ({"tiers": [{"upToGB": 9, "perGB": 1}, {"upToGB": 5, "perGB": 1}, {"perGB": 1}]}, "network.tiers[1].upToGB"),
        ({"tiers": [{"upToGB": 0, "perGB": 1}, {"perGB": 1}]}, "network.tiers[0].upToGB"),
        ({"tiers": [{"upToGB": 5, "perGB": 1}, {"perGB": -1}]}, "network.tiers[1].perGB"),
        ({"tiers": [{"upToGB": 5, "perGB": 1}, {}]}, "network.tiers[1].perGB"),
        ({"tiers": [{"perGB": 1, "price": 2}]}, "network.tiers[0].price"),
        ({"tiers": [{"perGB": 1}] * 21}, "network.tiers"),
    ],
)
def test_bad_tiers_are_refused_by_the_entry(network, field):
    assert field in [problem.field for problem in refused({"network": network})]


def test_both_ways_to_state_the_peak_are_refused():
    [problem] = refused({"demand": {"concurrency": 1, "peakConcurrencyPercent": 1}})

    assert problem.field == "demand.concurrency"
    assert problem.remedy == "write only one of them"


def test_a_floor_above_the_ceiling_is_refused():
    [problem] = refused({"nodes": {"sim": {"minNodes": 3, "maxNodes": 2}}})

    assert str(problem) == "nodes.sim.minNodes: minNodes (3) is above maxNodes (2); lower minNodes or raise maxNodes"


@pytest.mark.parametrize(
    ("document", "field", "remedy"),
    [
        ({"demnd": {}}, "demnd", "did you mean demand?"),
        ({"demand": {"user": 1}}, "demand.user", "did you mean users?"),
        ({"demand": {"users_per_session": 4}}, "demand.users_per_session", "did you mean usersPerSession?"),
        ({"network": {"egressPerGb": 1}}, "network.egressPerGb", "did you mean egressPerGB?"),
        ({"nodes": {"livekit": {"hourl": 1}}}, "nodes.livekit.hourl", "did you mean hourly?"),
        ({"license": {"zzz": 1}}, "license.zzz", "write one of annual"),
        ({"network": {"tiers": [{"perGB": 1, "upto": 3}]}}, "network.tiers[0].upto", "did you mean upToGB?"),
    ],
)
def test_an_unknown_field_is_told_the_nearest_name(document, field, remedy):
    [problem] = refused(document)

    assert (problem.field, problem.remedy) == (field, remedy)


@pytest.mark.parametrize("document", [None, [], "users: 3", 5])
def test_a_document_that_is_no_group_of_fields_is_refused(document):
    assert refused(document)[0].field == "(document)"


def test_field_names_that_are_not_text_are_refused():
    assert [problem.field for problem in refused({5: 1})] == ["5"]


def test_a_hostile_field_name_cannot_write_to_the_terminal():
    [problem] = refused({"\x1b[2J" + "x" * 500: 1})

    assert str(problem).isprintable()
    assert len(problem.field) < 70


def test_all_problems_are_told_at_once():
    problems = refused({"demand": {"users": -1, "foo": 1}, "fleet": {"customers": "x"}})

    assert [problem.field for problem in problems] == ["demand.users", "demand.foo", "fleet.customers"]


def test_a_huge_value_makes_a_short_message():
    assert all(
        len(str(problem)) < 200
        for problem in refused({"nodes": {"sim": {"hourly": "9" * 10_000, "sku": "x" * 10_000}}})
    )


def test_an_empty_document_and_nulls_are_fine():
    assert parse_document({}) == parse_document({"demand": None, "currency": None}) == AssumptionsDocument()


def _fields(schema, definitions, path=""):
    for name, field in schema["properties"].items():
        yield f"{path}{name}", field
        options = [field, *field.get("anyOf", []), *(each.get("items", {}) for each in field.get("anyOf", []))]
        for option in options:
            if "$ref" in option:
                yield from _fields(definitions[option["$ref"].rpartition("/")[2]], definitions, f"{path}{name}.")


def test_every_field_is_described_and_every_number_is_bounded():
    """The schema is what `kubectl explain` shows and what generators turn into rules."""
    schema = AssumptionsDocument.model_json_schema()
    fields = dict(_fields(schema, schema["$defs"]))

    assert "network.tiers.perGB" in fields
    for path, field in fields.items():
        assert field.get("description"), path
        for kind in [field, *field.get("anyOf", [])]:
            if kind.get("type") == "integer":
                assert {"minimum", "maximum"} <= set(kind), path
            if kind.get("x-kubernetes-int-or-string"):
                assert "x-livecost-maximum" in kind, path
                assert {"x-livecost-minimum", "x-livecost-exclusiveMinimum"} & set(kind), path
            assert kind.get("type") != "number", path


def test_of_thousands_of_slips_only_the_first_are_told():
    with pytest.raises(AssumptionsError) as refused:
        parse_document({f"field{index}": 1 for index in range(5000)})

    assert [problem.field for problem in refused.value.problems] == [f"field{index}" for index in range(MAX_PROBLEMS)]

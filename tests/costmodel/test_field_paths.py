"""One field of the assumptions read or replaced by its path, everything else as it was."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given

from costmodel import AssumptionsDocument, AssumptionsError, parse_document, resolve
from costmodel.acting import acting_document, silenced_by
from costmodel.document_media import media_in_force
from costmodel.field_paths import field_layer, numbers_of, numeric_field, numeric_fields
from tests.costmodel.documents import documents


def acting(data):
    document = parse_document(data)
    return acting_document(resolve(document), media_in_force([document]))


@given(data=documents())
def test_the_acting_document_resolves_to_the_same_assumptions(data):
    assumptions = resolve(parse_document(data))
    again = resolve(acting_document(assumptions), catalogs=lambda _: pytest.fail("a catalog was read"))

    if assumptions.demand.concurrency is not None:
        again = replace(again, demand=replace(again.demand, users=assumptions.demand.users))
    assert again == assumptions


@pytest.mark.parametrize("cloud", ["hetzner", "aws", "azure", "gcp"])
def test_catalog_prices_are_stated_too(cloud):
    sku = {"hetzner": "CCX23", "aws": "c6i.xlarge", "azure": "Standard_F4s_v2", "gcp": "c2-standard-4"}[cloud]
    assumptions = resolve(parse_document({"cloud": cloud, "nodes": {"livekit": {"sku": sku}}}))

    again = resolve(acting_document(assumptions), catalogs=lambda _: pytest.fail("a catalog was read"))

    assert again == assumptions


def test_media_are_stated_instead_of_the_bitrate_that_follows_from_them():
    document = acting({"media": {"kbps": 48}})

    numbers = numbers_of(document)

    assert numbers["media.kbps"] == 48
    assert "network.mediaMbps" not in numbers
    assert resolve(document) == resolve(parse_document({"media": {"kbps": 48}}))


def test_a_schedule_is_stated_instead_of_the_active_hours_that_follow_from_it():
    data = {"demand": {"schedule": [{"start": "08:00", "end": "18:00"}]}}
    document = acting(data)

    assert "demand.activeHoursPerMonth" not in numbers_of(document)
    assert silenced_by("demand.activeHoursPerMonth", document) == "demand.schedule"
    assert resolve(document) == resolve(parse_document(data))
    changed = resolve(document, field_layer({"demand.activeHoursPerMonth": Decimal(100)}))
    assert changed.demand.active_hours_per_month == 100


def test_only_values_that_act_are_listed():
    assert "demand.users" not in numbers_of(acting({"demand": {"concurrency": 70}}))
    assert "demand.peakConcurrencyPercent" not in numbers_of(acting({"demand": {"concurrency": 70}}))
    assert "demand.concurrency" not in numbers_of(acting({}))
    assert "nodes.livekit.monthlyCap" not in numbers_of(acting({}))


def test_every_number_of_the_document_is_a_field_with_its_bounds():
    fields = numeric_fields()

    assert len(fields) == 38
    assert fields["capacity.targetUtilizationPercent"].minimum_excluded
    assert (fields["network.usageHoursPerMonth"].minimum, fields["network.usageHoursPerMonth"].maximum) == (0, 730)
    assert fields["nodes.livekit.minNodes"].whole
    assert not fields["nodes.livekit.hourly"].whole
    assert not {"currency", "capacity.wholeRooms", "nodes.livekit.sku", "network.tiers"} & set(fields)


@pytest.mark.parametrize("path", numeric_fields())
def test_a_layer_states_its_field_and_nothing_else(path):
    value = max(numeric_field(path).minimum, Decimal(1))

    assert numbers_of(field_layer({path: value})) == {path: value}


def test_a_field_is_replaced_alone():
    changed = resolve(
        acting({"cloud": "hetzner", "nodes": {"livekit": {"sku": "CCX23"}}}), field_layer({"demand.users": Decimal(7)})
    )

    assert changed.demand.users == 7
    assert replace(changed, demand=replace(changed.demand, users=1000)) == resolve(
        AssumptionsDocument.model_validate({"cloud": "hetzner", "nodes": {"livekit": {"sku": "CCX23"}}})
    )


@pytest.mark.parametrize(
    ("path", "offered"),
    [
        ("demand.user", "demand.users"),
        ("mediaMbps", "network.mediaMbps"),
        ("NETWORK.mediambps", "network.mediaMbps"),
        ("nodes.livekit.hourlyPrice", "nodes.livekit.hourly"),
        ("nodes.livekit.sku", "nodes.livekit"),
        ("", "demand.users"),
    ],
)
def test_an_unknown_or_text_field_is_refused_with_the_nearest_ones(path, offered):
    with pytest.raises(AssumptionsError, match="is not a numeric field") as caught:
        numeric_field(path)

    assert offered in caught.value.problems[0].remedy


@pytest.mark.parametrize(
    ("path", "value"), [("demand.users", "1.5"), ("demand.users", "-1"), ("network.usageHoursPerMonth", "731")]
)
def test_a_value_outside_the_field_is_refused(path, value):
    with pytest.raises(AssumptionsError) as caught:
        field_layer({path: Decimal(value)})

    assert caught.value.problems[0].field == path


@pytest.mark.parametrize(
    ("data", "path", "winner"),
    [
        ({}, "demand.concurrency", "demand.peakConcurrencyPercent"),
        ({"demand": {"concurrency": 7}}, "demand.peakConcurrencyPercent", "demand.concurrency"),
        ({"demand": {"concurrency": 7}}, "demand.users", "demand.concurrency"),
        ({"network": {"tiers": [{"upToGB": 9, "perGB": 2}, {"perGB": 1}]}}, "network.egressPerGB", "network.tiers"),
        ({"media": {"kbps": 64}}, "network.mediaMbps", "media"),
        (
            {"demand": {"schedule": [{"start": "08:00", "end": "18:00"}]}},
            "demand.activeHoursPerMonth",
            "demand.schedule",
        ),
        ({}, "media.kbps", "network.mediaMbps"),
        ({}, "nodes.livekit.monthlyCap", None),
        ({}, "network.egressPerGB", None),
        ({"media": {"kbps": 64}}, "media.participantsPerRoom", None),
    ],
)
def test_what_silences_a_field_is_named(data, path, winner):
    assert silenced_by(path, acting(data)) == winner

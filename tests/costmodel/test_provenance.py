"""Each assumption in force is told with the layer that it comes from."""

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from costmodel import DEFAULTS, AssumptionsError, packaged_catalog, parse_document, resolve
from costmodel.catalog import region_prices
from costmodel.field_paths import values_of
from costmodel.provenance import DEFAULT, sourced_fields


def sources(**layers):
    documents = {name: parse_document(data) for name, data in layers.items()}
    return {each.path: each.source for each in sourced_fields(resolve(*documents.values()), documents)}


def test_what_nothing_states_is_a_default():
    assert set(sources().values()) == {DEFAULT}


def test_the_last_layer_that_states_a_field_is_named():
    found = sources(
        profile={"demand": {"usersPerSession": 6, "agentsPerSession": 1}}, spec={"demand": {"usersPerSession": 5}}
    )

    assert found["demand.usersPerSession"] == "spec"
    assert found["demand.agentsPerSession"] == "profile"
    assert found["capacity.participantsPerNode"] == DEFAULT


def test_the_price_of_another_machine_type_is_not_the_source():
    """The profile's price was for its own type, so the catalog prices the type that the spec names."""
    profile = {"cloud": "azure", "nodes": {"livekit": {"sku": "Standard_F4s_v2", "hourly": "0.15"}}}

    assert sources(profile=profile)["nodes.livekit.hourly"] == "profile"
    found = sources(profile=profile, spec={"nodes": {"livekit": {"sku": "Standard_F8s_v2"}}})
    assert found["nodes.livekit.hourly"] == "catalog azure/eastus"
    assert found["nodes.livekit.sku"] == "spec"
    assert found["nodes.sim.hourly"] == DEFAULT


def test_tiers_are_the_source_of_a_flat_price_that_they_make():
    found = sources(profile={"network": {"tiers": [{"perGB": "0.05"}]}})

    assert found["network.egressPerGB"] == "profile"


def test_a_stated_bitrate_removes_the_media_before_it():
    media, stated = {"media": {"kbps": 48}}, {"network": {"mediaMbps": 1}}
    found = sources(first=media, second=stated, third={"media": {"talkPercent": 50}})

    assert (found["media.kbps"], found["media.talkPercent"]) == (DEFAULT, "third")
    assert sources(first=media, second=stated)["network.mediaMbps"] == "second"


SKUS = st.sampled_from([None, "Standard_F4s_v2", "Standard_F8s_v2"])
PARTS = st.fixed_dictionaries(
    {},
    optional={
        "cloud": st.sampled_from(["custom", "azure"]),
        "nodes": st.fixed_dictionaries(
            {"livekit": st.fixed_dictionaries({"sku": SKUS}, optional={"hourly": st.sampled_from(["0.11", "0.12"])})}
        ),
        "managedServices": st.dictionaries(st.sampled_from(["redis", "controlPlane"]), st.integers(1, 9)),
        "network": st.sampled_from([{"egressPerGB": "0.01"}, {"tiers": [{"perGB": "0.02"}]}, {"freeGB": 7}]),
    },
)


@given(st.lists(PARTS, min_size=1, max_size=3))
def test_the_named_source_has_the_value(data):
    """Whatever the layers, a layer named as source states the value, a default is one, a catalog's price is its."""
    documents = {str(at): parse_document(each) for at, each in enumerate(data)}
    try:
        assumptions = resolve(*documents.values())
    except AssumptionsError:
        reject()
    defaults, stated = values_of(DEFAULTS), {name: values_of(document) for name, document in documents.items()}
    for each in sourced_fields(assumptions, documents):
        if each.path in {"network.egressPerGB", "network.tiers"} and each.source in stated:
            assert stated[each.source].keys() & {"network.egressPerGB", "network.tiers"}
        elif each.source in stated:
            assert stated[each.source][each.path] == each.value
        elif each.source == DEFAULT:
            assert defaults[each.path] == each.value
        else:
            prices = region_prices(packaged_catalog("azure"), None)
            if each.path == "nodes.livekit.hourly":
                assert each.value == prices.node_types[assumptions.nodes.livekit.sku].hourly


def test_a_region_is_named_with_the_catalog():
    found = sources(profile={"cloud": "aws", "region": "eu-central-1"})

    assert found["managedServices.controlPlane"] == "catalog aws/eu-central-1"
    assert found["currency"] == "catalog aws/eu-central-1"


@pytest.mark.parametrize("stated", ["USD", None])
def test_a_catalog_of_which_nothing_is_needed_is_no_source(stated):
    services = {"controlPlane": 1, "redis": 1, "loadBalancer": 1}
    found = sources(profile={"cloud": "aws", "currency": stated, "managedServices": services,
                             "network": {"egressPerGB": 1}})  # fmt: skip

    assert found["currency"] == ("profile" if stated else DEFAULT)

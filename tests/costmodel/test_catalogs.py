"""The packaged catalogs: complete, dated, and with the figures of their sources."""

from decimal import Decimal
from importlib.resources import files

import pytest

from costmodel import PACKAGED_CLOUDS, AssumptionsError, packaged_catalog, parse_price_sheet, price_sheet
from costmodel.catalog import SERVICES, service_price_per_month
from livecost.document_text import decode


@pytest.fixture(params=PACKAGED_CLOUDS)
def catalog(request):
    return packaged_catalog(request.param)


def entries_of(catalog):
    return [
        *catalog.node_types, *catalog.egress,
        *(entry for name in SERVICES for entry in getattr(catalog, name)),
    ]  # fmt: skip


def test_every_entry_states_its_source_and_its_day(catalog):
    for entry in entries_of(catalog):
        assert entry.source.strip()
        assert entry.date.year >= 2024
        assert entry.known in {"first-hand", "second-hand"}


def test_a_catalog_read_as_a_users_sheet_is_the_same(catalog):
    """The commands and the package read a sheet alike, so that a packaged one can be copied and edited."""
    text = files("costmodel").joinpath("catalogs", f"{catalog.provider}.yaml").read_text(encoding="utf-8")

    assert parse_price_sheet(decode(text)) == catalog


def test_every_region_prices_each_service_and_egress(catalog):
    """`cloud` alone must never leave one of these to a default in another currency."""
    for region in {name for entry in entries_of(catalog) for name in entry.regions}:
        prices = price_sheet(catalog.provider, region)[1]
        assert set(prices.services) == set(SERVICES)
        assert prices.egress is not None


def test_the_default_region_prices_machines(catalog):
    assert price_sheet(catalog.provider)[1].node_types


def test_tiers_ascend_to_one_without_end(catalog):
    for egress in catalog.egress:
        *ends, last = [tier.up_to_gb for tier in egress.tiers]
        assert last is None
        assert ends == sorted(set(ends))
        prices = [tier.per_gb for tier in egress.tiers]
        assert prices == sorted(prices, reverse=True)


@pytest.mark.parametrize(
    ("cloud", "region", "sku", "hourly"),
    [
        ("azure", "eastus", "Standard_F4s_v2", "0.169"),
        ("azure", "westeurope", "Standard_D4s_v5", "0.230"),
        ("azure", "northeurope", "Standard_D8s_v5", "0.428"),
        ("gcp", "us-central1", "c2-standard-4", "0.20881"),
        ("gcp", "europe-west3", "e2-standard-8", "0.34534"),
        ("aws", "us-east-1", "c6in.xlarge", "0.2268"),
        ("aws", "eu-central-1", "c6a.xlarge", "0.1746"),
    ],
)
def test_hourly_prices_are_those_of_the_source(cloud, region, sku, hourly):
    price = price_sheet(cloud, region)[1].node_types[sku]

    assert (price.hourly, price.monthly_cap) == (Decimal(hourly), None)


@pytest.mark.parametrize(
    ("cloud", "sku", "monthly", "traffic_tb", "memory_gb"),
    [
        ("hetzner", "CX23", "5.49", 20, 4),
        ("hetzner", "CCX23", "85.99", 20, 16),
        ("hetzner", "CCX33", "138.49", 30, 32),
        ("hetzner", "CCX63", "853.49", 60, 192),
        ("hetzner-document", "CX21", "5.83", 1, 4),
        ("hetzner-document", "CCX23", "36.51", 1, 16),
        ("hetzner-document", "CCX53", "292.08", 1, 128),
    ],
)
def test_hetzner_is_priced_by_the_month_only(cloud, sku, monthly, traffic_tb, memory_gb):
    price = price_sheet(cloud)[1].node_types[sku]

    assert (price.hourly, price.monthly_cap) == (None, Decimal(monthly))
    assert (price.included_tb, price.memory_gb) == (traffic_tb, memory_gb)


def test_the_documents_edition_holds_the_documents_machines():
    assert list(price_sheet("hetzner-document")[1].node_types) == [
        "CX21", "CX31", "CX41", "CCX23", "CCX33", "CCX43", "CCX53",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cloud", "region", "free_gb", "tiers"),
    [
        ("aws", None, 100, [(10240, "0.09"), (51200, "0.085"), (153600, "0.07"), (None, "0.05")]),
        ("azure", "westeurope", 100, [(10240, "0.087"), (51200, "0.083"), (153600, "0.07"), (None, "0.05")]),
        ("gcp", None, 1, [(1023, "0.12"), (10239, "0.11"), (None, "0.08")]),
        ("gcp", "europe-west1", 1, [(1023, "0.12"), (10239, "0.11"), (None, "0.085")]),
        ("hetzner", None, None, [(None, "0.001")]),
        ("hetzner-document", None, None, [(None, "0")]),
    ],
)
def test_egress_is_that_of_the_source(cloud, region, free_gb, tiers):
    egress = price_sheet(cloud, region)[1].egress

    assert egress.free_gb == free_gb
    assert [(tier.up_to_gb, tier.per_gb) for tier in egress.tiers] == [(end, Decimal(price)) for end, price in tiers]


@pytest.mark.parametrize(
    ("cloud", "monthly"),
    [
        ("azure", ["73", "47.45", "18.25"]),
        ("gcp", ["73", "35.77", "18.25"]),
        ("aws", ["73", "23.36", "16.425"]),
        ("hetzner", ["0", "11.49", "7.49"]),
        ("hetzner-document", ["0", "5", "5"]),
    ],
)
def test_services_are_those_of_the_source(cloud, monthly):
    services = price_sheet(cloud)[1].services

    assert [service_price_per_month(services[name]) for name in SERVICES] == [Decimal(price) for price in monthly]


def test_an_unknown_cloud_is_answered_with_the_nearest():
    with pytest.raises(AssumptionsError, match=r"cloud: 'azur' has no price catalog; did you mean azure\?"):
        price_sheet("azur")


def test_an_unknown_region_is_answered_with_the_nearest():
    with pytest.raises(AssumptionsError, match=r"region: 'eu-central-2' is not .* did you mean eu-central-1"):
        price_sheet("aws", "eu-central-2")

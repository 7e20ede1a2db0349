"""A user's own price sheet: what it replaces, adds and adjusts, and how a bad one is refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import (
    AssumptionsError,
    packaged_catalog,
    parse_document,
    parse_price_sheet,
    price_sheet,
    resolve,
    with_sheet,
)

ORIGIN = {"source": "our contract", "date": "2026-10-01", "known": "first-hand"}
MACHINE = {"sku": "Standard_F4s_v2", "regions": ["eastus"], "vCPU": 4, "memoryGB": 8, "hourly": "0.10", **ORIGIN}
EGRESS = {"regions": ["eastus"], "tiers": [{"perGB": "0.04"}], **ORIGIN}
HEAD = {"provider": "azure", "currency": "USD", "tax": "net", "defaultRegion": "eastus"}


def laid_over(**fields):
    return with_sheet(packaged_catalog, parse_price_sheet({**HEAD, **fields}))


def refused(**fields):
    with pytest.raises(AssumptionsError) as caught:
        laid_over(**fields)
    return {problem.field: problem for problem in caught.value.problems}


def hourly(catalogs, sku, region="eastus"):
    return price_sheet("azure", region, catalogs)[1].node_types[sku].hourly


def test_a_sheets_entry_replaces_the_catalogs_in_its_regions_only():
    catalogs = laid_over(nodeTypes=[MACHINE])

    assert hourly(catalogs, "Standard_F4s_v2") == Decimal("0.10")
    assert hourly(catalogs, "Standard_F4s_v2", "westeurope") == Decimal("0.194")
    assert hourly(catalogs, "Standard_F8s_v2") == Decimal("0.338")
    assert catalogs("aws") is packaged_catalog("aws")


def test_a_sheet_adds_machines_and_regions():
    machine = {**MACHINE, "sku": "Standard_New", "regions": ["norwayeast"]}
    document = {"cloud": "azure", "region": "norwayeast", "nodes": {"sim": {"sku": "Standard_New"}}}

    result = resolve(parse_document(document), catalogs=laid_over(nodeTypes=[machine]))

    assert result.nodes.sim.hourly_price == Decimal("0.10")
    assert result.managed_services.control_plane == 73


def test_a_sheets_services_and_egress_come_first():
    control_plane = {"name": "ours", "regions": ["eastus"], "monthly": 60, **ORIGIN}
    result = resolve(
        parse_document({"cloud": "azure"}), catalogs=laid_over(controlPlane=[control_plane], egress=[EGRESS])
    )

    assert result.managed_services.control_plane == 60
    assert (result.network.tiers[0].price_per_gb, result.network.free_gb) == (Decimal("0.04"), 0)


def test_what_a_sheet_replaces_is_gone():
    """So that a listing shows one price for each name and region."""
    catalog = laid_over(egress=[EGRESS])("azure")
    regions = [region for egress in catalog.egress for region in egress.regions]

    assert sorted(regions) == sorted(set(regions))
    assert "westeurope" in regions


def test_a_sheet_of_its_own_prices_custom():
    sheet = parse_price_sheet({**HEAD, "provider": "custom", "currency": "CHF", "nodeTypes": [MACHINE]})
    document = {"cloud": "custom", "nodes": {"sim": {"sku": "Standard_F4s_v2"}}}

    result = resolve(parse_document(document), catalogs=with_sheet(packaged_catalog, sheet))

    assert (result.nodes.sim.hourly_price, result.currency) == (Decimal("0.10"), "CHF")


def test_adjustments_act_in_their_order_and_by_sku():
    """0.169 less 10 % is 0.1521, less 0.0021 is 0.15; the other machine has the percentage alone."""
    catalogs = laid_over(adjustments=[{"percent": -10}, {"sku": "Standard_F4s_v2", "hourlyBy": "-0.0021"}])

    assert hourly(catalogs, "Standard_F4s_v2") == Decimal("0.15")
    assert hourly(catalogs, "Standard_F8s_v2") == Decimal("0.3042")


def test_a_monthly_price_is_adjusted_too():
    sheet = parse_price_sheet(
        {
            **HEAD,
            "provider": "hetzner",
            "currency": "EUR",
            "defaultRegion": "fsn1",
            "adjustments": [{"sku": "CCX23", "monthlyCapBy": "0.50"}, {"sku": "CCX13", "percent": 10}],
        }
    )
    machines = price_sheet("hetzner", None, with_sheet(packaged_catalog, sheet))[1].node_types

    assert (machines["CCX23"].monthly_cap, machines["CCX13"].monthly_cap) == (Decimal("86.49"), Decimal("47.289"))


@given(percent=st.decimals(-100, 1000, places=2))
def test_a_percentage_scales_every_price_exactly(percent):
    catalogs = laid_over(adjustments=[{"percent": percent}])

    for entry in packaged_catalog("azure").node_types:
        assert hourly(catalogs, entry.sku, entry.regions[0]) == entry.hourly * (100 + percent) / 100


@pytest.mark.parametrize(
    ("fields", "path", "words"),
    [
        ({"nodeTypes": [{**MACHINE, "hourly": -1}]}, "nodeTypes[0].hourly", "is out of range"),
        ({"nodeTypes": [{**MACHINE, "hourly": "NaN"}]}, "nodeTypes[0].hourly", "is not a decimal number"),
        ({"nodeTypes": [{**MACHINE, "hourly": None}]}, "nodeTypes[0].hourly", "has no price"),
        ({"nodeTypes": [{**MACHINE, "source": ""}]}, "nodeTypes[0].source", ""),
        ({"nodeTypes": [{**MACHINE, "date": 20261001}]}, "nodeTypes[0].date", "is not a day"),
        ({"nodeTypes": [{**MACHINE, "date": "20261001"}]}, "nodeTypes[0].date", "is not a day"),
        ({"nodeTypes": [{**MACHINE, "date": "2026-13-01"}]}, "nodeTypes[0].date", "is not a day"),
        ({"nodeTypes": [{**MACHINE, "known": "rumour"}]}, "nodeTypes[0].known", "is not one of the choices"),
        ({"nodeTypes": [{k: v for k, v in MACHINE.items() if k != "source"}]}, "nodeTypes[0].source", "is missing"),
        ({"nodeTypes": [{k: v for k, v in MACHINE.items() if k != "date"}]}, "nodeTypes[0].date", "is missing"),
        ({"nodeTypes": [{**MACHINE, "hourley": 1}]}, "nodeTypes[0].hourley", "is not a known field"),
        ({"nodeTypes": [MACHINE, MACHINE]}, "nodeTypes[1].regions", "Standard_F4s_v2 is priced twice in eastus"),
        ({"egress": [EGRESS, EGRESS]}, "egress[1].regions", "egress is priced twice in eastus"),
        ({"redis": [{"name": "x", "regions": ["eastus"], **ORIGIN}]}, "redis[0].hourly", "needs exactly one price"),
        ({"egress": [{**EGRESS, "tiers": []}]}, "egress[0].tiers", "too short"),
        (
            {"egress": [{**EGRESS, "tiers": [{"upToGB": 9, "perGB": 1}, {"upToGB": 9, "perGB": 1}, {"perGB": 1}]}]},
            "egress[0].tiers[1].upToGB",
            "is not above the tier before",
        ),
        (
            {"egress": [{**EGRESS, "tiers": [{"perGB": 1}, {"upToGB": 9, "perGB": 1}]}]},
            "egress[0].tiers[0].upToGB",
            "only the last tier has no end",
        ),
        (
            {"egress": [{**EGRESS, "tiers": [{"upToGB": 9, "perGB": 1}]}]},
            "egress[0].tiers[0].upToGB",
            "would have no price",
        ),
        ({"egress": [{**EGRESS, "tiers": [{"perGB": -1}]}]}, "egress[0].tiers[0].perGB", "is out of range"),
        ({"egress": [{**EGRESS, "tiers": [{"perGB": "NaN"}]}]}, "egress[0].tiers[0].perGB", "is not a decimal"),
        ({"adjustments": [{"sku": "Standard_F4s"}]}, "adjustments[0].percent", "needs one kind of change"),
        ({"adjustments": [{"sku": "Standard_F4s", "percent": 1}]}, "adjustments[0].sku", "is not in the price catalog"),
        ({"adjustments": [{"hourlyBy": -1}]}, "adjustments[0]", "negative"),
        ({"currency": "EUR"}, "currency", "the catalog of azure is in USD, the sheet in EUR"),
        ({"tax": "gross"}, "tax", "is not one of the choices"),
        ({"provider": "azur"}, "provider", "is not one of the choices"),
    ],
)
def test_a_bad_sheet_is_refused_with_path_and_reason(fields, path, words):
    assert words in refused(**fields)[path].message


def test_a_sheet_that_is_no_group_of_fields_is_refused():
    with pytest.raises(AssumptionsError, match="is not a group of fields"):
        parse_price_sheet([])

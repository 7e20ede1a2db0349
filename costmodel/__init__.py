"""Sizes and prices one customer cluster: a pure model with exact decimals, no network and no clock.

`parse_document` checks a document, `resolve` lays documents over the defaults, `estimate` computes; SPEC.md beside this
file is the written specification.
"""

from costmodel.assumptions import (
    Assumptions,
    Capacity,
    Demand,
    EgressTier,
    Fleet,
    License,
    ManagedServices,
    Network,
    NodeGroup,
    Nodes,
    SystemNodes,
)
from costmodel.catalog import Catalogs, RegionPrices, parse_price_sheet, region_prices, with_sheet
from costmodel.catalog_document import PriceSheetDocument
from costmodel.currency import in_currency
from costmodel.decimals import cents, format_money, parse_decimal, percent_of, plain, round_half_up
from costmodel.defaults import DEFAULTS
from costmodel.demand import PeakDemand, peak_demand
from costmodel.document import (
    AssumptionsDocument,
    CapacityDocument,
    DemandDocument,
    EgressTierDocument,
    FleetDocument,
    LicenseDocument,
    ManagedServicesDocument,
    MediaDocument,
    NetworkDocument,
    NodeGroupDocument,
    NodesDocument,
    SystemNodesDocument,
)
from costmodel.egress import egress_cost_per_month, egress_gb_per_month
from costmodel.errors import AssumptionsError, Problem
from costmodel.fields import HOURS_PER_MONTH, Count, Money, Percent, Quantity
from costmodel.layering import resolve
from costmodel.node_cost import node_cost_per_month, node_price
from costmodel.packaged_catalogs import PACKAGED_CLOUDS, packaged_catalog, price_sheet
from costmodel.parsing import parse_document, problems_of
from costmodel.presentation import estimate_to_json, explain
from costmodel.projection import Estimate, FleetProjection, Rate, estimate
from costmodel.sizing import PoolSize, livekit_sessions_when_full, livekit_size, sim_size
from costmodel.variance import Variance, compare

__all__ = [
    "DEFAULTS",
    "HOURS_PER_MONTH",
    "PACKAGED_CLOUDS",
    "Assumptions",
    "AssumptionsDocument",
    "AssumptionsError",
    "Capacity",
    "CapacityDocument",
    "Catalogs",
    "Count",
    "Demand",
    "DemandDocument",
    "EgressTier",
    "EgressTierDocument",
    "Estimate",
    "Fleet",
    "FleetDocument",
    "FleetProjection",
    "License",
    "LicenseDocument",
    "ManagedServices",
    "ManagedServicesDocument",
    "MediaDocument",
    "Money",
    "Network",
    "NetworkDocument",
    "NodeGroup",
    "NodeGroupDocument",
    "Nodes",
    "NodesDocument",
    "PeakDemand",
    "Percent",
    "PoolSize",
    "PriceSheetDocument",
    "Problem",
    "Quantity",
    "Rate",
    "RegionPrices",
    "SystemNodes",
    "SystemNodesDocument",
    "Variance",
    "cents",
    "compare",
    "egress_cost_per_month",
    "egress_gb_per_month",
    "estimate",
    "estimate_to_json",
    "explain",
    "format_money",
    "in_currency",
    "livekit_sessions_when_full",
    "livekit_size",
    "node_cost_per_month",
    "node_price",
    "packaged_catalog",
    "parse_decimal",
    "parse_document",
    "parse_price_sheet",
    "peak_demand",
    "percent_of",
    "plain",
    "price_sheet",
    "problems_of",
    "region_prices",
    "resolve",
    "round_half_up",
    "sim_size",
    "with_sheet",
]

"""Charges as rows of the FinOps Open Cost and Usage Specification (FOCUS) 1.2.

https://focus.finops.org/focus-specification/v1-2/ names the columns; those that livecost adds begin with `x_`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from decimal import Decimal

    from costmodel.charges import Charge

FOCUS_VERSION: Final = "1.2"

CostKind = Literal["projected", "observed"]

# Line item to ServiceName, ServiceCategory, ServiceSubcategory, ResourceType; the two in the middle are FOCUS's words.
_SERVICES: Final = {
    "livekit": ("LiveKit nodes", "Compute", "Virtual Machines", "Node"),
    "sim": ("Sim nodes", "Compute", "Virtual Machines", "Node"),
    "system": ("System nodes", "Compute", "Virtual Machines", "Node"),
    "controlPlane": ("Kubernetes control plane", "Compute", "Containers", "Control plane"),
    "redis": ("Redis", "Databases", "Caching", "Cache"),
    "loadBalancer": ("Load balancer", "Networking", "Other (Networking)", "Load balancer"),
    "storageAndLogs": ("Storage and logs", "Storage", "Other (Storage)", "Storage"),
    "observability": ("Observability", "Management and Governance", "Observability", "Observability stack"),
    "egress": ("Network egress", "Networking", "Other (Networking)", "Egress"),
    "rounding": ("Rounding", "Other", "Other (Other)", "Rounding"),
}
# As the providers name themselves in their own FOCUS exports, so that rows can be laid beside them.
_PROVIDERS: Final = {
    "azure": "Microsoft",
    "gcp": "Google Cloud",
    "aws": "AWS",
    "hetzner": "Hetzner",
    "hetzner-document": "Hetzner",
}


@dataclass(frozen=True, slots=True)
class FocusSubject:
    """What the charges of one customer and month have in common.

    Attributes:
        customer: the customer's name, which becomes the sub account.
        cloud: name of the price catalog, or custom.
        region: the provider's name of the region; None where it is not known.
        currency: ISO 4217 code of the charges.
        month: first day of the month.
        kind: whether the charges are projected or observed.
    """

    customer: str
    cloud: str
    region: str | None
    currency: str
    month: date
    kind: CostKind


def focus_row(charge: Charge, subject: FocusSubject) -> dict[str, str | Decimal | None]:
    """One charge as a FOCUS row: column to value, the columns in their order; null is None.

    No invoice stands behind a row: the costs are equal, as neither discounts nor commitments are known, and the billing
    account tells them from those of a provider. PricingQuantity x each unit price is the cost, unrounded. The line item
    `rounding`, by which rounded items miss their rounded total, is an adjustment and not a use.
    """
    is_usage = charge.item != "rounding"
    service, category, subcategory, resource = _SERVICES[charge.item]
    provider = _PROVIDERS.get(subject.cloud, subject.cloud)
    start, end = _period(subject.month)
    cost, resource_id = charge.cost, f"{subject.customer}/{charge.item}"
    return {
        "BilledCost": cost,
        "BillingAccountId": f"livecost-{subject.kind}",
        "BillingAccountName": f"livecost, {subject.kind}",
        "BillingCurrency": subject.currency,
        "BillingPeriodEnd": end,
        "BillingPeriodStart": start,
        "ChargeCategory": "Usage" if is_usage else "Adjustment",
        "ChargeClass": None,
        "ChargeDescription": f"{service}: {charge.description}",
        "ChargeFrequency": "Recurring" if charge.consumed_unit == "Months" else "Usage-Based",
        "ChargePeriodEnd": end,
        "ChargePeriodStart": start,
        "ConsumedQuantity": charge.consumed if is_usage else None,
        "ConsumedUnit": charge.consumed_unit if is_usage else None,
        "ContractedCost": cost,
        "ContractedUnitPrice": charge.unit_price,
        "EffectiveCost": cost,
        "InvoiceIssuerName": provider,
        "ListCost": cost,
        "ListUnitPrice": charge.unit_price,
        "PricingCategory": "Standard",
        "PricingQuantity": charge.quantity,
        "PricingUnit": charge.unit,
        "ProviderName": provider,
        "PublisherName": provider,
        "RegionId": subject.region,
        "RegionName": subject.region,
        "ResourceId": resource_id,
        "ResourceName": service,
        "ResourceType": resource,
        "ServiceCategory": category,
        "ServiceName": service,
        "ServiceSubcategory": subcategory,
        "SkuId": charge.sku,
        "SubAccountId": subject.customer,
        "SubAccountName": subject.customer,
        "Tags": json.dumps({"customer": subject.customer}, ensure_ascii=False),
        "x_CostKind": subject.kind,
        "x_FocusVersion": FOCUS_VERSION,
        "x_LineItem": charge.item,
    }


def _period(month: date) -> tuple[str, str]:
    after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return f"{month.isoformat()}T00:00:00Z", f"{after.isoformat()}T00:00:00Z"

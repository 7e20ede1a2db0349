"""Writes the CRDs from the pydantic models: `python -m livecost.crds DIRECTORY`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

from costmodel import AssumptionsDocument
from livecost.customer_fleet_models import CustomerFleetSpec
from livecost.customer_fleet_status_models import CustomerFleetStatus
from livecost.models import GROUP, VERSION, CustomerClusterSpec, cel
from livecost.status_models import CustomerClusterStatus

Json = dict[str, Any]

# Text of a decimal: at most 12 digits before and 8 after the point, as the cost model reads it.
DECIMAL_PATTERN = r"^[0-9]{1,12}(\\.[0-9]{1,8})?$"
MAX_DECIMAL_LENGTH = 24
MAX_ITEMS = 64

_KEPT = {
    "type", "description", "enum", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength",
    "maxLength", "pattern", "minItems", "maxItems", "maxProperties", "default", "x-kubernetes-validations",
}  # fmt: skip

_ROOM_FITS = (
    "!has(self.demand) || !has(self.capacity)"
    " || !has(self.demand.usersPerSession) || !has(self.demand.agentsPerSession)"
    " || !has(self.capacity.participantsPerNode)"
    " || (double(string(self.demand.usersPerSession)) + double(self.demand.agentsPerSession)) * 100.0"
    " <= double(self.capacity.participantsPerNode)"
    " * (has(self.capacity.targetUtilizationPercent) ? double(string(self.capacity.targetUtilizationPercent)) : 100.0)"
    " + 0.000001",
    "a room (usersPerSession + agentsPerSession) is larger than a node (participantsPerNode x "
    "targetUtilizationPercent / 100), and a room never splits: raise participantsPerNode or make rooms smaller",
)
_DOCUMENT_RULES: dict[tuple[str, ...], tuple[tuple[str, str], ...]] = {
    (): (
        _ROOM_FITS,
        (
            "!(has(self.media) && has(self.network) && has(self.network.mediaMbps))",
            "network.mediaMbps and media both state the bitrate: write only one of them",
        ),
    ),
    ("demand",): (
        ("!has(self.users)", "the number of users belongs to the CustomerCluster: write spec.users there"),
        ("!has(self.concurrency)", "concurrency belongs to the CustomerCluster: write spec.concurrency there"),
        (
            "!(has(self.activeHoursPerMonth) && has(self.schedule))",
            "activeHoursPerMonth and schedule both state the active hours: write only one of them",
        ),
    ),
    ("network",): (
        (
            "!(has(self.egressPerGB) && has(self.tiers))",
            "egressPerGB and tiers both price egress: write only one of them",
        ),
        (
            "!has(self.tiers) || self.tiers.all(t, has(t.upToGB) || t == self.tiers[size(self.tiers) - 1])",
            "only the last tier has no upToGB: write the GB at which each other tier ends",
        ),
        (
            "!has(self.tiers) || !has(self.tiers[size(self.tiers) - 1].upToGB)",
            "volume above the last tier would have no price: leave upToGB out of the last tier",
        ),
        (
            # Tiers in quotes are compared by the operator: a list of texts is beyond the cost limit of rules.
            "!has(self.tiers) || self.tiers.filter(t, has(t.upToGB) && type(t.upToGB) == int)"
            ".map(t, int(t.upToGB)).isSorted()",
            "tiers must ascend: order them by upToGB",
        ),
    ),
    **{
        ("nodes", pool): ((
            "!has(self.minNodes) || !has(self.maxNodes) || self.minNodes <= self.maxNodes",
            "minNodes must not exceed maxNodes: lower minNodes or raise maxNodes",
        ),)
        for pool in ("livekit", "sim")
    },
}  # fmt: skip


def structural(schema: Json) -> Json:
    """A pydantic JSON schema as the structural schema that CRDs take: nothing referenced, nothing optional by null."""
    return _convert(schema, schema.get("$defs", {}))


def _convert(node: Json, definitions: Json) -> Json:
    node, nullable = _flattened(node, definitions)
    if node.get("x-kubernetes-int-or-string"):
        return _decimal(node)
    result: Json = {key: value for key, value in node.items() if key in _KEPT and value is not None}
    if nullable:
        result["nullable"] = True
    if "properties" in node:
        result["properties"] = {name: _convert(child, definitions) for name, child in node["properties"].items()}
        if node.get("required"):
            result["required"] = node["required"]
    elif isinstance(node.get("additionalProperties"), dict):
        result["additionalProperties"] = _convert(node["additionalProperties"], definitions)
    if "x-livecost-remedy" in node:
        result |= cel((f"self.matches('{node['pattern']}')", node["x-livecost-remedy"]))
    if "items" in node:
        result["items"] = _convert(node["items"], definitions)
        result.setdefault("maxItems", MAX_ITEMS)
    return result


def _flattened(node: Json, definitions: Json) -> tuple[Json, bool]:
    """A node with its references followed and its optional part unwrapped, and whether null is allowed."""
    node = _resolved(node, definitions)
    if "anyOf" not in node:
        return node, False
    (only,) = (option for option in node["anyOf"] if option != {"type": "null"})
    own = {key: value for key, value in node.items() if key != "anyOf"}
    return {**_resolved(only, definitions), **own}, True


def _resolved(node: Json, definitions: Json) -> Json:
    if "$ref" not in node:
        return node
    own = {key: value for key, value in node.items() if key != "$ref"}
    return {**definitions[node["$ref"].rpartition("/")[2]], **own}


def _decimal(node: Json) -> Json:
    minimum = node.get("x-livecost-minimum")
    above = node.get("x-livecost-exclusiveMinimum")
    maximum = node["x-livecost-maximum"]
    lower = f"self > {above}" if above is not None else f"self >= {minimum}"
    # A text is compared as a quantity, which is exact and knows no rounding.
    text_lower = (
        f"isGreaterThan(quantity('{above}'))" if above is not None else f"compareTo(quantity('{minimum}')) >= 0"
    )
    rule = (
        f"type(self) == int ? ({lower} && self <= {maximum}) : "
        f"(type(self) == string && self.matches('{DECIMAL_PATTERN}') && quantity(self).{text_lower}"
        f" && quantity(self).compareTo(quantity('{maximum}')) <= 0)"
    )
    bounds = f"above {above} and at most {maximum}" if above is not None else f"from {minimum} to {maximum}"
    message = f'write a number {bounds} with at most 8 decimals, in quotes when it has any, such as 2 or "0.24"'
    result: Json = {"x-kubernetes-int-or-string": True, "maxLength": MAX_DECIMAL_LENGTH, **cel((rule, message))}
    if "description" in node:
        result["description"] = node["description"]
    if node.get("default") is not None:
        result["default"] = int(node["default"])
    return result


def _document_schema() -> Json:
    schema = structural(AssumptionsDocument.model_json_schema(by_alias=True))
    for path, rules in _DOCUMENT_RULES.items():
        node = schema
        for name in path:
            node = node["properties"][name]
        node["x-kubernetes-validations"] = cel(*rules)["x-kubernetes-validations"]
    document: Json = _without_nullable(schema)
    return document


def _without_nullable(node: Any) -> Any:
    """In a spec a field that is not wanted is left out; null would only be a second way to say so."""
    if isinstance(node, dict):
        return {key: _without_nullable(value) for key, value in node.items() if key != "nullable"}
    return [_without_nullable(value) for value in node] if isinstance(node, list) else node


def _without_nullable_enums(node: Any) -> Any:
    """A status does write null, which the API server never takes where a schema lists values."""
    if isinstance(node, dict):
        dropped = {"enum"} if node.get("nullable") is True else set()
        return {key: _without_nullable_enums(value) for key, value in node.items() if key not in dropped}
    return [_without_nullable_enums(value) for value in node] if isinstance(node, list) else node


def _crd(kind: str, plural: str, short: str, scope: str, version: Json) -> Json:
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": scope,
            "names": {
                "kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower(),
                "shortNames": [short], "categories": ["livecost"],
            },
            "versions": [{"name": VERSION, "served": True, "storage": True, **version}],
        },
    }  # fmt: skip


def _version(description: str, columns: list[Json], spec: Json, status: Json | None = None) -> Json:
    """What a version of a kind consists of; one with a status has it as a subresource."""
    parts: Json = {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"type": "object"},
        "spec": spec,
    }
    version: Json = {"additionalPrinterColumns": columns}
    if status is not None:
        conditions = {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]}
        status["properties"]["conditions"] |= conditions
        parts["status"] = status
        version["subresources"] = {"status": {}}
    schema = {"type": "object", "description": description, "required": ["spec"], "properties": parts}
    return {**version, "schema": {"openAPIV3Schema": schema}}


def _column(name: str, path: str, description: str, kind: str = "string", *, wide: bool = False) -> Json:
    return {"name": name, "type": kind, "jsonPath": path, "description": description, "priority": int(wide)}


def customer_cluster_crd() -> Json:
    """The CRD of CustomerCluster."""
    spec = _without_nullable(structural(CustomerClusterSpec.model_json_schema(by_alias=True)))
    description = spec["properties"]["overrides"]["description"]
    spec["properties"]["overrides"] = {**_document_schema(), "description": description}
    # The API server fills the parts' own defaults into an empty object.
    for name in ("profileRef", "scaling"):
        spec["properties"][name]["default"] = {}
    spec["properties"]["scaling"]["properties"]["scaleDown"]["default"] = {}
    status = _without_nullable_enums(structural(CustomerClusterStatus.model_json_schema(by_alias=True)))
    columns = [
        _column("Users", ".spec.users", "People who may use the cluster", "integer"),
        _column("Peak", ".status.demand.peakUsers", "Users at the same time at the peak", "integer"),
        _column("LiveKit", ".status.summary.livekit", "LiveKit nodes, ready/desired"),
        _column("Sim", ".status.summary.sim", "Sim nodes, ready/desired"),
        _column("Projected", ".status.summary.projected", "Projected cost per month"),
        _column("Observed", ".status.summary.observed", "Observed run rate per month"),
        _column("Variance", ".status.summary.variance", "Observed against projected cost"),
        _column("Ready", '.status.conditions[?(@.type=="Ready")].status', "Whether everything is as planned"),
        _column("Age", ".metadata.creationTimestamp", "Time since creation", "date"),
        _column("Profile", ".spec.profileRef.name", "CostProfile", wide=True),
        _column("Margin", ".status.summary.margin", "Gross margin in percent of the license", wide=True),
        _column("Budget", ".status.summary.budget", "Share of the monthly budget", wide=True),
        _column("Reason", '.status.conditions[?(@.type=="Ready")].reason', "Why it is ready or not", wide=True),
    ]
    description = "One customer's cluster: its demand, its node pools, and what they cost."
    return _crd("CustomerCluster", "customerclusters", "cc", "Namespaced", _version(description, columns, spec, status))


def cost_profile_crd() -> Json:
    """The CRD of CostProfile."""
    columns = [
        _column("Cloud", ".spec.cloud", "Cloud provider"),
        _column("Region", ".spec.region", "Region"),
        _column("Currency", ".spec.currency", "Currency of all prices"),
        _column("Age", ".metadata.creationTimestamp", "Time since creation", "date"),
    ]
    description = "Assumptions of a cloud or a plan, edited in one place; every CustomerCluster on it follows."
    return _crd("CostProfile", "costprofiles", "cp", "Cluster", _version(description, columns, _document_schema()))


def customer_fleet_crd() -> Json:
    """The CRD of CustomerFleet."""
    spec = _without_nullable(structural(CustomerFleetSpec.model_json_schema(by_alias=True)))
    spec["properties"]["rates"] |= {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["currency"]}
    spec["properties"]["namespaces"]["x-kubernetes-list-type"] = "set"
    spec["properties"]["pooling"]["default"] = {}
    status = _without_nullable_enums(structural(CustomerFleetStatus.model_json_schema(by_alias=True)))
    columns = [
        _column("Customers", ".status.customers.total", "Customers that the fleet takes", "integer"),
        _column("LiveKit", ".status.summary.livekit", "LiveKit nodes, ready/desired"),
        _column("Sim", ".status.summary.sim", "Sim nodes, ready/desired"),
        _column("Projected", ".status.summary.projected", "Projected cost per year"),
        _column("Observed", ".status.summary.observed", "Observed run rate per year, of the customers observed"),
        _column("Revenue", ".status.summary.revenue", "License revenue per year"),
        _column("Margin", ".status.summary.margin", "Gross margin in percent of the revenue"),
        _column("Ready", '.status.conditions[?(@.type=="Ready")].status', "Whether every customer is counted"),
        _column("Age", ".metadata.creationTimestamp", "Time since creation", "date"),
        _column("Pooled", ".status.summary.pooled", "Projected cost per year on shared clusters", wide=True),
        _column("Saving", ".status.summary.saving", "What sharing clusters would save, in percent", wide=True),
        _column("Unknown", ".status.customers.unknown", "Customers whose cost is unknown", "integer", wide=True),
    ]
    description = "Live CustomerClusters added up: nodes, cost, revenue, margin, and what sharing would cost."
    return _crd("CustomerFleet", "customerfleets", "cf", "Namespaced", _version(description, columns, spec, status))


def manifests() -> dict[str, str]:
    """File name to YAML of every CRD."""
    return {
        f"{crd['spec']['names']['plural']}.yaml": "# Generated from the models by `make crds`; do not edit.\n"
        + yaml.safe_dump(crd, sort_keys=False, width=120)
        for crd in (customer_cluster_crd(), cost_profile_crd(), customer_fleet_crd())
    }


def main(directory: str) -> None:
    """Write every CRD into a directory."""
    for name, text in manifests().items():
        (Path(directory) / name).write_text(text)


if __name__ == "__main__":
    main(*sys.argv[1:2] or ["crds"])

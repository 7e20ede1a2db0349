"""values.schema.json: what `helm install` accepts, so that a wrong name or type is refused with its path."""

from __future__ import annotations

import re
from typing import Any, Final

import click
from click.types import FloatParamType, FloatRange, IntParamType, IntRange

from livecost.operator_command import operator
from livecost.target_kinds import known_kinds

Json = dict[str, Any]

SET_BY_THE_CHART: Final = frozenset(
    {
        "namespaces", "kubeconfig", "context", "listen_address", "listen_port", "lease_namespace",
        "prometheus_token_file", "prometheus_password_file", "prometheus_ca_file",
    }
)  # fmt: skip
"""Settings that are no `settings.*` value: from `namespaces`, the release and `prometheusSecret`, or fixed in a pod."""

_READ_BY_THE_CHART: Final = frozenset(
    {
        "leaderElect", "leaseName", "leaseDurationSeconds", "leaseRenewDeadlineSeconds", "leaseRetrySeconds",
        "observationStepSeconds", "observationWindowSeconds",
    }
)  # fmt: skip

_TEXT: Final[Json] = {"type": "string"}
_FLAG: Final[Json] = {"type": "boolean"}
# Written into YAML as it is.
_ADDRESS: Final[Json] = {"type": "string", "pattern": "^[A-Za-z0-9][-A-Za-z0-9./:_~%@+,=&?]*$"}
_COUNT: Final[Json] = {"type": "integer", "minimum": 0}
_PORT: Final[Json] = {"type": "integer", "minimum": 1, "maximum": 65535}
# Kinds of Kubernetes itself, which the API server checks.
_ANY_OBJECT: Final[Json] = {"type": "object"}
_OBJECTS: Final[Json] = {"type": "array", "items": _ANY_OBJECT}
_TEXTS_BY_NAME: Final[Json] = {"type": "object", "additionalProperties": _TEXT}
_LABEL: Final = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_NAMESPACE: Final[Json] = {"type": "string", "pattern": f"^{_LABEL}$", "maxLength": 63}
_NAME: Final[Json] = {"type": "string", "pattern": rf"^{_LABEL}(\.{_LABEL})*$", "maxLength": 253}
_NAME_OR_NONE: Final[Json] = {**_NAME, "pattern": f"^$|{_NAME['pattern']}"}
# What the chart writes itself: doubled, the selectors' labels would no longer be those of the pods.
_OWN_LABELS: Final = "^(app\\.kubernetes\\.io/(name|instance|version|managed-by)|helm\\.sh/chart)$"
_LABELS: Final[Json] = {**_TEXTS_BY_NAME, "patternProperties": {_OWN_LABELS: False}}
# "*" would let a page of any origin that resolves to the Service read the customers' cost; "*.example.com" is a domain.
_HOST: Final[Json] = {"type": "string", "pattern": r"^(\*\.)?[a-z0-9]([-.a-z0-9]*[a-z0-9])?$"}
_SECRET_KEY: Final[Json] = {"type": "string", "pattern": "^[-._a-zA-Z0-9]*$"}
_QUANTITIES: Final[Json] = {"type": "object", "additionalProperties": {"type": ["string", "number"]}}


def values_schema() -> Json:
    """The schema of the chart's values; nothing that it does not name is accepted."""
    values = _object(
        replicaCount=_COUNT,
        image=_object(
            # A colon is only that of a registry's port: the tag is a value of its own.
            repository={"type": "string", "pattern": "^([^/@ ]+/)?[^:@ ]+$"},
            tag={"type": "string", "pattern": "^([_a-zA-Z0-9][-._a-zA-Z0-9]{0,127})?$"},
            digest={"type": "string", "pattern": "^(sha256:[0-9a-f]{64})?$"},
            pullPolicy={"enum": ["Always", "IfNotPresent", "Never"]},
        ),
        imagePullSecrets=_array(_object(name=_NAME)),
        # The pages' label is this one with four characters more.
        nameOverride={"type": "string", "pattern": f"^({_LABEL})?$", "maxLength": 59},
        fullnameOverride={"type": "string", "pattern": "^([a-z]([-a-z0-9]*[a-z0-9])?)?$"},
        listenAddress={"enum": ["0.0.0.0", "::"]},  # noqa: S104 - what a pod listens on
        namespaces=_set(_NAMESPACE),
        targetKinds=_set({"enum": ["/".join(kind) for kind in sorted(known_kinds())]}),
        settings=_settings(),
        prometheusSecret=_object(name=_NAME_OR_NONE, tokenKey=_SECRET_KEY, passwordKey=_SECRET_KEY, caKey=_SECRET_KEY),
        crds=_object(install=_FLAG, keep=_FLAG),
        defaultProfile=_object(create=_FLAG, name=_NAME, spec=_ANY_OBJECT),
        rbac=_object(create=_FLAG, extraRules=_array(_rule()), secrets=_secrets()),
        serviceAccount=_ACCOUNT,
        service=_SERVICE,
        serviceMonitor=_object(enabled=_FLAG, labels=_LABELS, intervalSeconds={"type": "integer", "minimum": 1}),
        prometheusRule=_object(enabled=_FLAG, labels=_LABELS, runbooks=_ADDRESS),
        dashboard=_object(enabled=_FLAG, labels=_LABELS),
        networkPolicy=_object(enabled=_FLAG, metricsFrom=_OBJECTS, egress=_OBJECTS),
        podDisruptionBudget=_object(
            enabled=_FLAG,
            maxUnavailable={"type": ["integer", "string"], "minimum": 0, "pattern": "^([0-9]{1,2}|100)%$"},
        ),
        resources=_RESOURCES,
        web=_web(),
        podAnnotations=_TEXTS_BY_NAME,
        podLabels=_LABELS,
        priorityClassName=_NAME_OR_NONE,
        nodeSelector=_TEXTS_BY_NAME,
        tolerations=_OBJECTS,
        affinity=_ANY_OBJECT,
        topologySpreadConstraints=_OBJECTS,
        terminationGracePeriodSeconds=_COUNT,
    )
    # Helm adds `global` where the chart is a part of another one.
    values["properties"]["global"] = _ANY_OBJECT
    return {"$schema": "http://json-schema.org/draft-07/schema#", **values}


def camel_case(name: str) -> str:
    """The name of a setting among the values: prometheus_max_response_mib is prometheusMaxResponseMib."""
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def _settings() -> Json:
    """The settings as the command line accepts them."""
    options = {option.name or "": option for option in operator.params}
    settings = _object(
        **{camel_case(name): _option(option) for name, option in options.items() if name not in SET_BY_THE_CHART}
    )
    # A flag that is left out has the operator's default; the chart itself reads no others than these.
    return {**settings, "required": sorted(_READ_BY_THE_CHART)}


def _option(option: click.Parameter) -> Json:
    if option.name == "prometheus_headers":
        return _by_name("^[A-Za-z0-9-]+$", {"type": "string", "pattern": "^[ -~]*$"})
    if option.name == "prometheus_url":
        return {"type": "string", "pattern": "^(https?://[^/?#@ ]+(/[^?#@ ]*)?)?$"}
    if option.name == "lease_name":
        return _NAME
    kind = option.type
    if isinstance(kind, click.Choice):
        return {"enum": list(kind.choices)}
    if isinstance(option, click.Option) and option.is_flag:
        return _FLAG
    if isinstance(kind, IntParamType | FloatParamType):
        return {"type": "integer" if isinstance(kind, IntParamType) else "number", **_bounds(kind)}
    return _TEXT


def _bounds(kind: IntParamType | FloatParamType) -> Json:
    if not isinstance(kind, IntRange | FloatRange):
        return {}
    bounds = {"minimum": kind.min, "maximum": kind.max}
    return {name: bound for name, bound in bounds.items() if bound is not None}


def _web() -> Json:
    return _object(
        enabled=_FLAG,
        replicaCount=_COUNT,
        allowedHosts=_array(_HOST),
        service=_SERVICE,
        ingress=_object(
            enabled=_FLAG, className=_NAME_OR_NONE, host={**_HOST, "pattern": f"^$|{_HOST['pattern']}"},
            tlsSecretName=_NAME_OR_NONE, annotations=_TEXTS_BY_NAME,
        ),
        networkPolicy=_object(enabled=_FLAG, **{"from": _OBJECTS}, egress=_OBJECTS),
        serviceAccount=_ACCOUNT,
        resources=_RESOURCES,
        podAnnotations=_TEXTS_BY_NAME,
        podLabels=_LABELS,
    )  # fmt: skip


def _rule() -> Json:
    def named(pattern: str) -> Json:
        return {**_array({"type": "string", "pattern": pattern}), "minItems": 1}

    rule = _object(
        apiGroups=named(r"^[-.a-z0-9]*$"),
        resources=named("^[-a-z0-9]+(/[-a-z0-9]+)?$"),
        resourceNames=named("^[^*]+$"),
        verbs={**_array({"enum": ["get", "list", "watch", "patch"]}), "minItems": 1},
    )
    return {**rule, "required": ["apiGroups", "resources", "verbs"]}


def _secrets() -> Json:
    return _by_name(_NAMESPACE["pattern"], {**_set(_NAME), "minItems": 1})


def _object(**properties: Json) -> Json:
    found: Json = {"type": "object", "additionalProperties": False, "properties": properties}
    required = [name for name, schema in properties.items() if not _may_be_left_out(schema)]
    return {**found, "required": required} if required else found


def _may_be_left_out(schema: Json) -> bool:
    """Whether `null`, which takes a default away, means the same as nothing given.

    Any other value has to be there: without a switch the chart would leave out what protects, and without the Lease's
    name its role would be on all Leases.
    """
    if schema.get("type") == "string":
        return re.search(schema.get("pattern", ""), "") is not None
    return schema.get("type") == "array" or (schema.get("type") == "object" and "required" not in schema)


def _by_name(names: str, values: Json) -> Json:
    """Any names that match a pattern; of one refused by `propertyNames` Helm would tell a wrong path."""
    return {"type": "object", "patternProperties": {names: values}, "additionalProperties": False}


def _array(items: Json) -> Json:
    return {"type": "array", "items": items}


def _set(items: Json) -> Json:
    return {**_array(items), "uniqueItems": True}


_ACCOUNT: Final = _object(create=_FLAG, name=_NAME_OR_NONE, annotations=_TEXTS_BY_NAME)
_SERVICE: Final = _object(port=_PORT, annotations=_TEXTS_BY_NAME)
_RESOURCES: Final = _object(limits=_QUANTITIES, requests=_QUANTITIES, claims=_OBJECTS)

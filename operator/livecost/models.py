"""The Kubernetes API of livecost: what users write in CustomerCluster and CostProfile objects.

These models parse the objects and are the one source of the CRDs; descriptions are what `kubectl explain` shows, and
`x-kubernetes-validations` are the CEL rules by which the API server itself refuses a bad object.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from costmodel import AssumptionsDocument
from costmodel.fields import MAX_NODES, Count, Money, Percent, PositivePercent
from costmodel.schedule_window import MAX_WINDOWS, ScheduleWindow

GROUP = "livecost.dev"
VERSION = "v1alpha1"
API_VERSION = f"{GROUP}/{VERSION}"

PAUSED_ANNOTATION = f"{GROUP}/paused"
PAUSED_SCALE_DOWN_ANNOTATION = f"{GROUP}/paused-scale-down"

DEFAULT_PROFILE = "default"

NodeBound = Annotated[int, Field(strict=True, ge=0, le=MAX_NODES)]
ObjectName = Annotated[str, Field(min_length=1, max_length=253)]


def cel(*rules: tuple[str, str]) -> dict[str, Any]:
    """CEL rules as (rule, message) for a schema; each message says what to write instead."""
    return {"x-kubernetes-validations": [{"rule": rule, "message": message} for rule, message in rules]}


class ApiModel(BaseModel):
    """Base of all parts of the API: camelCase outside, immutable inside, unknown fields refused."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


class SecretKeyRef(ApiModel):
    """A key of a Secret in the CustomerCluster's own namespace."""

    name: ObjectName = Field(description="Name of the Secret.")
    key: ObjectName = Field("value", description="Key that holds the kubeconfig; Cluster API uses `value`.")


# Kinds whose pools are told apart by name.
_HOLDS_POOLS = (
    "(self.kind == 'Cluster' && self.apiVersion.startsWith('cluster.x-k8s.io/')"
    " || self.kind == 'Cluster' && self.apiVersion.startsWith('provisioning.cattle.io/')"
    " || self.kind == 'Shoot' && self.apiVersion.startsWith('core.gardener.cloud/'))"
)


class TargetRef(ApiModel):
    """The object whose node count livecost sets."""

    model_config = ConfigDict(
        json_schema_extra=cel(
            (
                f"has(self.poolName) || has(self.replicasPath) || !({_HOLDS_POOLS})",
                "this kind holds several pools: also write poolName, the name of the pool inside it",
            ),
            (
                f"!has(self.poolName) || {_HOLDS_POOLS}",
                "this kind is a single pool: leave poolName out",
            ),
        )
    )

    api_version: Annotated[str, Field(min_length=1, max_length=253, pattern=r"^([a-z0-9.-]+/)?v[a-z0-9]+$")] = Field(
        description="apiVersion of the target, such as cluster.x-k8s.io/v1beta2 or karpenter.sh/v1."
    )
    kind: Annotated[str, Field(min_length=1, max_length=63)] = Field(
        description="Kind of the target, such as MachineDeployment, NodePool or Nodegroup."
    )
    name: ObjectName = Field(description="Name of the target.")
    namespace: ObjectName | None = Field(
        None,
        description="Namespace of the target; the CustomerCluster's own when left out. Ignored for cluster-wide kinds.",
    )
    pool_name: ObjectName | None = Field(
        None,
        description="Name of the pool inside the target, for kinds that hold several: a machine deployment of a "
        "Cluster's topology, a worker of a Gardener Shoot, a machine pool of a Rancher Cluster.",
    )
    replicas_path: (
        Annotated[str, Field(max_length=253, json_schema_extra=cel(
            (r"self.matches('^/spec(/[^/]+)+$')", "write a JSON pointer below /spec, such as /spec/nodeCount"),
        ))]
        | None
    ) = Field(
        None,
        description="JSON pointer of the node count in the target, for kinds without a scale subresource that livecost "
        "does not know, such as /spec/nodeCount.",
    )  # fmt: skip
    kubeconfig_secret_ref: SecretKeyRef | None = Field(
        None,
        description="Secret with the kubeconfig of the cluster that holds the target; this cluster when left out. "
        "Credentials must be inline: plugins and files are refused.",
    )

    @property
    def group(self) -> str:
        """API group of the target; empty for the core group."""
        return self.api_version.rpartition("/")[0]


class Pool(ApiModel):
    """Bounds and target of one node pool."""

    model_config = ConfigDict(
        json_schema_extra=cel(
            (
                "!has(self.minNodes) || !has(self.maxNodes) || self.minNodes <= self.maxNodes",
                "minNodes must not exceed maxNodes: lower minNodes or raise maxNodes",
            ),
        )
    )

    min_nodes: NodeBound | None = Field(
        None, description="Fewest nodes, the high-availability floor; the profile's value when left out."
    )
    max_nodes: Annotated[int, Field(strict=True, ge=1, le=MAX_NODES)] | None = Field(
        None, description="Most nodes; the profile's value when left out."
    )
    target_ref: TargetRef | None = Field(
        None,
        description="Object whose node count is set. Without it the pool is sized and priced, and nothing is patched.",
    )


class Pools(ApiModel):
    """The two node pools that grow with demand."""

    model_config = ConfigDict(
        json_schema_extra=cel(
            (
                "!has(self.livekit) || !has(self.sim) || !has(self.livekit.targetRef) || !has(self.sim.targetRef) || "
                + " || ".join(
                    f"self.livekit.targetRef.{name} != self.sim.targetRef.{name}"
                    for name in ("apiVersion", "kind", "name")
                )
                + "".join(
                    f" || (has({left}.{name}) && !has({right}.{name})) || (!has({left}.{name}) && has({right}.{name}))"
                    f" || (has({left}.{name}) && has({right}.{name}) && {left}.{name} != {right}.{name})"
                    for left, right, name in (
                        ("self.livekit.targetRef", "self.sim.targetRef", name)
                        for name in ("__namespace__", "poolName", "replicasPath")
                    )
                )
                + " || has(self.livekit.targetRef.kubeconfigSecretRef) || has(self.sim.targetRef.kubeconfigSecretRef)",
                "livekit and sim name the same target: write a targetRef of its own for each pool",
            ),
        )
    )

    livekit: Pool = Field(default_factory=Pool, description="LiveKit media servers, one host-networked pod per node.")
    sim: Pool = Field(default_factory=Pool, description="Sim and agent workers.")


class ScaleDown(ApiModel):
    """How carefully pools shrink. They always grow at once."""

    stabilization_seconds: Annotated[int, Field(strict=True, ge=0, le=86_400)] = Field(
        600, description="Seconds for which fewer nodes must have sufficed before a step down, and between two steps."
    )
    max_nodes_per_step: Annotated[int, Field(strict=True, ge=1, le=MAX_NODES)] = Field(
        1, description="Most nodes that one step takes away."
    )
    without_telemetry: Literal["Shrink", "Hold"] | None = Field(
        None,
        description="What happens while it is not known how many rooms are on. Left out, the LiveKit pool keeps its "
        "nodes where that was known before, and shrinks where it never was. Shrink: it shrinks all the same. Hold: "
        "neither pool shrinks.",
    )


class Scaling(ApiModel):
    """Whether and how targets are changed."""

    mode: Literal["Enforce", "Recommend"] = Field(
        "Enforce", description="Enforce patches the targets; Recommend computes and reports, and patches nothing."
    )
    scale_down: ScaleDown = Field(default_factory=ScaleDown, description="How carefully pools shrink.")
    schedule: Annotated[tuple[ScheduleWindow, ...], Field(max_length=MAX_WINDOWS)] = Field(
        (),
        description="Weekly windows in which the pools hold what the peak needs; outside them they shrink to minNodes, "
        "as carefully as ever. Always, when left out. Windows do not overlap.",
    )


class PrometheusSecretRef(ApiModel):
    """A Secret in the CustomerCluster's own namespace."""

    name: ObjectName = Field(description="Name of the Secret.")


class TokenSecretRef(PrometheusSecretRef):
    """A Secret with a token."""

    key: ObjectName = Field("token", description="Key that holds the token.")


class CaSecretRef(PrometheusSecretRef):
    """A Secret with certificates."""

    key: ObjectName = Field("ca.crt", description="Key that holds the certificates in PEM form.")


class PrometheusRef(ApiModel):
    """The Prometheus that observes the cluster, or what speaks its query API: Thanos, Mimir, VictoriaMetrics."""

    model_config = ConfigDict(
        json_schema_extra=cel(
            (
                "!(has(self.bearerTokenSecretRef) && has(self.basicAuthSecretRef))",
                "bearerTokenSecretRef and basicAuthSecretRef both log in: write only one of them",
            ),
            (
                "!(has(self.bearerTokenSecretRef) || has(self.basicAuthSecretRef)) || self.url.startsWith('https://')",
                "credentials are sent over TLS only: write an https:// url",
            ),
            (
                "!has(self.caSecretRef) || self.url.startsWith('https://')",
                "caSecretRef verifies a server over TLS: write an https:// url",
            ),
        )
    )

    url: Annotated[str, Field(max_length=2048, json_schema_extra=cel((
        "self.matches('^https?://[^/?#@]+(/[^?#@]*)?$')",
        "write http://host:port or https://host:port, without credentials",
    )))] = Field(description="Base address, such as http://prometheus.monitoring:9090.")  # fmt: skip
    bearer_token_secret_ref: TokenSecretRef | None = Field(
        None, description="Secret with a token to log in by, in this namespace; only over https."
    )
    basic_auth_secret_ref: PrometheusSecretRef | None = Field(
        None, description="Secret with username and password to log in by, in this namespace; only over https."
    )
    ca_secret_ref: CaSecretRef | None = Field(
        None,
        description="Secret with the certificates by which the server is verified, in this namespace; those that the "
        "system trusts when left out.",
    )
    headers: Annotated[
        dict[
            Annotated[str, Field(min_length=1, max_length=64)],
            Annotated[str, Field(min_length=1, max_length=256)],
        ],
        Field(
            max_length=8,
            json_schema_extra=cel(
                (
                    "self.all(name, name.matches('^[A-Za-z0-9-]+$') && self[name].matches('^[!-~]([ -~]*[!-~])?$'))",
                    "write header names of letters, digits and dashes, and values of printable ASCII",
                ),
                (
                    "self.all(name, !(name.lowerAscii() in ['authorization', 'cookie', 'host', 'content-length', "
                    "'transfer-encoding', 'connection', 'accept-encoding']))",
                    "this header is not for you to set; to log in, write bearerTokenSecretRef or basicAuthSecretRef",
                ),
            ),
        ),
    ] = Field(
        default_factory=dict,
        description="Further request headers, such as X-Scope-OrgID or THANOS-TENANT with the tenant. Secrets do not "
        "belong here.",
    )


class Observation(ApiModel):
    """Where the cost is observed."""

    prometheus_ref: PrometheusRef | None = Field(
        None, description="Prometheus of this customer; the operator's own setting when left out."
    )
    match_labels: Annotated[
        dict[Annotated[str, Field(max_length=128)], Annotated[str, Field(max_length=256)]],
        Field(
            max_length=8,
            json_schema_extra=cel(
                (
                    "self.all(name, name.matches('^[a-zA-Z_][a-zA-Z0-9_]*$'))",
                    "write label names as Prometheus shows them, such as cluster or label_customer",
                ),
            ),
        ),
    ] = Field(
        default_factory=dict,
        description="Labels that pick this customer's LiveKit series. Without them egress is observed only where no "
        "other customer shares the Prometheus.",
    )
    variance_threshold_percent: PositivePercent = Field(
        10,
        validate_default=True,
        description="Percent of the projected cost by which the observed one may be off, up or down, before the "
        "condition CostAsProjected turns False.",
    )


class Budget(ApiModel):
    """What the cluster may cost."""

    monthly: Money = Field(description="Budget per month, in the profile's currency.")
    warn_percent: PositivePercent = Field(
        80, validate_default=True, description="Percent of the budget from which a warning is given."
    )
    hold: bool = Field(
        False,
        strict=True,
        description="Whether pools stop growing where the projected cost exceeds the budget; what is in use stays.",
    )


class CustomerClusterSpec(ApiModel):
    """One customer's demand, and the node pools that serve it."""

    model_config = ConfigDict(
        json_schema_extra=cel(
            (
                "!(has(self.concurrency) && has(self.peakConcurrencyPercent))",
                "concurrency and peakConcurrencyPercent both state the peak: write only one of them",
            ),
            (
                "has(self.concurrency) || has(self.peakConcurrencyPercent)",
                "the peak is missing: write concurrency (users at once) or peakConcurrencyPercent (percent of users)",
            ),
            (
                "!has(self.overrides) || !has(self.overrides.demand) "
                "|| !has(self.overrides.demand.peakConcurrencyPercent)",
                "write spec.peakConcurrencyPercent instead of overrides.demand.peakConcurrencyPercent",
            ),
        )
    )

    users: Count = Field(description="People who may use the cluster.")
    concurrency: Count | None = Field(
        None,
        description="Users at the same time at the peak. Exactly one of this and peakConcurrencyPercent is written.",
    )
    peak_concurrency_percent: Percent | None = Field(
        None, description="Percent of the users who are on at the same time at the peak."
    )
    profile_ref: ProfileRef = Field(
        default_factory=lambda: ProfileRef(),  # noqa: PLW0108 - defined below
        description="CostProfile with the assumptions behind size and price.",
    )
    overrides: AssumptionsDocument = Field(
        default_factory=AssumptionsDocument,
        description="Assumptions of this customer that differ from the profile's; any part of an assumptions document.",
    )
    pools: Pools = Field(default_factory=Pools, description="The node pools.")
    scaling: Scaling = Field(default_factory=Scaling, description="Whether and how targets are changed.")
    observation: Observation = Field(default_factory=Observation, description="Where the cost is observed.")
    budget: Budget | None = Field(None, description="What the cluster may cost.")


class ProfileRef(ApiModel):
    """A CostProfile by name."""

    name: ObjectName = Field(
        DEFAULT_PROFILE,
        description="Name of the CostProfile. Without a profile called `default`, the name means the built-in ones.",
    )


CustomerClusterSpec.model_rebuild()

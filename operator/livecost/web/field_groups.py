"""The inputs of the calculator: the assumptions in the cost page's groups, each with label, unit and slider."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from pydantic import BaseModel

from costmodel import DEFAULTS, AssumptionsDocument
from costmodel.field_paths import NumericField, numeric_fields, values_of
from costmodel.parsing import submodel
from livecost.web.schedule_editor import SCHEDULE

Kind = Literal["number", "choice", "text"]
CURRENCY: Final = "{currency}"
"""Stands in a unit for the currency of the prices."""


@dataclass(frozen=True, slots=True)
class Slider:
    """The range that a slider covers, and its step; the number beside it may be typed beyond."""

    low: str
    high: str
    step: str


@dataclass(frozen=True, slots=True)
class Input:
    """One assumption as an input.

    Attributes:
        path: dotted path in an assumptions document.
        label: its name for people.
        unit: what it counts; empty for a choice.
        slider: None where a slider would not help.
        choices: value to text, for a choice.
        excludes: paths that state the same thing in another way; "media." stands for all below it.
    """

    path: str
    label: str
    unit: str = ""
    slider: Slider | None = None
    choices: tuple[tuple[str, str], ...] = ()
    excludes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Its name where it does not follow its alternative."""
        label = self.label.removeprefix("or ")
        return label[:1].upper() + label[1:]

    @property
    def kind(self) -> Kind:
        """How it is written."""
        if self.choices:
            return "choice"
        return "number" if self.number is not None else "text"

    @property
    def number(self) -> NumericField | None:
        """Its bounds; None where it is no number."""
        return numeric_fields().get(self.path)

    @property
    def is_optional(self) -> bool:
        """Whether it may be empty: the defaults say nothing of it."""
        return self.path not in values_of(DEFAULTS)

    @property
    def help(self) -> str:
        """What it means, as `kubectl explain` says it."""
        *groups, name = self.path.split(".")
        model: type[BaseModel] = AssumptionsDocument
        for group in groups:
            model = submodel(model, group) or model
        found = (each for key, each in model.model_fields.items() if name in {key, each.alias})
        return next(found).description or ""


@dataclass(frozen=True, slots=True)
class Group:
    """Inputs under one heading; `key` names it in the page."""

    key: str
    title: str
    inputs: tuple[Input, ...]


_YES_NO: Final = (("true", "yes"), ("false", "no"))
CLOUDS: Final = (
    ("custom", "Custom (example prices)"),
    ("azure", "Azure"),
    ("gcp", "Google Cloud"),
    ("aws", "AWS"),
    ("hetzner", "Hetzner"),
    ("hetzner-document", "Hetzner, as the audio sizing document prints it"),
)


def _pool(name: str, title: str, highest: str) -> tuple[Input, ...]:
    path = f"nodes.{name}"
    return (
        Input(f"{path}.sku", f"{title} machine type", excludes=(f"{path}.hourly", f"{path}.monthlyCap")),
        Input(f"{path}.hourly", f"{title} node price", f"{CURRENCY}/hour", Slider("0", highest, "0.01")),
        Input(f"{path}.monthlyCap", f"{title} node price cap", f"{CURRENCY}/month"),
        Input(f"{path}.minNodes", f"{title} minimum (HA floor)", "nodes", Slider("0", "10", "1")),
        Input(f"{path}.maxNodes", f"{title} maximum", "nodes"),
        Input(f"{path}.zones", f"{title} zones", "zones"),
    )


def _audio(
    name: str,
    label: str,
    unit: str = "",
    slider: Slider | None = None,
    choices: tuple[tuple[str, str], ...] = (),
) -> Input:
    return Input(f"media.{name}", label, unit, slider, choices, excludes=("network.mediaMbps",))


def _service(name: str, label: str) -> Input:
    return Input(f"managedServices.{name}", label, f"{CURRENCY}/month", Slider("0", "500", "5"))


GROUPS: Final = (
    Group(
        "demand",
        "Organization usage and demand",
        (
            Input("demand.users", "Total users", "users", Slider("0", "20000", "50")),
            Input(
                "demand.peakConcurrencyPercent",
                "Peak concurrency",
                "% of users",
                Slider("0", "100", "0.5"),
                excludes=("demand.concurrency",),
            ),
            Input(
                "demand.concurrency",
                "or peak concurrent users",
                "users",
                excludes=("demand.peakConcurrencyPercent",),
            ),
            Input("demand.usersPerSession", "Users per session", "users", Slider("1", "20", "0.5")),
            Input("demand.agentsPerSession", "AI agents per session", "agents", Slider("0", "10", "1")),
            Input(
                "demand.activeHoursPerMonth",
                "Hours at peak size",
                "hours/month",
                Slider("0", "730", "1"),
                excludes=(SCHEDULE,),
            ),
        ),
    ),
    Group(
        "capacity",
        "Capacity per node (from load tests)",
        (
            Input("capacity.participantsPerNode", "LiveKit capacity", "participants/node", Slider("10", "1000", "10")),
            Input("capacity.sessionsPerNode", "Sim / agent capacity", "sessions/node", Slider("5", "300", "5")),
            Input("capacity.targetUtilizationPercent", "Target utilization", "%", Slider("10", "100", "1")),
            Input("capacity.wholeRooms", "Count whole rooms", choices=_YES_NO),
        ),
    ),
    Group(
        "compute",
        "Compute pricing",
        (
            Input("cloud", "Cloud", choices=CLOUDS),
            Input("region", "Region"),
            *_pool("livekit", "LiveKit", "2"),
            *_pool("sim", "Sim / agent", "2"),
            Input(
                "nodes.system.sku",
                "System machine type",
                excludes=("nodes.system.hourly", "nodes.system.monthlyCap"),
            ),
            Input("nodes.system.hourly", "System node price", f"{CURRENCY}/hour", Slider("0", "2", "0.01")),
            Input("nodes.system.monthlyCap", "System node price cap", f"{CURRENCY}/month"),
            Input("nodes.system.nodes", "System nodes", "nodes", Slider("0", "10", "1")),
        ),
    ),
    Group(
        "services",
        "Managed services",
        (
            _service("controlPlane", "Kubernetes control plane"),
            _service("redis", "Redis"),
            _service("loadBalancer", "Load balancer / ingress"),
            _service("storageAndLogs", "Storage and logs"),
            _service("observability", "Observability"),
        ),
    ),
    Group(
        "network",
        "Network and commercial",
        (
            Input(
                "network.mediaMbps",
                "Media bitrate per participant",
                "Mbps",
                Slider("0", "10", "0.1"),
                excludes=("media.",),
            ),
            Input("network.usageHoursPerMonth", "Usage at the peak", "hours/month", Slider("0", "730", "1")),
            Input(
                "network.egressPerGB",
                "Egress price",
                f"{CURRENCY}/GB",
                Slider("0", "0.3", "0.005"),
                excludes=("network.tiers",),
            ),
            Input("network.tiers", "or egress price tiers", f"{CURRENCY}/GB", excludes=("network.egressPerGB",)),
            Input("network.freeGB", "Free egress", "GB/month"),
            Input("network.includedTBPerNode", "Egress included per LiveKit node", "TB/month"),
            Input("license.annual", "Annual license", f"{CURRENCY}/year", Slider("0", "200000", "500")),
            Input("fleet.customers", "Customers in the fleet", "customers", Slider("0", "500", "1")),
            Input("currency", "Currency", "ISO 4217"),
        ),
    ),
    Group(
        "media",
        "Audio media instead of a bitrate",
        (
            _audio("kind", "Media", choices=(("", "the bitrate above"), ("audio", "audio (Opus)"))),
            _audio("kbps", "Opus bitrate while talking", "kbps", Slider("8", "128", "8")),
            _audio("participantsPerRoom", "Participants who hear each other", "participants/room"),
            _audio("talkPercent", "Talking time", "%", Slider("0", "100", "5")),
            _audio("redundantBlocks", "Repeated earlier frames (RED)", "frames/packet", Slider("0", "2", "1")),
            _audio("ipv6", "IPv6 headers", choices=_YES_NO),
            _audio("counted", "Counted bytes", choices=(("wire", "on the wire"), ("payload", "payload only"))),
        ),
    ),
)
"""The cost page's five groups, and audio media, from which the bitrate may follow."""

INPUTS: Final = {each.path: each for group in GROUPS for each in group.inputs}
"""Path to input."""

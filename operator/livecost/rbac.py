"""The operator's least privileges, made from the table of target kinds: `python -m livecost.rbac`.

Nothing here grants `*`, and nothing grants a write on an object that livecost does not write.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

import click
import yaml

from livecost.models import GROUP
from livecost.settings import Settings
from livecost.target_kinds import TargetKind, known_kinds

Json = dict[str, Any]
GroupKind = tuple[str, str]

NAME: Final = "livecost"
_NAMESPACED_PLURALS: Final = ("customerclusters", "customerfleets")
OWN_PLURALS: Final = ("costprofiles", *_NAMESPACED_PLURALS)
# Kinds whose objects are in no namespace, so that only a ClusterRole can grant anything on them.
CLUSTER_SCOPED: Final = frozenset(
    {
        ("karpenter.sh", "NodePool"),
        ("container.gcp.upbound.io", "NodePool"),
        ("containerservice.azure.upbound.io", "KubernetesClusterNodePool"),
        ("eks.aws.upbound.io", "NodeGroup"),
    }
)
# Copies are kept by lists and watches; nothing is read one by one.
_FOLLOW: Final = ["list", "watch"]
_DEFAULTS: Final = Settings()


def cluster_role(kinds: Collection[GroupKind] | None = None) -> Json:
    """The ClusterRole of the operator.

    Args:
        kinds: API group and kind of the targets it may find and set; all known kinds when left out.

    Raises:
        ValueError: livecost does not know one of the kinds, so that it cannot say which rights it takes.
    """
    known = known_kinds()
    chosen = known.keys() if kinds is None else kinds
    if unknown := set(chosen) - known.keys():
        raise ValueError(
            f"kinds: {_names(unknown)} unknown; choose from {_names(known)}; for any other kind write a role of your "
            "own: list and watch on it, and patch on its scale subresource or the object"
        )
    return _role("ClusterRole", NAME, [*_CLUSTER_RULES, *_NAMESPACED_RULES, *_target_rules(chosen)])


def rights() -> Json:
    """All that may be granted, by where a role has to stand; a role for chosen kinds is put together from it.

    Returns:
        `cluster`: rules on what is in no namespace; `namespaced`: rules on what is in one; `targets`: for each known
        kind, as GROUP/KIND, its `scope` (Cluster or Namespaced), its `rules` and its `webRules`; `web`: `cluster` and
        `namespaced` for the account of `livecost web`, which follows and never writes.
    """
    targets = {
        "/".join(kind): {
            "scope": "Cluster" if kind in CLUSTER_SCOPED else "Namespaced",
            "rules": _target_rules([kind]),
            # A customer's page reads its targets where their count depends on their zones, and no others.
            "webRules": [_rule(kind[0], [_plural(kind[1])], ["get"])] if known.zones else [],
        }
        for kind, known in sorted(known_kinds().items())
    }
    web = {
        "cluster": [_rule(GROUP, ["costprofiles"], ["get", *_FOLLOW])],
        "namespaced": [_rule(GROUP, _NAMESPACED_PLURALS, _FOLLOW)],
    }
    return {"cluster": _CLUSTER_RULES, "namespaced": _NAMESPACED_RULES, "targets": targets, "web": web}


def viewer_role() -> Json:
    """The ClusterRole of whoever reads customers by the command line or on the fleet page, and changes nothing."""
    return _role("ClusterRole", f"{NAME}-viewer", [_rule(GROUP, OWN_PLURALS, ["get", *_FOLLOW])])


def lease_role(namespace: str, lease_name: str = _DEFAULTS.lease_name) -> Json:
    """The Role for leader election in the Lease's namespace, and for Events about the pods that take part in it."""
    # Create cannot be limited to a name: the object is not there yet.
    rules = [
        _rule("", ["events"], ["create"]),
        _rule("coordination.k8s.io", ["leases"], ["create"]),
        {**_rule("coordination.k8s.io", ["leases"], ["get", "update"]), "resourceNames": [lease_name]},
    ]
    return _role("Role", f"{NAME}-leader-election", rules, namespace)


def secrets_role(namespace: str, secret_names: Collection[str]) -> Json:
    """The Role for kubeconfigs and credentials of Prometheus: get on the named Secrets of a namespace and no others."""
    rule = {**_rule("", ["secrets"], ["get"]), "resourceNames": sorted(secret_names)}
    return _role("Role", f"{NAME}-secrets", [rule], namespace)


def _target_rules(kinds: Collection[GroupKind]) -> list[Json]:
    known = known_kinds()
    rules = []
    for group in sorted({group for group, _ in kinds}):
        rows = {_plural(kind): known[group, kind] for kind in sorted(kind for other, kind in kinds if other == group)}
        rules.append(_rule(group, rows, _FOLLOW))
        rules.append(_rule(group, _written(rows.items()), ["patch"]))
    return rules


def _written(rows: Iterable[tuple[str, TargetKind]]) -> list[str]:
    """The resources that are patched: the scale subresource, the object where fields or annotations take the count."""
    resources: list[str] = []
    for plural, kind in rows:
        if kind.count or kind.minimum:
            resources.append(plural)
        if not kind.count:
            resources.append(f"{plural}/scale")
    return resources


def _names(kinds: Iterable[GroupKind]) -> str:
    return ", ".join("/".join(kind) for kind in sorted(kinds))


def _plural(kind: str) -> str:
    # Every kind in the table forms its plural like this; a test holds the table to it.
    return f"{kind.lower()}s"


def _rule(group: str, resources: Iterable[str], verbs: list[str]) -> Json:
    return {"apiGroups": [group], "resources": list(resources), "verbs": list(verbs)}


def _role(kind: str, name: str, rules: list[Json], namespace: str | None = None) -> Json:
    metadata = {"name": name, "labels": {"app.kubernetes.io/name": NAME}}
    if namespace is not None:
        metadata["namespace"] = namespace
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": metadata, "rules": rules}


_CLUSTER_RULES: Final = [
    _rule(GROUP, ["costprofiles"], _FOLLOW),
    # kopf follows the CRDs; where a custom kind's scale subresource keeps its count stands there too.
    _rule("apiextensions.k8s.io", ["customresourcedefinitions"], ["get", *_FOLLOW]),
    _rule("", ["nodes"], _FOLLOW),
]
_NAMESPACED_RULES: Final = [
    _rule(GROUP, _NAMESPACED_PLURALS, _FOLLOW),
    _rule(GROUP, [f"{plural}/status" for plural in _NAMESPACED_PLURALS], ["patch"]),
    _rule("", ["events"], ["create"]),
]


@click.command(context_settings={"show_default": True})
@click.option("--kinds", help="Targets, as GROUP/KIND separated by commas. All known kinds when left out.")
@click.option("--lease-namespace", default=_DEFAULTS.lease_namespace, help="Namespace of the Lease.")
@click.option("--lease-name", default=_DEFAULTS.lease_name, help="Name of the Lease.")
@click.option(
    "--secret",
    "secret_names",
    multiple=True,
    help="Secret that a kubeconfigSecretRef or a prometheusRef names, as NAMESPACE/NAME; repeat for several.",
)
@click.option("--viewer", is_flag=True, help="Print the role for live commands and the fleet page instead.")
def main(
    *, kinds: str | None, lease_namespace: str, lease_name: str, secret_names: tuple[str, ...], viewer: bool
) -> None:
    """Print the operator's roles as YAML, for kubectl apply."""
    if viewer:
        click.echo(yaml.safe_dump(viewer_role(), sort_keys=False, width=120), nl=False)
        return
    try:
        chosen = None if kinds is None else [_pair(kind.strip(), "--kinds", "GROUP/KIND") for kind in kinds.split(",")]
        roles = [cluster_role(chosen), lease_role(lease_namespace, lease_name)]
        secrets = [_pair(secret, "--secret", "NAMESPACE/NAME") for secret in secret_names]
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    roles += [
        secrets_role(namespace, {name for other, name in secrets if other == namespace})
        for namespace in sorted({namespace for namespace, _ in secrets})
    ]
    click.echo(yaml.safe_dump_all(roles, sort_keys=False, width=120), nl=False)


def _pair(text: str, option: str, form: str) -> tuple[str, str]:
    first, slash, second = text.partition("/")
    if not (first and slash and second):
        raise ValueError(f"{option}: {text!r} is not of the form {form}")
    return first, second


if __name__ == "__main__":
    main()

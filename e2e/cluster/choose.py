"""Which provider a cluster comes from."""

import os
from collections.abc import Iterable
from typing import Literal, get_args

from e2e.cluster import kind
from e2e.cluster.errors import ClusterError
from e2e.cluster.kind import KindCluster
from e2e.cluster.local import LocalCluster
from e2e.cluster.programs import Progress, say
from e2e.cluster.provider import Cluster, Feature

Provider = Literal["local", "kind"]
_VARIABLE = "LIVECOST_CLUSTER"


def choose_provider(provider: Provider | None = None) -> tuple[Provider, str]:
    """The provider to use, and why, in words that can stand after "because".

    The argument decides, else the environment variable LIVECOST_CLUSTER, else kind is used if it needs nothing to be
    built, else local.

    Raises:
        ClusterError: the name is not of a provider, or kind was asked for and cannot run here.
    """
    asked = provider or os.environ.get(_VARIABLE) or None
    if asked is not None and asked not in get_args(Provider):
        raise ClusterError(f"provider {asked} (argument or {_VARIABLE}) is unknown; choose local or kind")
    if asked == "local":
        return "local", "it was asked for"
    missing = kind.what_is_missing(may_fetch=asked == "kind")
    if missing is None:
        return "kind", "it was asked for" if asked else "docker answers and has kind's node image"
    if asked == "kind":
        raise ClusterError(f"provider kind cannot run here: {missing}")
    return "local", missing


def create_cluster(
    features: Iterable[Feature] = (),
    provider: Provider | None = None,
    *,
    keep: bool = False,
    scrape_seconds: int = 5,
    progress: Progress = say,
) -> Cluster:
    """A cluster that is not started yet; says on standard error which provider it comes from and why.

    Args:
        features: "nodes" for node pools of Karpenter, "metrics" for kube-state-metrics and Prometheus.
        provider: "local" or "kind"; by default the environment variable LIVECOST_CLUSTER, else what is here.
        keep: whether to leave logs and data when it stops.
        scrape_seconds: how often Prometheus scrapes.
        progress: receives progress lines.

    Raises:
        ClusterError: an unknown feature or provider, or kind was asked for and cannot run here.
    """
    chosen, reason = choose_provider(provider)
    progress(f"cluster provider: {chosen}, because {reason}")
    kind_of_cluster = KindCluster if chosen == "kind" else LocalCluster
    return kind_of_cluster(frozenset(features), keep=keep, scrape_seconds=scrape_seconds, progress=progress)
